//! Paths nobody named: counted by shape, told where a mapping asks.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::{
    Form, Outcome, Rulebook,
    tests::{compiled, file, record, small, source},
};

fn book(head: &str) -> Rulebook {
    let mut files = small();
    files.push(source("park", &["notes"]));
    let text = format!(
        "kind = \"note\"\nid_space = \"src:park\"\nselect = {{ service = \"notes\" }}\n{head}[fields]\nid = \"ID\"\nname = \"in.NAME\"\n"
    );
    files.push(file("sources/park/note.toml", &text));
    compiled(&files)
}

type Row = Vec<(String, String, Form)>;

fn row(more: &[(&str, &str, Form)]) -> Row {
    record(&[&[("ID", "1", Form::Text), ("in.NAME", "便条", Form::Text)], more].concat())
}

fn counted(book: &Rulebook, rows: &[Row]) -> Vec<(String, u64, String)> {
    let mapping = book.mapping("park", "notes").unwrap();
    let mut strangers = Strangers::default();
    for row in rows {
        assert_eq!(mapping.key_counting(row, &mut strangers).map(|keyed| keyed.key), mapping.key(row));
    }
    strangers.all().into_iter().map(|found| (found.path, found.records, found.sample)).collect()
}

fn one(path: &str, records: u64, sample: &str) -> (String, u64, String) {
    (path.to_owned(), records, sample.to_owned())
}

fn issues(head: &str, row: &Row) -> (Outcome, Vec<Issue>) {
    let book = book(head);
    let mapped = book.mapping("park", "notes").unwrap().map(row, DateTime::<Utc>::MAX_UTC);
    (mapped.outcome, mapped.issues)
}

#[test]
fn every_path_nobody_named_is_counted_with_the_form_of_a_value() {
    let rows = [
        row(&[("remark", "王五 13812345678", Form::Text), ("in.at", "2024-06-06T08:00", Form::Text)]),
        row(&[("remark", "", Form::Null), ("in.at", "2024-06-07T08:00", Form::Text)]),
        row(&[("at", "x", Form::Text)]),
        row(&[]),
    ];
    let wanted =
        [one("at", 1, "a"), one("in.at", 2, "9999-99-99a99:99"), one("remark", 2, "字字 99999999999")];
    assert_eq!(counted(&book(""), &rows), wanted);
}

#[test]
fn records_of_one_shape_are_looked_into_once() {
    let book = book("");
    let mapping = book.mapping("park", "notes").unwrap();
    let mut strangers = Strangers::default();
    for n in 0..1000 {
        let text = n.to_string();
        let row = row(&[("a", &text, Form::Number), ("b", "", Form::Null)]);
        mapping.key_counting(&row, &mut strangers).unwrap();
    }
    assert_eq!((strangers.shapes.len(), strangers.paths.len()), (1, 0));
    assert_eq!(strangers.all().iter().map(|found| found.records).collect::<Vec<_>>(), [1000, 1000]);
}

#[test]
fn shapes_beyond_number_are_counted_all_the_same() {
    let rows: Vec<Row> = (0..SHAPES + 40)
        .map(|n| row(&[(&format!("p{n}"), "1", Form::Text), ("z", "", Form::Null)]))
        .collect();
    let counted = counted(&book(""), &rows);
    assert_eq!(counted.len(), SHAPES + 41);
    assert_eq!(counted.last().unwrap(), &one("z", u64::try_from(SHAPES).unwrap() + 40, ""));
}

#[test]
fn a_path_written_twice_is_one() {
    let rows = [row(&[("a", "1", Form::Text), ("a", "2", Form::Text)])];
    assert_eq!(counted(&book(""), &rows), [one("a", 1, "9")]);
}

