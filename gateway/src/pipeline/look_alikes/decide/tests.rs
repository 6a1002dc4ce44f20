//! Which pairs a step makes, changes and leaves alone.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const LEAST: u8 = 85;

fn key(record: i64, text: &str, day: &str) -> Key {
    let (owner_scheme, owner) = ("chem".to_owned(), "410900017".to_owned());
    Key { record, owner_scheme, owner, day: day.to_owned(), text: text.to_owned() }
}

fn seen(keys: &[Key]) -> Vec<(i64, Option<Key>)> {
    keys.iter().map(|key| (key.record, Some(key.clone()))).collect()
}

fn open(no: i64, a: i64, b: i64, score: u8) -> Pair {
    Pair { no, a, b, score, state: PairState::Open }
}

#[test]
fn each_two_of_a_day_are_compared_once() {
    let known = Known {
        seen: seen(&[key(3, "安全阀过期", "d"), key(2, "安全阀过期", "d"), key(4, "安全阀过期", "e")]),
        others: vec![key(1, "安全阀过期", "d"), key(2, "从前", "d")],
        next: 7,
        ..Known::default()
    };
    let turn = decide(&known, LEAST);
    assert_eq!(turn.new, [open(7, 1, 2, 100), open(8, 1, 3, 100), open(9, 2, 3, 100)]);
    assert_eq!((turn.keys.len(), turn.out.len(), turn.changed.len()), (3, 0, 0));
}

#[test]
fn an_open_pair_follows_its_records_and_a_settled_one_stays() {
    let all = [PairState::Open, PairState::Same, PairState::Two, PairState::Gone];
    let pairs =
        |score| (0..).zip(all).map(|(no, state)| Pair { no, a: no + 10, b: 20, score, state }).collect();
    let partners: Vec<Key> = (10..14).map(|record| key(record, "安全阀过期未校", "d")).collect();
    let of = |text: &str, score| {
        let known = Known {
            seen: seen(&[key(20, text, "d")]),
            others: partners.clone(),
            partners: partners.clone(),
            pairs: pairs(score),
            next: 9,
        };
        let turn = decide(&known, LEAST);
        assert_eq!(turn.new, [], "{text}");
        turn.changed
    };
    let again = (3, 100, PairState::Open);
    assert_eq!(of("安全阀过期未校", 100), [again]);
    assert_eq!(of("安全阀过期未校", 90), [(0, 100, PairState::Open), again]);
    assert_eq!(of("消火栓被遮挡", 90), [(0, 90, PairState::Gone)]);
}

#[test]
fn a_pair_goes_with_either_side_and_stays_beyond_the_newest_of_a_day() {
    let of = |seen: Vec<(i64, Option<Key>)>, partners: Vec<Key>| {
        let pairs = vec![open(1, 5, 6, 100)];
        decide(&Known { seen, partners, pairs, next: 2, ..Known::default() }, LEAST)
    };
    let gone = [(1, 100, PairState::Gone)];
    let turn = of(vec![(6, None)], vec![key(5, "安全阀过期", "d")]);
    assert_eq!((turn.changed.as_slice(), turn.out.as_slice()), (&gone[..], &[6][..]));
    assert_eq!(of(seen(&[key(6, "安全阀过期", "d")]), vec![]).changed, gone);
    assert_eq!(of(seen(&[key(6, "安全阀过期", "e")]), vec![key(5, "安全阀过期", "d")]).changed, gone);
    // its partner is no more among those that were read for the day
    assert_eq!(of(seen(&[key(6, "安全阀过期", "d")]), vec![key(5, "安全阀过期", "d")]).changed, []);
}

#[test]
fn only_the_newest_of_a_crowded_day_are_compared() {
    let crowd = i64::try_from(COMPARED).unwrap() + 50;
    let others: Vec<Key> = (1..=crowd).map(|record| key(record, "安全阀过期", "d")).collect();
    let known = Known { seen: seen(&[key(1_000, "安全阀过期", "d")]), others, ..Known::default() };
    let turn = decide(&known, LEAST);
    assert_eq!(turn.new.len(), COMPARED);
    assert_eq!(turn.new.iter().map(|pair| pair.a).min(), Some(51));
}

proptest! {
    /// However the log is cut into steps, the same pairs are found.
    #[test]
    fn steps_of_any_size_find_the_same(texts in proptest::collection::vec("[阀泵漏1]{4,6}", 1..12), cut in 0usize..12) {
        let keys: Vec<Key> = (1..).zip(&texts).map(|(record, text)| key(record, text, "d")).collect();
        let found = |first: &[Key], then: &[Key]| -> BTreeSet<(i64, i64)> {
            let one = decide(&Known { seen: seen(first), ..Known::default() }, LEAST);
            let two = decide(&Known { seen: seen(then), others: one.keys.clone(), ..Known::default() }, LEAST);
            one.new.iter().chain(&two.new).map(|pair| (pair.a, pair.b)).collect()
        };
        let (first, then) = keys.split_at(cut.min(keys.len()));
        prop_assert_eq!(found(&keys, &[]), found(first, then));
    }
}
