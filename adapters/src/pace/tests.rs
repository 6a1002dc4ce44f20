//! How many pass in a window, after a restart, when the rate falls and when the clock is put back.

use chrono::{TimeDelta, TimeZone};
use proptest::prelude::*;

use super::*;
use crate::clock::ManualClock;

fn clock() -> ManualClock {
    ManualClock::starting(Utc.with_ymd_and_hms(2026, 11, 23, 8, 0, 0).unwrap())
}

fn pace(clock: &ManualClock, rate: f64, last: Option<DateTime<Utc>>) -> Pace {
    Pace::new(Arc::new(clock.clone()), rate, last).unwrap()
}

#[test]
fn one_passes_then_one_each_period() {
    let clock = clock();
    let pace = pace(&clock, 0.5, None);
    assert_eq!(pace.check(), Ok(()));
    assert_eq!(pace.check(), Err(Duration::from_secs(2)));
    clock.advance(TimeDelta::milliseconds(1_999));
    assert_eq!(pace.check(), Err(Duration::from_millis(1)));
    clock.advance(TimeDelta::milliseconds(1));
    assert_eq!(pace.check(), Ok(()));
}

#[test]
fn idling_saves_nothing_up() {
    let clock = clock();
    let pace = pace(&clock, 10.0, None);
    assert_eq!(pace.check(), Ok(()));
    clock.advance(TimeDelta::hours(1));
    assert_eq!(pace.check(), Ok(()));
    assert_eq!(pace.check(), Err(Duration::from_millis(100)));
}

#[test]
fn after_a_restart_the_next_one_is_a_period_after_the_last() {
    let clock = clock();
    let last = clock.now() - TimeDelta::milliseconds(300);
    let pace = pace(&clock, 1.0, Some(last));
    assert_eq!(pace.check(), Err(Duration::from_millis(700)));
    clock.advance(TimeDelta::milliseconds(700));
    assert_eq!(pace.check(), Ok(()));
    assert_eq!(pace.check(), Err(Duration::from_secs(1)));
}

#[test]
fn a_clock_put_back_makes_nobody_wait_longer_than_a_period() {
    let clock = clock();
    let pace = pace(&clock, 1.0, None);
    assert_eq!(pace.check(), Ok(()));
    clock.advance(TimeDelta::hours(-1));
    assert_eq!(pace.check(), Err(Duration::from_secs(1)));
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(pace.check(), Ok(()));
}

#[test]
fn a_host_is_shared_and_the_lowest_rate_holds() {
    let clock = clock();
    let hosts = Hosts::new(Arc::new(clock.clone()));
    let fast = hosts.pace("park:443", 10.0).unwrap();
    assert_eq!(fast.check(), Ok(()));
    let slow = hosts.pace("park:443", 0.5).unwrap();
    let again = hosts.pace("park:443", 100.0).unwrap();
    for pace in [&fast, &slow, &again] {
        assert_eq!(pace.check(), Err(Duration::from_secs(2)));
    }
    clock.advance(TimeDelta::seconds(2));
    assert_eq!(again.check(), Ok(()));
    assert_eq!(fast.check(), Err(Duration::from_secs(2)));
    assert_eq!(hosts.pace("other:443", 10.0).unwrap().check(), Ok(()));
}

#[test]
fn a_senseless_rate_is_a_configuration_error() {
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e7] {
        let error = Pace::new(Arc::new(clock()), rate, None).unwrap_err();
        assert!(error.what.contains("requests_per_s"), "{rate}: {}", error.what);
    }
}

