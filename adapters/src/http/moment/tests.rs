//! Moments written for a source and read back, in its zone.

use chrono_tz::Asia::Shanghai;
use proptest::prelude::*;

use super::*;

fn format(text: &str) -> TimeFormat {
    TimeFormat::try_from(text.to_owned()).unwrap()
}

fn moment() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 6, 12, 1, 30, 0).unwrap()
}

#[test]
fn each_format_in_the_declared_zone() {
    for (name, text) in [
        ("%Y%m%d%H%M%S", "20240612093000"),
        ("%Y-%m-%d %H:%M:%S", "2024-06-12 09:30:00"),
        ("rfc3339", "2024-06-12T09:30:00+08:00"),
        ("epoch_ms", "1718155800000"),
        ("epoch_s", "1718155800"),
    ] {
        assert_eq!(format(name).write(moment(), Shanghai), text);
        assert_eq!(format(name).read(text, Shanghai), Some(moment()));
    }
    assert_eq!(TimeFormat::default(), format("%Y-%m-%d %H:%M:%S"));
    assert!(
        format("epoch_ms").is_number() && format("epoch_s").is_number() && !format("rfc3339").is_number()
    );
}

#[test]
fn what_sources_write_beside_their_own_format_is_read_too() {
    let declared = format("%Y-%m-%d %H:%M:%S");
    for text in [
        "2024-06-12 09:30:00",
        " 2024-06-12 09:30:00.000 ",
        "2024-06-12T09:30:00",
        "2024-06-12T01:30:00Z",
        "2024-06-12T09:30:00+08:00",
        "20240612093000",
        "2024/6/12 9:30",
        "2024/06/12 09:30:00",
        "1718155800000",
    ] {
        assert_eq!(declared.read(text, Shanghai), Some(moment()), "{text}");
    }
    assert_eq!(
        format("%Y-%m-%d").read("2024-06-12", Shanghai),
        Some(moment() - chrono::TimeDelta::minutes(570))
    );
    for text in ["", "昨天", "2024-13-01 00:00:00", "20240612", "12345"] {
        assert_eq!(declared.read(text, Shanghai), None, "{text}");
    }
}

#[test]
fn what_is_no_format_is_refused() {
    for text in ["", "yyyy-MM-dd", "%Q", "epoch", "%Y-%m-%dT%H:%M:%S%#z"] {
        assert!(TimeFormat::try_from(text.to_owned()).unwrap_err().contains("不是时间格式"), "{text}");
    }
}

#[test]
fn the_first_and_the_last_moment_are_written() {
    for moment in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        for name in ["%Y%m%d%H%M%S%z", "rfc3339", "epoch_ms", "epoch_s"] {
            for zone in [Shanghai, chrono_tz::America::New_York] {
                assert!(!format(name).write(moment, zone).is_empty());
            }
        }
    }
}

proptest! {
    #[test]
    fn reading_undoes_writing(seconds in 0i64..4_102_444_800, name in prop::sample::select(vec!["%Y%m%d%H%M%S", "rfc3339", "epoch_ms", "epoch_s"])) {
        let moment = DateTime::from_timestamp(seconds, 0).unwrap();
        let own = format(name);
        // local times that a zone skipped or had twice (Shanghai until 1991) have no one reading
        prop_assume!(own.is_number() || name == "rfc3339" || seconds > 700_000_000);
        prop_assert_eq!(own.read(&own.write(moment, Shanghai), Shanghai), Some(moment));
    }

    #[test]
    fn any_text_is_survived(text: String) {
        let _ = TimeFormat::default().read(&text, Shanghai);
        let _ = format("epoch_ms").read(&text, Shanghai);
    }

    #[test]
    fn any_format_that_is_taken_can_be_written(text in "[%#a-zA-Z0-9:. _-]{0,12}") {
        if let Ok(format) = TimeFormat::try_from(text) {
            let _ = format.write(moment(), Shanghai);
        }
    }
}
