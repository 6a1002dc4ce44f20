//! Systems that records are sent to.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{error::AdapterError, record::WireRecord};

mod any;
mod config;
mod credential;
mod envelope;
mod naming;
mod rest;
mod verdict;

pub use any::AnyDestination;
pub use config::{
    CipherName, Condition, DestinationConfig, DestinationConnect, Envelope, GroupAuth, HeaderCondition,
    Named, Outcome, RefusalClass, RestDestinationConnect, Unnamed, VerdictConfig, Words,
};
pub use envelope::Encoder;
pub use rest::RestDestination;
pub use verdict::Reader;

/// What a batch carries, before any transport wrapping. Frozen: sent again byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The bytes, e.g. a JSON array.
    pub bytes: Vec<u8>,
}

/// Records that travel together, frozen.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'b> {
    /// The batch's own id.
    pub id: &'b str,
    /// The kind its records have.
    pub kind: &'b str,
    /// The receiver's name for the kind: the last part of the path.
    pub path: &'b str,
    /// The group, e.g. a companyCode; empty when ungrouped.
    pub group: &'b str,
    /// The receiver's ids of its records, in order.
    pub members: &'b [String],
    /// The payload.
    pub payload: &'b [u8],
}

/// What came back, as received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`, where the answer had one.
    pub retry_after: Option<Duration>,
    /// The headers that a verdict rule asks for, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, up to the cap.
    pub body: Vec<u8>,
    /// SHA-256 (hex) of what went out after wrapping.
    pub sent_digest: String,
    /// Parameters of the wrapping, without secrets (`aes-128-cbc key=env:…`).
    pub sent_with: String,
}

/// What an answer says about the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// All were taken.
    Taken,
    /// These were refused: (wire id, reason). The others were taken or must go again.
    Named {
        /// The refused.
        refused: Vec<(String, String)>,
        /// Whether the unnamed were taken (`true`) or go again in a new batch.
        others_taken: bool,
    },
    /// The batch was refused and no row was named. `data`: the rule's class says a row is to blame.
    Whole {
        /// Whether to look for the guilty row by halves.
        data: bool,
        /// The receiver's words.
        reason: String,
    },
    /// Not now; the same batch again later.
    Busy {
        /// Not before this long.
        after: Option<Duration>,
        /// The receiver's words.
        reason: String,
    },
    /// Nobody can tell: the same bytes again later.
    Unknown {
        /// Why.
        reason: String,
    },
}

/// Records that cannot be put in this destination's form.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub struct EncodeError(pub String);

/// A system that records are sent to.
pub trait Destination {
    /// Puts records in the destination's form. Pure.
    ///
    /// # Errors
    /// When a record's body is not what the form needs.
    fn encode(&self, records: &[WireRecord]) -> Result<Payload, EncodeError>;

    /// Sends the batch once, never waits for the limit: [`crate::Retry::Paced`] says how long to.
    fn deliver(&self, batch: &Batch<'_>) -> impl Future<Output = Result<Answer, AdapterError>> + Send;

    /// Reads an answer by the destination's rules. Pure.
    fn read(&self, batch: &Batch<'_>, answer: &Answer) -> Receipt;

    /// Counts a request that another holder may have made at `last`: the limit holds across a takeover.
    fn remember_sent(&self, last: DateTime<Utc>);
}
