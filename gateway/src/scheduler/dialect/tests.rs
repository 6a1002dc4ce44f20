//! The dialect against fixed calendars, and against a crontab read minute by minute.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::{America::New_York, Asia::Shanghai, Pacific::Apia, Tz};
use proptest::prelude::*;

use super::{Schedule, parse_zone};

fn upcoming(schedule: &Schedule, after: DateTime<Utc>, count: usize) -> Vec<DateTime<Tz>> {
    schedule.firings(after).take(count).map(|at| at.with_timezone(&schedule.zone())).collect()
}

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// The next `count` local times, written short.
fn runs(line: &str, zone: Tz, after: &str, count: usize) -> Vec<String> {
    let schedule = Schedule::parse(line, zone).unwrap();
    upcoming(&schedule, utc(after), count)
        .iter()
        .map(|at| at.format("%a %m-%d %H:%M:%S").to_string())
        .collect()
}

/// Weekdays of the next seven firings at nine: which days a weekday field means.
fn weekdays(field: &str) -> Vec<String> {
    let schedule = Schedule::parse(&format!("0 9 * * {field}"), Shanghai).unwrap();
    let mut days: Vec<Weekday> =
        upcoming(&schedule, utc("2026-11-22T00:30:00Z"), 7).iter().map(Datelike::weekday).collect();
    days.sort_by_key(Weekday::num_days_from_monday);
    days.dedup();
    days.iter().map(ToString::to_string).collect()
}

fn refused(line: &str) -> String {
    Schedule::parse(line, Shanghai).unwrap_err()
}

#[test]
fn five_fields_begin_with_the_minute_and_six_with_the_second() {
    assert_eq!(
        runs("30 2 * * *", Shanghai, "2026-11-23T00:00:00Z", 2),
        ["Tue 11-24 02:30:00", "Wed 11-25 02:30:00"]
    );
    assert_eq!(
        runs("*/20 30 2 * * *", Shanghai, "2026-11-23T18:30:00Z", 3),
        ["Tue 11-24 02:30:20", "Tue 11-24 02:30:40", "Wed 11-25 02:30:00"]
    );
}

#[test]
fn monday_is_one_and_sunday_is_nought_and_seven() {
    assert_eq!(weekdays("1"), ["Mon"]);
    assert_eq!(weekdays("0"), ["Sun"]);
    assert_eq!(weekdays("7"), ["Sun"]);
    assert_eq!(weekdays("0,7"), ["Sun"]);
    assert_eq!(weekdays("6"), ["Sat"]);
}

#[test]
fn weekday_ranges_lists_steps_and_names() {
    assert_eq!(weekdays("5-7"), ["Fri", "Sat", "Sun"]);
    assert_eq!(weekdays("0-6/2"), ["Tue", "Thu", "Sat", "Sun"]);
    assert_eq!(weekdays("*/2"), ["Tue", "Thu", "Sat", "Sun"]);
    assert_eq!(weekdays("1-5"), ["Mon", "Tue", "Wed", "Thu", "Fri"]);
    assert_eq!(weekdays("Mon-Sun").len(), 7);
    assert_eq!(weekdays("0-7").len(), 7);
    assert_eq!(weekdays("FRI-sun"), ["Fri", "Sat", "Sun"]);
    assert_eq!(weekdays("Sun-Tue"), ["Mon", "Tue", "Sun"]);
    assert_eq!(weekdays("Sun-Sun"), ["Sun"]);
    assert_eq!(weekdays("mon,3,6-7"), ["Mon", "Wed", "Sat", "Sun"]);
    assert_eq!(weekdays("4/2"), ["Thu", "Sat"]);
}

#[test]
fn months_go_by_name_and_steps_start_where_told() {
    assert_eq!(
        runs("0 0 1 Jan-Mar/2 *", Shanghai, "2026-11-23T00:00:00Z", 3),
        ["Fri 01-01 00:00:00", "Mon 03-01 00:00:00", "Sat 01-01 00:00:00"]
    );
    assert_eq!(
        runs("5/25 9 * * *", Shanghai, "2026-11-23T00:00:00Z", 4),
        ["Mon 11-23 09:05:00", "Mon 11-23 09:30:00", "Mon 11-23 09:55:00", "Tue 11-24 09:05:00"]
    );
}

