//! Finding rules by name.

use super::*;
use crate::tests::{compiled, file, small, source};

fn book() -> Rulebook {
    let mut files = small();
    files.push(source("park", &["notes", "folders"]));
    files.push(source("mine", &["notes"]));
    let mapping = |kind: &str, service: &str| {
        let name = if kind == "note" { "name = \"N\"\n" } else { "" };
        format!(
            "kind = \"{kind}\"\nid_space = \"uuid\"\nselect = {{ service = \"{service}\" }}\n[fields]\nid = \"ID\"\n{name}"
        )
    };
    files.push(file("sources/park/b.toml", &mapping("note", "notes")));
    files.push(file("sources/park/a.toml", &mapping("folder", "folders")));
    files.push(file("sources/mine/a.toml", &mapping("note", "notes")));
    files.push(file("lianwang.toml", "node = \"hub\""));
    files.push(file("README.md", "# anything"));
    compiled(&files)
}

#[test]
fn mappings_are_found_by_source_and_service() {
    let book = book();
    let found: Vec<(&str, &str, &str)> =
        book.mappings().iter().map(|mapping| (mapping.source(), mapping.service(), mapping.kind())).collect();
    assert_eq!(found, [("mine", "notes", "note"), ("park", "folders", "folder"), ("park", "notes", "note")]);
    assert_eq!(book.mapping("park", "folders").map(Mapping::kind), Some("folder"));
    assert!(book.mapping("mine", "folders").is_none());
    let mapping = book.mapping("mine", "notes").unwrap();
    assert_eq!((mapping.id_space(), mapping.profile()), ("uuid", None));
}

#[test]
fn the_same_words_of_two_sources_have_two_hashes() {
    let book = book();
    assert_ne!(book.mapping("mine", "notes").unwrap().hash(), book.mapping("park", "notes").unwrap().hash());
}

#[test]
fn kinds_are_found_by_name_parents_first() {
    let book = book();
    assert_eq!(book.kinds().iter().map(Kind::name).collect::<Vec<_>>(), ["folder", "note"]);
    assert!(book.kind("note").is_some() && book.kind("notes").is_none());
}

#[test]
fn nothing_compiles_to_an_empty_book() {
    let (book, problems) = Rulebook::compile(&[]);
    assert!(problems.is_empty());
    assert!(book.unwrap().kinds().is_empty());
}

#[test]
fn a_book_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&book());
}
