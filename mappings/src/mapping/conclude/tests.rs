//! From cells to a contribution.

use super::*;
use crate::{
    Level, Rulebook,
    tests::{compiled, file, small, source},
    value::Canonical,
};

const MAPPING: &str = "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n[fields]\nid = \"ID\"\nname = \"N\"\nfolderId = \"F\"\n";

fn book() -> Rulebook {
    let mut files = small();
    files.push(source("park", &["notes"]));
    files.push(file("sources/park/note.toml", MAPPING));
    compiled(&files)
}

fn concluded(texts: &[(&str, &str)], issues: Vec<Issue>) -> Mapped {
    let book = book();
    let mapping = book.mapping("park", "notes").unwrap();
    let mut cells = vec![Cell::Absent; mapping.kind.fields().len()];
    for (field, text) in texts {
        let number = mapping.kind.number(field).unwrap();
        let field_type = mapping.kind.fields()[number].field_type();
        cells[number] = Cell::Good(crate::parse::canonical(field_type, text).unwrap());
    }
    conclude(mapping, cells, issues, "2024-06-10T00:00:00Z".parse().unwrap())
}

fn issue(level: Level) -> Issue {
    let text = String::new;
    Issue {
        code: text(),
        level,
        field: text(),
        value: text(),
        place: text(),
        message: text(),
        advice: text(),
    }
}

#[test]
fn only_a_good_record_with_a_key_contributes() {
    let with = |texts: &[(&str, &str)], issues| {
        let mapped = concluded(texts, issues);
        (mapped.key.is_some(), mapped.contribution.is_some(), mapped.outcome)
    };
    let id = [("id", "1")];
    assert_eq!(with(&id, vec![]), (true, true, Outcome::Good));
    assert_eq!(with(&id, vec![issue(Level::Warn)]), (true, true, Outcome::Good));
    assert_eq!(with(&id, vec![issue(Level::Hold)]), (true, false, Outcome::Hold));
    assert_eq!(with(&id, vec![issue(Level::Reject)]), (true, false, Outcome::Reject));
    assert_eq!(with(&[], vec![]), (false, false, Outcome::Good));
}

#[test]
fn the_key_is_kind_space_and_id() {
    let book = book();
    let keyed = keyed(book.mapping("park", "notes").unwrap(), &Canonical::text("7"));
    assert_eq!((keyed.key.to_string().as_str(), keyed.said.as_str()), ("note/src:park/7", ""));
}

#[test]
fn only_references_that_are_said_are_parents() {
    assert_eq!(concluded(&[("id", "1")], vec![]).contribution.unwrap().parents, []);
    let parents = concluded(&[("id", "1"), ("folderId", "3")], vec![]).contribution.unwrap().parents;
    let parent = Parent {
        field: "folderId".into(),
        kind: "folder".into(),
        id_space: "src:park".into(),
        id: "3".into(),
        said: None,
    };
    assert_eq!(parents, [parent]);
}

#[test]
fn attributes_come_from_marked_fields() {
    let contribution = |texts: &[(&str, &str)]| concluded(texts, vec![]).contribution.unwrap();
    let plain = contribution(&[("id", "1")]);
    assert_eq!((plain.owner, plain.test, plain.as_of), (None, false, None));
    let marked = contribution(&[
        ("id", "1"),
        ("company", "410900017"),
        ("test", "1"),
        ("touched", "2024-06-06T08:00:00+08:00"),
    ]);
    assert_eq!(marked.owner.as_deref(), Some("chem:410900017"));
    assert!(marked.test);
    assert_eq!(marked.as_of, Some("2024-06-06T00:00:00Z".parse().unwrap()));
    assert!(!contribution(&[("id", "1"), ("test", "0")]).test);
}

#[test]
fn content_is_sorted_by_name() {
    let content =
        concluded(&[("name", "x"), ("id", "1"), ("cost", "1.5")], vec![]).contribution.unwrap().content;
    assert_eq!(content.iter().collect::<Vec<_>>(), [("cost", "1.5"), ("id", "1"), ("name", "x")]);
}
