//! Every decoder that ships, behind one type: a new format is a variant and its match arms. Built from a pinned
//! configuration alone, never from a live source.

use super::JsonRecords;
use crate::record::{Decode, Part, SourceRecord, Undecodable};

/// A decoder of some format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnyDecoder {
    /// JSON records.
    Json(JsonRecords),
}

/// What reads documents of a source that is no longer configured: every source so far speaks JSON.
impl Default for AnyDecoder {
    fn default() -> Self {
        Self::Json(JsonRecords)
    }
}

impl Decode for AnyDecoder {
    fn decode<'d>(&self, part: &Part<'d>) -> impl Iterator<Item = Result<SourceRecord<'d>, Undecodable>> {
        match self {
            Self::Json(records) => records.decode(part),
        }
    }
}
