//! Crontab lines and zones: never a panic or a walk without end; a line that is taken fires after the moment asked about,
//! ever later, and is the same when it is read again. The first byte is the zone, the second the moment.
#![no_main]

use chrono::{DateTime, TimeDelta, Utc};
use gateway::scheduler::dialect::{Schedule, parse_zone};
use libfuzzer_sys::fuzz_target;

const ZONES: [chrono_tz::Tz; 4] = [
    chrono_tz::Asia::Shanghai,
    chrono_tz::America::New_York,
    chrono_tz::Australia::Lord_Howe,
    chrono_tz::Pacific::Apia,
];

fuzz_target!(|input: &[u8]| {
    let [zone, day, text @ ..] = input else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let _ = parse_zone(text);
    let zone = ZONES[usize::from(*zone) % ZONES.len()];
    let Ok(schedule) = Schedule::parse(text, zone) else { return };
    assert_eq!(Schedule::parse(schedule.text(), zone).as_ref(), Ok(&schedule));
    let start: DateTime<Utc> = "2011-12-28T00:00:00Z".parse().unwrap();
    let mut after = start + TimeDelta::days(i64::from(*day) * 7);
    for fired in schedule.firings(after).take(3) {
        assert!(fired > after, "{text:?} {zone} {after}");
        after = fired;
    }
});
