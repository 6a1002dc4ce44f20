//! A wall clock's time as one moment: the first of two where the clock is set back, the end of the gap where it is
//! set forward. Leaves which wall times are wanted to the dialect.

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Longer than any gap of any zone: Samoa once skipped a whole day.
const LONGEST_GAP_H: i64 = 26;

/// The one moment at which `wall` counts in `zone`; none outside the calendar's range.
pub(super) fn instant(zone: Tz, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
        LocalResult::None => gap_end(zone, wall),
    }
}

/// The first moment after the gap that `skipped` lies in, by halving, to the second.
fn gap_end(zone: Tz, skipped: NaiveDateTime) -> Option<DateTime<Utc>> {
    let mut missing = skipped;
    let mut real = skipped.checked_add_signed(TimeDelta::hours(LONGEST_GAP_H))?;
    // 26 h are fewer than 2^17 seconds, so 17 halvings leave neighbours.
    for _ in 0..17 {
        let middle = missing + TimeDelta::seconds((real - missing).num_seconds() / 2);
        match zone.from_local_datetime(&middle) {
            LocalResult::None => missing = middle,
            _ => real = middle,
        }
    }
    zone.from_local_datetime(&real).earliest().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use chrono_tz::{America::New_York, Asia::Shanghai, Pacific::Apia};
    use proptest::prelude::*;

    use super::*;

    fn at(zone: Tz, text: &str) -> String {
        let wall = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap();
        instant(zone, wall).unwrap().format("%d %H:%M:%S").to_string()
    }

    #[test]
    fn an_ordinary_time_is_itself() {
        assert_eq!(at(Shanghai, "2026-11-23 08:00:00"), "23 00:00:00");
    }

    #[test]
    fn of_two_the_first_counts() {
        assert_eq!(at(New_York, "2026-11-01 01:30:00"), "01 05:30:00");
    }

    #[test]
    fn a_skipped_time_counts_at_the_end_of_its_gap_wherever_in_it() {
        for skipped in ["2026-03-08 02:00:00", "2026-03-08 02:30:00", "2026-03-08 02:59:59"] {
            assert_eq!(at(New_York, skipped), "08 07:00:00", "{skipped}");
        }
        for skipped in ["2011-12-30 00:00:00", "2011-12-30 23:59:59"] {
            assert_eq!(at(Apia, skipped), "30 10:00:00", "{skipped}");
        }
    }

    #[test]
    fn the_end_of_the_calendar_has_no_moment() {
        assert_eq!(instant(New_York, NaiveDateTime::MAX), None);
    }

    proptest! {
        #[test]
        fn later_on_the_wall_is_never_earlier(zone in 0..chrono_tz::TZ_VARIANTS.len(), start in 0i64..2_500_000_000, by in 0i64..90_000) {
            let zone = chrono_tz::TZ_VARIANTS[zone];
            let epoch = NaiveDate::from_ymd_opt(1970, 1, 2).unwrap().and_hms_opt(0, 0, 0).unwrap();
            let wall = epoch + TimeDelta::seconds(start);
            let (early, late) = (instant(zone, wall).unwrap(), instant(zone, wall + TimeDelta::seconds(by)).unwrap());
            prop_assert!(early <= late);
        }
    }
}
