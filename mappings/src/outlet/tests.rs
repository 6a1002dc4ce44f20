//! Records in a receiver's words.

use super::*;
use crate::{
    Rulebook,
    tests::{compiled, file, small},
};

const WIRE: &str = "[wire]\nuuid_form = \"hyphens\"\ndatetime = \"%Y%m%d%H%M%S\"\ndate = \"%Y%m%d\"\ntime = \"%-H:%M:%S\"\nzone = \"Asia/Shanghai\"\n";
const OUTLET: &str = r#"
kind = "note"
path = "sec_note"
omit = ["person", "touchedBy", "test"]
[fields]
name = { to = "noteName", max = 4 }
level = { number = true }
touched = { format = "epoch_ms" }
photo = { required_if = "level == '1'" }
[[rule]]
code = "too-many"
check = "count < 50"
message = "接收方最多收 50 件"
"#;

fn book(outlet: &str) -> Rulebook {
    let mut files = small();
    files.push(file("destinations/far/destination.toml", WIRE));
    files.push(file("destinations/far/note.toml", outlet));
    compiled(&files)
}

fn key(id_space: &str, id: &str) -> Key {
    Key { kind: "note".into(), id_space: id_space.into(), id: id.into() }
}

fn folder(id_space: &str, id: &str) -> Vec<Parent> {
    let (field, kind) = ("folderId".into(), "folder".into());
    vec![Parent { field, kind, id_space: id_space.into(), id: id.into(), said: None }]
}

fn encode(book: &Rulebook, json: &str, parents: &[Parent]) -> Result<String, Vec<Issue>> {
    let outlet = book.outlet("far", "note").unwrap();
    outlet.encode(&key("src:park", "17"), &Content::from_json(json).unwrap(), parents)
}

fn codes(result: Result<String, Vec<Issue>>) -> Vec<String> {
    result.unwrap_err().into_iter().map(|issue| format!("{} {}", issue.code, issue.field)).collect()
}

#[test]
fn a_record_goes_out_in_the_receivers_words() {
    let book = book(OUTLET);
    let outlet = book.outlet("far", "note").unwrap();
    let json = r#"{"id":"17","folderId":"c4ba424edce85a0f9c3743961f28ab71","name":"便\"条","person":"张三","level":"0","count":"7","cost":"1.5","at":"2024-06-06T00:00:00+00:00","day":"2024-06-06","hour":"08:00:00","touched":"2024-06-06T08:00:00+08:00"}"#;
    let out = encode(&book, json, &folder("uuid", "c4ba424edce85a0f9c3743961f28ab71")).unwrap();
    let id = outlet.wire_id(&key("src:park", "17"));
    assert_eq!(
        out,
        format!(
            r#"{{"id":"{id}","folderId":"c4ba424e-dce8-5a0f-9c37-43961f28ab71","noteName":"便\"条","level":0,"count":7,"cost":"1.5","at":"20240606080000","day":"20240606","hour":"8:00:00","touched":"1717632000000"}}"#
        )
    );
    assert_eq!((outlet.destination(), outlet.kind(), outlet.path()), ("far", "note", "sec_note"));
}

#[test]
fn a_child_names_its_parent_as_the_parent_names_itself() {
    let book = book(OUTLET);
    let outlet = book.outlet("far", "note").unwrap();
    for (space, id) in
        [("uuid", "c4ba424edce85a0f9c3743961f28ab71"), ("src:park", "3"), ("registered", "410900017001")]
    {
        let own = outlet.wire_id(&Key { kind: "folder".into(), id_space: space.into(), id: id.into() });
        let out = encode(&book, &format!(r#"{{"folderId":"{id}"}}"#), &folder(space, id)).unwrap();
        assert!(out.contains(&format!(r#""folderId":"{own}""#)), "{out}");
    }
}

#[test]
fn what_the_receiver_would_refuse_is_refused_here() {
    let book = book(OUTLET);
    assert_eq!(
        codes(encode(&book, r#"{"name":"一二三四五","count":"50"}"#, &[])),
        ["too-long name", "too-many count"]
    );
    assert_eq!(codes(encode(&book, r#"{"level":"1"}"#, &[])), ["required photo"]);
    assert!(encode(&book, r#"{"level":"1","photo":"x"}"#, &[]).is_ok());
}

#[test]
fn a_text_that_is_not_of_its_type_is_told_never_sent() {
    let book = book(OUTLET);
    let broken = r#"{"at":"yesterday","count":"many","day":"2024","hour":"8"}"#;
    assert_eq!(
        codes(encode(&book, broken, &[])),
        ["unencodable count", "unencodable at", "unencodable day", "unencodable hour"]
    );
}

#[test]
fn an_empty_record_is_its_id() {
    let book = book(OUTLET);
    let id = book.outlet("far", "note").unwrap().wire_id(&key("src:park", "17"));
    assert_eq!(encode(&book, "{}", &[]).unwrap(), format!(r#"{{"id":"{id}"}}"#));
}

#[test]
fn outlets_come_parents_first() {
    let mut files = small();
    files.push(file("destinations/far/destination.toml", WIRE));
    files.push(file("destinations/far/a.toml", OUTLET));
    files.push(file("destinations/far/z.toml", "kind = \"folder\"\npath = \"sec_folder\"\n"));
    let book = compiled(&files);
    let kinds: Vec<&str> = book.outlets("far").map(Outlet::kind).collect();
    assert_eq!(kinds, ["folder", "note"]);
    assert_eq!(book.outlets("near").count(), 0);
}

#[test]
fn a_photograph_goes_out_as_its_receiver_wants_it_or_not_at_all() {
    let bytes = b"GIF89a\0".to_vec();
    let image = Image::read("R0lGODlhAA==").unwrap();
    let named = Content::from_json(&format!(r#"{{"photo":"blob:{}"}}"#, image.digest())).unwrap();
    let inline = Content::from_json(r#"{"photo":"data:image/gif;base64,R0lGODlhAA"}"#).unwrap();
    let link = Content::from_json(r#"{"photo":"http://a/b.jpg"}"#).unwrap();
    let stored = BTreeMap::from([(image.digest().to_owned(), bytes)]);
    for (wire, photo) in
        [("", "R0lGODlhAA=="), ("images = \"data-uri\"\n", "data:image/gif;base64,R0lGODlhAA==")]
    {
        let mut files = small();
        files.push(file("destinations/far/destination.toml", &format!("{WIRE}{wire}")));
        files.push(file("destinations/far/note.toml", OUTLET));
        let book = compiled(&files);
        let outlet = book.outlet("far", "note").unwrap();
        assert_eq!(outlet.images(&named).collect::<Vec<_>>(), [image.digest()]);
        assert_eq!(outlet.images(&inline).chain(outlet.images(&link)).count(), 0);
        for content in [&named, &inline] {
            let filled = outlet.filled(content, &stored);
            let out = outlet.encode(&key("src:park", "17"), &filled, &[]).unwrap();
            assert!(out.contains(&format!(r#""photo":"{photo}""#)), "{out}");
        }
        assert_eq!(outlet.filled(&link, &stored), link);
        assert_eq!(codes(outlet.encode(&key("src:park", "17"), &named, &[])), ["unencodable photo"]);
    }
}