#[test]
fn what_is_ignored_is_not_spoken_of() {
    let head = "unknown_fields = \"strict\"\nignore = [\"remark\", \"extra.*\"]\n";
    let quiet = row(&[
        ("remark", "x", Form::Text),
        ("extra", "{}", Form::Nested),
        ("extra.a", "x", Form::Text),
        ("extra.b.c", "x", Form::Text),
    ]);
    assert_eq!(counted(&book(head), std::slice::from_ref(&quiet)), []);
    assert_eq!(issues(head, &quiet), (Outcome::Good, Vec::new()));
    let near = row(&[("remark.a", "x", Form::Text), ("extras", "x", Form::Text)]);
    assert_eq!(counted(&book(head), &[near]), [one("extras", 1, "a"), one("remark.a", 1, "a")]);
}

#[test]
fn a_mapping_says_how_grave_they_are() {
    let row = row(&[("a", "1", Form::Text), ("b.c", "", Form::Null)]);
    for (word, outcome) in [("warn", Outcome::Good), ("hold", Outcome::Hold), ("strict", Outcome::Reject)] {
        let (found, issues) = issues(&format!("unknown_fields = \"{word}\"\n"), &row);
        assert_eq!((found, issues.len()), (outcome, 1), "{word}");
        let issue = &issues[0];
        assert_eq!(
            (issue.code.as_str(), issue.field.as_str(), issue.place.as_str()),
            ("unknown-field", "", "a,b.c")
        );
        assert_eq!((issue.message.as_str(), issue.value.as_str()), ("有 2 个映射没有提到的字段：a、b.c", ""));
    }
    for head in ["", "unknown_fields = \"ignore\"\n"] {
        assert_eq!(issues(head, &row), (Outcome::Good, Vec::new()));
    }
}

#[test]
fn an_issue_names_five_and_no_endless_name() {
    let long = "很".repeat(300);
    let paths: Vec<(&str, &str, Form)> =
        ["a", "b", "c", &long, "e", "f", "g"].map(|path| (path, "1", Form::Text)).to_vec();
    let issue = issues("unknown_fields = \"warn\"\n", &row(&paths)).1.remove(0);
    assert_eq!(issue.place.split(',').count(), 5);
    assert!(issue.message.starts_with("有 7 个") && issue.message.ends_with("、e 等"), "{}", issue.message);
    assert!(issue.message.chars().count() < 150);
}

#[test]
fn a_contract_has_no_say_in_them() {
    let row = row(&[("a", "1", Form::Text)]);
    let (outcome, _) = issues("contract = \"warn\"\nunknown_fields = \"strict\"\n", &row);
    assert_eq!(outcome, Outcome::Reject);
}

#[test]
fn the_rest_by_names_is_known() {
    let rows = [row(&[("level", "1", Form::Text), ("levle", "1", Form::Text)])];
    assert_eq!(counted(&book("rest = \"names\"\n"), &rows), [one("levle", 1, "9")]);
}

proptest! {
    #[test]
    fn counts_are_those_of_a_walk_over_all(rows in proptest::collection::vec(proptest::collection::vec((0..6_u8, "\\PC{0,6}"), 0..6), 0..30)) {
        let book = book("ignore = [\"p5\"]\n");
        let row = |fields: &Vec<(u8, String)>| {
            let named: Vec<(String, String)> = fields.iter().map(|(n, text)| (format!("p{n}"), text.clone())).collect();
            let fields: Vec<(&str, &str, Form)> = named.iter().map(|(path, text)| (path.as_str(), text.as_str(), Form::Text)).collect();
            row_of(&fields)
        };
        let rows: Vec<Row> = rows.iter().map(row).collect();
        let counted = counted(&book, &rows);
        for n in 0..6 {
            let path = format!("p{n}");
            let having = rows.iter().filter(|row| row.iter().any(|(own, ..)| *own == path)).count();
            let told = counted.iter().find(|(own, ..)| *own == path).map_or(0, |(_, records, _)| *records);
            prop_assert_eq!(told, if n == 5 { 0 } else { u64::try_from(having).unwrap() });
        }
        for (_, _, sample) in counted {
            prop_assert!(!sample.chars().any(|c| c.is_alphabetic() && c != 'a' && c != '字'), "{}", sample);
        }
    }
}

fn row_of(fields: &[(&str, &str, Form)]) -> Row {
    row(fields)
}
