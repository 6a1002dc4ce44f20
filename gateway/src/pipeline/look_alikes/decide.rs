//! What a step's records make of pairs, pure: new ones, and those whose nearness changed. Leaves reading and writing to the
//! step; which of the two is right, to a person.

use std::collections::{BTreeMap, HashSet};

use crate::alike::Words;
use crate::store::look_alikes::{Key, Pair, PairState, Turn};

/// Records of one owner and day that a new one is compared with: the newest.
pub(super) const COMPARED: usize = 200;

/// What is known before a step writes.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The records of the step, with what of them is compared; none: they are out.
    pub(super) seen: Vec<(i64, Option<Key>)>,
    /// Other records of the same owners and days.
    pub(super) others: Vec<Key>,
    /// All pairs that a record of the step is in.
    pub(super) pairs: Vec<Pair>,
    /// What is compared of the other side of those pairs.
    pub(super) partners: Vec<Key>,
    /// The number after the last pair's.
    pub(super) next: i64,
}

type Group<'k> = (&'k str, &'k str, &'k str);
type Scores = BTreeMap<(i64, i64), u8>;

/// The pairs as they are with the step's records.
pub(super) fn decide(known: &Known, least: u8) -> Turn {
    let mut scores = found(known, least);
    let mut turn = Turn::default();
    for pair in &known.pairs {
        let now = scores.remove(&(pair.a, pair.b));
        match (pair.state, now) {
            (PairState::Same | PairState::Two, _) | (PairState::Gone, None) => {}
            (PairState::Open, Some(score)) if score == pair.score => {}
            (_, Some(score)) => turn.changed.push((pair.no, score, PairState::Open)),
            (PairState::Open, None) => match compared(known, pair, least) {
                Some(score) if score == pair.score => {}
                Some(score) => turn.changed.push((pair.no, score, PairState::Open)),
                None => turn.changed.push((pair.no, pair.score, PairState::Gone)),
            },
        }
    }
    let numbered = (known.next..).zip(scores);
    turn.new =
        numbered.map(|(no, ((a, b), score))| Pair { no, a, b, score, state: PairState::Open }).collect();
    for (record, key) in &known.seen {
        match key {
            Some(key) => turn.keys.push(key.clone()),
            None => turn.out.push(*record),
        }
    }
    turn
}

/// Every two records near each other of which the step has seen at least one.
fn found(known: &Known, least: u8) -> Scores {
    let mut groups: BTreeMap<Group<'_>, (Vec<&Key>, Vec<&Key>)> = BTreeMap::new();
    for key in known.seen.iter().filter_map(|(_, key)| key.as_ref()) {
        groups.entry(group(key)).or_default().1.push(key);
    }
    let of_step: HashSet<i64> = known.seen.iter().map(|(record, _)| *record).collect();
    for key in known.others.iter().filter(|key| !of_step.contains(&key.record)) {
        if let Some((others, _)) = groups.get_mut(&group(key)) {
            others.push(key);
        }
    }
    let mut scores = Scores::new();
    for (others, seen) in groups.into_values() {
        of_one_day(&others, &seen, least, &mut scores);
    }
    scores
}

/// Each of `seen` with the newest before it; it is itself before the next.
fn of_one_day(others: &[&Key], seen: &[&Key], least: u8, scores: &mut Scores) {
    let mut before: BTreeMap<i64, Words> =
        others.iter().map(|key| (key.record, Words::of(&key.text))).collect();
    for key in seen {
        let words = Words::of(&key.text);
        let newest = before.iter().rev().take(COMPARED).map(|(record, words)| (*record, words));
        for (other, score) in words.near(newest, least) {
            scores.insert((key.record.min(other), key.record.max(other)), score);
        }
        before.insert(key.record, words);
    }
}

fn group(key: &Key) -> Group<'_> {
    (&key.owner_scheme, &key.owner, &key.day)
}

/// How near the two of a pair are now, however many there are of their day; none when they are no more alike.
fn compared(known: &Known, pair: &Pair, least: u8) -> Option<u8> {
    let of = |record: i64| {
        let seen = known.seen.iter().find(|(seen, _)| *seen == record);
        seen.map_or_else(|| known.partners.iter().find(|key| key.record == record), |(_, key)| key.as_ref())
    };
    let (a, b) = (of(pair.a)?, of(pair.b)?);
    if group(a) != group(b) {
        return None;
    }
    let near = Words::of(&a.text).near([((), &Words::of(&b.text))].into_iter(), least);
    near.first().map(|((), score)| *score)
}

#[cfg(test)]
mod tests;
