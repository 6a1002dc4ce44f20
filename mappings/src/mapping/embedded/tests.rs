//! Texts of JSON inside a record: opened, told where they are none, counted where nobody reads them.

use chrono::DateTime;
use proptest::prelude::*;

use crate::{
    Form, Mapped, Rulebook, Strangers,
    tests::{compiled, file, small},
};

const MAPPING: &str = r#"
kind = "note"
id_space = "src:boxed"
zone = "Asia/Shanghai"
select = { service = "all" }
embedded = ["DATA", "DATA.extra", "LIST"]
unknown_fields = "warn"
[fields]
id = "ID"
name = "DATA.list.1.name"
count = "DATA.count"
person = "DATA.extra.who"
cost = "LIST.0"
"#;

fn book() -> Rulebook {
    let mut files = small();
    files.push(file("sources/boxed/source.toml", "[[services]]\nname = \"all\"\n"));
    files.push(file("sources/boxed/all.toml", MAPPING));
    compiled(&files)
}

fn map(fields: &[(&str, &str, Form)]) -> Mapped {
    let mut record = vec![("ID".to_owned(), "7".to_owned(), Form::Text)];
    record.extend(fields.iter().map(|(path, text, form)| ((*path).to_owned(), (*text).to_owned(), *form)));
    let book = book();
    let mapping = book.mapping("boxed", "all").unwrap();
    let mapped = mapping.map(&record, DateTime::UNIX_EPOCH);
    assert_eq!(mapping.key(&record).ok(), mapped.key);
    mapped
}

fn told(mapped: &Mapped) -> Vec<String> {
    let issues = mapped.issues.iter().filter(|issue| issue.code != "required");
    issues.map(|issue| format!("{} {} {}", issue.code, issue.field, issue.place)).collect()
}

#[test]
fn members_of_a_text_are_paths_also_of_lists_and_of_a_text_in_the_text() {
    let data = r#" {"list":[{"name":"一"},{"name":"二"}],"count":007,"extra":"{\"who\":\"张三\"}"} "#
        .replace("007", "7.0");
    let mapped = map(&[("DATA", &data, Form::Text), ("LIST", "[1.50]", Form::Nested)]);
    assert_eq!(told(&mapped), Vec::<String>::new());
    let content = mapped.contribution.unwrap().content;
    for (field, text) in [("name", "二"), ("count", "7"), ("person", "张三"), ("cost", "1.5")] {
        assert_eq!(content.get(field), Some(text), "{field}");
    }
}

#[test]
fn what_is_no_json_is_told_and_an_empty_one_is_absent() {
    for bad in ["{", "张三", "{\"a\":1}x", "7", "\"{}\""] {
        assert_eq!(told(&map(&[("DATA", bad, Form::Text)])), ["bad-embedded name DATA"], "{bad}");
    }
    assert_eq!(told(&map(&[("DATA", "7", Form::Number)])), ["bad-embedded name DATA"]);
    assert_eq!(told(&map(&[("DATA", r#"{"extra":"who"}"#, Form::Text)])), ["bad-embedded person DATA.extra"]);
    for nothing in ["", "  ", "{}", "{\"count\":null}", "{\"extra\":\"\"}"] {
        assert_eq!(told(&map(&[("DATA", nothing, Form::Text)])), Vec::<String>::new(), "{nothing}");
    }
    let deep = "[".repeat(40) + &"]".repeat(40);
    assert_eq!(told(&map(&[("LIST", &deep, Form::Nested)])), ["bad-embedded cost LIST"]);
}

#[test]
fn members_that_nobody_reads_are_unknown_but_places_in_lists_are_not() {
    let data = r#"{"list":[{"name":"一","more":1}],"other":2,"count":1,"count":2}"#;
    let mapped = map(&[("DATA", data, Form::Text)]);
    assert_eq!(told(&mapped), ["repeated-field count DATA.count", "unknown-field  DATA.other"]);
    let record =
        vec![("ID".to_owned(), "7".to_owned(), Form::Text), ("DATA".to_owned(), data.to_owned(), Form::Text)];
    let (book, mut strangers) = (book(), Strangers::default());
    book.mapping("boxed", "all").unwrap().key_counting(&record, &mut strangers).unwrap();
    let paths: Vec<String> = strangers.all().into_iter().map(|stranger| stranger.path).collect();
    assert_eq!(paths, ["DATA.other"]);
}

proptest! {
    #[test]
    fn any_text_is_opened_or_told(text in "\\PC{0,40}|[\\[\\]{}\":,0-9a-z]{0,40}") {
        let mapped = map(&[("DATA", &text, Form::Text), ("LIST", &text, Form::Nested)]);
        prop_assert!(mapped.key.is_some());
    }
}
