//! The order of the steps and what each leaves to the next.

use super::*;
use crate::{
    Outcome, Rulebook,
    tests::{compiled, file, record, small, source, texts},
};

fn book(fields: &str) -> Rulebook {
    let mut files = small();
    files.push(source("park", &["notes"]));
    let head = "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n[fields]\n";
    files.push(file("sources/park/note.toml", &format!("{head}{fields}")));
    compiled(&files)
}

fn derived(fields: &str, input: &[(&str, &str)]) -> (Mapped, Vec<Trace>) {
    let book = book(fields);
    let mut traces = Vec::new();
    let now = "2024-06-10T00:00:00Z".parse().unwrap();
    let mapped =
        run(book.mapping("park", "notes").unwrap(), &texts(input), Vec::new(), now, Some(&mut traces));
    (mapped, traces)
}

#[test]
fn a_value_that_cannot_be_read_takes_no_default_and_is_not_missing() {
    let fields = "id = \"ID\"\nname = \"N\"\ncount = { from = \"C\", default = 1 }\n";
    let (mapped, traces) = derived(fields, &[("ID", "1"), ("N", "x"), ("C", "many")]);
    assert_eq!(mapped.issues.iter().map(|issue| issue.code.as_str()).collect::<Vec<_>>(), ["bad-number"]);
    let count = traces.iter().find(|trace| trace.field == "count").unwrap();
    assert_eq!(
        (count.raw.as_deref(), count.rule.as_str(), count.value.as_deref()),
        (Some("many"), "int", None)
    );
}

#[test]
fn one_path_may_feed_several_fields() {
    let fields =
        "id = \"ID\"\nname = \"ID\"\nday = { from = \"T\", formats = [\"%Y%m%d%H%M%S\"] }\nat = \"T\"\n";
    let (mapped, _) = derived(fields, &[("ID", "7"), ("T", "20240606080000")]);
    let content = mapped.contribution.unwrap().content;
    assert_eq!(
        content.to_json(),
        r#"{"at":"2024-06-06T08:00:00+08:00","day":"2024-06-06","id":"7","name":"7"}"#
    );
}

#[test]
fn a_repeated_path_is_told_for_the_first_field_it_feeds() {
    let book = book("id = \"ID\"\nname = \"N\"\nperson = \"N\"\n");
    let mapping = book.mapping("park", "notes").unwrap();
    let fields = record(&[
        ("ID", "1", Form::Text),
        ("N", "a", Form::Text),
        ("N", "b", Form::Text),
        ("N", "c", Form::Text),
    ]);
    let mapped = mapping.map(&fields, "2024-06-10T00:00:00Z".parse().unwrap());
    let [issue]: [Issue; 1] = mapped.issues.try_into().unwrap();
    assert_eq!((issue.field.as_str(), issue.value.as_str(), issue.place.as_str()), ("name", "a / c", "N"));
    assert_eq!(issue.message, "N 在同一条记录里写了两次，值不同");
    assert_eq!(mapped.outcome, Outcome::Reject);
}

#[test]
fn a_repeat_in_another_form_is_another_value() {
    let book = book("id = \"ID\"\nname = \"N\"\n");
    let mapping = book.mapping("park", "notes").unwrap();
    let twice = |a: Form, b: Form| {
        let fields = record(&[("ID", "1", Form::Text), ("N", "1", a), ("N", "1", b)]);
        mapping.map(&fields, "2024-06-10T00:00:00Z".parse().unwrap()).issues.len()
    };
    assert_eq!(twice(Form::Text, Form::Text), 0);
    assert_eq!(twice(Form::Text, Form::Number), 1);
    assert_eq!(twice(Form::Null, Form::Text), 1);
}

#[test]
fn traces_are_in_field_order_and_need_no_order_in_the_file() {
    let (_, traces) = derived("name = \"N\"\nid = \"ID\"\n", &[("ID", "1"), ("N", "x")]);
    assert_eq!(traces.iter().map(|trace| trace.field.as_str()).collect::<Vec<_>>(), ["id", "name"]);
}

#[test]
fn an_id_of_columns_is_traced_with_all_of_them() {
    let (mapped, traces) =
        derived("id = { digest = [\"A\", \"B\"] }\nname = \"A\"\n", &[("A", "x"), ("B", "y")]);
    let id = &traces[0];
    assert_eq!((id.place.as_str(), id.raw.as_deref(), id.rule.as_str()), ("A,B", Some("x,y"), "digest A,B"));
    assert_eq!(id.value, mapped.key.map(|key| key.id));
}

#[test]
fn the_key_needs_only_its_own_columns() {
    let book = book("id = { digest = [\"A\", \"B\"] }\nname = \"N\"\n");
    let mapping = book.mapping("park", "notes").unwrap();
    let of = |input: &[(&str, &str)]| mapping.key(&texts(input));
    assert!(of(&[("A", "x")]).is_ok());
    assert!(of(&[("A", "x"), ("N", "1"), ("N", "2")]).is_ok());
    let issues = of(&[("A", "x"), ("B", "1"), ("B", "2")]).unwrap_err();
    assert_eq!(issues.iter().map(|issue| issue.code.as_str()).collect::<Vec<_>>(), ["repeated-field"]);
}