#[test]
fn names_stand_for_whole_lines() {
    let first = |line| runs(line, Shanghai, "2026-11-23T00:00:00Z", 1).remove(0);
    assert_eq!(first("@yearly"), "Fri 01-01 00:00:00");
    assert_eq!(first("@annually"), "Fri 01-01 00:00:00");
    assert_eq!(first("@monthly"), "Tue 12-01 00:00:00");
    assert_eq!(first("@weekly"), "Sun 11-29 00:00:00");
    assert_eq!(first("@daily"), "Tue 11-24 00:00:00");
    assert_eq!(first("@MIDNIGHT"), "Tue 11-24 00:00:00");
    assert_eq!(first(" @hourly "), "Mon 11-23 09:00:00");
    assert!(refused("@reboot").contains("@daily"));
}

#[test]
fn two_restricted_day_fields_mean_either() {
    assert_eq!(
        runs("0 9 25 * Mon", Shanghai, "2026-11-23T01:00:00Z", 4),
        ["Wed 11-25 09:00:00", "Mon 11-30 09:00:00", "Mon 12-07 09:00:00", "Mon 12-14 09:00:00"]
    );
}

#[test]
fn a_day_that_matches_both_ways_fires_once() {
    assert_eq!(
        runs("0 9 30 11 1", Shanghai, "2026-11-29T00:00:00Z", 2),
        ["Mon 11-30 09:00:00", "Mon 11-01 09:00:00"]
    );
}

#[test]
fn a_day_field_that_begins_with_a_star_narrows_the_other() {
    let odd_mondays = ["Mon 12-07 09:00:00", "Mon 12-21 09:00:00"];
    assert_eq!(runs("0 9 */2 * 1", Shanghai, "2026-11-24T00:00:00Z", 2), odd_mondays);
    assert_eq!(runs("0 9 ? * 1", Shanghai, "2026-11-24T00:00:00Z", 1), ["Mon 11-30 09:00:00"]);
    assert_eq!(runs("0 9 25 * ?", Shanghai, "2026-11-24T00:00:00Z", 1), ["Wed 11-25 09:00:00"]);
}

#[test]
fn refusals_name_the_field_and_say_what_to_do() {
    assert!(refused("0 0 9 * * 1 2027").contains("年份 2027"), "{}", refused("0 0 9 * * 1 2027"));
    assert!(refused("0 9 * *").contains("这里有 4 个"));
    assert!(refused("").contains("这里有 0 个"));
    assert_eq!(refused("60 9 * * *"), "“分”字段的“60”：只能是 0 到 59");
    assert_eq!(refused("0 24 * * *"), "“时”字段的“24”：只能是 0 到 23");
    assert_eq!(refused("0 9 0 * *"), "“日”字段的“0”：只能是 1 到 31");
    assert_eq!(refused("0 9 * 13 *"), "“月”字段的“13”：只能是 1 到 12");
    assert_eq!(refused("0 9 * * 8"), "“周”字段的“8”：只能是 0 到 7");
    assert_eq!(refused("*/0 9 * * *"), "“分”字段的“*/0”：步长要是正整数");
    assert_eq!(refused("*/99 9 * * *"), "“分”字段的“*/99”：步长不能超过 59");
    assert_eq!(refused("9-5 9 * * *"), "“分”字段的“9-5”：范围的起点大于终点");
    assert_eq!(refused("? 9 * * *"), "“分”字段的“?”：不是数字、名称、范围或步长");
    assert!(refused("0 9 L * *").contains("不支持 L"));
    assert!(refused("0 9 * * Mon#1").contains("不支持 L"));
    assert!(refused("+1 9 * * *").contains("不是数字"));
    assert!(refused("0,,1 9 * * *").contains("不是数字"));
    assert!(refused(&format!("{} 9 * * *", "1,".repeat(300))).contains("太长"));
}

