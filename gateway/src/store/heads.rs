//! The newest accepted state of each key, read for a whole part at once.

use mappings::Key;
use serde::Serialize;

use super::{
    Result, Store,
    rows::{self, Col, Cols},
};

/// What judging needs to know of a key's newest state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The record's number; 0 while its first version is not written.
    pub record: i64,
    /// The source that owns the key.
    pub source: String,
    /// Its place in time.
    pub place: (i64, u32),
    /// Digest of the source record that made it, hex.
    pub source_digest: String,
    /// Digest of its content, hex.
    pub content_digest: String,
    /// The source's own time of it, ms.
    pub as_of: Option<i64>,
}

#[derive(Serialize)]
struct Row<'a> {
    n: usize,
    kind: &'a str,
    id_space: &'a str,
    id: &'a str,
}

const COLUMNS: Cols = &[("n", Col::Int), ("kind", Col::Text), ("id_space", Col::Text), ("id", Col::Text)];

impl Store {
    /// The heads of `keys`, in their order; `None` where a key is new.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn heads(&self, keys: &[&Key]) -> Result<Vec<Option<Head>>> {
        let rows: Vec<Row<'_>> = keys
            .iter()
            .enumerate()
            .map(|(n, key)| Row { n, kind: &key.kind, id_space: &key.id_space, id: &key.id })
            .collect();
        let sql = format!(
            "SELECT r.n, h.no, h.source, h.document, h.place, h.source_digest, h.content_digest, h.as_of \
             FROM {} JOIN record h ON h.kind = r.kind AND h.id_space = r.id_space AND h.id = r.id",
            rows::from(self.backend(), 1, COLUMNS)
        );
        let mut heads = vec![None; keys.len()];
        for row in self.all(&sql, vec![rows::bind(&rows)?]).await? {
            let n = usize::try_from(row.try_get_by_index::<i64>(0)?).unwrap_or(usize::MAX);
            if let Some(slot) = heads.get_mut(n) {
                *slot = Some(read(&row)?);
            }
        }
        Ok(heads)
    }
}

fn read(row: &sea_orm::QueryResult) -> Result<Head> {
    let place: i64 = row.try_get_by_index(4)?;
    Ok(Head {
        record: row.try_get_by_index(1)?,
        source: row.try_get_by_index(2)?,
        place: (row.try_get_by_index(3)?, u32::try_from(place).unwrap_or(u32::MAX)),
        source_digest: row.try_get_by_index(5)?,
        content_digest: row.try_get_by_index(6)?,
        as_of: row.try_get_by_index(7)?,
    })
}
