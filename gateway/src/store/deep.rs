//! What was judged, part by part, for deriving it again.

use std::collections::HashSet;

use mappings::Key;

use super::{
    Result, Store, StoreError,
    explain::{Stored, heard_in},
    moment,
    retire::mark_of,
};

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
    /// When it was judged, ms.
    pub judged_at: i64,
    /// Records found.
    pub found: i64,
    /// Unchanged ones.
    pub unchanged: i64,
    /// Rejected ones.
    pub rejected: i64,
    /// Versions that age took, or records that a restore lost: it cannot be counted again. Nor can one that was judged
    /// when a recovery had put the heads of a later time back: what was older than those was not looked into.
    pub dropped: i64,
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

/// Where a record of a key lies that came before another of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    /// Its document and its place in it.
    pub at: (i64, u32),
    /// Digest of the document's bytes.
    pub blob: String,
    /// The list.
    pub service: String,
    /// First byte.
    pub from: u64,
    /// Bytes.
    pub length: u32,
    /// The revision that judged it last.
    pub revision: i64,
    /// Whether the hub deleted the record after it: what says the same is new again.
    pub retired: bool,
}

/// Why bytes can no longer be read, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// Gone, not to be unpacked, or others than they were.
    Damaged(String),
    /// Dropped by age, as the configuration says: no fault of anybody's.
    Dropped(String),
}

impl Lost {
    /// The words.
    #[must_use]
    pub fn why(self) -> String {
        match self {
            Self::Damaged(why) | Self::Dropped(why) => why,
        }
    }
}

