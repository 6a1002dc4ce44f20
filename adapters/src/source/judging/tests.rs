//! The arithmetic of totals, and statuses. Whole answers are judged over real HTTP in `tests/rest_source.rs`.

use chrono::TimeZone;
use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderValue};

use super::*;

#[test]
fn numbered_pages_follow_the_announced_total() {
    for (read, count, announced, more) in [
        (0, 5, Some(12), Some(true)),
        (5, 5, Some(12), Some(true)),
        (10, 2, Some(12), Some(false)),
        (0, 0, Some(0), Some(false)),
        // a page shorter than asked for is no end while more is announced
        (0, 3, Some(12), Some(true)),
        (10, 0, Some(12), None),
        (10, 5, Some(12), None),
        (0, 5, None, Some(true)),
        (5, 6, None, Some(true)),
        (5, 4, None, Some(false)),
        (5, 0, None, Some(false)),
    ] {
        assert_eq!(numbered(read, count, 5, announced).ok(), more, "{read} {count} {announced:?}");
    }
    assert_eq!(
        numbered(10, 0, 5, Some(12)).unwrap_err().what,
        "对方宣称的总数与实际不符：宣称 12 条，读到 10 条"
    );
}

#[test]
fn a_keyset_page_and_a_whole_list_are_measured_by_themselves() {
    assert_eq!(rest(5, 5, Some(9)).ok(), Some(true));
    assert_eq!(rest(4, 5, Some(4)).ok(), Some(false));
    assert_eq!(rest(5, 5, Some(4)).ok(), None);
    // some sources announce the whole window on every page, the empty last one included
    assert_eq!(rest(0, 5, Some(10)).ok(), Some(false));
    assert_eq!(rest(0, 5, None).ok(), Some(false));
    assert_eq!(whole(4, Some(4)).ok(), Some(false));
    assert_eq!(whole(4, None).ok(), Some(false));
    assert_eq!(whole(4, Some(5)).unwrap_err().what, "对方宣称的总数与实际不符：宣称 5 条，读到 4 条");
}

#[test]
fn totals_are_whole_numbers() {
    assert_eq!(total(" 12 ").ok(), Some(12));
    for text in ["", "-1", "12.0", "很多", "99999999999999999999999"] {
        assert!(total(text).unwrap_err().what.contains("不是数字"), "{text}");
    }
}

#[test]
fn statuses_say_whose_fault_and_when_again() {
    let now = Utc.with_ymd_and_hms(1994, 11, 6, 8, 49, 7).unwrap();
    let judged = |status, wait: Option<&'static str>| {
        let headers = HeaderMap::from_iter(
            wait.map(|wait| (reqwest::header::RETRY_AFTER, HeaderValue::from_static(wait))),
        );
        refused(&Reply { status, headers, body: Vec::new() }, now)
            .err()
            .map(|error| (error.blame, error.retry))
    };
    assert_eq!(judged(200, None), None);
    for status in [301, 401, 403, 404, 405] {
        assert_eq!(judged(status, None), Some((Blame::Config, Retry::Later)), "{status}");
    }
    for status in [400, 418, 429, 500, 502, 503] {
        assert_eq!(judged(status, None), Some((Blame::Remote, Retry::Later)), "{status}");
    }
    let after = |seconds| Some((Blame::Remote, Retry::After(Duration::from_secs(seconds))));
    assert_eq!(judged(429, Some("7")), after(7));
    assert_eq!(judged(503, Some("Sun, 06 Nov 1994 08:49:37 GMT")), after(30));
    assert_eq!(judged(503, Some("soon")), Some((Blame::Remote, Retry::Later)));
}

#[test]
fn hexadecimal_is_lower_case() {
    assert_eq!(hex(&[0, 15, 16, 255]), "000f10ff");
}

proptest! {
    /// A pass that ends well has read exactly what was announced, however the pages were sized.
    #[test]
    fn a_whole_pass_read_what_was_announced(pages in prop::collection::vec(0u64..7, 1..12), announced in 0u64..40) {
        let mut read = 0;
        for count in pages {
            match numbered(read, count, 5, Some(announced)) {
                Ok(true) => read += count,
                Ok(false) => {
                    prop_assert_eq!(read + count, announced);
                    return Ok(());
                }
                Err(_) => {
                    prop_assert!(read + count > announced || count == 0);
                    return Ok(());
                }
            }
        }
        prop_assert!(read < announced);
    }
}
