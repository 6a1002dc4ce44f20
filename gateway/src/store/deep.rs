//! What was judged, part by part, for deriving it again.

use std::collections::HashSet;

use super::{Result, Store, StoreError, moment};

/// A judged part with its stored counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Its document.
    pub document: i64,
    /// Its number.
    pub part: i64,
    /// The source.
    pub source: String,
    /// The list.
    pub service: String,
    /// The kind.
    pub kind: String,
    /// Digest of the document's bytes.
    pub blob: String,
    /// The revision that judged it.
    pub revision: i64,
    /// Place of its first record.
    pub first: u32,
    /// First byte.
    pub from: u64,
    /// Byte after the last.
    pub to: u64,
    /// When the document was received.
    pub received_at: chrono::DateTime<chrono::Utc>,
    /// Records found.
    pub found: i64,
    /// Unchanged ones.
    pub unchanged: i64,
    /// Rejected ones.
    pub rejected: i64,
}

/// Places in a part that have rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rows {
    /// With a version.
    pub accepted: HashSet<u32>,
    /// Held now.
    pub held: HashSet<u32>,
    /// Held once, rejected since.
    pub released_rejected: HashSet<u32>,
    /// Held once, unchanged since.
    pub released_unchanged: HashSet<u32>,
}

impl Store {
    /// Every judged part, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn judged_parts(&self) -> Result<Vec<Judged>> {
        let sql = "SELECT p.document, p.part, p.source, p.service, p.kind, d.blob, p.revision, p.first, p.byte_from, p.byte_to, \
             d.received_at, p.found, p.unchanged, p.rejected FROM part p JOIN document d ON d.no = p.document \
             WHERE p.state = 'judged' ORDER BY p.document, p.part";
        self.all(sql, vec![]).await?.iter().map(judged).collect()
    }

    /// The bytes of a digest, or in words why they can no longer be read: gone, not to be unpacked, or others than they
    /// were.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn original(&self, digest: &str) -> Result<std::result::Result<Vec<u8>, String>> {
        match self.blob(digest).await {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(StoreError::Corrupt(why)) => Ok(Err(why)),
            Err(error) => Err(error),
        }
    }

    /// Places of a part that have rows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rows_of(&self, document: i64, part: i64) -> Result<Rows> {
        let values = || vec![document.into(), part.into()];
        let mut rows = Rows::default();
        for row in self.all("SELECT place FROM version WHERE document = $1 AND part = $2", values()).await? {
            rows.accepted.insert(place(&row)?);
        }
        for row in
            self.all("SELECT place, state FROM held WHERE document = $1 AND part = $2", values()).await?
        {
            let state: String = row.try_get_by_index(1)?;
            match state.as_str() {
                "held" => rows.held.insert(place(&row)?),
                "rejected" => rows.released_rejected.insert(place(&row)?),
                "unchanged" => rows.released_unchanged.insert(place(&row)?),
                _ => false,
            };
        }
        Ok(rows)
    }
}

fn place(row: &sea_orm::QueryResult) -> Result<u32> {
    Ok(u32::try_from(row.try_get_by_index::<i64>(0)?).unwrap_or_default())
}

fn judged(row: &sea_orm::QueryResult) -> Result<Judged> {
    let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
    Ok(Judged {
        document: number(0)?,
        part: number(1)?,
        source: row.try_get_by_index(2)?,
        service: row.try_get_by_index(3)?,
        kind: row.try_get_by_index(4)?,
        blob: row.try_get_by_index(5)?,
        revision: number(6)?,
        first: u32::try_from(number(7)?).unwrap_or_default(),
        from: u64::try_from(number(8)?).unwrap_or_default(),
        to: u64::try_from(number(9)?).unwrap_or_default(),
        received_at: moment(number(10)?),
        found: number(11)?,
        unchanged: number(12)?,
        rejected: number(13)?,
    })
}
