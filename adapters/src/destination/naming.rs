//! The rows a refusal names: entries of a list in the answer, matched with the members of the batch.

use super::{Batch, config::Named};
use crate::{
    codec::{
        JsonRecords,
        json::{Envelope, Listing},
    },
    http::success::cut,
    record::{Decode, Form, Part, SourceRecord},
};

/// One entry: the row it names, if any, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Naming {
    id: Option<String>,
    reason: Option<String>,
}

/// The entries of the list; none when the list is not there. An entry that cannot be read names nobody.
pub(super) fn read(named: &Named, envelope: &Envelope, body: &[u8]) -> Option<Vec<Naming>> {
    let Listing::Found(list) = &envelope.listing else { return None };
    let place = |at| usize::try_from(at).unwrap_or(usize::MAX);
    let mut entries = Vec::new();
    for extent in &list.parts {
        let bytes = body.get(place(extent.from)..place(extent.to)).unwrap_or_default();
        let part = Part { bytes, first: extent.first, offset: extent.from };
        entries.extend(JsonRecords.decode(&part).map(|record| match record {
            Ok(record) => naming(named, &record),
            Err(_) => Naming { id: None, reason: None },
        }));
    }
    Some(entries)
}

fn naming(named: &Named, record: &SourceRecord<'_>) -> Naming {
    let text = |path: &str| {
        let (_, raw) = record.fields.iter().find(|(name, _)| name == path)?;
        (raw.form != Form::Null).then(|| raw.text.to_string())
    };
    Naming { id: text(&named.id), reason: named.reason.as_deref().and_then(text) }
}

/// The members that were refused, each once with all its reasons, in the order named.
///
/// # Errors
/// Why nobody can tell: an entry names no row, or one that is not in the batch.
pub(super) fn refused(
    batch: &Batch<'_>,
    entries: &[Naming],
    otherwise: &str,
) -> Result<Vec<(String, String)>, String> {
    let mut refused: Vec<(String, String)> = Vec::new();
    for entry in entries {
        let id = entry.id.as_deref().ok_or("应答的拒收清单里有一条没有指明记录")?;
        let member =
            member(batch, id).ok_or_else(|| format!("应答拒收了不在本批里的记录 {}", cut(id, 64)))?;
        let reason = cut(entry.reason.as_deref().unwrap_or(otherwise), 500);
        match refused.iter_mut().find(|(own, _)| own == member) {
            Some((_, reasons)) if reasons.split('；').any(|own| own == reason) => {}
            Some((_, reasons)) => {
                reasons.push('；');
                reasons.push_str(&reason);
            }
            None => refused.push((member.clone(), reason)),
        }
    }
    Ok(refused)
}

/// The member meant: by exact text, else by the normal form of UUIDs.
fn member<'b>(batch: &Batch<'b>, id: &str) -> Option<&'b String> {
    batch.members.iter().find(|member| *member == id).or_else(|| {
        let wanted = uuid(id)?;
        batch.members.iter().find(|member| uuid(member) == Some(wanted))
    })
}

fn uuid(text: &str) -> Option<uuid::Uuid> {
    let text = text.trim();
    matches!(text.len(), 32 | 36).then(|| uuid::Uuid::try_parse(text).ok()).flatten()
}

#[cfg(test)]
mod tests;
