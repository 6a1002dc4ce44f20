//! Entries of a refusal, and the members they mean.

use proptest::prelude::*;

use super::*;
use crate::codec::json::locate;

fn named() -> Named {
    Named { list: "data".to_owned(), id: "id".to_owned(), reason: Some("msg".to_owned()) }
}

fn entries(body: &str) -> Option<Vec<Naming>> {
    read(&named(), &locate(body.as_bytes(), "data", &[]).unwrap(), body.as_bytes())
}

fn entry(id: Option<&str>, reason: Option<&str>) -> Naming {
    Naming { id: id.map(str::to_owned), reason: reason.map(str::to_owned) }
}

fn meant(members: &[&str], ids: &[&str]) -> Result<Vec<String>, String> {
    let members: Vec<String> = members.iter().map(|id| (*id).to_owned()).collect();
    let batch = Batch { id: "b", kind: "k", path: "p", group: "g", members: &members, payload: b"" };
    let entries: Vec<Naming> = ids.iter().map(|id| entry(Some(id), None)).collect();
    refused(&batch, &entries, "otherwise").map(|refused| refused.into_iter().map(|(id, _)| id).collect())
}

#[test]
fn entries_are_read_as_written() {
    assert_eq!(
        entries(r#"{"data":[{"id":17,"msg":"a"},{"id":"x"},{"msg":"b"},{"id":null},7,{"id":"\q"}]}"#)
            .unwrap(),
        [
            entry(Some("17"), Some("a")),
            entry(Some("x"), None),
            entry(None, Some("b")),
            entry(None, None),
            entry(None, None),
            entry(None, None),
        ]
    );
    assert_eq!(entries(r#"{"data":[]}"#).unwrap(), []);
    for body in [r#"{"data":{}}"#, r#"{"data":null}"#, r#"{"rows":[]}"#, "{}"] {
        assert_eq!(entries(body), None, "{body}");
    }
}

#[test]
fn exact_text_comes_before_the_form_of_a_uuid() {
    let (plain, upper) = ("0f1e2d3c4b5a69788796a5b4c3d2e1f0", "0F1E2D3C4B5A69788796A5B4C3D2E1F0");
    // two members that are one UUID in two spellings: the one named is the one refused
    assert_eq!(meant(&[plain, upper], &[upper]).unwrap(), [upper]);
    assert_eq!(meant(&[plain], &["{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}"]).ok(), None);
    assert_eq!(meant(&[plain], &["0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0"]).unwrap(), [plain]);
    assert_eq!(meant(&["410900017-001"], &["410900017-001"]).unwrap(), ["410900017-001"]);
    assert_eq!(meant(&["ABC"], &["abc"]).ok(), None, "only UUIDs have spellings");
}

#[test]
fn one_unknown_id_makes_all_unknown() {
    assert_eq!(meant(&["1", "2"], &["1", "3"]).unwrap_err(), "应答拒收了不在本批里的记录 3");
    let long = "x".repeat(500);
    assert!(meant(&["1"], &[&long]).unwrap_err().chars().count() < 100);
}

#[test]
fn reasons_are_joined_cut_and_filled_in() {
    let members = ["1".to_owned()];
    let batch = Batch { id: "b", kind: "k", path: "p", group: "g", members: &members, payload: b"" };
    let reason = |entries: &[Naming]| refused(&batch, entries, "otherwise").unwrap().remove(0).1;
    assert_eq!(reason(&[entry(Some("1"), None)]), "otherwise");
    assert_eq!(
        reason(&[entry(Some("1"), Some("a")), entry(Some("1"), Some("b")), entry(Some("1"), Some("a"))]),
        "a；b"
    );
    assert_eq!(reason(&[entry(Some("1"), Some(&"长".repeat(900)))]).chars().count(), 501);
}

proptest! {
    #[test]
    fn each_member_is_refused_at_most_once(members in prop::collection::btree_set("[a-e]{1,2}", 1..8), picks: Vec<prop::sample::Index>) {
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        let ids: Vec<&str> = picks.iter().map(|pick| *pick.get(&members)).collect();
        let mut first_named: Vec<&str> = Vec::new();
        for id in &ids {
            if !first_named.contains(id) {
                first_named.push(id);
            }
        }
        prop_assert_eq!(meant(&members, &ids).unwrap(), first_named);
    }
}
