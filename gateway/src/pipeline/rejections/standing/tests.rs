//! What of a key counts, whatever came before and after.

use mappings::Key;
use proptest::prelude::*;

use super::*;

fn bad(at: (i64, u32), times: u64, head: Option<(i64, u32)>) -> Bad {
    Bad {
        service: "plants".to_owned(),
        key: Some(Key { kind: "plant".to_owned(), id_space: "uuid".to_owned(), id: "1".to_owned() }),
        at,
        received_at: DateTime::UNIX_EPOCH,
        times,
        issue: at.0 * 10,
        head,
    }
}

fn asked(held: bool) -> Asked<'static> {
    Asked { source: "park", service: None, since: None, held }
}

/// Verdict, place and times of what counts; how often rejections no longer do.
type Told = (Vec<(Verdict, (i64, u32), u64)>, u64);

fn told(rejected: Vec<Bad>, held: Vec<Bad>, unchanged: bool, asked: &Asked<'_>) -> Told {
    let key = rejected.iter().chain(&held).find_map(|bad| bad.key.as_ref()).map(short);
    let mut gathered = Gathered::default();
    gathered.take(rejected, Verdict::Rejected);
    gathered.take(held, Verdict::Held);
    let unchanged = key.into_iter().filter(|_| unchanged).collect();
    let standing = gathered.concluded(asked, &unchanged);
    let entries = standing.entries.iter().map(|entry| (entry.verdict, entry.at, entry.times)).collect();
    (entries, standing.later)
}

#[test]
fn the_newest_rejection_of_a_key_stands_for_all() {
    let all = vec![bad((9, 1), 2, None), bad((4, 0), 3, None), bad((9, 0), 1, None)];
    assert_eq!(told(all, vec![], false, &asked(false)), (vec![(Verdict::Rejected, (9, 1), 6)], 0));
}

#[test]
fn what_was_accepted_since_no_longer_counts() {
    for (head, counts) in [((4, 0), true), ((9, 0), true), ((9, 1), false), ((9, 2), false), ((12, 0), false)]
    {
        let (entries, later) = told(vec![bad((9, 1), 2, Some(head))], vec![], false, &asked(false));
        assert_eq!((entries.len(), later), if counts { (1, 0) } else { (0, 2) }, "{head:?}");
    }
}

#[test]
fn what_came_again_unchanged_no_longer_counts() {
    let rejected = || vec![bad((9, 1), 2, Some((4, 0)))];
    assert_eq!(told(rejected(), vec![], true, &asked(true)), (vec![], 2));
    let doubtful = |head, held: bool| {
        let mut gathered = Gathered::default();
        gathered.take(vec![bad((9, 1), 2, head)], Verdict::Rejected);
        gathered.take(if held { vec![bad((5, 0), 1, head)] } else { vec![] }, Verdict::Held);
        gathered.keys.values().next().unwrap().doubtful().is_some()
    };
    assert!(doubtful(Some((4, 0)), false) && doubtful(None, true));
    assert!(!doubtful(None, false), "without a state nothing is found unchanged");
    assert!(!doubtful(Some((10, 0)), false), "it does not count anyhow");
}

#[test]
fn of_held_and_rejected_the_newer_counts() {
    let held = |at| vec![bad(at, 1, None)];
    let rejected = || vec![bad((9, 1), 2, None)];
    assert_eq!(
        told(rejected(), held((8, 0)), false, &asked(true)),
        (vec![(Verdict::Rejected, (9, 1), 2)], 0)
    );
    assert_eq!(told(rejected(), held((10, 0)), false, &asked(true)), (vec![(Verdict::Held, (10, 0), 1)], 2));
    assert_eq!(
        told(rejected(), held((10, 0)), false, &asked(false)),
        (vec![], 2),
        "who waits must mend nothing"
    );
    // held, rejected, and then said again as it is held
    assert_eq!(told(rejected(), held((8, 0)), true, &asked(true)), (vec![(Verdict::Held, (8, 0), 1)], 2));
    let stale = vec![bad((8, 0), 1, Some((9, 0)))];
    assert_eq!(told(vec![], stale, false, &asked(true)), (vec![], 0), "a newer one was accepted");
    let several = vec![bad((8, 0), 1, None), bad((9, 0), 1, None)];
    assert_eq!(told(vec![], several, false, &asked(true)), (vec![(Verdict::Held, (9, 0), 2)], 0));
}

