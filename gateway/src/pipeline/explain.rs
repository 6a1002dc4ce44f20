//! One record's path, field by field, derived again from the stored bytes and compared with what was stored. Leaves what
//! several sources say of it to `together`.

mod links;
mod owner;
mod together;

use std::collections::BTreeMap;

use mappings::{Content, Issue, Key, Kind, Trace};
use serde::Serialize;

use super::{
    Context, Result,
    reading::{self, Seen},
    refine,
};
pub use together::SourceSays;

use crate::store::{
    deep::Lost,
    documents::Landed,
    explain::{Delivered, Stored},
    returned::{ReturnState, Returned},
    sweeps,
};
pub use links::{FromFile, Links, Receipt};
pub use owner::Owned;

/// Bytes of a text that nobody would read, hence an image as engine 1 kept it.
const LONGEST_SHOWN: usize = 16_384;

/// One record's whole path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explained {
    /// `kind/id_space/id`.
    pub key: String,
    /// Every accepted state, oldest first.
    pub versions: Vec<ExplainedVersion>,
    /// What each source says of it, where more than one does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceSays>,
    /// Records of this key that made no version: held, rejected or stale.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Other>,
    /// Its fields that were given back to their sender.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub returned: Vec<ReturnTold>,
    /// Whether every version is there, those apart that age took, and came out the same again where its bytes are kept.
    pub derived_again: bool,
    /// The version its row says it stands at, where the log lacks it.
    #[serde(skip)]
    pub missing: Option<i64>,
    /// How many versions age took, when and by which rule, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<String>,
}

/// Where bytes came from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct FromDocument {
    /// SHA-256 of the bytes, hex.
    pub digest: String,
    /// When they were received, RFC 3339.
    pub received_at: String,
    /// `source/service`.
    pub service: String,
}

/// One field: as written, where, by which rule, what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
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
    /// Why the hub deleted the record by it, where it is a version of the hub's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired: Option<Retired>,
    /// Whose it is as the roster stands now, where it names an owner and there is a roster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owned>,
    /// What was noted about it.
    pub issues: Vec<Issue>,
    /// What became of it.
    pub deliveries: Vec<ExplainedDelivery>,
    /// Whether it came out the same again; also where age took its bytes, so that nothing can be compared.
    #[serde(skip)]
    pub same: bool,
    /// Why its bytes can no longer be read, if so; its fields are then those stored, underived.
    #[serde(skip)]
    pub damaged: Option<String>,
    /// When and by which rule its bytes were dropped, if so; its fields are then those stored, underived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<String>,
    /// Names and labels of the fields, in the order of the kind as its revision had it.
    #[serde(skip)]
    pub labels: Vec<(String, String)>,
    /// What ties it to a file and to other records.
    #[serde(flatten)]
    pub links: Links,
}

/// A deletion of the hub's own, and the whole pass that did not name the record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Retired {
    /// By what: `sweep:17`.
    pub by: String,
    /// The number of the sweep, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep: Option<i64>,
    /// `source/service` of the pass.
    pub service: String,
    /// The pass's first and last document.
    pub documents: (i64, i64),
    /// When its first document was received, RFC 3339.
    pub began: String,
    /// When it came to its end, RFC 3339.
    pub ended: String,
    /// Who let it go, where it was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A field that a person gave back to its sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReturnTold {
    /// Its number.
    pub no: i64,
    /// The field.
    pub field: String,
    /// Its value, masked if personal.
    pub value: String,
    /// The version it was said of.
    pub version: i64,
    /// Who is to mend it.
    pub source: String,
    /// `open`, `answered`, `gone`, `undone`.
    pub state: ReturnState,
    /// Why.
    pub why: String,
    /// Who.
    pub who: String,
    /// When, RFC 3339.
    pub at: String,
}

/// A record of the key that made no version.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Other {
    /// Its document's number.
    pub document: i64,
    /// Its place there, from 0.
    pub place: u32,
    /// The verdict then.
    pub verdict: String,
    /// What became of a held one since: `held`, `accepted`, `unchanged`, `rejected`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// When, RFC 3339.
    pub at: String,
    /// Why.
    pub issues: Vec<Issue>,
    /// Why its bytes can no longer be read, if so.
    #[serde(skip)]
    pub damaged: Option<String>,
    /// When and by which rule its bytes were dropped, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<String>,
    /// What ties it to a file and to other records.
    #[serde(flatten)]
    pub links: Links,
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
/// When the ledger does not answer. A damaged original is no error: what cannot be derived again says why.
pub async fn explain(context: &Context, key: &Key, record: Option<i64>) -> Result<Explained> {
    let (mut versions, mut missing, mut dropped) = (Vec::new(), None, None);
    let sources = together::sources(context, key).await?;
    if let Some(record) = record {
        // before the log, which only grows: a version that comes meanwhile is not missed
        let head = context.store.head(record).await?;
        dropped = context.store.dropped_versions(record).await?;
        for stored in context.store.versions(record).await? {
            versions.push(version(context, key, record, &stored).await?);
        }
        owner::attribute(context, record, &mut versions).await?;
        missing = head.filter(|head| !versions.iter().any(|version: &ExplainedVersion| version.seq == *head));
    }
    let others = others(context, key).await?;
    let returned = returned(context, record).await?;
    let readable = others.iter().all(|other| other.damaged.is_none());
    let derived_again = versions.iter().all(|version| version.same) && missing.is_none() && readable;
    let key = key.to_string();
    Ok(Explained { key, versions, sources, others, returned, derived_again, missing, dropped })
}

