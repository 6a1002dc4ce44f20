//! Records that wait for a person or a table.

use std::collections::HashMap;

use mappings::Key;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::{Result, Store, entity::held, moment};

/// A held record, to be judged again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its document.
    pub document: i64,
    /// Digest of the document's bytes.
    pub blob: String,
    /// Its place in the document.
    pub place: u32,
    /// The part it came in.
    pub part: i64,
    /// The list it came from.
    pub service: String,
    /// Its kind, as far as known.
    pub kind: String,
    /// First byte in the document.
    pub from: u64,
    /// Bytes.
    pub length: u32,
    /// When the document was received.
    pub received_at: chrono::DateTime<chrono::Utc>,
}

/// The newest held record of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldHead {
    /// Its place in time.
    pub place: (i64, u32),
    /// Digest of the source record, hex.
    pub source_digest: String,
}

impl Store {
    /// The oldest held records of a source last judged under another revision than `revision`, in landing order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_under_other(&self, source: &str, revision: i64, limit: u32) -> Result<Vec<Held>> {
        let sql = "SELECT h.document, d.blob, h.place, h.part, h.service, h.byte_from, h.byte_length, d.received_at, h.kind \
             FROM held h JOIN document d ON d.no = h.document \
             WHERE h.source = $1 AND h.state = 'held' AND h.revision <> $2 ORDER BY h.document, h.place LIMIT $3";
        let rows = self.all(sql, vec![source.into(), revision.into(), i64::from(limit).into()]).await?;
        rows.iter()
            .map(|row| {
                let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
                Ok(Held {
                    document: number(0)?,
                    blob: row.try_get_by_index(1)?,
                    place: u32::try_from(number(2)?).unwrap_or_default(),
                    part: number(3)?,
                    service: row.try_get_by_index(4)?,
                    from: u64::try_from(number(5)?).unwrap_or_default(),
                    length: u32::try_from(number(6)?).unwrap_or_default(),
                    received_at: moment(number(7)?),
                    kind: row.try_get_by_index(8)?,
                })
            })
            .collect()
    }

    /// The newest held record of each key of a source that has one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn newest_held(&self, source: &str) -> Result<HashMap<Key, HeldHead>> {
        let sql = "SELECT kind, id_space, id, document, place, source_digest FROM held \
             WHERE source = $1 AND state = 'held' AND id <> '' ORDER BY document, place";
        let rows = self.all(sql, vec![source.into()]).await?;
        rows.iter()
            .map(|row| {
                let key = Key {
                    kind: row.try_get_by_index(0)?,
                    id_space: row.try_get_by_index(1)?,
                    id: row.try_get_by_index(2)?,
                };
                let place: i64 = row.try_get_by_index(4)?;
                let place = (row.try_get_by_index(3)?, u32::try_from(place).unwrap_or_default());
                Ok((key, HeldHead { place, source_digest: row.try_get_by_index(5)? }))
            })
            .collect()
    }

    /// How many records are held.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_count(&self) -> Result<u64> {
        Ok(held::Entity::find().filter(held::Column::State.eq("held")).count(&self.connection).await?)
    }
}
