//! A moment written anew in the spelling of an old one: whoever reads the column must still be able to.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

/// Digits of a moment to the second.
const WHOLE: usize = 14;

/// `at` as `old` was written: seconds or milliseconds since 1970, or the digits of year, month, day, hour, minute and second
/// in their order, in Asia/Shanghai unless it ends in `Z`. What holds no digits stays.
pub(super) fn now(old: &str, at: DateTime<Utc>) -> String {
    let all_digits = old.bytes().all(|byte| byte.is_ascii_digit());
    match old.len() {
        10 if all_digits => at.timestamp().to_string(),
        13 if all_digits => at.timestamp_millis().to_string(),
        _ => digit_by_digit(old, at),
    }
}

fn digit_by_digit(old: &str, at: DateTime<Utc>) -> String {
    let moment = if old.ends_with('Z') { at.naive_utc() } else { super::wall(at) };
    let digits = moment.format("%Y%m%d%H%M%S").to_string();
    let (mut new, mut rest, mut used) = (String::with_capacity(old.len() + 4), old, 0);
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (between, from) = rest.split_at(start);
        let length = from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len());
        let (run, after) = from.split_at(length);
        new.push_str(between);
        // a single digit is a month, a day or an hour without its nought
        let taken = if length == 1 { 2 } else { length };
        match digits.get(used..used + taken) {
            Some(two) if length == 1 => {
                let _ = write!(new, "{}", two.trim_start_matches('0').parse().unwrap_or(0_u8));
            }
            Some(part) => new.push_str(part),
            // fractions and the offset stay
            None => new.push_str(run),
        }
        used = (used + taken).min(WHOLE);
        rest = after;
    }
    new + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_keeps_its_form() {
        // 2024-08-01 09:05:07 in Asia/Shanghai
        let at = DateTime::from_timestamp(1_722_474_307, 250_000_000).unwrap();
        for (old, new) in [
            ("2023-12-31 23:59:59", "2024-08-01 09:05:07"),
            ("20231231235959", "20240801090507"),
            ("2023/6/3 6:16", "2024/8/1 9:05"),
            ("2023-12-31", "2024-08-01"),
            ("20231231", "20240801"),
            ("2023-12-31T23:59:59.123+08:00", "2024-08-01T09:05:07.123+08:00"),
            ("2023-12-31T23:59:59Z", "2024-08-01T01:05:07Z"),
            ("2023年6月3日 6时16分", "2024年8月1日 9时05分"),
            ("1700000000", "1722474307"),
            ("1700000000000", "1722474307250"),
            ("", ""),
            ("未知", "未知"),
        ] {
            assert_eq!(now(old, at), new, "{old}");
        }
    }

    #[test]
    fn midnight_without_its_nought_is_0() {
        let midnight = DateTime::from_timestamp(1_722_441_600, 0).unwrap();
        assert_eq!(now("2023/6/3 6:16", midnight), "2024/8/1 0:00");
    }
}
