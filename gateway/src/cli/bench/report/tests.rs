//! The figures' shape, and who gets which line.

use super::*;

#[test]
fn the_object_has_these_names_and_no_others() {
    let phase = Phase::of("land", 30_000, Duration::from_millis(1_234));
    let report = Report { phases: vec![phase], peak_rss_mb: Some(70.5), stored_bytes_per_record: 1_500.0 };
    assert_eq!(
        serde_json::to_string(&report).unwrap(),
        r#"{"phases":[{"name":"land","records":30000,"seconds":1.234,"records_per_s":24311.0}],"peak_rss_mb":70.5,"stored_bytes_per_record":1500.0}"#
    );
}

#[test]
fn no_time_is_no_division() {
    let none = Phase { name: "forward", records: 0, seconds: 0.0, records_per_s: 0.0 };
    assert_eq!(Phase::of("forward", 0, Duration::ZERO), none);
    let report = Report::of(Vec::new(), 0, 4_096);
    assert_eq!(serde_json::to_value(&report).unwrap()["stored_bytes_per_record"], 4_096.0);
}

#[test]
fn the_peak_is_the_high_water_mark_in_megabytes() {
    // proc(5)
    let status = "Name:\tlianwang\nVmPeak:\t  900000 kB\nVmHWM:\t   53248 kB\nVmRSS:\t   40000 kB\n";
    assert_eq!(peak(status), Some(52.0));
    assert_eq!(peak("VmRSS:\t 1 kB\n"), None);
    assert_eq!(peak("VmHWM:\t many kB\n"), None);
}
