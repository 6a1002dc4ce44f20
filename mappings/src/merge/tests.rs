//! Versions of contributions, and their digests.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

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
    merge(book.kind("note").unwrap(), contribution(book, "park", fields)).unwrap().content_digest
}

#[test]
fn one_contribution_is_the_version() {
    let book = book("uuid");
    let fields = [("ID", "1"), ("NAME", "x"), ("TOUCHED", "20240606080000")];
    let contribution = contribution(&book, "park", &fields);
    let version = merge(book.kind("note").unwrap(), contribution.clone()).unwrap();
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

fn input(book: &Rulebook, source: &str, priority: i64, name: &str, touched: &str) -> Input {
    let fields = [("ID", "1"), ("NAME", name), ("TOUCHED", touched)];
    Input { contribution: contribution(book, source, &fields), priority }
}

/// Whose word stands.
fn winner(inputs: Vec<Input>) -> usize {
    settle(book("uuid").kind("note").unwrap(), inputs).unwrap().1
}

#[test]
fn the_higher_priority_stands_however_old_its_word_is() {
    let book = book("uuid");
    let high = input(&book, "county", 10, "x", "20240101000000");
    let low = input(&book, "park", 5, "y", "20240606080000");
    assert_eq!(winner(vec![high.clone(), low.clone()]), 0);
    assert_eq!(winner(vec![low, high]), 1);
}

#[test]
fn of_equals_the_newer_stands_and_where_one_has_no_moment_the_later() {
    let book = book("uuid");
    let old = input(&book, "county", 1, "x", "20240101000000");
    let new = input(&book, "park", 1, "y", "20240606080000");
    let none = input(&book, "mine", 1, "z", "");
    assert_eq!(winner(vec![old.clone(), new.clone()]), 1);
    assert_eq!(winner(vec![new.clone(), old.clone()]), 0);
    assert_eq!(winner(vec![new.clone(), none.clone()]), 1);
    assert_eq!(winner(vec![none, new.clone()]), 1);
    assert_eq!(winner(vec![new.clone(), new]), 1, "the same moment: arrival decides");
}

#[test]
fn a_record_settles_whole_and_a_register_field_by_field() {
    let registry = "kind = \"firm\"\nlabel = \"企业\"\nregistry = true\n[fields]\nid = { label = \"主键\", type = \"id\" }\n\
         name = { label = \"名称\", type = \"text\" }\nphone = { label = \"电话\", type = \"text\" }\n";
    let mut files = small();
    for source in ["park", "county"] {
        files.push(self::source(source, &["firms"]));
        let mapping = "kind = \"firm\"\nid_space = \"registered\"\nselect = { service = \"firms\" }\n[fields]\nid = \"ID\"\nname = \"NAME\"\nphone = \"PHONE\"\n";
        files.push(file(&format!("sources/{source}/firm.toml"), mapping));
    }
    for (text, phone) in [(registry.to_owned(), Some("1")), (registry.replace("registry = true\n", ""), None)]
    {
        let mut files = files.clone();
        files.push(file("kinds/firm.toml", &text));
        let book = compiled(&files);
        let said = |source: &str, fields: &[(&str, &str)], priority| {
            let mapped = book.mapping(source, "firms").unwrap().map(&texts(fields), DateTime::<Utc>::MAX_UTC);
            Input { contribution: mapped.contribution.unwrap(), priority }
        };
        let park = said("park", &[("ID", "7"), ("NAME", "甲厂"), ("PHONE", "1")], 1);
        let county = said("county", &[("ID", "7"), ("NAME", "甲公司")], 2);
        let (version, winner) = settle(book.kind("firm").unwrap(), vec![park, county]).unwrap();
        assert_eq!(
            (winner, version.content.get("name"), version.content.get("phone")),
            (1, Some("甲公司"), phone)
        );
        assert_eq!(version.inputs, ["county", "park"]);
    }
}

#[test]
fn other_keys_and_nobody_make_no_version() {
    let book = book("uuid");
    let kind = book.kind("note").unwrap();
    let other =
        Input { contribution: contribution(&book, "park", &[("ID", "2"), ("NAME", "x")]), priority: 1 };
    assert_eq!(settle(kind, vec![input(&book, "park", 1, "x", ""), other]), None);
    assert_eq!(settle(kind, Vec::new()), None);
    assert_eq!(
        merge(book.kind("folder").unwrap(), contribution(&book, "a", &[("ID", "1"), ("NAME", "x")])),
        None
    );
}

proptest! {
    /// Where every word has its moment and no two the same, who stands does not depend on who was heard first.
    #[test]
    fn of_words_with_moments_of_their_own_the_same_stands_in_every_order(
        words in prop::collection::vec((0..3_i64, 1..28_u32), 1..6),
        turn in 0..6_usize,
    ) {
        let book = book("uuid");
        let mut days: Vec<u32> = words.iter().map(|(_, day)| *day).collect();
        days.sort_unstable();
        days.dedup();
        prop_assume!(days.len() == words.len());
        let said: Vec<Input> = words
            .iter()
            .enumerate()
            .map(|(n, (priority, day))| {
                input(&book, &format!("s{n}"), *priority, &format!("n{n}"), &format!("202406{day:02}080000"))
            })
            .collect();
        let mut turned = said.clone();
        turned.rotate_left(turn % said.len());
        turned.reverse();
        let kind = book.kind("note").unwrap();
        let stands = |inputs: Vec<Input>| settle(kind, inputs).unwrap().0.content;
        let highest = said.iter().max_by_key(|input| (input.priority, input.contribution.as_of)).unwrap();
        prop_assert_eq!(&stands(said.clone()), &highest.contribution.content);
        prop_assert_eq!(stands(turned), stands(said));
    }
}

/// Notes that can be said to be gone.
fn deletable() -> Rulebook {
    let mut files = small();
    let gone = "gone = { label = \"已删除\", type = \"code\", table = \"yes-no\", gone = \"1\" }";
    for file in files.iter_mut().filter(|file| file.path == "kinds/note.toml") {
        file.text = file.text.replace("[fields]\n", &format!("[fields]\n{gone}\n"));
    }
    files.push(source("park", &["notes"]));
    let mapping = "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n[fields]\nid = \"ID\"\nname = \"NAME\"\ngone = \"GONE\"\n";
    files.push(file("sources/park/note.toml", mapping));
    compiled(&files)
}

#[test]
fn a_source_that_deletes_one_of_two_ids_of_a_thing_has_not_deleted_it() {
    let book = deletable();
    let kind = book.kind("note").unwrap();
    let word = |source: &str, said: &str, name: &str, gone: &str| {
        let own = contribution(&book, source, &[("ID", "1"), ("NAME", name), ("GONE", gone)]);
        Input { contribution: Contribution { said: said.to_owned(), ..own }, priority: 1 }
    };
    let (one, other) = (word("park", "", "甲", "0"), word("park", "src:park/2", "乙", "1"));
    let (stands, winner) = settle(kind, vec![one.clone(), other.clone()]).unwrap();
    assert_eq!(
        (stands.content.get("name"), winner),
        (Some("甲"), 0),
        "the later one only says that it is gone"
    );
    let gone = word("park", "", "甲", "1");
    let (stands, winner) = settle(kind, vec![gone, other.clone()]).unwrap();
    assert_eq!((stands.content.get("gone"), winner), (Some("1"), 1), "both say so");
    let (stands, winner) = settle(kind, vec![word("quarry", "", "丙", "0"), other]).unwrap();
    assert_eq!((stands.content.get("gone"), winner), (Some("1"), 1), "another source may say so");
    assert_eq!(stands.inputs, ["park", "quarry"]);
}
