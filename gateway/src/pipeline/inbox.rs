//! What held records wait for: words that no code table knows, counted by source, table and word. Leaves deciding to a
//! person, releasing to `refine`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mappings::{Mapping, Rulebook};

use super::{Context, Result};
use crate::store::held::HeldIssues;

/// Held records read at a time.
const CHUNK: u32 = 2_000;
/// Ids shown of the records that wait for one word.
const SAMPLES: usize = 3;
/// Codes that a word may have meant.
const GUESSES: usize = 3;

/// A word that no table knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCode {
    /// Whose word it is.
    pub source: String,
    /// The source's table that lacks it; none where the source's codes are taken for ours.
    pub table: Option<String>,
    /// The canonical table.
    pub canonical: String,
    /// The field it stands in.
    pub field: String,
    /// The word as written.
    pub value: String,
    /// Records that wait for it.
    pub count: u64,
    /// The oldest of them.
    pub since: DateTime<Utc>,
    /// Ids of some of them.
    pub samples: Vec<String>,
    /// Codes and labels it may mean, nearest first.
    pub guesses: Vec<(String, String)>,
}

/// All words that held records wait for, those that hold most first.
///
/// # Errors
/// When the ledger fails or no revision is active.
pub async fn unknown_codes(context: &Context) -> Result<Vec<UnknownCode>> {
    let pinned = context.active().await?;
    let mut found = BTreeMap::new();
    each_held(context, |record| count(&pinned.rules.rulebook, record, &mut found)).await?;
    let mut codes: Vec<UnknownCode> = found.into_values().collect();
    codes.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.since.cmp(&b.since)));
    Ok(codes)
}

/// Looks at every held record, in landing order.
///
/// # Errors
/// When the ledger fails.
pub(super) async fn each_held(context: &Context, mut look: impl FnMut(&HeldIssues)) -> Result<()> {
    let mut last = (0, -1);
    loop {
        let held = context.store.held_issues(last, CHUNK).await?;
        let Some(newest) = held.last() else { return Ok(()) };
        last = newest.spot;
        for record in &held {
            look(record);
        }
    }
}

type ByWord = BTreeMap<(String, String, String), UnknownCode>;

fn count(book: &Rulebook, record: &HeldIssues, found: &mut ByWord) {
    let Some(mapping) = book.mapping(&record.source, &record.service) else { return };
    for issue in record.issues.iter().filter(|issue| issue.code == "unknown-code") {
        let Some(new) = unknown(mapping, record, &issue.field, &issue.value) else { continue };
        let table = new.table.clone().unwrap_or_else(|| new.canonical.clone());
        let known = found.entry((new.source.clone(), table, new.value.clone())).or_insert(new);
        known.count += 1;
        known.since = known.since.min(record.since);
        if known.samples.len() < SAMPLES && !record.id.is_empty() {
            known.samples.push(record.id.clone());
        }
    }
}

fn unknown(mapping: &Mapping, record: &HeldIssues, field: &str, value: &str) -> Option<UnknownCode> {
    let codes = mapping.codes(field)?;
    let guesses = codes.table.nearest(value, GUESSES);
    Some(UnknownCode {
        source: record.source.clone(),
        table: codes.words.map(str::to_owned),
        canonical: codes.table.name().to_owned(),
        field: field.to_owned(),
        value: value.to_owned(),
        count: 0,
        since: record.since,
        samples: Vec::new(),
        guesses: guesses.into_iter().map(|(code, label)| (code.to_owned(), label.to_owned())).collect(),
    })
}
