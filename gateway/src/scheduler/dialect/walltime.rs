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
