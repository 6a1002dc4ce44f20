//! What is said of a record whose owner nobody knows.

use chrono::{DateTime, Utc};

use crate::{
    Level, Mapped, Outcome, owner_parts,
    tests::{compiled, file, small, source, texts},
};

fn held(fields: &[(&str, &str)]) -> Mapped {
    let mut files = small();
    files.push(source("park", &["notes"]));
    files.push(file(
        "sources/park/note.toml",
        "kind = \"note\"\nid_space = \"src:park\"\nowner = \"known\"\nselect = { service = \"notes\" }\n\
         [fields]\nid = \"ID\"\nname = \"N\"\ncompany = \"corp.code\"\n",
    ));
    let book = compiled(&files);
    let mapping = book.mapping("park", "notes").unwrap();
    mapping.held_for_owner(mapping.map(&texts(fields), DateTime::<Utc>::MAX_UTC))
}

#[test]
fn an_unknown_owner_is_told_with_its_value_and_its_place() {
    let mapped = held(&[("ID", "1"), ("N", "x"), ("corp.code", "410900017")]);
    assert_eq!((mapped.outcome, mapped.contribution), (Outcome::Hold, None));
    assert!(mapped.key.is_some());
    let [issue] = mapped.issues.as_slice() else { panic!("{:?}", mapped.issues) };
    assert_eq!((issue.code.as_str(), issue.level), ("unknown-owner", Level::Hold));
    assert_eq!(
        (issue.field.as_str(), issue.value.as_str(), issue.place.as_str()),
        ("company", "410900017", "corp.code")
    );
    assert!(issue.message.contains("企业") && issue.advice.contains("lianwang roster"), "{issue:?}");
}

#[test]
fn a_record_that_names_no_owner_says_so() {
    let mapped = held(&[("ID", "1"), ("N", "x")]);
    assert_eq!((mapped.issues[0].field.as_str(), mapped.issues[0].value.as_str()), ("company", ""));
    assert!(mapped.issues[0].message.starts_with("没有写明企业"), "{:?}", mapped.issues);
}

#[test]
fn a_rejected_record_stays_rejected() {
    let mapped = held(&[("ID", "1"), ("corp.code", "410900017")]);
    assert_eq!(mapped.outcome, Outcome::Reject);
}

#[test]
fn an_owner_is_a_scheme_and_a_code() {
    assert_eq!(owner_parts("chem:410900017"), Some(("chem", "410900017")));
    assert_eq!(owner_parts("platform:park:P:17"), Some(("platform:park", "P:17")));
    assert_eq!((owner_parts("chem"), owner_parts("platform:park")), (None, None));
}