#[test]
fn a_line_that_never_fires_is_seen() {
    for line in ["0 0 30 2 *", "0 0 31 4,6,9,11 *"] {
        assert_eq!(Schedule::parse(line, Shanghai).unwrap().next_after(utc("2026-11-23T00:00:00Z")), None);
    }
    let leap = Schedule::parse("0 0 29 2 *", Shanghai).unwrap();
    assert_eq!(leap.next_after(utc("2026-11-23T00:00:00Z")), Some(utc("2028-02-28T16:00:00Z")));
}

#[test]
fn moments_outside_the_calendar_never_fire() {
    let daily = Schedule::parse("@daily", Shanghai).unwrap();
    assert_eq!(daily.next_after(DateTime::<Utc>::MAX_UTC), None);
    assert_eq!(daily.next_after(DateTime::<Utc>::MIN_UTC), None);
    assert_eq!(daily.next_after(utc("2100-12-31T16:00:00Z")), None);
}

#[test]
fn a_repeated_hour_fires_in_its_first_passage_only() {
    // New York, 2026-11-01 02:00 EDT → 01:00 EST.
    let schedule = Schedule::parse("30 1 * * *", New_York).unwrap();
    let fired: Vec<_> =
        upcoming(&schedule, utc("2026-11-01T00:00:00Z"), 2).iter().map(DateTime::to_utc).collect();
    assert_eq!(fired, [utc("2026-11-01T05:30:00Z"), utc("2026-11-02T06:30:00Z")]);
    let often = Schedule::parse("*/10 * * * * *", New_York).unwrap();
    assert_eq!(often.next_after(utc("2026-11-01T06:15:00Z")), Some(utc("2026-11-01T07:00:00Z")));
}

#[test]
fn a_skipped_hour_fires_at_its_end_once() {
    // New York, 2026-03-08 02:00 EST → 03:00 EDT.
    let schedule = Schedule::parse("30 2 * * *", New_York).unwrap();
    let fired: Vec<_> =
        upcoming(&schedule, utc("2026-03-07T12:00:00Z"), 3).iter().map(DateTime::to_utc).collect();
    assert_eq!(
        fired,
        [utc("2026-03-08T07:00:00Z"), utc("2026-03-09T06:30:00Z"), utc("2026-03-10T06:30:00Z")]
    );
    let quarter = Schedule::parse("*/15 2-3 * * *", New_York).unwrap();
    let fired: Vec<_> =
        upcoming(&quarter, utc("2026-03-08T06:59:00Z"), 2).iter().map(DateTime::to_utc).collect();
    assert_eq!(fired, [utc("2026-03-08T07:00:00Z"), utc("2026-03-08T07:15:00Z")]);
}

#[test]
fn a_skipped_day_fires_at_its_end() {
    // Samoa had no 2011-12-30.
    let schedule = Schedule::parse("0 9 30 12 *", Apia).unwrap();
    assert_eq!(schedule.next_after(utc("2011-12-01T00:00:00Z")), Some(utc("2011-12-30T10:00:00Z")));
}

#[test]
fn zones_go_by_name() {
    assert_eq!(parse_zone(" Asia/Shanghai "), Ok(Shanghai));
    assert!(parse_zone("北京时间").unwrap_err().contains("Asia/Shanghai"));
}

#[test]
fn the_line_and_its_zone_are_kept() {
    let schedule = Schedule::parse(" 0 9 * * 1 ", New_York).unwrap();
    assert_eq!((schedule.text(), schedule.zone()), ("0 9 * * 1", New_York));
    assert_eq!(schedule, Schedule::parse("0 9 * * 1", New_York).unwrap());
    assert_ne!(schedule, Schedule::parse("0 9 * * 1", Shanghai).unwrap());
}

/// One field as crontab(5) reads it, the slow and obvious way: does `value` match?
fn matches(field: &str, value: u32, min: u32, max: u32) -> bool {
    field.split(',').any(|term| {
        let (span, step) =
            term.split_once('/').map_or((term, 1), |(span, step)| (span, step.parse().unwrap()));
        let (from, to) = match span.split_once('-') {
            _ if span == "*" => (min, max),
            Some((from, to)) => (from.parse().unwrap(), to.parse().unwrap()),
            None => (span.parse().unwrap(), if term.contains('/') { max } else { span.parse().unwrap() }),
        };
        (from..=to).any(|candidate| candidate == value && (candidate - from) % step == 0)
    })
}

