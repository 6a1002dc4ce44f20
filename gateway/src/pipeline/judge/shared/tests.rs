//! Whose word stands, in every order in which two sources can speak.

use super::{
    super::tests::{contribution, good, head, kind},
    *,
};
use crate::store::verdicts::Spot;

fn said(source: &str, place: (i64, u32), digest: &str, name: &str, as_of: Option<i64>) -> Said {
    Said {
        service: "plants".to_owned(),
        spot: Spot { document: place.0, part: 0, place: place.1, from: 0, length: 1 },
        revision: 1,
        source_digest: digest.to_owned(),
        contribution: Contribution { source: source.to_owned(), ..contribution(name, as_of) },
    }
}

/// What `quarry` says, as `name`, after `park` said 甲 at (5, 2), by these priorities.
fn spoken(priorities: [Option<i64>; 2], before: &[Said], name: &str, as_of: Option<i64>) -> Decision {
    let priority = |source: &str| if source == "park" { priorities[0] } else { priorities[1] };
    let candidate = Candidate { source: "quarry", said: "", place: (9, 0), digest: "new" };
    let keep = |_: Contribution| said("quarry", (9, 0), "new", name, as_of);
    let head = head("甲", Some(3));
    settle(&candidate, &kind(), Before { said: before, head: &head }, priority, keep, || good(name, as_of))
}

fn park() -> Vec<Said> {
    vec![said("park", (5, 2), "said", "甲", Some(3))]
}

/// Who stands, whether that is a new state, and the codes of what was noted.
fn stands(decision: Decision) -> (String, bool, Vec<String>) {
    let Decision::Settled(settled) = decision else { panic!("{decision:?}") };
    let winner = settled.said[settled.winner].contribution.source.clone();
    let notes = settled.notes.iter().map(|issue| issue.code.clone()).collect();
    (winner, settled.version.is_some(), notes)
}

#[test]
fn without_a_declared_priority_the_second_is_held() {
    for priorities in [[None, None], [Some(1), None], [None, Some(1)]] {
        let Decision::Held(issues) = spoken(priorities, &park(), "乙", None) else { panic!() };
        assert_eq!(issues.last().map(|issue| (&*issue.code, &*issue.value)), Some(("second-source", "park")));
    }
}

#[test]
fn the_higher_stands_and_the_lower_is_kept_beside_with_its_differences() {
    let loser = stands(spoken([Some(2), Some(1)], &park(), "乙", Some(9)));
    assert_eq!(loser, ("park".to_owned(), false, vec!["outranked".to_owned()]));
    assert_eq!(
        stands(spoken([Some(1), Some(2)], &park(), "乙", Some(1))),
        ("quarry".to_owned(), true, vec![])
    );
}

#[test]
fn of_equals_the_newer_stands() {
    assert_eq!(stands(spoken([Some(1); 2], &park(), "乙", Some(9))).0, "quarry");
    assert_eq!(stands(spoken([Some(1); 2], &park(), "乙", Some(1))).0, "park");
    assert_eq!(stands(spoken([Some(1); 2], &park(), "乙", None)).0, "quarry", "arrival decides");
}

#[test]
fn who_says_the_same_is_told_nothing_and_stands_where_it_weighs_more() {
    assert_eq!(
        stands(spoken([Some(2), Some(1)], &park(), "甲", Some(9))),
        ("park".to_owned(), false, vec![])
    );
    assert_eq!(
        stands(spoken([Some(1), Some(2)], &park(), "甲", Some(9))),
        ("quarry".to_owned(), false, vec![])
    );
}

#[test]
fn a_repeated_or_older_word_is_unchanged_without_mapping_and_a_stale_one_says_so() {
    let own = |place, digest: &str| [park(), vec![said("quarry", place, digest, "乙", Some(5))]].concat();
    assert_eq!(spoken([Some(1); 2], &own((7, 0), "new"), "丙", None), Decision::Unchanged(None));
    assert_eq!(spoken([Some(1); 2], &own((9, 1), "other"), "丙", None), Decision::Unchanged(None));
    let stale = spoken([Some(1); 2], &own((7, 0), "other"), "丙", Some(4));
    assert!(matches!(stale, Decision::Unchanged(Some(issue)) if issue.code == "stale-update"));
}

