//! What a profile adds, and to which kinds.

use crate::{
    RuleFile, Rulebook,
    tests::{compiled, file, small, source, texts},
};

fn based() -> Vec<RuleFile> {
    let mut files = small();
    files.push(file("kinds/base.toml", "kind = \"base\"\nlabel = \"底\"\nabstract = true\n[fields]\nid = { label = \"主键\", type = \"id\" }\nmark = { label = \"标\", type = \"text\" }\n"));
    for kind in ["one", "two"] {
        files.push(file(&format!("kinds/{kind}.toml"), &format!("kind = \"{kind}\"\nlabel = \"种\"\nextends = \"base\"\n[fields]\nown = {{ label = \"己\", type = \"text\" }}\n")));
    }
    files
}

fn required(profile: &str, kind: &str) -> Vec<String> {
    let mut files = based();
    files.push(file("profiles/p.toml", &format!("profile = \"p\"\n{profile}")));
    files.push(source("park", &["s"]));
    let mapping = format!(
        "kind = \"{kind}\"\nid_space = \"src:park\"\nprofile = \"p\"\nselect = {{ service = \"s\" }}\n[fields]\nid = \"ID\"\nmark = \"M\"\nown = \"O\"\n"
    );
    files.push(file("sources/park/m.toml", &mapping));
    let book = compiled(&files);
    let mapped = book
        .mapping("park", "s")
        .unwrap()
        .map(&texts(&[("ID", "1")]), chrono::DateTime::<chrono::Utc>::MAX_UTC);
    mapped.issues.into_iter().map(|issue| issue.field).collect()
}

fn told(profile: &str) -> Vec<String> {
    let mut files = based();
    files.push(file("profiles/p.toml", profile));
    let problems = Rulebook::compile(&files).1;
    problems
        .into_iter()
        .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.message))
        .collect()
}

#[test]
fn a_section_of_an_abstract_kind_holds_for_all_that_extend_it() {
    let profile = "[base.fields]\nmark = { required = true }\n[one.fields]\nown = { required = true }\n";
    assert_eq!(required(profile, "one"), ["mark", "own"]);
    assert_eq!(required(profile, "two"), ["mark"]);
}

#[test]
fn a_profile_without_a_word_on_a_kind_adds_nothing() {
    assert_eq!(required("", "one"), Vec::<String>::new());
}

#[test]
fn rules_of_a_section_hold_too() {
    let profile =
        "[[base.rule]]\ncode = \"c\"\ncheck = \"mark present\"\nmessage = \"m\"\nfield = \"mark\"\n";
    assert_eq!(required(profile, "two"), ["mark"]);
}

#[test]
fn a_profile_is_named_like_its_file() {
    assert_eq!(told("profile = \"q\"\n"), ["1:11 profile 应当与文件名相同：p"]);
    assert_eq!(told(""), ["1:1 缺少 profile"]);
}

#[test]
fn what_a_section_of_an_abstract_kind_gets_wrong_is_told_once() {
    assert_eq!(told("profile = \"p\"\n[base.fields]\nmrak = { required = true }\n"), ["3:1 没有字段 mrak"]);
    assert_eq!(
        told("profile = \"p\"\n[base.fields]\nmark = true\n"),
        ["3:1 字段 mark 应当写作 { required = true, … }"]
    );
    assert_eq!(told("profile = \"p\"\n[base.fields]\nmark = { label = \"x\" }\n"), ["3:10 不认识的键 label"]);
    assert_eq!(told("profile = \"p\"\nbase = 1\n"), ["2:1 base 应当是一张表：[base.fields]"]);
}