/// crontab(5), Vixie: both day fields restricted = either; a star at the head of one = both.
fn fires(words: &[String], at: NaiveDateTime) -> bool {
    let [minute, hour, day, month, weekday] = words else { panic!("five fields") };
    let sunday_first = at.weekday().num_days_from_sunday();
    let on_day = matches(day, at.day(), 1, 31);
    let on_weekday = matches(weekday, sunday_first, 0, 7) || (sunday_first == 0 && matches(weekday, 7, 0, 7));
    let days = if day.starts_with('*') || weekday.starts_with('*') {
        on_day && on_weekday
    } else {
        on_day || on_weekday
    };
    days && matches(minute, at.minute(), 0, 59)
        && matches(hour, at.hour(), 0, 23)
        && matches(month, at.month(), 1, 12)
}

fn term(min: u32, max: u32) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (min..=max).prop_map(|value| value.to_string()),
        2 => (min..=max, min..=max).prop_map(|(a, b)| format!("{}-{}", a.min(b), a.max(b))),
        1 => (min..=max, min..=max, 1..=max).prop_map(|(a, b, step)| format!("{}-{}/{step}", a.min(b), a.max(b))),
        1 => (1..=max).prop_map(|step| format!("*/{step}")),
        1 => (min..=max, 1..=max).prop_map(|(from, step)| format!("{from}/{step}")),
    ]
}

fn field(min: u32, max: u32) -> impl Strategy<Value = String> {
    prop_oneof![
        2 => Just("*".to_owned()),
        3 => prop::collection::vec(term(min, max), 1..4).prop_map(|terms| terms.join(",")),
    ]
}

proptest! {
    #[test]
    fn agrees_with_a_crontab_read_minute_by_minute(
        minute in field(0, 59), hour in field(0, 23), day in field(1, 31), month in field(1, 12),
        weekday in field(0, 7), start in 0i64..3_000_000,
    ) {
        let words = [minute, hour, day, month, weekday];
        let schedule = Schedule::parse(&words.join(" "), Shanghai).unwrap();
        let start = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap() + TimeDelta::minutes(start);
        let expected = (1..=60 * 24 * 10).map(|minutes| start + TimeDelta::minutes(minutes)).find(|at| fires(&words, *at));
        let after = Shanghai.from_local_datetime(&start).unwrap().to_utc();
        let got = schedule.next_after(after).map(|at| at.with_timezone(&Shanghai).naive_local());
        match expected {
            Some(_) => prop_assert_eq!(got, expected, "{}", words.join(" ")),
            None => prop_assert!(got.is_none_or(|at| at > start + TimeDelta::days(10)), "{}", words.join(" ")),
        }
    }

    #[test]
    fn firings_rise_in_every_zone(zone in 0..chrono_tz::TZ_VARIANTS.len(), start in 0i64..4_000_000_000, line in 0usize..4) {
        let zone = chrono_tz::TZ_VARIANTS[zone];
        let line = ["*/30 * * * *", "30 2 * * *", "15 1 * * 0,3", "0 0 1 * *"][line];
        let schedule = Schedule::parse(line, zone).unwrap();
        let fired = upcoming(&schedule, DateTime::from_timestamp(start, 0).unwrap(), 40);
        prop_assert!(fired.len() == 40 || fired.last().is_none_or(|at| at.year() >= 2096));
        prop_assert!(fired.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn reading_is_total(text in "[0-9A-Za-z*?/,#@ -]{0,40}|.{0,30}") {
        if let Ok(schedule) = Schedule::parse(&text, Shanghai) {
            prop_assert!(schedule.next_after(utc("2026-11-23T00:00:00Z")).is_none_or(|at| at > utc("2026-11-23T00:00:00Z")));
        }
    }
}