/// The mapping has other words by now, so the digest is another; what is said is not.
#[test]
fn the_same_under_another_mapping_is_no_arrival() {
    let own = [park(), vec![said("quarry", (7, 0), "before", "乙", Some(5))]].concat();
    assert_eq!(spoken([Some(1); 2], &own, "乙", Some(5)), Decision::Unchanged(None));
    assert!(matches!(spoken([Some(1); 2], &own, "丙", Some(5)), Decision::Settled(_)));
}

/// What waits for a table has no contribution, and is its sender's fault no more than elsewhere.
#[test]
fn what_a_person_must_decide_is_held_and_what_is_bad_rejected() {
    let head = head("甲", Some(3));
    let (before, candidate) =
        (park(), Candidate { source: "quarry", said: "", place: (9, 0), digest: "new" });
    let judged = |outcome: Outcome, priority: Option<i64>| {
        let issue = Issue { code: "x".into(), ..second_source("") };
        let mapped = || Mapped { contribution: None, issues: vec![issue], outcome, ..good("乙", None) };
        let keep = |_: Contribution| said("quarry", (9, 0), "new", "乙", None);
        settle(&candidate, &kind(), Before { said: &before, head: &head }, |_| priority, keep, mapped)
    };
    let codes = |issues: &[Issue]| issues.iter().map(|issue| issue.code.clone()).collect::<Vec<_>>();
    let Decision::Held(issues) = judged(Outcome::Hold, Some(1)) else { panic!() };
    assert_eq!(codes(&issues), ["x"]);
    let Decision::Held(issues) = judged(Outcome::Hold, None) else { panic!() };
    assert_eq!(codes(&issues), ["x", "second-source"]);
    let Decision::Rejected(issues) = judged(Outcome::Reject, None) else { panic!() };
    assert_eq!(codes(&issues), ["x"], "its sender must mend it first");
}

/// Two ids of one source: it needs no weight against itself, and each id's last word is its own.
#[test]
fn two_ids_of_one_source_are_two_voices_of_one_weight() {
    let own = |said_as: &str, place, name: &str, as_of| {
        let mut own = said("park", place, name, name, as_of);
        own.contribution.said = said_as.to_owned();
        own
    };
    let spoken = |before: &[Said], name: &str, as_of| {
        let candidate = Candidate { source: "park", said: "uuid/9", place: (9, 0), digest: name };
        let head = head("甲", Some(3));
        let keep = |_: Contribution| own("uuid/9", (9, 0), name, as_of);
        settle(
            &candidate,
            &kind(),
            Before { said: before, head: &head },
            |_| None,
            keep,
            || good(name, as_of),
        )
    };
    let first = vec![own("", (5, 2), "甲", Some(3))];
    let Decision::Settled(newer) = spoken(&first, "乙", Some(4)) else { panic!() };
    assert_eq!((newer.winner, newer.said.len(), newer.version.is_some()), (1, 2, true));
    let Decision::Settled(older) = spoken(&first, "乙", Some(2)) else { panic!() };
    let note = &older.notes[0];
    assert_eq!((older.winner, note.code.as_str(), note.value.as_str()), (0, "outranked", "uuid/1"));
    let both = [first, vec![own("uuid/9", (7, 0), "乙", Some(4))]].concat();
    assert_eq!(spoken(&both, "乙", None), Decision::Unchanged(None), "the same again");
    assert_eq!(unweighed(&both, "park", |_| None), None);
    assert_eq!(unweighed(&both, "quarry", |_| Some(1)), None);
    let known = |source: &str| (source == "quarry").then_some(1);
    assert_eq!(unweighed(&both, "quarry", known), Some("park"));
}
