//! A person's word on a code or on two subjects: what it changes, and what stops it.

use super::*;
use crate::roster::{Crosswalk, Said, Subject};

pub(in crate::roster) fn roster() -> Roster {
    let subject = |row: i64, name: &str, is_site| Subject {
        row,
        subject: row,
        said: Said { name: name.to_owned(), is_site, ..Said::default() },
        span: Span::EVER,
        source: "甲.xlsx".to_owned(),
    };
    let code = |row, scheme: &str, value: &str, subject, span| Identifier {
        row,
        scheme: scheme.to_owned(),
        value: value.to_owned(),
        subject,
        span,
        source: "甲.xlsx".to_owned(),
    };
    Roster {
        number: 9,
        subjects: vec![subject(1, "甲", false), subject(2, "甲厂", false), subject(3, "甲厂区", true)],
        identifiers: vec![
            code(4, "chem", "410900017", 1, Span { from: 0, to: 100 }),
            code(5, USCC, "91410900758355688L", 1, Span::EVER),
            code(6, USCC, "91410000170001401D", 2, Span::EVER),
            code(7, "mine", "M-1", 3, Span::EVER),
        ],
        merges: Vec::new(),
    }
}

fn whose(roster: &Roster, at: i64) -> Option<i64> {
    let mut all = Crosswalk::new(roster.number);
    roster.identifiers.iter().for_each(|row| all.add(&row.scheme, &row.value, row.span, row.subject));
    all.whose("chem", "410900017", at).map(|subject| roster.root(subject))
}

const CODE: (&str, &str) = ("chem", "410900017");

#[test]
fn a_code_becomes_known_on_more_days_of_its_own_subject() {
    let roster = roster();
    let change = confirm(&roster, CODE, 1, Span { from: 100, to: 200 }, "confirm").unwrap();
    let after = roster.after(&change);
    assert_eq!(
        [0, 99, 100, 199, 200].map(|at| whose(&after, at)),
        [Some(1), Some(1), Some(1), Some(1), None]
    );
    assert_eq!((change.ended, change.identifiers.len()), (vec![4], 1), "days that touch are one row");
    let apart = confirm(&roster, CODE, 1, Span { from: 150, to: 200 }, "confirm").unwrap();
    assert_eq!((apart.ended, apart.identifiers[0].span), (vec![], Span { from: 150, to: 200 }));
}

#[test]
fn what_is_known_or_anothers_on_a_day_is_told() {
    let roster = roster();
    let told = |subject, from, to| confirm(&roster, CODE, subject, Span { from, to }, "confirm").unwrap_err();
    assert!(told(1, 10, 20).contains("那时已经归“甲”"));
    assert!(told(2, 99, 200).contains("同一天归两个主体"));
    assert!(confirm(&roster, CODE, 2, Span { from: 100, to: 200 }, "confirm").is_ok(), "another day");
    let site = confirm(&roster, (USCC, "91410100MA40000000"), 3, Span::EVER, "confirm").unwrap_err();
    assert!(site.contains("场所没有自己的信用代码"));
}

#[test]
fn two_subjects_become_one_and_so_on() {
    let mut roster = roster();
    let change = merge(&roster, 2, 1).unwrap();
    assert_eq!(two_credit_codes(&roster, 1, 2), Some(("91410900758355688L", "91410000170001401D")));
    roster = roster.after(&change);
    assert_eq!((roster.root(2), roster.root(1)), (1, 1));
    assert!(merge(&roster, 1, 2).unwrap_err().contains("已经是同一个主体"), "no circle");
    assert!(merge(&roster, 2, 3).unwrap_err().contains("一个是企业，一个是场所"));
    // what is confirmed of the one is a row of that number
    let known = confirm(&roster, CODE, 1, Span { from: 100, to: 200 }, "confirm").unwrap();
    assert_eq!(known.identifiers[0].subject, 1);
}

#[test]
fn a_code_of_a_merged_subject_stays_in_its_own_row() {
    let mut roster = roster();
    roster.merges.push(Merge { row: 8, subject: 1, into: 2 });
    assert!(confirm(&roster, CODE, 2, Span { from: 10, to: 20 }, "confirm").unwrap_err().contains("已经归"));
    let change = confirm(&roster, CODE, 2, Span { from: 50, to: 200 }, "confirm").unwrap();
    assert_eq!(change.ended, Vec::<i64>::new(), "taken apart again, subject 1 has what it had");
    assert_eq!(whose(&roster.after(&change), 150), Some(2));
}
