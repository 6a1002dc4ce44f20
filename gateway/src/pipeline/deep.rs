//! The verdicts that leave no row, derived again: every document decoded anew, every record that has neither a
//! version nor a held row mapped anew under the revision that judged it.

use std::collections::HashSet;

use super::{
    Context, Result,
    reading::{self, Seen},
    refine,
};
use crate::store::deep::{Judged, Rows};
use adapters::Decode;

/// A part whose derived counts differ from the stored ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The document's number.
    pub document: i64,
    /// The kind.
    pub kind: String,
    /// What was counted: `found`, `unchanged`, `rejected`.
    pub what: &'static str,
    /// As stored.
    pub stored: i64,
    /// As derived.
    pub derived: i64,
}

/// Derives every judged part again; `progress` hears of each.
///
/// # Errors
/// When the ledger does not answer or bytes are gone or changed.
pub async fn deep(
    context: &Context,
    progress: &(dyn Fn(usize, usize) + Send + Sync),
) -> Result<Vec<Difference>> {
    let parts = context.store.judged_parts().await?;
    let mut differences = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        differences.extend(part_again(context, part).await?);
        progress(at + 1, parts.len());
    }
    Ok(differences)
}

async fn part_again(context: &Context, part: &Judged) -> Result<Vec<Difference>> {
    let bytes = context.store.blob(&part.blob).await?;
    let rows = context.store.rows_of(part.document, part.part).await?;
    let pinned = context.numbered(part.revision).await?;
    let derived = count(&pinned, part, &bytes, &rows);
    let pairs = [
        ("found", part.found, derived.found),
        ("unchanged", part.unchanged, derived.unchanged),
        ("rejected", part.rejected, derived.rejected),
    ];
    let differs = pairs.into_iter().filter(|(_, stored, derived)| stored != derived);
    Ok(differs
        .map(|(what, stored, derived)| Difference {
            document: part.document,
            kind: part.kind.clone(),
            what,
            stored,
            derived,
        })
        .collect())
}

#[derive(Default)]
struct Derived {
    found: i64,
    unchanged: i64,
    rejected: i64,
}

fn count(pinned: &super::Pinned, part: &Judged, bytes: &[u8], rows: &Rows) -> Derived {
    let mapping = pinned.rules.rulebook.mapping(&part.source, &part.service);
    let seen = reading::part(bytes, part.from, part.to, part.first);
    let mut derived = Derived::default();
    let settled: HashSet<u32> = rows.accepted.iter().chain(&rows.held).copied().collect();
    for record in refine::decoder(pinned, &part.source).decode(&seen) {
        derived.found += 1;
        let place = record.as_ref().map_or_else(|bad| bad.place, |good| good.place);
        if settled.contains(&place) {
            continue;
        }
        // a released record was rejected, or found unchanged, under a later revision than its part
        let released = rows.released_rejected.contains(&place);
        let rejected = released
            || match (&record, mapping) {
                (Ok(record), Some(mapping)) => {
                    let outcome = mapping.map(&Seen(record), part.received_at).outcome;
                    outcome == mappings::Outcome::Reject && !rows.released_unchanged.contains(&place)
                }
                _ => true,
            };
        if rejected { derived.rejected += 1 } else { derived.unchanged += 1 }
    }
    derived
}
