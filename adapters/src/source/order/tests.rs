//! Marks, their order, and the disorder that would lose records.

use chrono_tz::Asia::Shanghai;
use proptest::prelude::*;

use super::*;
use crate::codec::json::{Listing, locate};

fn order() -> Order {
    let keyset = PagingConfig::Keyset {
        size: 2,
        time: "T".to_owned(),
        id: "ID".to_owned(),
        overlap_s: 0,
        max_pages: 9,
    };
    Order::of(&keyset, &TimeFormat::default(), Shanghai).unwrap()
}

fn advance(resume: &Resume, body: &str, more: bool) -> Result<Advance, String> {
    let Listing::Found(list) = locate(body.as_bytes(), "", &[]).unwrap().listing else { panic!("no list") };
    let until = "2030-01-01T00:00:00Z".parse().unwrap();
    order().advance(resume, &list, body.as_bytes(), more, until).map_err(|error| error.what)
}

#[test]
fn a_time_of_the_future_settles_nothing() {
    let body = rows(&[("2024-06-12 09:30:00", "a"), ("2099-01-01 00:00:00", "b")]);
    let Advance { to, reached } = advance(&Resume::Start, &body, false).unwrap();
    assert_eq!(to, after("2099-01-01 00:00:00", "b"));
    assert_eq!(reached.unwrap().to_rfc3339(), "2024-06-12T01:30:00+00:00");
}

fn after(time: &str, id: &str) -> Resume {
    Resume::After(Mark { time: time.to_owned(), id: id.to_owned() })
}

fn rows(rows: &[(&str, &str)]) -> String {
    let rows = rows.iter().map(|(time, id)| format!(r#"{{"ID":"{id}","T":"{time}"}}"#));
    format!("[{}]", rows.collect::<Vec<_>>().join(","))
}

#[test]
fn the_last_record_is_the_mark_and_its_time_is_reached() {
    let body = rows(&[("2024-06-12 09:30:00", "a"), ("2024-06-12 09:30:00", "b"), ("20240612093001", "a")]);
    let Advance { to, reached } = advance(&Resume::Start, &body, true).unwrap();
    assert_eq!(to, after("20240612093001", "a"));
    assert_eq!(reached.unwrap().to_rfc3339(), "2024-06-12T01:30:01+00:00");
}

#[test]
fn nothing_read_moves_nothing() {
    assert_eq!(advance(&Resume::Start, "[]", false).unwrap(), Advance { to: Resume::Start, reached: None });
    let mark = after("2024-06-12 09:30:00", "a");
    let Advance { to, reached } = advance(&mark, "[]", false).unwrap();
    assert_eq!((to, reached), (mark, None), "an empty page reaches nothing new");
}

#[test]
fn going_backwards_is_an_error() {
    let body = rows(&[("2024-06-12 09:30:00", "b"), ("2024-06-12 09:29:59", "c")]);
    assert_eq!(
        advance(&Resume::Start, &body, false).unwrap_err(),
        "记录没有按（T，ID）排序：2024-06-12 09:29:59 出现在 2024-06-12 09:30:00 之后"
    );
    let body = rows(&[("2024-06-12 09:30:00", "b"), ("2024-06-12 09:30:00", "a")]);
    assert!(advance(&Resume::Start, &body, false).is_err());
    let body = rows(&[("2024-06-12 09:29:59", "c")]);
    assert!(advance(&after("2024-06-12 09:30:00", "b"), &body, false).is_err());
}

#[test]
fn a_page_that_does_not_advance_is_an_error_only_when_more_is_to_come() {
    let mark = after("2024-06-12 09:30:00", "b");
    let body = rows(&[("2024-06-12 09:30:00", "b")]);
    assert!(advance(&mark, &body, true).unwrap_err().contains("整页没有推进"));
    assert_eq!(advance(&mark, &body, false).unwrap().to, mark);
    assert!(advance(&Resume::Start, r#"[{"ID":"1"},{"T":""}]"#, true).unwrap_err().contains("整页没有推进"));
}

#[test]
fn a_record_that_cannot_stand_in_the_order_is_passed_over() {
    let good = r#"{"ID":17,"T":"2024-06-12 09:30:00"}"#;
    let mark = after("2024-06-12 09:30:00", "17");
    for bad in [
        r#"{"ID":"18"}"#,
        r#"{"T":"2024-06-12 09:30:01"}"#,
        r#"{"ID":"18","T":null}"#,
        r#"{"ID":"","T":"2024-06-12 09:30:01"}"#,
        r#"{"ID":"18","T":"2024-02-31 09:30:00"}"#,
        r#"{"ID":"18","T":"0000"}"#,
        r#"{"ID":"18","T":"\q"}"#,
        "7",
    ] {
        assert_eq!(advance(&Resume::Start, &format!("[{good},{bad}]"), true).unwrap().to, mark, "{bad}");
    }
}

#[test]
fn times_that_are_no_moments_are_compared_as_texts() {
    assert_eq!(
        advance(&Resume::Start, &rows(&[("v1", "a"), ("v2", "a")]), true).unwrap().to,
        after("v2", "a")
    );
    assert!(advance(&Resume::Start, &rows(&[("v2", "a"), ("v1", "a")]), true).is_err());
}

#[test]
fn ids_may_be_ordered_as_any_database_does() {
    for (before, id) in [("9", "10"), ("10", "9a"), ("a", "B"), ("B", "a"), ("a-2", "a1-3"), ("a", "a")] {
        assert_ne!(by_id(id, before), Ordering::Less, "{before} then {id}");
    }
    assert_eq!(by_id("a", "b"), Ordering::Less);
    assert_eq!(by_id("1", "2"), Ordering::Less);
}

proptest! {
    #[test]
    fn rows_in_order_are_never_called_disorder(mut marks in prop::collection::vec((0i64..50, 0u32..50), 1..20)) {
        marks.sort_unstable();
        let body: Vec<(String, String)> = marks
            .iter()
            .map(|(second, id)| (DateTime::from_timestamp(1_718_155_800 + second, 0).unwrap().to_rfc3339(), format!("{id:04}")))
            .collect();
        let body: Vec<(&str, &str)> = body.iter().map(|(time, id)| (time.as_str(), id.as_str())).collect();
        let (time, id) = body[body.len() - 1];
        prop_assert_eq!(advance(&Resume::Start, &rows(&body), true).unwrap().to, after(time, id));
    }
}
