//! `Retry-After` in both of its forms (RFC 9110 §10.2.3). Leaves to the caller what the wait means.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};

/// A day: no receiver may put us off for longer by one header.
const LONGEST: Duration = Duration::from_hours(24);

/// How long to wait from `now`, at most a day: seconds, or an HTTP date; none when it is neither.
#[must_use]
pub fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_or(LONGEST, Duration::from_secs)
    } else {
        (http_date(text)? - now).to_std().unwrap_or_default()
    };
    Some(wait.min(LONGEST))
}

/// The three forms of RFC 9110 §5.6.7; RFC 2822 reading takes the first one's `GMT`.
fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc()).or_else(|| {
        ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
            .iter()
            .find_map(|pattern| NaiveDateTime::parse_from_str(text, pattern).ok())
            .map(|date| date.and_utc())
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(1994, 11, 6, 8, 49, 7).unwrap()
    }

    #[test]
    fn seconds_and_the_three_dates() {
        for (text, seconds) in [
            ("30", 30),
            (" 0 ", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 30),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 30),
            ("Sun Nov  6 08:49:37 1994", 30),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
            ("99999999999999999999999", 86_400),
            ("864000", 86_400),
        ] {
            assert_eq!(retry_after(text, now()), Some(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_nothing() {
        for text in ["", "soon", "-5", "1.5", "06 Nov"] {
            assert_eq!(retry_after(text, now()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_never_exceeds_a_day(text: String) {
            if let Some(wait) = retry_after(&text, now()) {
                prop_assert!(wait <= LONGEST);
            }
        }
    }
}
