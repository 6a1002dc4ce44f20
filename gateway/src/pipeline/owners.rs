//! Identifiers that the roster does not know: which records name them, accepted with their attribution open or held for it, and
//! whose they may be. Leaves deciding to a person, letting go to `refine`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mappings::Rulebook;
use serde::Serialize;

use super::{Context, Result};
use crate::{
    roster::suggest::{Suggester, Suggestion, Unknown},
    store::{attribution::OpenOwner, held::HeldIssues},
};

/// Held records read at a time.
const CHUNK: u32 = 2_000;

/// An identifier nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct UnknownOwner {
    /// Its scheme.
    pub scheme: String,
    /// The code.
    pub value: String,
    /// Accepted records whose newest state names it.
    pub accepted: u64,
    /// Records that are held for it.
    pub held: u64,
    /// A source they are from.
    pub source: String,
    /// The day of the oldest accepted one, or since when the oldest is held.
    pub first: DateTime<Utc>,
    /// The same of the newest.
    pub last: DateTime<Utc>,
    /// Where they are, as one of them says; empty where none does.
    pub region: String,
    /// What its owner is called, as one of them says; empty where none does.
    pub name: String,
    /// The key of an accepted one, else the id of a held one.
    pub sample: String,
    /// Whose it may be, nearest first.
    pub suggestions: Vec<Suggestion>,
}

/// Identifiers that the roster does not know, those that hold most first, then those of most records; of accepted records at most `most`.
///
/// # Errors
/// When the ledger fails or no revision is active.
pub async fn unknown_owners(context: &Context, most: u32) -> Result<Vec<UnknownOwner>> {
    let pinned = context.active().await?;
    let book = &pinned.rules.rulebook;
    let names: Vec<(&str, &str)> = book
        .kinds()
        .iter()
        .flat_map(|kind| kind.fields().iter().map(move |field| (kind, field)))
        .filter(|(_, field)| field.owner_name())
        .map(|(kind, field)| (kind.name(), field.name()))
        .collect();
    let mut found: BTreeMap<(String, String), UnknownOwner> = BTreeMap::new();
    for open in context.store.open_owners(&names, most).await? {
        found.insert((open.scheme.clone(), open.value.clone()), accepted(open));
    }
    let mut last = (0, -1);
    loop {
        let held = context.store.held_issues(last, CHUNK).await?;
        let Some(newest) = held.last() else { break };
        last = newest.spot;
        for record in &held {
            count(book, record, &mut found);
        }
    }
    let roster = context.store.roster(context.store.roster_number().await?).await?;
    let suggester = Suggester::new(&roster);
    let mut all: Vec<UnknownOwner> = found.into_values().collect();
    for own in &mut all {
        let UnknownOwner { scheme, value, name, region, .. } = own;
        own.suggestions = suggester.of(&Unknown { scheme, value, name, region });
    }
    // what is held for it waits; what is accepted does not
    all.sort_by_key(|own| std::cmp::Reverse((own.held, own.accepted)));
    Ok(all)
}

fn accepted(open: OpenOwner) -> UnknownOwner {
    let OpenOwner { scheme, value, records, source, first, last, region, name, sample, .. } = open;
    let own =
        UnknownOwner { scheme, value, accepted: records, source, first, last, ..UnknownOwner::default() };
    UnknownOwner { region, name, sample, ..own }
}

fn count(book: &Rulebook, record: &HeldIssues, found: &mut BTreeMap<(String, String), UnknownOwner>) {
    let Some(mapping) = book.mapping(&record.source, &record.service) else { return };
    for issue in record.issues.iter().filter(|issue| issue.code == "unknown-owner" && !issue.value.is_empty())
    {
        let scheme = mapping.shape().field(&issue.field).and_then(mappings::Field::owner);
        let Some(scheme) = scheme else { continue };
        let key = (scheme.to_owned(), issue.value.clone());
        let own = found.entry(key).or_insert_with(|| UnknownOwner {
            scheme: scheme.to_owned(),
            value: issue.value.clone(),
            source: record.source.clone(),
            first: record.since,
            last: record.since,
            sample: record.id.clone(),
            ..UnknownOwner::default()
        });
        own.held += 1;
        own.first = own.first.min(record.since);
        own.last = own.last.max(record.since);
    }
}
