//! Records that the database will not store, whatever the checks let through: found by halving in transactions that are
//! never committed, and rejected in the database's words, so that one record never stops its source.

use std::collections::{BTreeSet, HashMap};

use super::Work;
use crate::{
    pipeline::Result,
    store::{
        contributions::{Said, Shared},
        verdicts::{Judgement, NewIssues, NewVersion, Under},
    },
};

/// Records that cannot be stored, by document and place, and what the database said.
pub(super) type Poison = HashMap<(i64, u32), String>;

/// More of them in one group mean that the database is ill, not the records.
const MOST: usize = 64;

/// The records of a judgement that the database refuses; empty when there are none, or too many.
pub(super) async fn found(work: &Work<'_>, judgement: &Judgement) -> Result<Poison> {
    let places: BTreeSet<(i64, u32)> = judgement
        .versions
        .iter()
        .map(place_of_version)
        .chain(judgement.issues.iter().map(place_of_issues))
        .chain(judgement.shared.iter().flat_map(|key| key.said.iter().map(Said::place)))
        .collect();
    let mut suspects: Vec<Vec<(i64, u32)>> = vec![places.into_iter().collect()];
    let mut poison = Poison::new();
    while let Some(range) = suspects.pop() {
        let Some(words) = tried(work, judgement, &range).await? else { continue };
        if let [only] = range.as_slice() {
            poison.insert(*only, words);
            if poison.len() > MOST {
                return Ok(Poison::new());
            }
        } else {
            let (first, second) = range.split_at(range.len() / 2);
            suspects.extend([second.to_vec(), first.to_vec()].into_iter().filter(|half| !half.is_empty()));
        }
    }
    Ok(poison)
}

/// What the database says against these records alone.
async fn tried(work: &Work<'_>, judgement: &Judgement, range: &[(i64, u32)]) -> Result<Option<String>> {
    let within = |place: (i64, u32)| range.binary_search(&place).is_ok();
    let alone = Judgement {
        versions: judgement.versions.iter().filter(|new| within(place_of_version(new))).cloned().collect(),
        issues: judgement.issues.iter().filter(|new| within(place_of_issues(new))).cloned().collect(),
        // a key's own words go with its record; what others say of it was stored once
        shared: judgement.shared.iter().filter(|key| is_of(key, &within)).cloned().collect(),
        ..Judgement::default()
    };
    let write = work.context.store.write("judge-trial").await?;
    let under = Under { source: work.source, revision: work.pinned.no, roster: 0, at: 0, again: false };
    match write.judge(&under, &alone).await {
        Ok(_) => Ok(None),
        Err(error) => error.unstorable().map(Some).ok_or_else(|| error.into()),
    }
}

/// Whether what is new in a shared key is among these records.
fn is_of(key: &Shared, within: &impl Fn((i64, u32)) -> bool) -> bool {
    let new = key.said.iter().filter(|said| !key.rows.contains(&said.as_read()));
    new.map(Said::place).any(within)
}

fn place_of_version(new: &NewVersion) -> (i64, u32) {
    (new.spot.document, new.spot.place)
}

fn place_of_issues(new: &NewIssues) -> (i64, u32) {
    (new.spot.document, new.spot.place)
}
