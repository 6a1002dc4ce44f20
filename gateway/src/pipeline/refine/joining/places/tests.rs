//! Keys while voices come and go.

use mappings::{Content, Contribution};

use super::*;
use crate::{
    config::{Compiled, Revision, compile},
    store::verdicts::Spot,
};

const KIND: &str = "kind = \"plant\"\nlabel = \"装置\"\n[fields]\nid = { label = \"主键\", type = \"id\" }\nname = { label = \"名称\", type = \"text\" }\n";

fn rules() -> Pinned {
    let files = [("kinds/plant.toml", KIND), ("lianwang.toml", "node = \"hub\"\nzone = \"Asia/Shanghai\"\n")];
    let file =
        |(path, text): (&str, &str)| mappings::RuleFile { path: path.to_owned(), text: text.to_owned() };
    let (compiled, problems): (Option<Compiled>, _) = compile(Revision::new(files.map(file).to_vec()));
    Pinned { no: 9, rules: compiled.unwrap_or_else(|| panic!("{problems:?}")) }
}

fn key(id: &str) -> Key {
    Key { kind: "plant".to_owned(), id_space: "uuid".to_owned(), id: id.to_owned() }
}

/// What a source says of a key, for another id where one is given, in a document.
fn says(source: &str, of: &str, said: &str, document: i64, name: &str) -> Said {
    Said {
        service: "plants".to_owned(),
        spot: Spot { document, part: 0, place: 0, from: 0, length: 1 },
        revision: 3,
        source_digest: format!("{source} {document}"),
        contribution: Contribution {
            source: source.to_owned(),
            key: key(of),
            said: said.to_owned(),
            content: Content::from_json(&format!(r#"{{"id":"{of}","name":"{name}"}}"#)).unwrap(),
            parents: Vec::new(),
            owner: None,
            test: false,
            region: None,
            industry: None,
            as_of: None,
            images: Vec::new(),
        },
    }
}

fn head(record: i64, said: &Said, source_digest: &str) -> Head {
    let rules = rules();
    let kind = rules.rules.rulebook.kind("plant").unwrap();
    let version = mappings::merge(kind, said.contribution.clone()).unwrap();
    Head {
        record,
        source: said.contribution.source.clone(),
        said: said.contribution.said.clone(),
        place: said.place(),
        source_digest: source_digest.to_owned(),
        content_digest: crate::store::hex(&version.content_digest),
        as_of: None,
    }
}

/// Keys that one voice speaks of each, with the numbers of their records.
fn standing(all: &[(i64, &Said)]) -> Places {
    let mut places = Places::default();
    for (record, said) in all {
        let head = head(*record, said, &said.source_digest);
        let common = Common { said: vec![(*said).clone()], stored: 0 };
        places.learn(said.contribution.key.clone(), Some(head), common, Some(said.place()));
    }
    places
}

fn word(said: &Said) -> Word {
    Word { key: said.contribution.key.clone(), voice: said.voice(), said: said.clone() }
}

fn equals(source: &str) -> Option<i64> {
    (source != "stranger").then_some(1)
}

#[test]
fn a_voice_that_goes_to_a_new_key_leaves_its_own() {
    let (was, now) = (says("park", "1", "", 5, "甲"), says("park", "2", "uuid/1", 5, "甲"));
    let mut places = standing(&[(7, &was)]);
    places.learn(key("2"), None, Common::default(), None);
    assert!(places.know(&key("2")) && !places.know(&key("3")));
    places.put(&word(&was), now, |_| None).unwrap();
    let moved = places.came_to(&rules(), |_| None);
    assert_eq!(moved.gone, [(7, 5)]);
    let new = &moved.versions[0];
    assert_eq!((new.record, new.version.key.id.as_str(), new.said.as_str()), (None, "2", "uuid/1"));
    assert_eq!((new.revision, new.heard.len()), (Some(3), 0));
    let left = &moved.shared[0];
    assert_eq!((left.record, &left.was, left.said.len()), (0, &None, 1));
}

#[test]
fn two_voices_are_settled_and_one_that_is_left_is_itself_again() {
    let (own, other) = (says("quarry", "2", "", 6, "乙"), says("park", "1", "", 5, "甲"));
    let mut places = standing(&[(7, &other), (8, &own)]);
    places.put(&word(&other), says("park", "2", "uuid/1", 5, "甲"), equals).unwrap();
    let moved = places.came_to(&rules(), equals);
    assert!(moved.versions.is_empty(), "the later word stands already: {:?}", moved.versions);
    assert_eq!(
        (moved.gone.as_slice(), moved.shared[0].said.len(), moved.shared[0].winner),
        ([(7, 5)].as_slice(), 2, 1)
    );
    // taken apart: the one that stays says what it said, in the words of its revision
    let both = vec![says("park", "2", "uuid/1", 5, "甲"), own.clone()];
    let mut places = Places::default();
    let merged = head(8, &own, &own.source_digest);
    places.learn(key("2"), Some(merged), Common { said: both.clone(), stored: 2 }, Some((5, 0)));
    places.learn(key("1"), Some(head(7, &other, "alias:9")), Common::default(), None);
    places.put(&word(&both[0]), other, equals).unwrap();
    let moved = places.came_to(&rules(), equals);
    let told: Vec<_> =
        moved.versions.iter().map(|new| (new.record, new.spot.document, new.revision)).collect();
    assert_eq!(told, [(Some(7), 5, Some(3)), (Some(8), 6, Some(3))]);
    assert!(moved.gone.is_empty() && moved.shared.iter().all(|key| key.said.len() == 1));
}

#[test]
fn who_cannot_be_weighed_waits_and_says_for_whom() {
    let (own, other) = (says("quarry", "2", "", 6, "乙"), says("park", "1", "", 5, "甲"));
    let mut places = standing(&[(7, &other), (8, &own)]);
    let note =
        places.put(&word(&other), says("park", "2", "uuid/1", 5, "甲"), |_| None).unwrap_err().unwrap();
    assert_eq!((note.issues[0].code.as_str(), note.issues[0].value.as_str()), ("second-source", "quarry"));
    let moved = places.came_to(&rules(), |_| None);
    assert!(moved.versions.is_empty() && moved.shared.is_empty() && moved.gone.is_empty());
}

#[test]
fn what_was_deleted_already_is_only_marked_and_a_later_word_is_not_undone() {
    let was = says("park", "1", "", 5, "甲");
    let mut places = Places::default();
    let common = Common { said: vec![was.clone()], stored: 0 };
    places.learn(key("1"), Some(head(7, &was, "sweep:2")), common, Some((5, 0)));
    places.silence(&key("1"), &was.voice());
    let moved = places.came_to(&rules(), equals);
    assert_eq!((moved.silent.as_slice(), moved.gone.len()), ([7].as_slice(), 0));
    // its source spoke of the other key since
    let since = says("park", "2", "uuid/1", 8, "丙");
    let mut places = standing(&[(7, &was), (8, &since)]);
    assert!(places.is_newer_at(&key("2"), &word(&was)) && !places.is_newer_at(&key("1"), &word(&was)));
    places.put(&word(&was), says("park", "2", "uuid/1", 5, "甲"), equals).unwrap();
    let moved = places.came_to(&rules(), equals);
    assert_eq!((moved.gone.len(), moved.versions.len()), (1, 0));
}

#[test]
fn a_place_where_it_was_seen_again_goes_with_it() {
    let was = says("park", "1", "", 5, "甲");
    let seen = Head { place: (6, 3), ..head(7, &was, "park 5") };
    let mut places = Places::default();
    places.learn(key("1"), Some(seen), Common { said: vec![was.clone()], stored: 0 }, Some((5, 0)));
    assert_eq!(places.said(&key("1"), &was.voice()).map(Said::place), Some((5, 0)));
    places.put(&word(&was), says("park", "1", "", 5, "乙"), equals).unwrap();
    let moved = places.came_to(&rules(), equals);
    assert_eq!((moved.shared[0].seen_at, moved.versions[0].record), (Some((6, 3)), Some(7)));
    assert!(moved.gone.is_empty());
}
