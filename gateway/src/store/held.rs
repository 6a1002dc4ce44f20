//! Records that wait for a person or a table.

use std::collections::HashSet;

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
    /// First byte in the document.
    pub from: u64,
    /// Bytes.
    pub length: u32,
    /// When the document was received.
    pub received_at: chrono::DateTime<chrono::Utc>,
}

impl Store {
    /// The oldest held records of a source last judged under another revision than `revision`, in landing order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_under_other(&self, source: &str, revision: i64, limit: u32) -> Result<Vec<Held>> {
        let sql = "SELECT h.document, d.blob, h.place, h.part, h.service, h.byte_from, h.byte_length, d.received_at \
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
                })
            })
            .collect()
    }

    /// Keys of a source that have a held record.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_keys(&self, source: &str) -> Result<HashSet<Key>> {
        let sql = "SELECT DISTINCT kind, id_space, id FROM held WHERE source = $1 AND state = 'held' AND id <> ''";
        let rows = self.all(sql, vec![source.into()]).await?;
        rows.iter()
            .map(|row| Ok(Key { kind: row.try_get_by_index(0)?, id_space: row.try_get_by_index(1)?, id: row.try_get_by_index(2)? }))
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
