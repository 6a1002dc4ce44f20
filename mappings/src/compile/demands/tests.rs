//! Checks as rule files write them.

use super::*;
use crate::{
    Rulebook,
    tests::{compiled, file, shown, small, source, texts},
};

fn files(kind_line: &str) -> Vec<crate::RuleFile> {
    let mut files = small();
    let head = "kind = \"card\"\nlabel = \"卡\"\n[fields]\nid = { label = \"主键\", type = \"id\" }\nname = { label = \"名\", type = \"text\" }\nlevel = { label = \"级\", type = \"code\", table = \"level\" }\nn = { label = \"数\", type = \"int\" }\n";
    files.push(file("kinds/card.toml", &format!("{head}{kind_line}\n")));
    files.push(source("park", &["cards"]));
    let mapping = "kind = \"card\"\nid_space = \"src:park\"\nselect = { service = \"cards\" }\n[fields]\nid = \"ID\"\nx = \"X\"\nname = \"N\"\nlevel = \"L\"\nn = \"C\"\n";
    files.push(file("sources/park/card.toml", mapping));
    files
}

/// `code level` of a record under a field `x` written so.
fn found(line: &str, input: &[(&str, &str)]) -> Vec<String> {
    let book = compiled(&files(line));
    let mapped =
        book.mapping("park", "cards").unwrap().map(&texts(input), chrono::DateTime::<chrono::Utc>::MAX_UTC);
    mapped.issues.iter().map(|issue| format!("{} {:?}", issue.code, issue.level)).collect()
}

fn told(line: &str) -> Vec<String> {
    let problems = Rulebook::compile(&files(line)).1;
    problems
        .into_iter()
        .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.message))
        .collect()
}

#[test]
fn a_check_may_carry_its_level() {
    let plain = "x = { label = \"x\", type = \"text\", pattern = '^a' }";
    assert_eq!(found(plain, &[("ID", "1"), ("X", "b")]), ["pattern Reject"]);
    let warn = "x = { label = \"x\", type = \"text\", pattern = { is = '^a', level = \"warn\" } }";
    assert_eq!(found(warn, &[("ID", "1"), ("X", "b")]), ["pattern Warn"]);
    let hold = "x = { label = \"x\", type = \"text\", required = { is = true, level = \"hold\" } }";
    assert_eq!(found(hold, &[("ID", "1")]), ["required Hold"]);
    assert_eq!(
        found("x = { label = \"x\", type = \"text\", required = false }", &[("ID", "1")]),
        Vec::<String>::new()
    );
}

#[test]
fn numbers_have_ranges_and_texts_have_lengths() {
    let range = "x = { label = \"x\", type = \"decimal\", range = [-0.5, 10] }";
    assert_eq!(found(range, &[("ID", "1"), ("X", "-0.51")]), ["out-of-range Reject"]);
    assert_eq!(found(range, &[("ID", "1"), ("X", "-0.5")]), Vec::<String>::new());
    let length = "x = { label = \"x\", type = \"text\", min = 2, max = 3 }";
    assert_eq!(found(length, &[("ID", "1"), ("X", "a")]), ["too-short Reject"]);
    assert_eq!(found(length, &[("ID", "1"), ("X", "abcd")]), ["too-long Reject"]);
}

#[test]
fn conditions_may_look_at_later_fields() {
    let line = "x = { label = \"x\", type = \"text\", required_if = \"y == '1'\" }\ny = { label = \"y\", type = \"code\", table = \"level\" }";
    assert_eq!(told(line), Vec::<String>::new());
}

#[test]
fn rules_are_read_with_their_level_and_field() {
    let line = "x = { label = \"x\", type = \"text\" }\n[[rule]]\ncode = \"same\"\ncheck = \"x != name\"\nmessage = \"一样\"\nadvice = \"改\"\nlevel = \"hold\"\nfield = \"name\"\nsource = \"s\"";
    let book = compiled(&files(line));
    let record = texts(&[("ID", "1"), ("X", "a"), ("N", "a")]);
    let mapped =
        book.mapping("park", "cards").unwrap().map(&record, chrono::DateTime::<chrono::Utc>::MAX_UTC);
    let issue = &mapped.issues[0];
    assert_eq!((issue.code.as_str(), issue.field.as_str(), issue.level), ("same", "name", Level::Hold));
    assert_eq!((issue.message.as_str(), issue.advice.as_str(), issue.place.as_str()), ("一样", "改", "X,N"));
}

#[test]
fn broken_checks_are_told() {
    for (attribute, place) in [
        ("required = 1", "8:35 required 应当是 true 或 false"),
        ("required_if = true", "8:35 required_if 应当是文本"),
        ("pattern = '['", "8:45 正则写法不对"),
        ("max = -1", "8:35 max 应当是字符数"),
        ("min = \"x\"", "8:35 min 应当是字符数"),
        ("max = { level = \"warn\" }", "8:35 缺少 is"),
        ("max = { is = 1, level = \"loud\" }", "8:51 level 应当是 reject、hold 或 warn"),
        ("max = { is = 1, lvl = \"warn\" }", "8:51 不认识的键 lvl"),
    ] {
        let told = told(&format!("x = {{ label = \"x\", type = \"text\", {attribute} }}"));
        assert!(told.contains(&place.to_owned()), "{attribute}: {told:?}");
    }
    for range in ["[1]", "[2, 1]", "[1, 2, 3]", "\"1..2\"", "[\"a\", 1]"] {
        assert_eq!(
            told(&format!("x = {{ label = \"x\", type = \"int\", range = {range} }}")),
            ["8:34 range 应当是两个数：[最小, 最大]"]
        );
    }
}

#[test]
fn broken_rules_are_told() {
    let rule = |lines: &str| told(&format!("x = {{ label = \"x\", type = \"text\" }}\n[[rule]]\n{lines}"));
    assert_eq!(rule("code = \"c\"\nmessage = \"m\""), ["9:1 缺少 check"]);
    assert_eq!(rule("check = \"x present\"\nmessage = \"m\""), ["9:1 缺少 code"]);
    assert_eq!(
        rule("code = \"c\"\nmessage = \"m\"\ncheck = \"x present\"\nfield = \"nam\""),
        ["13:9 没有字段 nam"]
    );
    assert_eq!(
        rule("code = \"c\"\nmessage = \"m\"\ncheck = \"x like 'a'\""),
        ["12:12 条件不对：字段后面应当是 == != < <= > >= in present absent starts_with 之一"]
    );
    let twice = "code = \"c\"\nmessage = \"m\"\ncheck = \"x present\"\n";
    assert_eq!(rule(&format!("{twice}[[rule]]\n{twice}")), ["13:1 规则 c 写了两次"]);
}

#[test]
fn the_keys_of_checks_are_all_read() {
    for key in CHECKS {
        let holds = match key {
            "max_kb" | "types" => "image",
            "readable" => "text",
            _ => "int",
        };
        let problems = Rulebook::compile(&files(&format!(
            "x = {{ label = \"x\", type = \"{holds}\", {key} = {{ is = {{}} }} }}"
        )))
        .1;
        assert_eq!(problems.len(), 1, "{key}: {:?}", shown(&problems));
    }
}
