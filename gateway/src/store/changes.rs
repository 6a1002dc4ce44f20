//! The newest versions of a kind beside the ones before them: what changed lately. Leaves comparing to `pipeline`.

use chrono::{DateTime, Utc};

use super::{Result, Store, moment};

/// A version and the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its number.
    pub seq: i64,
    /// When it was accepted.
    pub at: DateTime<Utc>,
    /// The source it came from; empty when its document is not known any more.
    pub source: String,
    /// Whether the hub made it of its own: derived again, or a deletion.
    pub again: bool,
    /// What it says.
    pub is: String,
    /// What the one before it said; none: it is its record's first, or age took the one before.
    pub was: Option<String>,
}

impl Store {
    /// The versions of a kind before number `below`, at most `limit`, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn changes(&self, kind: &str, below: i64, limit: u32) -> Result<Vec<Change>> {
        let sql = "SELECT v.seq, v.at, d.source, v.content, (SELECT w.content FROM version w WHERE w.record = v.record \
             AND w.seq < v.seq ORDER BY w.seq DESC LIMIT 1), v.again FROM (SELECT seq, record, document, at, again, content FROM version \
             WHERE kind = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3) v LEFT JOIN document d ON d.no = v.document \
             ORDER BY v.seq DESC";
        let rows = self.all(sql, vec![kind.into(), below.into(), i64::from(limit).into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Change {
                    seq: row.try_get_by_index(0)?,
                    at: moment(row.try_get_by_index(1)?),
                    source: row.try_get_by_index::<Option<String>>(2)?.unwrap_or_default(),
                    is: row.try_get_by_index(3)?,
                    was: row.try_get_by_index(4)?,
                    again: row.try_get_by_index::<i64>(5)? != 0,
                })
            })
            .collect()
    }
}
