//! The grammar, the typing and the three truths of conditions.

use proptest::prelude::*;

use super::{evaluate::Truth, lex::lex, read::read, resolve::compile};
use crate::{
    Kind,
    parse::canonical,
    tests::{compiled, small},
    value::Cell,
};

fn note() -> Kind {
    compiled(&small()).kind("note").unwrap().clone()
}

/// Cells of a note: canonical texts, `?` for one that could not be read.
fn cells(kind: &Kind, texts: &[(&str, &str)]) -> Vec<Cell> {
    let mut cells = vec![Cell::Absent; kind.fields().len()];
    for (name, text) in texts {
        let number = kind.number(name).unwrap();
        cells[number] = match *text {
            "?" => Cell::Bad,
            text => Cell::Good(canonical(kind.fields()[number].field_type(), text).unwrap()),
        };
    }
    cells
}

fn holds(condition: &str, texts: &[(&str, &str)]) -> Truth {
    let kind = note();
    compile(condition, kind.fields()).unwrap().holds(&cells(&kind, texts))
}

fn faults(condition: &str) -> Vec<(usize, String, Option<String>)> {
    let faults = compile(condition, note().fields()).unwrap_err();
    faults.into_iter().map(|fault| (fault.at, fault.message, fault.hint)).collect()
}

#[test]
fn comparisons_of_every_type() {
    let record = [
        ("name", "甲乙"),
        ("level", "1"),
        ("count", "10"),
        ("cost", "9.5"),
        ("at", "2024-06-06T08:00:00+08:00"),
        ("day", "2024-06-06"),
        ("hour", "08:00:00"),
        ("touched", "2024-06-06T00:30:00+00:00"),
    ];
    for (condition, truth) in [
        ("name == '甲乙'", true),
        ("name != '甲乙'", false),
        ("level == '1'", true),
        ("level in ('0', '1')", true),
        ("level in ('0')", false),
        ("count > 9", true),
        ("count < 9.5", false),
        ("count > cost", true),
        ("count in (1, 10)", true),
        ("cost <= 9.50", true),
        ("hour >= '08:00:00'", true),
        ("hour < '07:59:59'", false),
        ("touched > at", true),
        ("at >= '2024-06-06T00:00:00+00:00'", true),
        ("name starts_with '甲'", true),
        ("name starts_with '乙'", false),
        ("name starts_with level", false),
        ("at starts_with '2024-06-06'", true),
        ("at starts_with name", false),
    ] {
        assert_eq!(holds(condition, &record), Some(truth), "{condition}");
    }
}

#[test]
fn a_day_equals_any_moment_of_its_day_in_the_zone() {
    for (moment, same) in [
        ("2024-06-06T00:00:00+08:00", true),
        ("2024-06-06T23:59:59+08:00", true),
        ("2024-06-07T00:00:00+08:00", false),
        ("2024-06-05T23:59:59+08:00", false),
    ] {
        let record = [("day", "2024-06-06"), ("at", moment)];
        assert_eq!(holds("day == at", &record), Some(same), "{moment}");
        assert_eq!(holds("at == day", &record), Some(same), "{moment}");
        assert_eq!(holds("at == '2024-06-06'", &record), Some(same), "{moment}");
        assert_eq!(holds("day >= at and day <= at", &record), Some(same), "{moment}");
    }
}

#[test]
fn an_operand_that_is_missing_or_unreadable_makes_a_check_not_applicable() {
    for condition in [
        "level == '1'",
        "level != '1'",
        "not level == '1'",
        "level in ('1')",
        "at >= touched",
        "level starts_with name",
    ] {
        assert_eq!(holds(condition, &[]), None, "{condition}");
        assert_eq!(holds(condition, &[("level", "?"), ("at", "?"), ("name", "x")]), None, "{condition}");
    }
    assert_eq!(holds("at >= touched", &[("at", "2024-06-06T08:00:00+08:00")]), None);
}

#[test]
fn what_is_decided_without_it_stays_decided() {
    let level = [("level", "1")];
    assert_eq!(holds("level == '0' and count > 1", &level), Some(false));
    assert_eq!(holds("level == '1' and count > 1", &level), None);
    assert_eq!(holds("level == '1' or count > 1", &level), Some(true));
    assert_eq!(holds("level == '0' or count > 1", &level), None);
    assert_eq!(holds("not (level == '0' and count > 1)", &level), Some(true));
}

