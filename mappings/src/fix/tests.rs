//! What the hub may put right, and how fixes are found.

use crate::{
    FieldType, Fix, Fixes, Rulebook,
    tests::{compiled, file, shipped, small},
};

fn fix(kind: &str, id: &str, was: &str) -> Fix {
    let text = str::to_owned;
    Fix {
        kind: text(kind),
        id_space: text("uuid"),
        id: text(id),
        field: text("level"),
        was: text(was),
        is: text("1"),
        note: text("n"),
        line: 1,
    }
}

#[test]
fn fixes_are_found_by_kind_and_key() {
    let fixes = Fixes::of(vec![fix("note", "a", "0"), fix("note", "a", "2"), fix("box", "b", "")]);
    let notes = fixes.of_kind("note").unwrap();
    assert_eq!(notes.of_record("uuid", "a").unwrap()["level"].len(), 2);
    assert!(notes.of_record("uuid", "b").is_none() && notes.of_record("src:x", "a").is_none());
    assert!(fixes.of_kind("folder").is_none());
    assert_eq!(fixes.all().len(), 3);
}

#[test]
fn the_digest_is_of_what_is_said_and_of_nobody_else() {
    let digest = |all: Vec<Fix>| Fixes::of(all).of_kind("note").unwrap().digest;
    let (one, other) = (fix("note", "a", "0"), fix("note", "b", "0"));
    let both = digest(vec![one.clone(), other.clone()]);
    assert_eq!(both, digest(vec![other.clone(), fix("box", "c", ""), one.clone()]), "order and other kinds");
    assert_ne!(both, digest(vec![one.clone()]));
    for changed in [
        Fix { was: "3".into(), ..one.clone() },
        Fix { is: "2".into(), ..one.clone() },
        Fix { note: "m".into(), ..one.clone() },
        Fix { field: "other".into(), ..one.clone() },
    ] {
        assert_ne!(both, digest(vec![changed, other.clone()]));
    }
}

/// Of the small kind: why each field may not be put right, if it may not.
#[test]
fn only_codes_regions_and_identifiers_are_the_hubs() {
    let mut files = small();
    let more = "region = { label = \"区划\", type = \"text\", facet = \"region\" }\nuscc = { label = \"代码\", type = \"text\", notation = \"uscc\" }\nmobile = { label = \"手机\", type = \"text\", notation = \"mobile\", personal = \"phone\" }\ngone = { label = \"删\", type = \"code\", table = \"yes-no\", gone = \"1\" }\nstate = { label = \"状态\", type = \"code\", table = \"level\", owner_only = true }\n[[rule]]";
    files[4].text = files[4].text.replacen("[[rule]]", more, 1);
    let book = compiled(&files);
    let kind = book.kind("note").unwrap();
    let may: Vec<&str> =
        kind.fields().iter().filter(|field| field.unfixable().is_none()).map(crate::Field::name).collect();
    assert_eq!(may, ["level", "company", "test", "region", "uscc"]);
    for (field, why) in [
        ("id", "是主键"),
        ("folderId", "是对上级的引用"),
        ("name", "是来源的文字"),
        ("person", "是个人信息"),
        ("mobile", "是个人信息"),
        ("count", "是数量"),
        ("cost", "是数量"),
        ("at", "是时间"),
        ("day", "是时间"),
        ("hour", "是时间"),
        ("photo", "是个人信息"),
        ("gone", "说的是记录删了没有，只有来源知道"),
        ("state", "由来源负责（owner_only）"),
    ] {
        assert_eq!(kind.field(field).unwrap().unfixable(), Some(why), "{field}");
    }
}

/// A level or state that somebody adds to a shipped kind without the mark is found here.
#[test]
fn levels_and_states_of_shipped_kinds_are_their_senders() {
    let book = compiled(&shipped());
    let tables = [
        "danger-level",
        "danger-state",
        "risk-level",
        "work-state",
        "alert-level",
        "alert-state",
        "device-state",
        "assessment-grade",
        "violation-level",
        "major-hazard-level",
        "operating-state",
        "check-conclusion",
    ];
    let mut seen = 0;
    for field in book.kinds().iter().flat_map(crate::Kind::fields) {
        let table = field.table().map_or("", crate::CodeTable::name);
        if tables.contains(&table) {
            assert!(field.owner_only(), "{}", field.name());
            seen += 1;
        }
        assert!(!field.owner_only() || field.field_type() == FieldType::Code, "{}", field.name());
    }
    assert!(seen >= tables.len(), "{seen}");
}

#[test]
fn the_mapping_of_a_kind_without_fixes_is_as_it_was() {
    let mut files = small();
    files.push(crate::tests::source("park", &["notes", "folders"]));
    for (kind, service) in [("note", "notes"), ("folder", "folders")] {
        files.push(file(
            &format!("sources/park/{kind}.toml"),
            &format!("kind = \"{kind}\"\nid_space = \"src:park\"\nselect = {{ service = \"{service}\" }}\n[fields]\nid = \"ID\"\n{}", if kind == "note" { "name = \"N\"\nlevel = \"L\"\n" } else { "" }),
        ));
    }
    let hashes = |files: &[crate::RuleFile]| {
        let book: Rulebook = compiled(files);
        ["notes", "folders"].map(|service| *book.mapping("park", service).unwrap().hash())
    };
    let before = hashes(&files);
    files.push(file("fixes.csv", "kind,id_space,id,field,was,is,note\n"));
    assert_eq!(hashes(&files), before);
    files.last_mut().unwrap().text.push_str("note,src:park,1,level,0,1,x\n");
    let after = hashes(&files);
    assert_ne!(after[0], before[0]);
    assert_eq!(after[1], before[1]);
}
