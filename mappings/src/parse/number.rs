//! Numbers as written become exact decimals, never floats.
//! Leaves ranges to the checks.

use rust_decimal::Decimal;

use crate::{
    record::trimmed,
    value::{Canonical, Typed},
};

/// Longest spelling looked at, in bytes: 28 digits, sign, point and exponent fit.
const LONGEST: usize = 48;
/// Most digits of a whole number: it fits 64 bits at every receiver.
const INT_DIGITS: usize = 18;

/// A whole number, also when written `3.0` or `1e3`. Its text is digits only, with `-` if negative.
pub(crate) fn int(text: &str) -> Option<Canonical> {
    let number = read(text)?;
    let canonical = number.normalize();
    let written = canonical.to_string();
    let digits = written.trim_start_matches('-').len();
    (canonical.fract().is_zero() && digits <= INT_DIGITS).then(|| shown(number))
}

/// A decimal number. Its text is plain, without trailing zeros.
pub(crate) fn decimal(text: &str) -> Option<Canonical> {
    read(text).map(shown)
}

/// The exact number a text spells, if it fits 28 digits.
pub(crate) fn read(text: &str) -> Option<Decimal> {
    let text = trimmed(text);
    let spelled = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    if text.len() > LONGEST || !text.bytes().all(spelled) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let text = match text.strip_prefix('+') {
        Some(rest) if rest.starts_with(['+', '-']) => return None,
        Some(rest) => rest,
        None => text,
    };
    match text.split_once(['e', 'E']) {
        None => Decimal::from_str_exact(text).ok(),
        Some((mantissa, exponent)) => scaled(mantissa, exponent),
    }
}

/// `mantissa × 10^exponent`, exactly or not at all.
fn scaled(mantissa: &str, exponent: &str) -> Option<Decimal> {
    let exponent: i32 = exponent.parse().ok()?;
    if !(-28..=28).contains(&exponent) {
        return None;
    }
    let mut number = Decimal::from_str_exact(mantissa).ok()?;
    for _ in 0..exponent.unsigned_abs() {
        number = if exponent > 0 {
            number.checked_mul(Decimal::TEN)?
        } else {
            let smaller = number.checked_div(Decimal::TEN)?;
            (smaller.checked_mul(Decimal::TEN)? == number).then_some(smaller)?
        };
    }
    Some(number)
}

fn shown(number: Decimal) -> Canonical {
    let number = if number.is_zero() { Decimal::ZERO } else { number.normalize() };
    Canonical { text: number.to_string(), typed: Typed::Number(number) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn int_text(text: &str) -> Option<String> {
        int(text).map(|value| value.text)
    }

    fn decimal_text(text: &str) -> Option<String> {
        decimal(text).map(|value| value.text)
    }

    #[test]
    fn whole_numbers_in_every_spelling() {
        for (text, canonical) in [
            ("1", "1"),
            ("007", "7"),
            ("+5", "5"),
            ("-0", "0"),
            ("3.0", "3"),
            ("1e3", "1000"),
            (" 12\t", "12"),
        ] {
            assert_eq!(int_text(text).as_deref(), Some(canonical), "{text}");
        }
        assert_eq!(int_text("999999999999999999").as_deref(), Some("999999999999999999"));
    }

    #[test]
    fn what_is_no_whole_number_is_refused() {
        for text in [
            "",
            "1.5",
            "一",
            "1,000",
            "1_000",
            "0x1",
            "--1",
            "+-1",
            "++1",
            "1e400",
            "1e-1",
            "1000000000000000000",
            "e5",
            ".",
        ] {
            assert_eq!(int_text(text), None, "{text}");
        }
    }

    #[test]
    fn decimals_keep_their_digits_and_lose_trailing_zeros() {
        for (text, canonical) in [
            ("1.10", "1.1"),
            ("0.5", "0.5"),
            ("100", "100"),
            ("-0.0", "0"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("1.5e2", "150"),
            ("15E-1", "1.5"),
        ] {
            assert_eq!(decimal_text(text).as_deref(), Some(canonical), "{text}");
        }
    }

    #[test]
    fn a_number_that_does_not_fit_is_refused_never_rounded() {
        assert_eq!(decimal_text(&"9".repeat(40)), None);
        assert_eq!(decimal_text("0.12345678901234567890123456789012"), None);
        assert_eq!(decimal_text("1e29"), None);
        assert_eq!(decimal_text("1e999999999999"), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}|[0-9.eE+-]{0,60}") {
            let _ = (int(&text), decimal(&text));
        }

        #[test]
        fn whole_numbers_stay_themselves(number in -999_999_999_999_999_999i64..=999_999_999_999_999_999) {
            prop_assert_eq!(int_text(&number.to_string()), Some(number.to_string()));
        }

        #[test]
        fn shifted_spellings_are_the_same_number(units in -99_999i64..99_999, shift in 0u32..6) {
            let scientific = format!("{units}e-{shift}");
            let plain = Decimal::new(units, shift).to_string();
            prop_assert_eq!(decimal_text(&scientific), decimal_text(&plain));
        }
    }
}
