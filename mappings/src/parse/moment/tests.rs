//! Moments, days and times of day against the spellings of the field.

use chrono_tz::Asia::Shanghai;
use proptest::prelude::*;

use super::*;

fn clockwork(formats: &[&str]) -> Clockwork {
    Clockwork {
        formats: formats.iter().map(|format| TimeFormat::compile(format).unwrap()).collect(),
        zone: Some(Shanghai),
        at: None,
    }
}

fn moment_text(formats: &[&str], text: &str) -> Option<String> {
    clockwork(formats).moment(text).map(|value| value.text)
}

#[test]
fn one_moment_in_every_spelling_is_one_text() {
    let formats = ["%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S", "%Y/%m/%d %H:%M", "%FT%T%.f%z", "epoch_ms"];
    for text in [
        "2024-06-06 08:00:00",
        "20240606080000",
        "2024/6/6 8:00",
        "2024-06-06T00:00:00Z",
        "1717632000000",
        " 20240606080000 ",
    ] {
        assert_eq!(moment_text(&formats, text).as_deref(), Some("2024-06-06T08:00:00+08:00"), "{text}");
    }
}

#[test]
fn no_such_moment() {
    for text in [
        "20240631250000",
        "20240230000000",
        "20240606240000",
        "20240606080060",
        "00000000000000",
        "19010101000000",
        "",
    ] {
        assert_eq!(moment_text(&["%Y%m%d%H%M%S"], text), None, "{text}");
    }
    assert_eq!(moment_text(&["epoch_s"], "99999999999999999"), None);
}

#[test]
fn a_bare_time_means_nothing_without_a_zone() {
    let mut bare = clockwork(&["%Y%m%d%H%M%S", "%FT%T%z"]);
    bare.zone = None;
    assert_eq!(bare.moment("20240606080000"), None);
    assert_eq!(bare.moment("2024-06-06T08:00:00+09:00").unwrap().text, "2024-06-06T08:00:00+09:00");
}

#[test]
fn a_day_becomes_a_moment_only_at_a_declared_time() {
    let mut deadline = clockwork(&["%Y-%m-%d"]);
    assert_eq!(deadline.moment("2024-06-16"), None);
    deadline.at = NaiveTime::from_hms_opt(23, 59, 59);
    assert_eq!(deadline.moment("2024-06-16").unwrap().text, "2024-06-16T23:59:59+08:00");
}

#[test]
fn days_and_times_of_day() {
    let date = |text| clockwork(&["%Y-%m-%d", "%Y%m%d", "%FT%T%z"]).date(text).map(|value| value.text);
    assert_eq!(date("2024-6-6").as_deref(), Some("2024-06-06"));
    assert_eq!(date("2024-06-05T20:00:00Z").as_deref(), Some("2024-06-06"));
    assert_eq!(date("20240231"), None);
    let time = |text| clockwork(&["%H:%M:%S", "%H:%M"]).time(text).map(|value| value.text);
    assert_eq!(time("8:00:00").as_deref(), Some("08:00:00"));
    assert_eq!(time("18:30").as_deref(), Some("18:30:00"));
    assert_eq!(time("25:00:00"), None);
}

#[test]
fn a_fraction_is_kept_and_a_summer_time_gap_is_no_moment() {
    assert_eq!(moment_text(&["epoch_ms"], "1717632000120").as_deref(), Some("2024-06-06T08:00:00.12+08:00"));
    // Shanghai's clocks went forward on 1986-05-04 at 02:00
    assert_eq!(moment_text(&["%Y%m%d%H%M%S"], "19860504023000"), None);
    assert_eq!(
        moment_text(&["%Y%m%d%H%M%S"], "19860504033000").as_deref(),
        Some("1986-05-04T03:30:00+09:00")
    );
}

#[test]
fn receivers_get_their_own_format_and_zone() {
    let moment = DateTime::parse_from_rfc3339("2024-06-06T00:00:00Z").unwrap();
    let write = |format: &str| write_moment(&TimeFormat::compile(format).unwrap(), moment, Some(Shanghai));
    assert_eq!(write("%Y%m%d%H%M%S"), "20240606080000");
    assert_eq!(write("%F %T%z"), "2024-06-06 08:00:00+08:00");
    assert_eq!(write("epoch_ms"), "1717632000000");
    let eight = NaiveTime::from_hms_opt(8, 0, 0).unwrap();
    let time = TimeFormat::compile("%-H:%M:%S").unwrap();
    assert_eq!(write_time(&time, eight).as_deref(), Some("8:00:00"));
    assert_eq!(write_date(&TimeFormat::EpochMillis, moment.date_naive()), None);
}

proptest! {
    #[test]
    fn any_text_is_total(text in "\\PC{0,40}|[0-9: TZ+-]{0,40}") {
        let clockwork = clockwork(&["%Y%m%d%H%M%S", "%F %T", "%FT%T%.f%z", "epoch_ms", "epoch_s"]);
        let _ = (clockwork.moment(&text), clockwork.date(&text), clockwork.time(&text));
        let _ = (stored_moment(&text), stored_date(&text), stored_time(&text));
    }

    #[test]
    fn every_moment_survives_store_and_wire(seconds in -2_000_000_000i64..8_000_000_000, millis in 0i64..1000) {
        let text = (seconds * 1000 + millis).to_string();
        let value = clockwork(&["epoch_ms"]).moment(&text).unwrap();
        prop_assert_eq!(stored_moment(&value.text), Some(value.clone()));
        let Typed::Moment(moment) = value.typed else { panic!("{value:?}") };
        prop_assert_eq!(write_moment(&TimeFormat::EpochMillis, moment, None), text);
    }
}