proptest! {
    /// Promise 3: in any window `w` at most `rate × w + 1`, whatever the steps of the clock.
    #[test]
    fn never_more_than_the_rate(rate in 0.2f64..50.0, steps in prop::collection::vec(0i64..400, 1..200)) {
        let clock = clock();
        let pace = pace(&clock, rate, None);
        let mut passed = Vec::new();
        for step in steps {
            clock.advance(TimeDelta::milliseconds(step));
            if pace.check().is_ok() {
                passed.push(clock.now());
            }
        }
        for (first, begin) in passed.iter().enumerate() {
            for (last, end) in passed.iter().enumerate().skip(first) {
                let window = (*end - *begin).as_seconds_f64();
                let most = (rate * window + 1.0).floor() + f64::EPSILON;
                let count = f64::from(u32::try_from(last - first + 1).unwrap());
                prop_assert!(count <= most + 1e-6, "{count} in {window}s at {rate}/s");
            }
        }
    }
}

#[test]
fn after_a_page_the_next_waits_as_long_as_its_records_take() {
    let (clock, records) = (clock(), Records::new(600.0).unwrap());
    let pace = pace(&clock, 100.0, None);
    assert_eq!(pace.check(), Ok(()));
    pace.rest(records.take(50));
    assert_eq!(pace.check(), Err(Duration::from_secs(5)));
    pace.rest(records.take(1));
    assert_eq!(pace.check(), Err(Duration::from_secs(5)), "the longer wait stays");
    clock.advance(TimeDelta::seconds(5));
    assert_eq!(pace.check(), Ok(()));
    pace.rest(records.take(0));
    assert_eq!(pace.check(), Err(Duration::from_millis(10)), "an empty page costs its request");
}

#[test]
fn a_limit_of_records_that_cannot_be_kept_is_refused_and_no_wait_is_endless() {
    for rate in [0.0, -1.0, 0.9, 1e9, f64::NAN, f64::INFINITY] {
        assert!(Records::new(rate).is_err(), "{rate}");
    }
    assert_eq!(Records::new(1.0).unwrap().take(u64::MAX), LONGEST_REST);
}

proptest! {
    #[test]
    fn in_no_minute_more_than_its_records_come_and_one_page(
        rate in 1.0..5_000.0_f64, pages in prop::collection::vec(0..500_u64, 1..40),
    ) {
        let (clock, records) = (clock(), Records::new(rate).unwrap());
        let pace = pace(&clock, 1_000.0, None);
        let mut came: Vec<(DateTime<Utc>, u64)> = Vec::new();
        for page in &pages {
            while let Err(wait) = pace.check() {
                clock.advance(TimeDelta::from_std(wait).unwrap() + TimeDelta::milliseconds(1));
            }
            came.push((clock.now(), *page));
            pace.rest(records.take(*page));
        }
        for (first, _) in &came {
            let minute = came.iter().filter(|(at, _)| (*first..*first + TimeDelta::minutes(1)).contains(at));
            let sum: u64 = minute.map(|(_, count)| count).sum();
            prop_assert!(u32::try_from(sum).is_ok_and(|sum| f64::from(sum) <= rate + 500.0), "{sum} at {rate}");
        }
    }
}

#[test]
fn another_configuration_raises_and_lowers_a_hosts_rate_and_what_has_passed_counts() {
    let clock = clock();
    let hosts = Hosts::new(Arc::new(clock.clone()));
    let pace = hosts.pace("park:443", 0.5).unwrap();
    assert_eq!(pace.check(), Ok(()));
    clock.advance(TimeDelta::milliseconds(100));
    let rate =
        |rate| std::collections::BTreeMap::from([("park:443".to_owned(), rate), ("other:1".to_owned(), 1.0)]);
    hosts.change_to(&rate(5.0)).unwrap();
    assert_eq!(pace.check(), Err(Duration::from_millis(100)), "one period of the new rate after the last");
    clock.advance(TimeDelta::milliseconds(100));
    assert_eq!(pace.check(), Ok(()));
    hosts.change_to(&rate(0.1)).unwrap();
    assert_eq!(pace.check(), Err(Duration::from_secs(10)));
    assert!(hosts.change_to(&rate(0.0)).is_err());
}
