//! Pages of a source in memory: by number, by (time, id), cut into parts, and what it refuses to pretend.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::*;
use crate::{
    codec::JsonRecords,
    record::{Decode, Part},
    source::{Mark, Window},
};

const KEYSET: MemoryPaging = MemoryPaging::Keyset { size: 2, time: "t", id: "id", overlap_s: 60 };

fn minute(minute: u32) -> String {
    format!("2026-11-20T08:{minute:02}:00+08:00")
}

fn utc(at: u32) -> DateTime<Utc> {
    minute(at).parse().unwrap()
}

fn source(paging: MemoryPaging, rows: &[(&str, u32)]) -> MemorySource {
    let source = MemorySource::new();
    source.offer("s", paging, 2);
    for (id, at) in rows {
        source.add("s", json!({"id": id, "t": minute(*at)}));
    }
    source
}

fn ask(resume: Resume, read: u64) -> Ask {
    let window = Window { from: None, until: utc(59) };
    Ask { service: "s".to_owned(), window, resume, read, before: None, now: utc(59) }
}

fn ids(page: &Page) -> Vec<String> {
    let [document] = page.documents.as_slice() else { panic!("one document") };
    let mut ids = Vec::new();
    for extent in &document.parts {
        let range = usize::try_from(extent.from).unwrap()..usize::try_from(extent.to).unwrap();
        let part = Part { bytes: &document.bytes[range], first: extent.first, offset: extent.from };
        let found: Vec<_> = JsonRecords.decode(&part).map(Result::unwrap).collect();
        assert_eq!(found.len(), usize::try_from(extent.count).unwrap());
        assert_eq!(found[0].place, extent.first);
        ids.extend(found.iter().map(|record| record.fields[0].1.text.to_string()));
    }
    ids
}

#[test]
fn pages_by_number_announce_the_total_and_end_with_it() {
    let source = source(MemoryPaging::Page { size: 3 }, &[("a", 0), ("b", 0), ("c", 0), ("d", 0)]);
    let first = source.page(&ask(Resume::Start, 0)).unwrap();
    assert_eq!(
        (ids(&first), first.announced, first.more),
        (vec!["a".into(), "b".into(), "c".into()], Some(4), true)
    );
    assert_eq!((first.to, first.documents[0].parts.len()), (Resume::Page(2), 2), "parts of two at most");
    let last = source.page(&ask(Resume::Page(2), 3)).unwrap();
    assert_eq!((ids(&last), last.to, last.more), (vec!["d".to_owned()], Resume::Page(2), false));
    assert_eq!(source.asked(), 2);
}

#[test]
fn a_list_that_shrank_under_a_pass_says_so() {
    let source = source(MemoryPaging::Page { size: 3 }, &[("a", 0), ("b", 0), ("c", 0), ("d", 0)]);
    source.change("s", |rows| rows.truncate(2));
    let error = source.page(&ask(Resume::Page(2), 3)).unwrap_err();
    assert!(error.what.contains("宣称 2 条，读到 3 条"), "{}", error.what);
}

#[test]
fn keyset_pages_follow_time_then_id_with_equal_times() {
    let source = source(KEYSET, &[("b", 5), ("a", 5), ("c", 5), ("d", 1), ("未来", 60)]);
    let first = source.page(&ask(Resume::Start, 0)).unwrap();
    assert_eq!((ids(&first), first.more, first.reached), (vec!["d".into(), "a".into()], true, Some(utc(5))));
    let second = source.page(&ask(first.to, 2)).unwrap();
    assert_eq!((ids(&second), second.more), (vec!["b".into(), "c".into()], true));
    let third = source.page(&ask(second.to.clone(), 4)).unwrap();
    assert_eq!((ids(&third), third.more, third.to, third.reached), (Vec::new(), false, second.to, None));
}

#[test]
fn a_window_begins_an_overlap_before_what_is_settled() {
    let source = source(KEYSET, &[("a", 3), ("b", 4), ("c", 5)]);
    let window = Window { from: Some(utc(5)), until: utc(59) };
    let page = source.page(&Ask { window, ..ask(Resume::Start, 0) }).unwrap();
    assert_eq!(ids(&page), ["b", "c"]);
    let mark = Mark { time: minute(4), id: "b".to_owned() };
    assert_eq!(ids(&source.page(&ask(Resume::After(mark), 0)).unwrap()), ["c"]);
}

#[test]
fn a_page_that_repeats_is_not_progress() {
    let source = source(MemoryPaging::Page { size: 1 }, &[("a", 0), ("a", 0)]);
    let first = source.page(&ask(Resume::Start, 0)).unwrap();
    let again = Ask { before: Some(first.digest), ..ask(Resume::Page(2), 1) };
    assert!(source.page(&again).unwrap_err().what.contains("完全相同"));
}

#[test]
fn an_empty_list_is_a_whole_pass_and_an_unknown_service_our_fault() {
    let empty = source(MemoryPaging::Page { size: 1 }, &[]).page(&ask(Resume::Start, 0)).unwrap();
    assert_eq!(
        (empty.count, empty.announced, empty.more, empty.documents[0].parts.len()),
        (0, Some(0), false, 0)
    );
    assert_eq!(empty.documents[0].bytes, b"{\"rows\":[]}");
    let error =
        source(KEYSET, &[]).page(&Ask { service: "x".to_owned(), ..ask(Resume::Start, 0) }).unwrap_err();
    assert_eq!(error.retry, crate::error::Retry::Never);
}