impl Store {
    /// Every judged part, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn judged_parts(&self) -> Result<Vec<Judged>> {
        let sql = "SELECT p.document, p.part, p.source, p.service, p.kind, d.blob, p.revision, p.first, p.byte_from, p.byte_to, \
             d.received_at, p.found, p.unchanged, p.rejected, COALESCE(p.judged_at, 0), \
             p.dropped + CASE WHEN d.recovered IS NOT NULL OR EXISTS (SELECT 1 FROM recovery y \
             WHERE p.document <= y.low AND p.judged_at >= y.at) THEN p.found ELSE 0 END FROM part p JOIN document d ON d.no = p.document \
             WHERE p.state = 'judged' ORDER BY p.document, p.part";
        self.all(sql, vec![]).await?.iter().map(judged).collect()
    }

    /// Whether age has ever taken versions or issues: then not every comparison that was made can be made again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_forgetful(&self) -> Result<bool> {
        let sql = "SELECT 1 FROM retention_drop WHERE what <> 'raw' LIMIT 1";
        Ok(self.one(sql, vec![]).await?.is_some())
    }

    /// The bytes of a digest, or why they can no longer be read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn original(&self, digest: &str) -> Result<std::result::Result<Vec<u8>, Lost>> {
        match self.blob(digest).await {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(StoreError::Corrupt(why)) => Ok(Err(Lost::Damaged(why))),
            Err(error @ (StoreError::Dropped { .. } | StoreError::Lost { .. })) => {
                Ok(Err(Lost::Dropped(error.to_string())))
            }
            Err(error) => Err(error),
        }
    }

    /// The newest version of a key from the part's source that lies before a place of the part.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn version_before(&self, part: &Judged, key: &Key, place: u32) -> Result<Option<Earlier>> {
        let sql = "SELECT v.document, v.place, d.blob, d.service, v.byte_from, v.byte_length, v.revision, v.inputs \
             FROM record h JOIN version v ON v.record = h.no JOIN document d ON d.no = v.document \
             WHERE h.kind = $1 AND h.id_space = $2 AND h.id = $3 AND d.source = $4 \
             AND (v.document < $5 OR (v.document = $5 AND v.place < $6)) AND (v.again = 0 OR v.at < $7) \
             ORDER BY v.seq DESC LIMIT 1";
        let values = [before(part, key, place), vec![part.judged_at.into()]].concat();
        self.one(sql, values).await?.as_ref().map(earlier).transpose()
    }

    /// The newest record of a key from the part's source that lies before a place of the part and was held when the part
    /// was judged. Its issues lead to it: they stay when it is released.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_before(&self, part: &Judged, key: &Key, place: u32) -> Result<Option<Earlier>> {
        let sql = "SELECT h.document, h.place, d.blob, h.service, h.byte_from, h.byte_length, h.revision, '[]' \
             FROM issue i JOIN held h ON h.document = i.document AND h.place = i.place \
             JOIN document d ON d.no = h.document \
             WHERE i.kind = $1 AND i.id_space = $2 AND i.id = $3 AND i.verdict = 'held' AND h.source = $4 \
             AND (h.document < $5 OR (h.document = $5 AND h.place < $6)) \
             AND (h.settled_at IS NULL OR h.settled_at > $7) ORDER BY h.document DESC, h.place DESC LIMIT 1";
        let values = [before(part, key, place), vec![part.judged_at.into()]].concat();
        self.one(sql, values).await?.as_ref().map(earlier).transpose()
    }

    /// Deletions of the hub's own with numbers after `after`, in order, each with its key and document; and the number to go
    /// on from. No number: they were the last.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn retirements(&self, after: i64) -> Result<(Vec<(Key, Stored)>, Option<i64>)> {
        let sql = "SELECT h.kind, h.id_space, h.id, v.seq, v.document, v.place, v.byte_from, v.byte_length, v.revision, \
             v.content, v.content_digest, v.inputs FROM version v JOIN record h ON h.no = v.record \
             WHERE v.again = 1 AND v.inputs LIKE '%:%' AND v.seq > $1 ORDER BY v.seq LIMIT 1000";
        let rows = self.all(sql, vec![after.into()]).await?;
        let all: Vec<(Key, Stored)> = rows.iter().map(retirement).collect::<Result<_>>()?;
        let last = all.last().map(|(_, stored)| stored.seq);
        Ok((all.into_iter().filter(|(_, stored)| stored.mark.is_some()).collect(), last))
    }

    /// Places of a part that have rows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rows_of(&self, document: i64, part: i64) -> Result<Rows> {
        let values = || vec![document.into(), part.into()];
        let mut rows = Rows::default();
        for row in self
            .all("SELECT place FROM version WHERE document = $1 AND part = $2 AND again = 0", values())
            .await?
        {
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

fn retirement(row: &sea_orm::QueryResult) -> Result<(Key, Stored)> {
    let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
    let key = Key {
        kind: row.try_get_by_index(0)?,
        id_space: row.try_get_by_index(1)?,
        id: row.try_get_by_index(2)?,
    };
    let inputs: String = row.try_get_by_index(11)?;
    let stored = Stored {
        seq: number(3)?,
        document: number(4)?,
        place: u32::try_from(number(5)?).unwrap_or_default(),
        from: u64::try_from(number(6)?).unwrap_or_default(),
        length: u32::try_from(number(7)?).unwrap_or_default(),
        revision: number(8)?,
        content: row.try_get_by_index(9)?,
        content_digest: row.try_get_by_index(10)?,
        mark: mark_of(&inputs),
        // what several sources speak of is not swept, but all of them may say it of another key
        heard: heard_in(&inputs),
    };
    Ok((key, stored))
}

fn place(row: &sea_orm::QueryResult) -> Result<u32> {
    Ok(u32::try_from(row.try_get_by_index::<i64>(0)?).unwrap_or_default())
}

fn before(part: &Judged, key: &Key, place: u32) -> Vec<sea_orm::Value> {
    let of_key = [&key.kind, &key.id_space, &key.id, &part.source].map(|text| text.as_str().into());
    [of_key.to_vec(), vec![part.document.into(), i64::from(place).into()]].concat()
}

fn earlier(row: &sea_orm::QueryResult) -> Result<Earlier> {
    let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
    Ok(Earlier {
        at: (number(0)?, u32::try_from(number(1)?).unwrap_or_default()),
        blob: row.try_get_by_index(2)?,
        service: row.try_get_by_index(3)?,
        from: u64::try_from(number(4)?).unwrap_or_default(),
        length: u32::try_from(number(5)?).unwrap_or_default(),
        revision: number(6)?,
        retired: mark_of(&row.try_get_by_index::<String>(7)?).is_some(),
    })
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
        judged_at: number(14)?,
        dropped: number(15)?,
    })
}
