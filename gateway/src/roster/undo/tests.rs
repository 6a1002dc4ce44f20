//! A change taken back: the roster is as before, in words; what was built on it comes first.

use proptest::prelude::*;

use super::*;
use crate::roster::{
    Span,
    decide::{confirm, merge, tests::roster},
};

/// The rows of a change as the store would number them.
fn written(roster: &Roster, change: &Change, number: i64) -> (Roster, Roster, Roster) {
    let mut change = change.clone();
    let mut next = number * 100;
    let mut no = || {
        next += 1;
        next
    };
    change.subjects.iter_mut().for_each(|row| row.row = no());
    change.identifiers.iter_mut().for_each(|row| row.row = no());
    change.merges.iter_mut().for_each(|row| row.row = no());
    let after = Roster { number, ..roster.after(&change) };
    let made = Roster {
        number,
        subjects: change.subjects.clone(),
        identifiers: change.identifiers.clone(),
        merges: change.merges.clone(),
    };
    let ends = |row: i64| change.ended.contains(&row);
    let ended = Roster {
        number,
        subjects: roster.subjects.iter().filter(|row| ends(row.row)).cloned().collect(),
        identifiers: roster.identifiers.iter().filter(|row| ends(row.row)).cloned().collect(),
        merges: roster.merges.iter().filter(|row| ends(row.row)).copied().collect(),
    };
    (after, made, ended)
}

/// What a roster says, whatever its rows are numbered.
fn says(roster: &Roster) -> Vec<String> {
    let subjects = roster.subjects.iter().map(|row| format!("{} {:?} {:?}", row.subject, row.said, row.span));
    let codes = roster.identifiers.iter();
    let codes = codes.map(|row| format!("{}:{} {} {:?}", row.scheme, row.value, row.subject, row.span));
    let merges = roster.merges.iter().map(|row| format!("{} -> {}", row.subject, row.into));
    let mut all: Vec<String> = subjects.chain(codes).chain(merges).collect();
    all.sort();
    all
}

#[test]
fn what_was_built_on_a_change_is_taken_back_first() {
    let before = roster();
    let code = ("chem", "410900017");
    let first = confirm(&before, code, 1, Span { from: 100, to: 200 }, "a").unwrap();
    let (one, made, ended) = written(&before, &first, 10);
    let second = confirm(&one, code, 1, Span { from: 200, to: 300 }, "b").unwrap();
    let (two, made_then, ended_then) = written(&one, &second, 11);
    let told = undo(&two, &made, &ended).unwrap_err();
    assert!(told.contains("后来的改动动过它写的 编码 chem:410900017"), "{told}");
    let (back, ..) = written(&two, &undo(&two, &made_then, &ended_then).unwrap(), 12);
    let (start, ..) = written(&back, &undo(&back, &made, &ended).unwrap(), 13);
    assert_eq!(says(&start), says(&before));
}

#[test]
fn a_subject_that_something_hangs_on_is_not_taken_back() {
    let before = roster();
    let fresh = Subject { row: 0, subject: 20, ..before.subjects[0].clone() };
    let change = Change { subjects: vec![fresh], ..Change::default() };
    let (after, made, ended) = written(&before, &change, 10);
    let (named, ..) = written(&after, &confirm(&after, ("mine", "M-9"), 20, Span::EVER, "c").unwrap(), 11);
    let told = undo(&named, &made, &ended).unwrap_err();
    assert!(told.contains("名册里没有主体 20，而编码 mine:M-9 还归它"), "{told}");
}

proptest! {
    /// Whatever was confirmed or merged, newest first taken back it is as it was after each step.
    #[test]
    fn newest_first_every_change_comes_undone(
        steps in prop::collection::vec((0..3_i64, 1..4_i64, 1..4_i64, 0..4_i64, 1..4_i64), 1..12)
    ) {
        let mut roster = roster();
        let mut history = Vec::new();
        for (number, (what, one, other, from, length)) in (10..).zip(steps) {
            let span = Span { from: from * 100, to: (from + length) * 100 };
            let change = match what {
                0 => confirm(&roster, ("chem", "410900017"), roster.root(one), span, "p"),
                1 => confirm(&roster, ("platform:p", "7"), roster.root(one), span, "p"),
                _ => merge(&roster, one, other),
            };
            let Ok(change) = change else { continue };
            let before = says(&roster);
            let (after, made, ended) = written(&roster, &change, number);
            prop_assert_eq!(after.contradictions(), Vec::<String>::new());
            history.push((before, made, ended));
            roster = after;
        }
        for (number, (before, made, ended)) in (1000..).zip(history.into_iter().rev()) {
            let change = undo(&roster, &made, &ended).map_err(TestCaseError::fail)?;
            roster = written(&roster, &change, number).0;
            prop_assert_eq!(says(&roster), before);
        }
    }
}
