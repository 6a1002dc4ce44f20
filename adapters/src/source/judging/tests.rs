//! Totals as texts, and statuses. Whole answers are judged over real HTTP in `tests/rest_source.rs`.

use chrono::TimeZone;
use reqwest::header::{HeaderMap, HeaderValue};

use super::*;

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
