//! Every check, passing and failing.

use super::*;
use crate::{
    Outcome,
    condition::resolve::compile,
    parse::canonical,
    tests::{compiled, small},
    value::FieldType,
};

fn note() -> Kind {
    compiled(&small()).kind("note").unwrap().clone()
}

/// Issues of one check on one cell of a note.
fn issues(field: &str, what: Check, cell: Cell) -> Vec<Issue> {
    let kind = note();
    let number = kind.number(field).unwrap();
    let mut cells = vec![Cell::Absent; kind.fields().len()];
    cells[number] = cell;
    let mut demands = Demands { fields: vec![Vec::new(); cells.len()], rules: Vec::new() };
    demands.fields[number].push(FieldCheck { what, level: Level::Hold });
    run(&kind, &demands, &cells)
}

fn run(kind: &Kind, demands: &Demands, cells: &[Cell]) -> Vec<Issue> {
    let written = |number: usize| {
        let text = cells[number].good().map_or(String::new(), |value| value.text.clone());
        (format!("P{number}"), text)
    };
    let mut issues = Vec::new();
    demands.run(&Subject { kind, cells, written: &written }, &mut issues);
    issues
}

fn codes(field: &str, what: Check, cell: Cell) -> Vec<String> {
    issues(field, what, cell).into_iter().map(|issue| issue.code).collect()
}

fn text(text: &str) -> Cell {
    Cell::Good(Canonical::text(text))
}

fn number(text: &str) -> Cell {
    Cell::Good(canonical(FieldType::Decimal, text).unwrap())
}

#[test]
fn required_asks_for_something_said() {
    assert_eq!(codes("name", Check::Required, Cell::Absent), ["required"]);
    assert_eq!(codes("name", Check::Required, Cell::Bad), Vec::<String>::new());
    assert_eq!(codes("name", Check::Required, text("x")), Vec::<String>::new());
}

#[test]
fn required_if_asks_only_when_its_condition_is_true() {
    let kind = note();
    for (condition, found) in
        [("name absent", 1), ("name present", 0), ("level == '1'", 0), ("not level == '1'", 0)]
    {
        let condition = compile(condition, kind.fields()).unwrap();
        let what = Check::RequiredIf(condition, String::new());
        assert_eq!(codes("cost", what, Cell::Absent).len(), found);
    }
}

#[test]
fn lengths_are_characters() {
    assert_eq!(codes("name", Check::Max(2), text("隐患")), Vec::<String>::new());
    assert_eq!(codes("name", Check::Max(2), text("隐患x")), ["too-long"]);
    assert_eq!(codes("name", Check::Min(3), text("隐患")), ["too-short"]);
    assert_eq!(codes("name", Check::Min(2), text("隐患")), Vec::<String>::new());
    assert_eq!(codes("name", Check::Min(2), Cell::Absent), Vec::<String>::new());
}

#[test]
fn patterns_look_at_the_canonical_text() {
    let nine = || Check::Pattern(Regex::new(r"^\d{9}$").unwrap());
    assert_eq!(codes("name", nine(), text("410900017")), Vec::<String>::new());
    assert_eq!(codes("name", nine(), text("41090001")), ["pattern"]);
    assert_eq!(codes("name", nine(), Cell::Bad), Vec::<String>::new());
}

#[test]
fn ranges_include_their_ends() {
    let range = || Check::Range(Decimal::ONE, Decimal::TEN);
    for (value, found) in [("0.99", 1), ("1", 0), ("10.0", 0), ("10.01", 1)] {
        assert_eq!(codes("cost", range(), number(value)).len(), found, "{value}");
    }
    assert_eq!(codes("cost", range(), text("x")), Vec::<String>::new());
}

#[test]
fn a_narrower_table_refuses_codes() {
    let table = || Check::OneOf(Arc::new(CodeTable::new("only", vec![("0".into(), "一般".into())])));
    assert_eq!(codes("level", table(), text("0")), Vec::<String>::new());
    let [issue]: [Issue; 1] = issues("level", table(), text("1")).try_into().unwrap();
    assert_eq!((issue.code.as_str(), issue.message.as_str()), ("code-not-allowed", "等级不在代码表 only 里"));
    assert_eq!(issue.advice, "可用：0 一般");
}

#[test]
fn an_issue_names_field_place_level_and_masked_value() {
    let [issue]: [Issue; 1] = issues("person", Check::Max(1), text("张三丰")).try_into().unwrap();
    assert_eq!(issue.level, Level::Hold);
    assert_eq!((issue.field.as_str(), issue.place.as_str(), issue.value.as_str()), ("person", "P3", "张**"));
    assert_eq!(issue.message, "姓名超过 1 个字符");
    assert_eq!(Outcome::of(&[issue]), Outcome::Hold);
}

#[test]
fn a_rule_fails_only_when_false() {
    let kind = note();
    let rule = |check: &str| {
        let check = compile(check, kind.fields()).unwrap();
        let fields = check.fields();
        let (code, message, advice) = ("c".to_owned(), "不对".to_owned(), "改".to_owned());
        Rule {
            code,
            check,
            message,
            advice,
            level: Level::Warn,
            written: String::new(),
            source: None,
            field: fields[0],
            fields,
        }
    };
    let found = |check: &str| {
        let demands = Demands { fields: Vec::new(), rules: vec![rule(check)] };
        let mut cells = vec![Cell::Absent; kind.fields().len()];
        cells[kind.number("person").unwrap()] = text("张三");
        cells[kind.number("name").unwrap()] = text("便条");
        run(&kind, &demands, &cells)
    };
    assert_eq!(found("name == person").len(), 1);
    assert_eq!(found("name != person").len(), 0);
    assert_eq!(found("level == '1'").len(), 0);
    let [issue]: [Issue; 1] = found("person == name").try_into().unwrap();
    assert_eq!((issue.value.as_str(), issue.place.as_str()), ("张*, 便条", "P3,P2"));
    assert_eq!((issue.message.as_str(), issue.advice.as_str()), ("不对", "改"));
}

#[test]
fn joined_demands_are_all_demanded_and_told_once() {
    let kind = note();
    let count = kind.fields().len();
    let one = |what: Check| {
        let mut demands = Demands { fields: vec![Vec::new(); count], rules: Vec::new() };
        demands.fields[2].push(FieldCheck { what, level: Level::Reject });
        demands
    };
    let joined =
        one(Check::Max(3)).and(&one(Check::Max(2))).and(&one(Check::Min(9))).and(&Demands::default());
    assert!(!joined.is_empty() && Demands::default().is_empty());
    let mut cells = vec![Cell::Absent; count];
    cells[2] = text("一二三四");
    let codes: Vec<String> = run(&kind, &joined, &cells).into_iter().map(|issue| issue.code).collect();
    assert_eq!(codes, ["too-long", "too-short"]);
}
