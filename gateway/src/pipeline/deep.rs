//! The verdicts that leave no row, derived again: every document decoded anew, every record that has neither a
//! version nor a held row mapped anew under the revision that judged it; and the deletions that the hub made itself.

mod brought;
mod known;
mod retired;

use std::collections::HashSet;

use super::{
    Context, Result,
    reading::{self, Seen},
    refine,
};
use crate::store::deep::{Judged, Lost, Rows};
use adapters::{Decode, SourceRecord};
use known::Suspect;
use mappings::Mapping;

/// A part whose derived counts differ from the stored ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The document's number.
    pub document: i64,
    /// The kind.
    pub kind: String,
    /// What was counted: `found`, `unchanged`, `rejected`; `retired`: a deletion of the hub's own.
    pub what: &'static str,
    /// As stored.
    pub stored: i64,
    /// As derived.
    pub derived: i64,
}

/// A document whose original can no longer be read, so that nothing of it can be derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// The document's number.
    pub document: i64,
    /// The kind.
    pub kind: String,
    /// What is wrong with its bytes, with their digest.
    pub why: String,
    /// Records found in it, as stored.
    pub found: i64,
}

/// What deriving again came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deep {
    /// Parts that count otherwise.
    pub differences: Vec<Difference>,
    /// Documents that cannot be derived.
    pub damaged: Vec<Damaged>,
    /// Documents derived.
    pub documents: i64,
    /// Records found in them.
    pub records: i64,
    /// Records not derived, because age took their bytes or what they were compared with: no fault.
    pub dropped: i64,
}

/// Derives every judged part again; `progress` hears of each.
///
/// # Errors
/// When the ledger does not answer. A damaged original is no error: it is listed, the rest goes on.
pub async fn deep(context: &Context, progress: &(dyn Fn(usize, usize) + Send + Sync)) -> Result<Deep> {
    let parts = context.store.judged_parts().await?;
    let forgetful = context.store.is_forgetful().await?;
    let (mut deep, mut last) = (Deep::default(), None);
    for (at, part) in parts.iter().enumerate() {
        match context.store.original(&part.blob).await? {
            // which of its records had those versions, nobody can say any more
            Ok(_) if part.dropped > 0 => deep.dropped += part.found,
            Ok(bytes) => {
                let (differences, dropped) = part_again(context, part, &bytes, forgetful).await?;
                deep.documents += i64::from(last.replace(part.document) != Some(part.document));
                deep.records += part.found - dropped;
                deep.differences.extend(differences);
                deep.dropped += dropped;
            }
            Err(Lost::Damaged(why)) => damaged(&mut deep.damaged, part, why),
            Err(Lost::Dropped(_)) => deep.dropped += part.found,
        }
        progress(at + 1, parts.len());
    }
    deep.differences.extend(retired::differences(context).await?);
    deep.damaged.extend(brought::brought(context).await?);
    Ok(deep)
}

/// Parts come by document: one entry for all of a document's.
fn damaged(all: &mut Vec<Damaged>, part: &Judged, why: String) {
    if let Some(last) = all.last_mut().filter(|last| last.document == part.document) {
        last.found += part.found;
    } else {
        all.push(Damaged { document: part.document, kind: part.kind.clone(), why, found: part.found });
    }
}

/// A part's differences, and how many of its records age took the comparison of.
async fn part_again(
    context: &Context,
    part: &Judged,
    bytes: &[u8],
    forgetful: bool,
) -> Result<(Vec<Difference>, i64)> {
    let rows = context.store.rows_of(part.document, part.part).await?;
    let pinned = context.numbered(part.revision).await?;
    let mut derived = count(&pinned, part, bytes, &rows);
    let known = known::known(context, part, &derived.suspects).await?;
    let unknown = i64::try_from(derived.suspects.len()).unwrap_or(i64::MAX) - known;
    let dropped = if forgetful { (derived.rejected - known - part.rejected).clamp(0, unknown) } else { 0 };
    derived.rejected -= known + dropped;
    derived.unchanged += known + dropped;
    let pairs = [
        ("found", part.found, derived.found),
        ("unchanged", part.unchanged, derived.unchanged),
        ("rejected", part.rejected, derived.rejected),
    ];
    let differs = pairs.into_iter().filter(|(_, stored, derived)| stored != derived);
    let differences = differs.map(|(what, stored, derived)| Difference {
        document: part.document,
        kind: part.kind.clone(),
        what,
        stored,
        derived,
    });
    Ok((differences.collect(), dropped))
}

#[derive(Default)]
struct Derived {
    found: i64,
    unchanged: i64,
    rejected: i64,
    /// Of the rejected, those that may have been found unchanged at the first look.
    suspects: Vec<Suspect>,
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
                    let is_rejected = !rows.released_unchanged.contains(&place)
                        && mapping.map(&Seen(record), part.received_at).outcome == mappings::Outcome::Reject;
                    derived.suspects.extend(is_rejected.then(|| suspect(mapping, record)).flatten());
                    is_rejected
                }
                _ => true,
            };
        if rejected { derived.rejected += 1 } else { derived.unchanged += 1 }
    }
    derived
}

fn suspect(mapping: &Mapping, record: &SourceRecord<'_>) -> Option<Suspect> {
    let seen = Seen(record);
    let key = mapping.key(&seen).ok()?;
    Some(Suspect { place: record.place, key, digest: crate::store::hex(&mapping.source_digest(&seen)) })
}
