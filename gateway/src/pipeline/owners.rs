//! Identifiers that the roster does not know: which records name them, accepted with their attribution open or held for it, and
//! whose they may be. Leaves deciding to a person, letting go to `refine`.

use std::collections::BTreeMap;

use mappings::Rulebook;
use serde::Serialize;

use super::{Context, Result, inbox};
use crate::{
    roster::suggest::{Suggester, Suggestion, Unknown},
    store::{attribution::OpenOwner, held::HeldIssues},
};

/// An identifier nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct UnknownOwner {
    /// What names it; where only held records do, a source and the id of one, and since when they are held.
    #[serde(flatten)]
    pub named: OpenOwner,
    /// Records that are held for it.
    pub held: u64,
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
        let key = (open.scheme.clone(), open.value.clone());
        found.insert(key, UnknownOwner { named: open, ..UnknownOwner::default() });
    }
    inbox::each_held(context, |record| count(book, record, &mut found)).await?;
    let roster = context.store.roster(context.store.roster_number().await?).await?;
    let suggester = Suggester::new(&roster);
    let mut all: Vec<UnknownOwner> = found.into_values().collect();
    for own in &mut all {
        let OpenOwner { scheme, value, name, region, .. } = &own.named;
        own.suggestions = suggester.of(&Unknown { scheme, value, name, region });
    }
    // what is held for it waits; what is accepted does not
    all.sort_by_key(|own| std::cmp::Reverse((own.held, own.named.accepted)));
    Ok(all)
}

fn count(book: &Rulebook, record: &HeldIssues, found: &mut BTreeMap<(String, String), UnknownOwner>) {
    let Some(mapping) = book.mapping(&record.source, &record.service) else { return };
    for issue in record.issues.iter().filter(|issue| issue.code == "unknown-owner" && !issue.value.is_empty())
    {
        let scheme = mapping.shape().field(&issue.field).and_then(mappings::Field::owner);
        let Some(scheme) = scheme else { continue };
        let key = (scheme.to_owned(), issue.value.clone());
        let own = found.entry(key).or_insert_with(|| UnknownOwner {
            named: OpenOwner {
                scheme: scheme.to_owned(),
                value: issue.value.clone(),
                sources: 1,
                source: record.source.clone(),
                first: record.since,
                last: record.since,
                sample: record.id.clone(),
                ..OpenOwner::default()
            },
            ..UnknownOwner::default()
        });
        own.held += 1;
        own.named.first = own.named.first.min(record.since);
        own.named.last = own.named.last.max(record.since);
    }
}
