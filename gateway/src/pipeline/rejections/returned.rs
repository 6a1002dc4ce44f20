//! Accepted records that a person gave back to their sender, as rows of the sender's sheet: one a record, with all that was
//! said of it. Leaves which returns are still open to the store.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mappings::Key;

use super::{Asked, Context, Result};
use crate::store::{
    rejections::Reason,
    returned::{ReturnState, Returned as Row},
};

/// A record to give back.
#[derive(Debug)]
pub(super) struct Returned {
    /// The number of its entry: below 0, as no issue's is.
    pub(super) no: i64,
    pub(super) key: Key,
    pub(super) service: String,
    pub(super) at: (i64, u32),
    pub(super) received_at: DateTime<Utc>,
    pub(super) reason: Reason,
}

/// What is open of a source.
pub(super) async fn open(context: &Context, asked: &Asked<'_>) -> Result<Vec<Returned>> {
    let mut records: BTreeMap<i64, Vec<Row>> = BTreeMap::new();
    for row in context.store.returned(asked.source, 0).await? {
        if row.state == ReturnState::Open && asked.service.is_none_or(|wanted| wanted == row.service) {
            records.entry(row.record).or_default().push(row);
        }
    }
    let mut returned = Vec::with_capacity(records.len());
    for (record, rows) in records {
        // of several versions that were given back the newest is the one to mend
        let Some(newest) = rows.iter().max_by_key(|row| row.version) else { continue };
        returned.push(Returned {
            no: -record,
            key: newest.key.clone(),
            service: newest.service.clone(),
            at: newest.place,
            received_at: newest.received_at,
            reason: Reason {
                id: newest.key.id.clone(),
                kind: newest.key.kind.clone(),
                revision: newest.revision,
                issues: rows.iter().map(|row| row.issue.clone()).collect(),
            },
        });
    }
    Ok(returned)
}
