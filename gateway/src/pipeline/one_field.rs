//! Whether most of what a source changed lately is one and the same field: then a table or the source's own system changed its
//! meaning, and not a thousand records. Looks at the newest versions only; leaves telling to `audit`.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use mappings::{Content, Field, Kind, mask};
use serde::Serialize;

use super::{Context, Result};
use crate::store::changes::Change;

/// Newest versions of a kind that are looked at.
const LOOKED: usize = 5_000;
/// Of them read at a time: contents may hold photos.
const CHUNK: u32 = 200;
/// How far a source's last run reaches back from its newest change.
const RUN: TimeDelta = TimeDelta::hours(24);
/// Fewer changes say nothing.
const FEWEST: u64 = 50;
/// More than so many per cent of the changes in one field alone are told.
const PERCENT: u64 = 60;

/// A field in which most of a source's changes lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OneField {
    /// The source.
    pub source: String,
    /// The kind.
    pub kind: String,
    /// The kind's name for people.
    pub kind_label: String,
    /// The field.
    pub field: String,
    /// The field's name for people.
    pub label: String,
    /// Versions that differ from the one before in this field alone.
    pub alone: u64,
    /// Versions that differ from the one before.
    pub changed: u64,
    /// What one of them said before, masked where it is personal; empty: nothing.
    pub was: String,
    /// What it says now.
    pub is: String,
}

/// What of each source's newest changes lies in one field.
///
/// # Errors
/// When the ledger does not answer or there is no revision.
pub async fn one_field(context: &Context) -> Result<Vec<OneField>> {
    let pinned = context.active().await?;
    let mut told = Vec::new();
    for kind in pinned.rules.rulebook.kinds() {
        let mut tallies = Tallies::default();
        let (mut below, mut looked) = (i64::MAX, 0);
        while looked < LOOKED {
            let changes = context.store.changes(kind.name(), below, CHUNK).await?;
            let Some(last) = changes.last() else { break };
            below = last.seq;
            looked += changes.len();
            for change in &changes {
                tallies.add(kind, change);
            }
        }
        told.extend(tallies.told(kind));
    }
    Ok(told)
}

/// The changes of a kind, by source.
#[derive(Debug, Default)]
struct Tallies(BTreeMap<String, Tally>);

#[derive(Debug)]
struct Tally {
    newest: DateTime<Utc>,
    changed: u64,
    /// By field: versions in which nothing else changed, and what the newest of them said before and says now.
    alone: BTreeMap<String, (u64, String, String)>,
}

impl Tallies {
    /// Adds a change; they come newest first. What the hub did itself, deriving again or deleting, is nobody's change.
    fn add(&mut self, kind: &Kind, change: &Change) {
        if change.again {
            return;
        }
        let contents = change.was.as_deref().and_then(Content::from_json).zip(Content::from_json(&change.is));
        let Some((was, is)) = contents else { return };
        let fields: Vec<&str> = kind.differing(&was, &is).map(Field::name).collect();
        if fields.is_empty() {
            return;
        }
        let begun = Tally { newest: change.at, changed: 0, alone: BTreeMap::new() };
        let tally = self.0.entry(change.source.clone()).or_insert(begun);
        if tally.newest - change.at > RUN {
            return;
        }
        tally.changed += 1;
        if let [field] = fields.as_slice() {
            let text = |content: &Content| content.get(field).unwrap_or_default().to_owned();
            let entry = tally.alone.entry((*field).to_owned());
            entry.or_insert_with(|| (0, text(&was), text(&is))).0 += 1;
        }
    }

    fn told(self, kind: &Kind) -> impl Iterator<Item = OneField> {
        self.0.into_iter().filter_map(move |(source, tally)| {
            let enough = |alone: u64| tally.changed >= FEWEST && alone * 100 > tally.changed * PERCENT;
            let (field, (alone, was, is)) =
                tally.alone.into_iter().find(|(_, (alone, ..))| enough(*alone))?;
            let known = kind.field(&field);
            let personal = known.and_then(Field::personal);
            let label = known.map_or_else(|| field.clone(), |known| known.label().to_owned());
            let (kind, kind_label) = (kind.name().to_owned(), kind.label().to_owned());
            let (was, is) = (mask(personal, &was), mask(personal, &is));
            Some(OneField { source, kind, kind_label, field, label, alone, changed: tally.changed, was, is })
        })
    }
}

#[cfg(test)]
mod tests;
