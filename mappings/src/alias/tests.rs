//! Which key is meant, and that a record under an alias is the same record under another key, and nothing else.

use chrono::{DateTime, Utc};
use proptest::prelude::*;

use super::*;
use crate::{
    RuleFile, Rulebook,
    tests::{compiled, file, small, source, texts},
};

const UUID: &str = "c4ba424edce85a0f9c3743961f28ab71";

/// Notes of the park below folders, with these lines of aliases.
fn files(aliases: &str) -> Vec<RuleFile> {
    let mut files: Vec<RuleFile> = small().into_iter().map(deletable).collect();
    files.push(source("park", &["notes", "folders"]));
    let mapping = "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n[fields]\nid = \"ID\"\nname = \"N\"\nfolderId = \"F\"\n";
    files.push(file("sources/park/note.toml", mapping));
    files.push(file(
        "sources/park/folder.toml",
        "kind = \"folder\"\nid_space = \"src:park\"\nselect = { service = \"folders\" }\n[fields]\nid = \"ID\"\n",
    ));
    files.push(file("aliases.csv", &format!("kind,id_space,id,to_space,to_id,note\n{aliases}")));
    files
}

fn deletable(mut file: RuleFile) -> RuleFile {
    if file.path.starts_with("kinds/") {
        let gone = "gone = { label = \"已删除\", type = \"code\", table = \"yes-no\", gone = \"1\" }";
        file.text = file.text.replace("[fields]\n", &format!("[fields]\n{gone}\n"));
    }
    file
}

fn book(aliases: &str) -> Rulebook {
    compiled(&files(aliases))
}

fn now() -> DateTime<Utc> {
    "2024-06-10T00:00:00Z".parse().unwrap()
}

fn key(space: &str, id: &str) -> Key {
    Key { kind: "note".into(), id_space: space.into(), id: id.into() }
}

#[test]
fn a_named_key_is_another_and_a_whole_space_keeps_its_ids() {
    let lines = format!(
        "note,src:park,17,registered,A-1,张三\nnote,src:old,*,uuid,*,\nfolder,src:park,17,src:park,3,\nnote,uuid,{UUID},registered,B,"
    );
    let book = book(&lines);
    let of = |space: &str, id: &str| book.aliases().key(key(space, id)).to_string();
    assert_eq!(of("src:park", "17"), "note/registered/A-1");
    assert_eq!(of("src:park", "18"), "note/src:park/18");
    assert_eq!(of("src:old", &"AB".repeat(16)), format!("note/uuid/{}", "ab".repeat(16)));
    assert_eq!(of("src:old", "7"), "note/src:old/7", "it has no normal form there");
    assert_eq!(of("src:old", UUID), "note/registered/B", "the whole space first, then the key by name");
    let lead_to = |space: &str, id: &str| book.aliases().lead_to(&key(space, id));
    assert!(lead_to("registered", "A-1") && lead_to("uuid", "anything"));
    assert!(!lead_to("src:park", "17") && !lead_to("src:park", "3") && !lead_to("registered", "A-2"));
}

