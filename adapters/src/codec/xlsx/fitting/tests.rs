//! Texts that a cell can hold, and those it cannot.

use proptest::prelude::*;

use super::*;

#[test]
fn what_a_cell_can_hold_is_left_alone() {
    for text in ["", "隐患", "=1+1", "一\n二\t三", "_x0041_", "😀", "410101199001011234"] {
        assert!(matches!(fitting(text), Cow::Borrowed(same) if same == text));
    }
}

#[test]
fn what_it_cannot_is_shown() {
    assert_eq!(fitting("甲\0乙\u{1b}[0m"), "甲␀乙␛[0m");
    assert_eq!(fitting("一\r\n二\r三\n"), "一\n二\n三\n");
    assert_eq!(fitting("a\u{fffe}b\u{ffff}"), "a\u{fffd}b\u{fffd}");
    assert_eq!(unpictured(&fitting("甲\0乙\u{1b}")), "甲\0乙\u{1b}");
    assert_eq!(unpictured("甲␡␠乙"), "甲␡␠乙", "pictures of what is no control character of ours");
}

#[test]
fn a_long_text_is_shortened_and_says_so() {
    let most = "x".repeat(32_767);
    assert_eq!(fitting(&most), most);
    let long = fitting(&"隐".repeat(40_000)).into_owned();
    assert!(long.ends_with("……（共 40000 个字符，单元格放不下，这里只有前 16000 个）"), "{}", long.len());
    assert!(
        fitting(&"😀".repeat(16_384)).encode_utf16().count() <= MOST_UNITS,
        "counted as a spreadsheet counts"
    );
}

proptest! {
    #[test]
    fn every_text_fits_and_fits_again_as_it_is(text in any::<String>(), times in 1usize..3000) {
        let fits = fitting(&text).into_owned();
        prop_assert!(fits.chars().all(|c| c >= ' ' || c == '\t' || c == '\n'));
        prop_assert_eq!(fitting(&fits), fits.as_str());
        prop_assert!(fitting(&text.repeat(times)).encode_utf16().count() <= MOST_UNITS);
    }
}
