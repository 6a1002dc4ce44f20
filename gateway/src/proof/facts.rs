//! What the journal says of things in the ledger: enough to make them again in a ledger that was restored to an earlier
//! state. Read and written by `store`, carried in lines by `journal`.

use serde::{Deserialize, Serialize};

/// A batch about to be sent, without its members and bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchFacts {
    /// Its id at the receiver.
    pub id: String,
    /// Its sequence number.
    pub no: i64,
    /// The destination.
    pub destination: String,
    /// The kind of its records.
    pub kind: String,
    /// The receiver's name for it.
    pub path: String,
    /// Whose records it holds, where batches hold one owner's.
    pub group: String,
    /// The revision that froze it.
    pub revision: i64,
    /// Which half of which batch it is.
    pub split: Option<String>,
    /// When it was frozen, ms.
    pub frozen_at: i64,
}

/// A member of a batch with the version it carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its id at the receiver.
    pub wire_id: String,
    /// Its key.
    pub id_space: String,
    /// Its key.
    pub id: String,
    /// The record's number.
    pub record: i64,
    /// The source it is of.
    pub source: String,
    /// The version's number.
    pub seq: i64,
    /// Where it came from.
    pub document: i64,
    /// The part of it.
    pub part: i64,
    /// The place in it.
    pub place: i64,
    /// First byte.
    pub byte_from: i64,
    /// Bytes.
    pub byte_length: i64,
    /// The revision that accepted it.
    pub revision: i64,
    /// The state itself.
    pub content: String,
    /// Digest of it.
    pub content_digest: String,
    /// Digest of the source record; empty where a newer version had taken its place.
    pub source_digest: String,
    /// What it refers to.
    pub parents: String,
    /// What it was merged from.
    pub inputs: String,
    /// Its owner's scheme.
    pub owner_scheme: Option<String>,
    /// Its owner.
    pub owner: Option<String>,
    /// Its region.
    pub region: Option<String>,
    /// Its industry.
    pub industry: Option<String>,
    /// Whether it is a test, 1 or 0.
    pub test: i64,
    /// The sender's own time of it, ms.
    pub as_of: Option<i64>,
    /// When it was accepted, ms.
    pub at: i64,
}

/// A document that versions came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentFacts {
    /// Its number.
    pub no: i64,
    /// The source.
    pub source: String,
    /// Its list.
    pub service: String,
    /// Digest of its bytes.
    pub blob: String,
    /// Their number.
    pub length: i64,
    /// What was asked.
    pub asked: String,
    /// When it was received, ms.
    pub received_at: i64,
    /// The revision it landed under.
    pub revision: i64,
}

/// What is needed to make a batch's members again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contents {
    /// The members in order.
    pub members: Vec<Member>,
    /// The documents their versions came from.
    pub documents: Vec<DocumentFacts>,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeFacts {
    /// The batch.
    pub batch: String,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// What the answer was taken for.
    pub read: String,
    /// SHA-256 of what went out.
    pub sent_digest: String,
    /// The wrapping's parameters.
    pub sent_with: String,
    /// Members that were not confirmed, by their place in the batch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Other>,
}

/// A member that was not confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// Its place in the batch, from 0.
    pub ord: usize,
    /// The receiver's words, where it refused it; none: it goes again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Which half of a refused batch it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
}

/// A document that landed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptFacts {
    /// Its number.
    pub no: i64,
    /// The source.
    pub source: String,
    /// Its list.
    pub service: String,
    /// Digest of its bytes.
    pub digest: String,
    /// Their number.
    pub length: u64,
}

/// A configuration that made something the journal speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionFacts {
    /// Its number.
    pub no: i64,
    /// Its hash.
    pub hash: String,
    /// The engine it was stored under.
    pub engine: i64,
    /// Its files.
    pub files: String,
}
