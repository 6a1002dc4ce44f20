//! One record's path, field by field, derived again from the stored bytes and compared with what was stored.

use std::collections::BTreeMap;

use mappings::{Issue, Key, Trace};
use serde::Serialize;

use super::{
    Context, Result,
    reading::{self, Seen},
    refine,
};
use crate::store::explain::{Delivered, Stored};

/// One record's whole path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained {
    /// `kind/id_space/id`.
    pub key: String,
    /// Every accepted state, oldest first.
    pub versions: Vec<ExplainedVersion>,
    /// Records of this key that made no version: held, rejected or stale.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Other>,
    /// Whether every version came out the same again.
    pub derived_again: bool,
}

/// Where bytes came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FromDocument {
    /// SHA-256 of the bytes, hex.
    pub digest: String,
    /// When they were received, RFC 3339.
    pub received_at: String,
    /// `source/service`.
    pub service: String,
}

/// One field: as written, where, by which rule, what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedField {
    /// As the source wrote it.
    pub raw: Option<String>,
    /// The path in the source's record.
    pub place: String,
    /// The rule that made the value.
    pub rule: String,
    /// The canonical value.
    pub value: Option<String>,
}

/// What became of it at one destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedDelivery {
    /// The destination.
    pub destination: String,
    /// The state there.
    pub state: String,
    /// The batch it last went in.
    pub batch: Option<String>,
    /// The receiver's words, or what it waits for.
    pub answer: Option<String>,
}

/// One accepted state.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedVersion {
    /// Its sequence number.
    pub seq: i64,
    /// Where its bytes came from.
    pub document: FromDocument,
    /// Its place in the document, from 0.
    pub place: u32,
    /// Hash of the revision that made it.
    pub revision: String,
    /// Field by field.
    pub fields: BTreeMap<String, ExplainedField>,
    /// What was noted about it.
    pub issues: Vec<Issue>,
    /// What became of it.
    pub deliveries: Vec<ExplainedDelivery>,
}

/// A record of the key that made no version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Other {
    /// Its document's number.
    pub document: i64,
    /// Its place there, from 0.
    pub place: u32,
    /// The verdict.
    pub verdict: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why.
    pub issues: Vec<Issue>,
}

/// Keys of a kind that `text` can mean: an id in any spelling, or `id_space/id`.
///
/// # Errors
/// When the ledger does not answer.
pub async fn find(context: &Context, kind: &str, text: &str) -> Result<Vec<(Key, Option<i64>)>> {
    let (space, id) = text.split_once('/').map_or((None, text), |(space, id)| (Some(space), id));
    let spellings = [space.unwrap_or("uuid"), "registered"]
        .into_iter()
        .filter_map(|space| mappings::normal_id(space, id));
    let mut ids: Vec<String> = spellings.collect();
    ids.dedup();
    Ok(context.store.find(kind, space, &ids).await?)
}

/// Explains one record.
///
/// # Errors
/// When the ledger does not answer or its bytes are gone.
pub async fn explain(context: &Context, key: &Key, record: Option<i64>) -> Result<Explained> {
    let mut versions = Vec::new();
    let mut derived_again = true;
    for stored in match record {
        Some(record) => context.store.versions(record).await?,
        None => Vec::new(),
    } {
        let (version, same) = version(context, key, record.unwrap_or_default(), &stored).await?;
        derived_again &= same;
        versions.push(version);
    }
    let others = context.store.unversioned(key).await?.into_iter().map(|other| Other {
        document: other.document,
        place: other.place,
        verdict: other.verdict,
        at: other.at.to_rfc3339(),
        issues: other.issues,
    });
    Ok(Explained { key: key.to_string(), versions, others: others.collect(), derived_again })
}

async fn version(
    context: &Context,
    key: &Key,
    record: i64,
    stored: &Stored,
) -> Result<(ExplainedVersion, bool)> {
    let pinned = context.numbered(stored.revision).await?;
    let landed = context.store.document(stored.document).await?;
    let landed = landed
        .ok_or_else(|| crate::store::StoreError::Corrupt(format!("没有第 {} 号文档", stored.document)))?;
    let bytes = context.store.blob(&landed.digest).await?;
    let (traces, same) =
        derive(&pinned, &landed.source, &landed.service, stored, &bytes, landed.received_at, key);
    let deliveries = context.store.deliveries(&key.kind, record, stored.seq).await?;
    let explained = ExplainedVersion {
        seq: stored.seq,
        document: FromDocument {
            digest: landed.digest,
            received_at: landed.received_at.to_rfc3339(),
            service: format!("{}/{}", landed.source, landed.service),
        },
        place: stored.place,
        revision: pinned.rules.revision.hash.clone(),
        fields: traces.into_iter().map(field).collect(),
        issues: context.store.issues_at(stored.document, stored.place).await?,
        deliveries: deliveries.into_iter().map(delivery).collect(),
    };
    Ok((explained, same))
}

fn derive(
    pinned: &super::Pinned,
    source: &str,
    service: &str,
    stored: &Stored,
    bytes: &[u8],
    received_at: chrono::DateTime<chrono::Utc>,
    key: &Key,
) -> (Vec<Trace>, bool) {
    let Some(mapping) = pinned.rules.rulebook.mapping(source, service) else { return (Vec::new(), false) };
    let decoder = refine::decoder(pinned, source);
    let Ok(record) = reading::one(decoder, bytes, stored.from, stored.length, stored.place) else {
        return (Vec::new(), false);
    };
    let (mapped, traces) = mapping.trace(&Seen(&record), received_at);
    let kind = pinned.rules.rulebook.kind(mapping.kind());
    let again =
        kind.zip(mapped.contribution).and_then(|(kind, contribution)| mappings::merge(kind, &[contribution]));
    let same = again.is_some_and(|again| {
        &again.key == key
            && again.content.to_json() == stored.content
            && crate::store::hex(&again.content_digest) == stored.content_digest
    });
    (traces, same)
}

fn field(trace: Trace) -> (String, ExplainedField) {
    (trace.field, ExplainedField { raw: trace.raw, place: trace.place, rule: trace.rule, value: trace.value })
}

fn delivery(delivered: Delivered) -> ExplainedDelivery {
    let Delivered { destination, state, batch, answer } = delivered;
    ExplainedDelivery { destination, state, batch, answer }
}