#[test]
fn the_key_the_content_and_the_references_are_those_that_are_meant() {
    let book = book("note,src:park,17,registered,A-1,张三 同一张\nfolder,src:park,2,src:park,3,");
    let mapping = book.mapping("park", "notes").unwrap();
    let record = texts(&[("ID", "17"), ("N", "甲"), ("F", "2")]);
    let (mapped, traces) = mapping.trace(&record, now());
    let contribution = mapped.contribution.unwrap();
    assert_eq!(mapped.key, Some(key("registered", "A-1")));
    assert_eq!((contribution.key, contribution.said.as_str()), (key("registered", "A-1"), "src:park/17"));
    assert_eq!(contribution.content.to_json(), r#"{"folderId":"3","id":"A-1","name":"甲"}"#);
    let parent = &contribution.parents[0];
    assert_eq!((parent.id.as_str(), parent.said.as_deref()), ("3", Some("src:park/2")));
    assert_eq!(parent.said_key().to_string(), "folder/src:park/2");
    let told = |field: &str| traces.iter().find(|trace| trace.field == field).unwrap();
    assert_eq!(told("id").rule, "id src:park; alias src:park/17 → registered/A-1 张三 同一张");
    assert_eq!((told("id").raw.as_deref(), told("id").value.as_deref()), (Some("17"), Some("A-1")));
    assert!(told("folderId").rule.ends_with("alias src:park/2 → src:park/3"));
    assert!(!told("name").rule.contains("alias"));
}

#[test]
fn only_mappings_whose_records_may_change_have_another_hash() {
    let hashes = |lines: &str| {
        let book = book(lines);
        ["notes", "folders"].map(|service| *book.mapping("park", service).unwrap().hash())
    };
    let [notes, folders] = hashes("");
    let plain =
        compiled(&files("").into_iter().filter(|file| file.path != "aliases.csv").collect::<Vec<_>>());
    assert_eq!(*plain.mapping("park", "notes").unwrap().hash(), notes, "an empty file is none");
    let of_note = hashes("note,src:park,1,src:park,2,a");
    assert!(of_note[0] != notes && of_note[1] == folders);
    assert_eq!(hashes("note,src:park,1,src:park,2,b"), of_note, "a note bears on nothing");
    let of_folder = hashes("folder,src:park,1,src:park,2,");
    assert!(of_folder[0] != notes && of_folder[1] != folders, "what refers to it changes, too");
    let digest =
        |lines: &str, service: &str| book(lines).mapping("park", service).unwrap().aliases_digest().copied();
    assert_eq!(digest("note,src:park,1,src:park,2,", "folders"), None);
    assert!(digest("note,src:park,1,src:park,2,", "notes").is_some());
}

/// Pairs of ids among a few, as lines that lead nowhere on: from the lower half to the upper.
fn lines() -> impl Strategy<Value = BTreeMap<u8, u8>> {
    proptest::collection::btree_map(0u8..8, 8u8..16, 0..6)
}

proptest! {
    #[test]
    fn what_is_meant_stays_and_what_is_not_named_is_untouched(
        note in lines(), folder in lines(), id in 0u8..16, parent in 0u8..16, whole in any::<bool>(),
    ) {
        let named = |kind: &str, lines: &BTreeMap<u8, u8>| {
            let line = |(from, to)| format!("{kind},src:park,{from},src:all,{to},\n");
            lines.iter().map(line).collect::<Vec<_>>().concat()
        };
        let all = if whole { "note,src:park,*,src:all,*,\n" } else { "" };
        let joined = book(&format!("{}{}{all}", named("note", &note), named("folder", &folder)));
        let plain = book("");
        let record = texts(&[("ID", &id.to_string()), ("N", "甲"), ("F", &parent.to_string())]);
        let mapping = joined.mapping("park", "notes").unwrap();
        let (with, without) = (mapping.map(&record, now()), plain.mapping("park", "notes").unwrap().map(&record, now()));
        let (with, without) = (with.contribution.unwrap(), without.contribution.unwrap());
        prop_assert_eq!(mapping.key(&record).unwrap(), with.key.clone());
        // the key that was said, joined, is the key; joined again, it stays
        prop_assert_eq!(joined.aliases().key(without.key.clone()), with.key.clone());
        prop_assert_eq!(joined.aliases().key(with.key.clone()), with.key.clone());
        prop_assert_eq!(with.key.as_said(&with.said), without.key.clone());
        prop_assert_eq!(with.parents[0].said_key(), without.parents[0].key());
        let is_joined = note.contains_key(&id) || whole;
        prop_assert_eq!(with.key != without.key, is_joined);
        prop_assert_eq!(joined.aliases().lead_to(&with.key), is_joined);
        prop_assert_eq!(with.parents[0].key() != without.parents[0].key(), folder.contains_key(&parent));
        prop_assert_eq!(with.content.get("name"), without.content.get("name"));
        if !is_joined && !folder.contains_key(&parent) {
            prop_assert_eq!(with, without);
        }
    }
}
