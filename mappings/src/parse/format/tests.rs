//! Every word of a time format, read and written.

use proptest::prelude::*;

use super::*;

fn pattern(written: &str) -> Pattern {
    match TimeFormat::compile(written).unwrap() {
        TimeFormat::Pattern(pattern) => pattern,
        other => panic!("{other:?}"),
    }
}

fn numbers(broken: Broken) -> [u32; 6] {
    [broken.year, broken.month, broken.day, broken.hour, broken.minute, broken.second]
}

#[test]
fn the_spellings_seen_in_the_field_are_read() {
    for (format, text) in [
        ("%Y%m%d%H%M%S", "20240606080509"),
        ("%Y-%m-%d %H:%M:%S", "2024-06-06 08:05:09"),
        ("%Y/%m/%d %H:%M:%S", "2024/6/6 8:5:9"),
        ("%F %T", "2024-06-06 08:05:09"),
        ("%Y年%m月%d日 %H时%M分%S秒", "2024年6月6日 8时05分9秒"),
    ] {
        assert_eq!(pattern(format).read(text).map(numbers), Some([2024, 6, 6, 8, 5, 9]), "{format}");
    }
}

#[test]
fn a_lost_digit_is_not_guessed() {
    for (format, text) in [
        ("%Y%m%d%H%M%S", "2024060608050"),
        ("%Y%m%d%H%M%S", "202406060805091"),
        ("%Y%m%d", "2024066"),
        ("%Y-%m-%d", "24-06-06"),
        ("%Y-%m-%d", "2024-006-06"),
        ("%Y-%m-%d", "2024-06-06 "),
        ("%Y-%m-%d", "2024- 6-06"),
        ("%H:%M:%S", "8::0"),
    ] {
        assert_eq!(pattern(format).read(text), None, "{format} {text}");
    }
}

#[test]
fn fractions_and_offsets_are_read() {
    let iso = pattern("%FT%T%.f%z");
    let read = |text| iso.read(text).map(|broken| (broken.nanos, broken.offset_s));
    assert_eq!(read("2024-06-06T08:00:00Z"), Some((0, Some(0))));
    assert_eq!(read("2024-06-06T08:00:00.25+08:00"), Some((250_000_000, Some(28_800))));
    assert_eq!(read("2024-06-06T08:00:00-0330"), Some((0, Some(-12_600))));
    for text in ["2024-06-06T08:00:00", "2024-06-06T08:00:00.+08:00", "2024-06-06T08:00:00+99:00"] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn numbers_are_written_with_and_without_leading_zeros() {
    let broken = Broken {
        year: 2024,
        month: 6,
        day: 7,
        hour: 8,
        minute: 5,
        second: 9,
        nanos: 120_000_000,
        offset_s: Some(-12_600),
    };
    assert_eq!(pattern("%Y%m%d%H%M%S").write(&broken), "20240607080509");
    assert_eq!(pattern("%-H:%M:%S").write(&broken), "8:05:09");
    assert_eq!(pattern("%FT%T%.f%z").write(&broken), "2024-06-07T08:05:09.12-03:30");
    assert_eq!(pattern("100%% %-d").write(&broken), "100% 7");
}

#[test]
fn an_unknown_word_is_named() {
    assert_eq!(TimeFormat::compile("%Y-%B"), Err("%B".to_owned()));
    assert_eq!(TimeFormat::compile("%-z"), Err("%-z".to_owned()));
    assert_eq!(TimeFormat::compile("%Y%"), Err("%".to_owned()));
}

#[test]
fn a_format_knows_what_it_says() {
    let says = |written: &str| {
        let format = TimeFormat::compile(written).unwrap();
        (format.has_date(), format.has_time(), format.has_offset())
    };
    assert_eq!(says("%Y%m%d"), (true, false, false));
    assert_eq!(says("%H:%M"), (false, true, false));
    assert_eq!(says("%F %T%z"), (true, true, true));
    assert_eq!(says("epoch_ms"), (true, true, true));
    assert_eq!(says("%Y-%m"), (false, false, false));
}

proptest! {
    #[test]
    fn any_format_and_any_text_are_total(format in "[%YmdHMSTFz.f :年-]{0,20}", text in "\\PC{0,30}") {
        if let Ok(TimeFormat::Pattern(pattern)) = TimeFormat::compile(&format) {
            let _ = pattern.read(&text);
            let _ = pattern.write(&Broken::default());
        }
    }

    #[test]
    fn what_is_written_is_read_back(year in 1000u32..=9999, month in 1u32..=12, day in 1u32..=31, hour in 0u32..24, minute in 0u32..60, second in 0u32..60) {
        let broken = Broken { year, month, day, hour, minute, second, nanos: 0, offset_s: None };
        for format in ["%Y%m%d%H%M%S", "%F %T", "%Y/%-m/%-d %-H:%-M:%-S"] {
            let pattern = pattern(format);
            prop_assert_eq!(pattern.read(&pattern.write(&broken)), Some(broken));
        }
    }
}