/// What was given back, and whether its sender has answered.
async fn returned(context: &Context, record: Option<i64>) -> Result<Vec<ReturnTold>> {
    let Some(record) = record else { return Ok(Vec::new()) };
    let told = |own: Returned| ReturnTold {
        no: own.no,
        field: own.issue.field,
        value: own.issue.value,
        version: own.version,
        source: own.source,
        state: own.state,
        why: own.word.0,
        who: own.word.1,
        at: own.word.2.to_rfc3339(),
    };
    Ok(context.store.returned("", record).await?.into_iter().map(told).collect())
}

async fn others(context: &Context, key: &Key) -> Result<Vec<Other>> {
    let mut others = Vec::new();
    for other in context.store.unversioned(key).await? {
        let (landed, bytes) = original(context, other.document).await?;
        let (damaged, dropped) = lost(bytes.err());
        let at = (other.document, other.place);
        let links = match landed {
            Some(landed) => links::links_of_bad(context, &landed.source, at).await?,
            None => Links::default(),
        };
        others.push(Other {
            document: other.document,
            place: other.place,
            verdict: other.verdict,
            state: other.state,
            at: other.at.to_rfc3339(),
            issues: other.issues,
            damaged,
            dropped,
            links,
        });
    }
    Ok(others)
}

/// A document and its bytes; where either is gone, what is left and why.
async fn original(
    context: &Context,
    document: i64,
) -> Result<(Option<Landed>, std::result::Result<Vec<u8>, Lost>)> {
    let Some(landed) = context.store.document(document).await? else {
        return Ok((None, Err(Lost::Damaged(format!("没有第 {document} 号文档")))));
    };
    let bytes = context.store.original(&landed.digest).await?;
    Ok((Some(landed), bytes))
}

/// What is damaged, and what age took.
fn lost(lost: Option<Lost>) -> (Option<String>, Option<String>) {
    match lost {
        Some(Lost::Damaged(why)) => (Some(why), None),
        Some(Lost::Dropped(why)) => (None, Some(why)),
        None => (None, None),
    }
}

async fn version(context: &Context, key: &Key, record: i64, stored: &Stored) -> Result<ExplainedVersion> {
    let pinned = context.numbered(stored.revision).await?;
    let (landed, bytes) = original(context, stored.document).await?;
    let (fields, same) = match (&landed, &bytes) {
        (Some(landed), Ok(bytes)) => {
            let (traces, same) = again(context, &pinned, landed, stored, bytes, key).await?;
            let fields: BTreeMap<_, _> = traces.into_iter().map(field).collect();
            (if fields.is_empty() { kept(stored) } else { fields }, same)
        }
        (_, Err(Lost::Dropped(_))) => (kept(stored), true),
        _ => (kept(stored), false),
    };
    let (damaged, dropped) = lost(bytes.err());
    let deliveries = context.store.deliveries(&key.kind, record, stored.seq).await?;
    Ok(ExplainedVersion {
        seq: stored.seq,
        document: from_document(landed),
        place: stored.place,
        revision: pinned.rules.revision.hash.clone(),
        fields,
        issues: match &stored.mark {
            Some(_) => Vec::new(),
            None => context.store.notes(stored.document, stored.place, stored.revision).await?,
        },
        retired: retired(context, stored).await?,
        owner: None,
        deliveries: deliveries.into_iter().map(delivery).collect(),
        same,
        damaged,
        dropped,
        labels: pinned.rules.rulebook.kind(&key.kind).map(labels).unwrap_or_default(),
        links: links::links(context, (stored.document, stored.place)).await?,
    })
}

