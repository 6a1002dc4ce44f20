//! Durations and schedules as written in files.

use chrono_tz::Asia::Shanghai;
use mappings::{RuleFile, Severity};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[test]
fn durations_are_a_number_and_a_unit() {
    let ms = |text| duration(text).map(|duration| duration.as_millis());
    assert_eq!(ms("500ms"), Ok(500));
    assert_eq!(ms(" 10s "), Ok(10_000));
    assert_eq!(ms("5m"), Ok(300_000));
    assert_eq!(ms("2h"), Ok(7_200_000));
    assert_eq!(ms("7d"), Ok(604_800_000));
}

#[test]
fn what_is_no_duration_is_refused_with_an_example() {
    for wrong in
        ["", "10", "s", "10 s", "1.5s", "-1s", "10sec", "99999999999999999999s", "18446744073709551615d"]
    {
        assert!(duration(wrong).unwrap_err().contains("500ms"), "{wrong}");
    }
    assert_eq!(duration("0s").unwrap_err(), "“0s”要大于 0");
    assert_eq!(duration("8d").unwrap_err(), "“8d”太长，最多 7d");
}

#[derive(Deserialize)]
struct Written {
    schedule: Option<Spanned<String>>,
}

fn read(text: &str) -> (Option<Schedule>, Vec<Problem>) {
    let file = RuleFile { path: "source.toml".to_owned(), text: text.to_owned() };
    let written: Written = toml::from_str(text).unwrap();
    let mut problems = Vec::new();
    let read = schedule(&file, written.schedule.as_ref(), Shanghai, &mut problems);
    (read, problems)
}

#[test]
fn schedules_are_read_in_their_zone() {
    let (schedule, problems) = read("schedule = '0 9 * * 1'");
    assert_eq!((schedule, problems), (Some(Schedule::parse("0 9 * * 1", Shanghai).unwrap()), vec![]));
    assert_eq!(read("").0, None);
}

#[test]
fn a_schedule_that_never_fires_is_a_warning_at_its_place() {
    let (schedule, problems) = read("\nschedule = '0 0 30 2 *'");
    assert!(schedule.is_some());
    assert_eq!(problems.len(), 1);
    assert_eq!((problems[0].severity, problems[0].line, problems[0].column), (Severity::Warning, 2, 12));
}

#[test]
fn a_schedule_that_cannot_be_read_is_an_error_at_its_place() {
    let (schedule, problems) = read("schedule = '0 25 * * *'");
    assert_eq!(schedule, None);
    assert_eq!(
        problems[0].to_string(),
        "source.toml:1:12: 错误: 计划“0 25 * * *”读不懂：“时”字段的“25”：只能是 0 到 23\n    schedule = '0 25 * * *'"
    );
}

proptest! {
    #[test]
    fn durations_are_total(text in "[0-9]{0,22}[a-z]{0,3}|.{0,12}") {
        if let Ok(duration) = duration(&text) {
            prop_assert!(duration > Duration::ZERO && duration <= LONGEST);
        }
    }
}
