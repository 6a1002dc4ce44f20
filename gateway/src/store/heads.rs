//! The newest accepted state of each key, read for a whole part at once.

use mappings::Key;

use sea_orm::QueryResult;

use super::{
    Result, Store,
    contributions::Voice,
    retire::{is_left, is_mark},
    rows::{Bound, left_join, row},
};

/// What judging needs to know of a key's newest state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The record's number; 0 while its first version is not written.
    pub record: i64,
    /// The source that owns the key.
    pub source: String,
    /// What its source says for the key, where an alias joins that to it; else empty.
    pub said: String,
    /// Its place in time.
    pub place: (i64, u32),
    /// Digest of the source record that made it, hex; a mark where the hub deleted the record.
    pub source_digest: String,
    /// Digest of its content, hex.
    pub content_digest: String,
    /// The source's own time of it, ms.
    pub as_of: Option<i64>,
}

impl Head {
    /// Whether the hub deleted the record, and its source has said nothing of it since.
    #[must_use]
    pub fn is_retired(&self) -> bool {
        is_mark(&self.source_digest)
    }

    /// Whether nobody speaks of the key any more: what its source said stands under another.
    #[must_use]
    pub fn is_left(&self) -> bool {
        is_left(&self.source_digest)
    }

    /// Who speaks of it, and for which id.
    #[must_use]
    pub fn voice(&self) -> Voice {
        Voice { source: self.source.clone(), said: self.said.clone() }
    }
}

/// How a record stands to its key's newest state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There is no state of the key.
    New,
    /// The newest state is this source's, and its source record was the same.
    Same,
    /// The newest state is another.
    Other(Head),
}

/// What is asked of one record.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Its key.
    pub key: &'a Key,
    /// Digest of the source record, hex; empty where the head is wanted whatever it says.
    pub digest: &'a str,
}

row! { AskedRow<'a> {
    n: usize,
    kind: &'a str,
    id_space: &'a str,
    id: &'a str,
    digest: &'a str,
} }

impl Store {
    /// How each of these records of `source` stands, in their order. Heads that say the same stay in the database: of a
    /// full batch that comes every night, almost all do.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn standings(&self, source: &str, asked: &[Asked<'_>]) -> Result<Vec<Standing>> {
        let rows: Vec<AskedRow<'_>> = asked.iter().enumerate().map(row_of).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let key = "h.kind = r.kind AND h.id_space = r.id_space AND h.id = r.id";
        let sql = format!(
            "SELECT r.n, h.no, h.source, h.document, h.place, h.source_digest, h.content_digest, h.as_of, h.said FROM {} {} \
             WHERE h.no IS NULL OR h.source <> $1 OR h.source_digest <> r.digest",
            bound.from,
            left_join(self.backend(), "record", "h", key)
        );
        let mut standings = vec![Standing::Same; asked.len()];
        for row in self.all(&sql, bound.after([source.into()])).await? {
            let n = usize::try_from(row.try_get_by_index::<i64>(0)?).unwrap_or(usize::MAX);
            if let Some(slot) = standings.get_mut(n) {
                *slot = standing(&row)?;
            }
        }
        Ok(standings)
    }
}

fn row_of<'a>((n, asked): (usize, &Asked<'a>)) -> AskedRow<'a> {
    let key = asked.key;
    AskedRow { n, kind: &key.kind, id_space: &key.id_space, id: &key.id, digest: asked.digest }
}

fn standing(row: &QueryResult) -> Result<Standing> {
    let Some(record) = row.try_get_by_index(1)? else { return Ok(Standing::New) };
    let place: i64 = row.try_get_by_index(4)?;
    Ok(Standing::Other(Head {
        record,
        source: row.try_get_by_index(2)?,
        place: (row.try_get_by_index(3)?, u32::try_from(place).unwrap_or(u32::MAX)),
        source_digest: row.try_get_by_index(5)?,
        content_digest: row.try_get_by_index(6)?,
        as_of: row.try_get_by_index(7)?,
        said: row.try_get_by_index(8)?,
    }))
}
