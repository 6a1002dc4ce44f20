//! What every receipt means for every member.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

fn open(members: usize, split: Option<&str>) -> Open {
    Open {
        id: "n-7".to_owned(),
        kind: "k".to_owned(),
        path: "p".to_owned(),
        group: String::new(),
        revision: 1,
        split: split.map(str::to_owned),
        attempts: 0,
        due_since: None,
        members: (0..members).map(|n| (i64::try_from(n).unwrap(), 0, format!("w{n}"))).collect(),
        payload: Vec::new(),
    }
}

fn refused(reason: &str, split: Option<&str>) -> Outcome {
    Outcome::Refused { reason: reason.to_owned(), split: split.map(str::to_owned) }
}

fn again(split: &str) -> Outcome {
    Outcome::Again(Some(split.to_owned()))
}

fn whole() -> Receipt {
    Receipt::Whole { data: true, reason: "校验失败".to_owned() }
}

#[test]
fn taken_confirms_all() {
    assert_eq!(
        next(&open(2, None), Receipt::Taken),
        Next::Settle(vec![Outcome::Confirmed, Outcome::Confirmed])
    );
}

#[test]
fn named_rows_are_refused_and_the_others_taken_or_sent_again() {
    let named = |others_taken| Receipt::Named { refused: vec![("w1".into(), "坏".into())], others_taken };
    let taken = vec![Outcome::Confirmed, refused("坏", None), Outcome::Confirmed];
    assert_eq!(next(&open(3, None), named(true)), Next::Settle(taken));
    let sent_again = vec![Outcome::Again(None), refused("坏", None), Outcome::Again(None)];
    assert_eq!(next(&open(3, None), named(false)), Next::Settle(sent_again));
}

#[test]
fn a_refusal_of_data_is_halved_down_to_one_row() {
    let Next::Settle(three) = next(&open(3, None), whole()) else { panic!("not settled") };
    assert_eq!(three, [again("n-7/0"), again("n-7/0"), again("n-7/1")]);
    let Next::Settle(two) = next(&open(2, Some("n-7/0")), whole()) else { panic!("not settled") };
    assert_eq!(two, [again("n-7/0/0"), again("n-7/0/1")]);
    let Next::Settle(one) = next(&open(1, Some("n-7/0/1")), whole()) else { panic!("not settled") };
    assert_eq!(one, [refused("校验失败", Some("n-7/0/1"))]);
}

#[test]
fn a_batch_of_one_refused_without_a_name_is_the_guilty_row() {
    let Next::Settle(one) = next(&open(1, None), whole()) else { panic!("not settled") };
    assert_eq!(one, [refused("校验失败", None)]);
}

#[test]
fn what_is_no_verdict_on_rows_leaves_the_batch_open() {
    let what = || "说不清".to_owned();
    let after = Some(Duration::from_secs(9));
    let cases = [
        (Receipt::Whole { data: false, reason: what() }, (false, true, None)),
        (Receipt::Busy { after, reason: what() }, (false, true, after)),
        (Receipt::Unknown { reason: what() }, (true, false, None)),
    ];
    for (receipt, (unknown, ill, after)) in cases {
        assert_eq!(next(&open(2, None), receipt), Next::Postpone { unknown, ill, after, what: what() });
    }
}

proptest! {
    /// One outcome a member; halves differ by one at most, and every half lies below its batch's root.
    #[test]
    fn halving_always_ends(members in 1..200_usize, depth in 0..6_usize) {
        let split = (depth > 0).then(|| format!("n-7{}", "/1".repeat(depth)));
        let batch = open(members, split.as_deref());
        let Next::Settle(outcomes) = next(&batch, whole()) else { panic!("not settled") };
        prop_assert_eq!(outcomes.len(), members);
        let halves: Vec<&str> = outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Again(Some(half)) => Some(half.as_str()),
            Outcome::Refused { split, .. } => Some(split.as_deref().unwrap_or("n-7")),
            _ => None,
        }).collect();
        prop_assert_eq!(halves.len(), members);
        prop_assert!(halves.iter().all(|half| half.split('/').next() == Some("n-7")));
        let first = halves.iter().filter(|half| *half == &halves[0]).count();
        prop_assert!(members == 1 || (first < members && first.abs_diff(members - first) <= 1));
    }
}
