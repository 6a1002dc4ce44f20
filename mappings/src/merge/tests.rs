//! Versions of contributions, and their digests.

use super::*;
use crate::{
    Rulebook,
    tests::{compiled, file, small, source, texts},
};

fn book(space: &str) -> Rulebook {
    let mut files = small();
    files.push(source("park", &["notes"]));
    let mapping = format!(
        "kind = \"note\"\nid_space = \"src:park\"\nselect = {{ service = \"notes\" }}\n[fields]\nid = \"ID\"\nname = \"NAME\"\n\
         folderId = {{ from = \"FOLDER\", id_space = \"{space}\" }}\ntouched = \"TOUCHED\"\ntouchedBy = \"BY\"\n"
    );
    files.push(file("sources/park/note.toml", &mapping));
    compiled(&files)
}

fn contribution(book: &Rulebook, source: &str, fields: &[(&str, &str)]) -> Contribution {
    let mapping = book.mapping("park", "notes").unwrap();
    let mapped = mapping.map(&texts(fields), "2030-01-01T00:00:00Z".parse().unwrap());
    Contribution { source: source.to_owned(), ..mapped.contribution.unwrap() }
}

fn digest(book: &Rulebook, fields: &[(&str, &str)]) -> Digest {
    merge(book.kind("note").unwrap(), vec![contribution(book, "park", fields)]).unwrap().content_digest
}

#[test]
fn one_contribution_is_the_version() {
    let book = book("uuid");
    let fields = [("ID", "1"), ("NAME", "x"), ("TOUCHED", "20240606080000")];
    let contribution = contribution(&book, "park", &fields);
    let version = merge(book.kind("note").unwrap(), vec![contribution.clone()]).unwrap();
    assert_eq!(version.key, contribution.key);
    assert_eq!(version.content, contribution.content);
    assert_eq!(version.as_of, Some("2024-06-06T00:00:00Z".parse().unwrap()));
    assert_eq!(version.inputs, ["park"]);
    assert!(!version.test);
}

#[test]
fn the_content_digest_ignores_volatile_fields_only() {
    let book = book("uuid");
    let base = digest(&book, &[("ID", "1"), ("NAME", "x"), ("TOUCHED", "20240606080000"), ("BY", "a")]);
    assert_eq!(
        digest(&book, &[("ID", "1"), ("NAME", "x"), ("TOUCHED", "20240607080000"), ("BY", "b")]),
        base
    );
    assert_eq!(digest(&book, &[("ID", "1"), ("NAME", " x ")]), base);
    assert_ne!(digest(&book, &[("ID", "1"), ("NAME", "y")]), base);
    assert_ne!(digest(&book, &[("ID", "2"), ("NAME", "x")]), base);
}

#[test]
fn the_space_of_a_reference_is_part_of_the_content() {
    let fields = [("ID", "1"), ("NAME", "x"), ("FOLDER", "c4ba424edce85a0f9c3743961f28ab71")];
    assert_ne!(digest(&book("uuid"), &fields), digest(&book("src:park"), &fields));
}

#[test]
fn the_latest_wins_whole_and_all_are_listed() {
    let book = book("uuid");
    let kind = book.kind("note").unwrap();
    let old = contribution(&book, "b", &[("ID", "1"), ("NAME", "old"), ("TOUCHED", "20240606080000")]);
    let new = contribution(&book, "a", &[("ID", "1"), ("NAME", "new"), ("TOUCHED", "20240607080000")]);
    let silent = contribution(&book, "c", &[("ID", "1"), ("NAME", "silent")]);
    let version = merge(kind, vec![new.clone(), silent, old.clone()]).unwrap();
    assert_eq!(version.content.get("name"), Some("new"));
    assert_eq!(version.inputs, ["a", "b", "c"]);
    let same = Contribution { source: "z".into(), ..new.clone() };
    assert_eq!(merge(kind, vec![old, new, same]).unwrap().inputs, ["a", "b", "z"]);
}

#[test]
fn nothing_comes_of_nothing_or_of_two_keys() {
    let book = book("uuid");
    let kind = book.kind("note").unwrap();
    assert_eq!(merge(kind, Vec::new()), None);
    let one = contribution(&book, "a", &[("ID", "1"), ("NAME", "x")]);
    let two = contribution(&book, "a", &[("ID", "2"), ("NAME", "x")]);
    assert_eq!(merge(kind, vec![one.clone(), two]), None);
    assert_eq!(merge(book.kind("folder").unwrap(), vec![one]), None);
}