#[test]
fn without_a_key_each_counts_for_itself() {
    let keyless = |at| Bad { key: None, ..bad(at, 2, None) };
    let (entries, later) =
        told(vec![keyless((1, 0)), keyless((2, 0))], vec![keyless((3, 0))], false, &asked(false));
    assert_eq!((entries.len(), later), (2, 0));
    let (entries, _) = told(vec![keyless((1, 0))], vec![keyless((3, 0))], false, &asked(true));
    assert_eq!(entries.len(), 2);
}

#[test]
fn only_what_is_asked_for_is_given() {
    let other = Asked { service: Some("tanks"), ..asked(false) };
    assert_eq!(told(vec![bad((9, 1), 2, Some((10, 0)))], vec![], false, &other), (vec![], 0));
    let since = Asked { since: DateTime::from_timestamp(1, 0), ..asked(false) };
    assert_eq!(told(vec![bad((9, 1), 2, None)], vec![], false, &since), (vec![], 0));
    let recent = Bad { received_at: DateTime::from_timestamp(2, 0).unwrap(), ..bad((9, 1), 2, None) };
    assert_eq!(told(vec![recent], vec![], false, &since).0.len(), 1);
}

proptest! {
    /// Whatever came in which order: each sighting is given, no longer counts, or waits.
    #[test]
    fn every_sighting_is_counted_once(
        rejected in proptest::collection::vec((1i64..6, 0u32..3, 1u64..4), 0..5),
        held in proptest::collection::vec((1i64..6, 0u32..3), 0..3),
        head in proptest::option::of((1i64..6, 0u32..3)),
        unchanged in any::<bool>(),
    ) {
        let all: u64 = rejected.iter().map(|(_, _, times)| times).sum();
        let rejected = rejected.into_iter().map(|(document, place, times)| bad((document, place), times, head));
        let held = held.into_iter().map(|at| bad(at, 1, head));
        let (entries, later) = told(rejected.collect(), held.collect(), unchanged, &asked(true));
        let given = entries.iter().filter(|entry| entry.0 == Verdict::Rejected).map(|entry| entry.2);
        prop_assert_eq!(given.sum::<u64>() + later, all);
        prop_assert!(entries.len() <= 1, "a key stands at one thing");
    }
}

#[test]
fn what_was_given_back_is_an_entry_of_its_list_with_what_was_said_of_it() {
    let row = |record: i64, service: &str| Returned {
        no: -record,
        key: Key { kind: "tank".into(), id_space: "src:park".into(), id: record.to_string() },
        service: service.to_owned(),
        at: (record, 2),
        received_at: DateTime::UNIX_EPOCH,
        reason: Reason { id: record.to_string(), kind: "tank".into(), revision: 1, issues: Vec::new() },
    };
    let known = Standing { services: vec!["pumps".into(), "tanks".into()], ..Standing::default() };
    let standing = known.with(vec![row(7, "tanks"), row(8, "valves")]);
    assert_eq!(standing.services, ["pumps", "tanks", "valves"]);
    let entries: Vec<_> =
        standing.entries.iter().map(|entry| (entry.verdict, entry.service, entry.at, entry.issue)).collect();
    assert_eq!(entries, [(Verdict::Accepted, 1, (7, 2), -7), (Verdict::Accepted, 2, (8, 2), -8)]);
    assert_eq!(standing.returned[&-8].id, "8");
    assert_eq!((standing.remembered, standing.later), (0, 0), "no rejection is counted");
}
