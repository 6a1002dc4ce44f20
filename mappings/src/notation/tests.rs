//! Publicly printed codes (codes-and-rules.md 6.1), the ways they get dirty, and what is none.

use proptest::prelude::*;

use super::*;

/// All pass both check digits.
const GOOD: [&str; 12] = [
    "914403001922038216",
    "9144030071526726XG",
    "91110000802100433B",
    "9152000071430580XT",
    "91410000170001401D",
    "91110108551385082Q",
    "91330100799655058B",
    "91320400732252465D",
    "9132040056775521X8",
    "91320413588424540H",
    "91330424MA28AQAQXU",
    "91110000802100433B",
];

fn amiss(notation: Notation, text: &str) -> Vec<&'static str> {
    let normal = notation.normal(text);
    let both = [notation.malformed(&normal), notation.miscounted(&normal)];
    both.into_iter().flatten().map(|amiss| amiss.code).collect()
}

#[test]
fn printed_codes_are_good() {
    for code in GOOD {
        assert_eq!(amiss(Notation::Uscc, code), [] as [&str; 0], "{code}");
    }
}

#[test]
fn codes_of_the_pilot_years_only_warn() {
    for code in ["91350100M0001TGQXM", "91350211M0000XUF46", "91350203M0001FUE2P"] {
        assert_eq!(amiss(Notation::Uscc, code), ["uscc-check-digit"], "{code}");
    }
}

#[test]
fn any_digit_changed_is_noticed() {
    for code in GOOD {
        for at in 0..18 {
            let mut other = code.to_owned();
            let new = if code.as_bytes()[at] == b'7' { "8" } else { "7" };
            other.replace_range(at..=at, new);
            assert_eq!(amiss(Notation::Uscc, &other), ["uscc-check-digit"], "{code} {other}");
        }
    }
}

#[test]
fn dirt_with_a_rule_is_washed_off() {
    for dirty in [
        "91410000170001401d",
        " 9141 0000 1700 01401D\u{3000}",
        "９１４１００００１７０００１４０１Ｄ",
        "9141OOOO17OOO14O1D",
        "9I4100001700014OID",
    ] {
        assert_eq!(Notation::Uscc.normal(dirty), "91410000170001401D", "{dirty}");
    }
}

#[test]
fn what_is_no_credit_code_is_told() {
    for text in ["410000100012345", "9141000017000140", "91410000170001401S", "河南某某化工有限公司", ""]
    {
        assert_eq!(amiss(Notation::Uscc, text), ["bad-uscc"], "{text}");
    }
    assert!(Notation::Uscc.malformed("410000100012345").unwrap().message.contains("旧工商注册号"));
}

#[test]
fn identity_numbers() {
    assert_eq!(amiss(Notation::IdNumber, "11010519491231002x"), [] as [&str; 0]);
    assert_eq!(amiss(Notation::IdNumber, "110105194912310021"), ["id-number-check-digit"]);
    for text in ["11010519491231", "1101051949123100XX", "x", ""] {
        assert_eq!(amiss(Notation::IdNumber, text), ["bad-id-number"], "{text}");
    }
}

#[test]
fn telephone_numbers() {
    for (dirty, normal) in [
        ("138 1234 5678", "13812345678"),
        ("+86-138-1234-5678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("(0371)65919828", "037165919828"),
        ("0371—65919828", "0371-65919828"),
        ("0371-65919828-801", "0371-65919828-801"),
        ("65919828", "65919828"),
    ] {
        assert_eq!(Notation::Phone.normal(dirty), normal);
        assert_eq!(Notation::Phone.malformed(normal), None, "{normal}");
    }
    assert_eq!(amiss(Notation::Mobile, "0371-65919828"), ["bad-mobile"]);
    for text in ["12345", "12812345678", "1381234567", "无", "0371-65919828-801-1", "371-6591982"] {
        assert_eq!(amiss(Notation::Phone, text), ["bad-phone"], "{text}");
    }
}

#[test]
fn every_notation_has_one_word() {
    for (word, notation) in Notation::WORDS {
        assert_eq!((Notation::parse(word), notation.word()), (Some(notation), word));
    }
    assert_eq!(Notation::parse("e-mail"), None);
}

proptest! {
    #[test]
    fn a_normal_form_is_its_own(text in "\\PC{0,24}|[0-9A-Za-z＋＋０-９ -]{0,24}", which in 0usize..4) {
        let (_, notation) = Notation::WORDS[which];
        let normal = notation.normal(&text);
        prop_assert_eq!(notation.normal(&normal), normal.clone());
        let _ = (notation.malformed(&normal), notation.miscounted(&normal));
    }
}