#[test]
fn present_and_absent_ask_whether_the_sender_said_something() {
    assert_eq!(holds("level present", &[("level", "?")]), Some(true));
    assert_eq!(holds("level absent", &[("level", "?")]), Some(false));
    assert_eq!(holds("photo absent", &[]), Some(true));
    assert_eq!(holds("not photo present", &[]), Some(true));
}

#[test]
fn and_binds_tighter_than_or_and_not_tightest() {
    let record = [("level", "1"), ("count", "1")];
    assert_eq!(holds("level == '1' or level == '0' and count == 2", &record), Some(true));
    assert_eq!(holds("(level == '1' or level == '0') and count == 2", &record), Some(false));
    assert_eq!(holds("not level == '0' and count == 1", &record), Some(true));
}

#[test]
fn quotes_may_be_doubled() {
    assert_eq!(holds("name == 'a''b'", &[("name", "a'b")]), Some(true));
    assert_eq!(holds("name == \"a'b\"", &[("name", "a'b")]), Some(true));
}

#[test]
fn every_fault_is_told_with_its_place() {
    let hint = |text: &str| Some(text.to_owned());
    assert_eq!(faults("levl == '1'"), [(0, "没有字段 levl".into(), hint("是不是 level？"))]);
    assert_eq!(
        faults("level == '7' and nmae present"),
        [
            (9, "代码表 level 里没有“7”".into(), hint("0 一般、1 重大")),
            (17, "没有字段 nmae".into(), hint("是不是 name？"))
        ]
    );
    assert_eq!(faults("level == 1"), [(9, "字段 level 是 code，不能和数比较".into(), hint("写作 '1'"))]);
    assert_eq!(faults("count == '1'"), [(9, "“1”不是字段 count 的值".into(), hint("写作 不带引号的数"))]);
    assert_eq!(faults("count > name"), [(8, "count 是 int，name 是 text，不能比较".into(), None)]);
    assert_eq!(faults("name > 'a'"), [(0, "字段 name 是 text，不能比较大小".into(), None)]);
    assert_eq!(faults("photo == 'x'").len(), 2);
    assert_eq!(
        faults("count starts_with '1'"),
        [(0, "字段 count 是 int，starts_with 只用于文本、日期和时刻".into(), None)]
    );
    assert_eq!(
        faults("name starts_with at"),
        [(17, "字段 at 是 datetime，starts_with 后面应当是文本".into(), None)]
    );
    assert_eq!(faults("at > '2024/06/06'")[0].0, 5);
}

#[test]
fn broken_grammar_is_told_with_its_place() {
    let at = |condition: &str| faults(condition)[0].0;
    assert_eq!(faults("level = '1'"), [(6, "不认识“=”".into(), Some("相等写作 ==".into()))]);
    assert_eq!(at("level == '1"), 9);
    assert_eq!(at("level ="), 6);
    assert_eq!(at(""), 0);
    assert_eq!(at("level"), 5);
    assert_eq!(at("(level present"), 14);
    assert_eq!(at("level present name present"), 14);
    assert_eq!(at("level in ('1', name)"), 15);
    assert_eq!(at("level in '1'"), 9);
    assert_eq!(at("level == '1' ＆＆ x"), 13);
    assert_eq!(at("count > 1a"), 8);
    assert_eq!(at("and == '1'"), 0);
    assert_eq!(at(&"(".repeat(100)), 33);
    assert_eq!(at(&"x".repeat(4001)), 0);
}

#[test]
fn a_condition_knows_its_fields() {
    let kind = note();
    let condition = compile("at >= touched and (level present or at present)", kind.fields()).unwrap();
    let names: Vec<&str> = condition.fields().iter().map(|number| kind.fields()[*number].name()).collect();
    assert_eq!(names, ["at", "touched", "level"]);
}

proptest! {
    #[test]
    fn any_text_is_read_or_told(text in "\\PC{0,60}|[a-z '\"()<>=!,0-9.-]{0,60}") {
        if let Err(fault) = read(&text) {
            prop_assert!(fault.at <= text.chars().count());
        }
        let _ = compile(&text, note().fields());
    }

    #[test]
    fn words_are_cut_where_they_stand(words in proptest::collection::vec("[a-z]{1,6}|'[a-z]{0,4}'|[0-9]{1,5}|==|<=|\\(", 0..9)) {
        let text = words.join(" ");
        let tokens = lex(&text).unwrap();
        prop_assert_eq!(tokens.len(), words.len());
        for (token, word) in tokens.iter().zip(&words) {
            let found: String = text.chars().skip(token.at).take(word.chars().count()).collect();
            prop_assert_eq!(&found, word);
        }
    }
}
