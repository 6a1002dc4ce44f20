//! What the hub would say of records that are not in it: the same decoding, mapping and checks, without a ledger.
//! Leaves where the records come from, and printing, to the command.

use adapters::SourceRecord;
use chrono::{DateTime, Utc};
use mappings::{Mapped, Mapping};

use super::reading::Seen;

/// Judges one record alone. What only a ledger knows (unchanged, older, two sources of one key) is not asked.
#[must_use]
pub fn inspect(mapping: &Mapping, record: &SourceRecord<'_>, received_at: DateTime<Utc>) -> Mapped {
    mapping.map(&Seen(record), received_at)
}