async fn retired(context: &Context, stored: &Stored) -> Result<Option<Retired>> {
    let Some(by) = stored.mark.clone() else { return Ok(None) };
    let no = sweeps::number_in(&by);
    let sweep = match no {
        Some(no) => context.store.sweep(no).await?,
        None => None,
    };
    let Some(sweep) = sweep else { return Ok(Some(Retired { by, sweep: no, ..Retired::default() })) };
    let first = context.store.document(sweep.first).await?;
    Ok(Some(Retired {
        by,
        sweep: no,
        service: format!("{}/{}", sweep.source, sweep.service),
        documents: (sweep.first, sweep.last),
        began: first.map(|first| first.received_at.to_rfc3339()).unwrap_or_default(),
        ended: sweep.at.to_rfc3339(),
        who: sweep.who,
        why: sweep.why,
    }))
}

/// Names and labels of a kind's fields, in its order.
#[must_use]
pub fn labels(kind: &Kind) -> Vec<(String, String)> {
    kind.fields().iter().map(|field| (field.name().to_owned(), field.label().to_owned())).collect()
}

fn from_document(landed: Option<Landed>) -> FromDocument {
    landed.map_or_else(FromDocument::default, |landed| FromDocument {
        service: format!("{}/{}", landed.source, landed.service),
        received_at: landed.received_at.to_rfc3339(),
        digest: landed.digest,
    })
}

/// The values a version holds, where nobody can say any more how they came about.
fn kept(stored: &Stored) -> BTreeMap<String, ExplainedField> {
    let content = Content::from_json(&stored.content).unwrap_or_default();
    let shown = |value: &str| {
        let is_long = value.len() > LONGEST_SHOWN;
        if is_long { mappings::mask(Some("image"), value) } else { value.to_owned() }
    };
    let field = |value: &str| ExplainedField { value: Some(shown(value)), ..ExplainedField::default() };
    content.iter().map(|(name, value)| (name.to_owned(), field(value))).collect()
}

/// The fields of a version from its bytes, and whether it comes out the same again from all that it was made of.
pub(super) async fn again(
    context: &Context,
    pinned: &super::Pinned,
    landed: &Landed,
    stored: &Stored,
    bytes: &[u8],
    key: &Key,
) -> Result<(Vec<Trace>, bool)> {
    let (traces, same) = derive(pinned, landed, stored, bytes, key);
    let same =
        if stored.heard.is_empty() { same } else { together::again(context, pinned, stored, key).await? };
    Ok((traces, same))
}

/// The fields of a version from its bytes, and whether it comes out the same again: what its source said, and where the
/// hub deleted the record, that with the kind's mark.
fn derive(
    pinned: &super::Pinned,
    landed: &Landed,
    stored: &Stored,
    bytes: &[u8],
    key: &Key,
) -> (Vec<Trace>, bool) {
    let mapping = pinned.rules.rulebook.mapping(&landed.source, &landed.service);
    let Some(mapping) = mapping else { return (Vec::new(), false) };
    let decoder = refine::decoder(pinned, &landed.source);
    let Ok(record) = reading::one(decoder, bytes, stored.from, stored.length, stored.place) else {
        return (Vec::new(), false);
    };
    let (mapped, mut traces) = mapping.trace(&Seen(&record), landed.received_at);
    let Some(kind) = pinned.rules.rulebook.kind(mapping.kind()) else { return (traces, false) };
    let again = mapped.contribution.and_then(|contribution| mappings::merge(kind, contribution));
    let said = again.filter(|again| &again.key == key);
    let again = said.and_then(|again| match &stored.mark {
        Some(_) => mappings::retired(kind, key, &again.content, &again.parents),
        None => Some((again.content, again.content_digest)),
    });
    let same = again.is_some_and(|(content, digest)| {
        let is_as_stored =
            content.to_json() == stored.content && crate::store::hex(&digest) == stored.content_digest;
        is_as_stored || is_inline(kind, stored, &content)
    });
    if let (Some(mark), Some((field, code))) = (&stored.mark, kind.gone()) {
        // what the hub put in the place of what the source said of its deletion, if anything
        traces.retain(|trace| trace.field != field);
        traces.push(Trace {
            field: field.to_owned(),
            raw: None,
            place: String::new(),
            rule: mark.clone(),
            value: Some(code.to_owned()),
            personal: None,
        });
    }
    (traces, same)
}

/// Whether the two differ only in that the stored one holds its images as they were sent, as engine 1 kept them.
fn is_inline(kind: &Kind, stored: &Stored, again: &Content) -> bool {
    let content = Content::from_json(&stored.content);
    content.is_some_and(|content| content.with_images_named(kind) == *again)
}

fn field(trace: Trace) -> (String, ExplainedField) {
    (trace.field, ExplainedField { raw: trace.raw, place: trace.place, rule: trace.rule, value: trace.value })
}

fn delivery(delivered: Delivered) -> ExplainedDelivery {
    let Delivered { destination, state, batch, answer } = delivered;
    ExplainedDelivery { destination, state, batch, answer }
}
