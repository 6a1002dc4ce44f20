//! Under which aliases a source's records stand, and what stands from it, in order: whoever moves records asks here. Leaves
//! which of them are to be moved to the pipeline.

use std::collections::HashMap;

use mappings::{Key, Parent};
use sea_orm::{QueryResult, Value};

use super::{
    Result, Store, StoreError, Write,
    rows::{Bound, join, row},
    verdicts::{Spot, all},
};

/// Records read at a time.
const PAGE: usize = 2_000;

/// How far a source's records of a kind follow the aliases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walked {
    /// Digest of the aliases they stand under, hex; empty: none.
    pub aliases: String,
    /// The revision they were last looked at under.
    pub revision: i64,
    /// How many could not be moved then.
    pub stays: i64,
}

/// What one voice says of a record that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stood {
    /// The record's number.
    pub record: i64,
    /// The key it stands under.
    pub key: Key,
    /// What its source says for that, where an alias joined it; else empty.
    pub said: String,
    /// Digest of the source record, hex; a mark where the hub deleted the record.
    pub source_digest: String,
    /// What it refers to.
    pub parents: Vec<Parent>,
}

/// Where to go on from: the last record read, and the last voice of it.
pub type After = (i64, String);

/// How many records a source speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The source.
    pub source: String,
    /// Records.
    pub records: u64,
}

row! { NoRow { no: i64 } }

row! { HeldRow {
    document: i64,
    place: u32,
    id_space: String,
    id: String,
} }

impl Store {
    /// How far a source's records of each kind follow the aliases; a kind without an entry never had any.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn alias_walks(&self, source: &str) -> Result<HashMap<String, Walked>> {
        let sql = "SELECT kind, aliases, revision, stays FROM alias_walk WHERE source = $1";
        let walked = |row: &QueryResult| -> Result<(String, Walked)> {
            let walked = Walked {
                aliases: row.try_get_by_index(1)?,
                revision: row.try_get_by_index(2)?,
                stays: row.try_get_by_index(3)?,
            };
            Ok((row.try_get_by_index(0)?, walked))
        };
        self.all(sql, vec![source.into()]).await?.iter().map(walked).collect()
    }

    /// Records that a source alone speaks of, under one id, after a number, in order; and where to go on, if they were not all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stood_alone(
        &self,
        source: &str,
        kind: &str,
        after: &After,
    ) -> Result<(Vec<Stood>, Option<After>)> {
        let sql = format!(
            "SELECT h.no, h.id_space, h.id, h.said, h.source_digest, v.parents FROM record h JOIN version v ON v.seq = h.head \
             WHERE h.source = $1 AND h.kind = $2 AND h.no > $3 AND h.source_digest NOT LIKE 'alias:%' \
             AND NOT EXISTS (SELECT 1 FROM contribution c WHERE c.record = h.no) ORDER BY h.no LIMIT {PAGE}"
        );
        self.stood(kind, &sql, vec![source.into(), kind.into(), after.0.into()]).await
    }

    /// What a source says of records that other voices speak of, too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stood_together(
        &self,
        source: &str,
        kind: &str,
        after: &After,
    ) -> Result<(Vec<Stood>, Option<After>)> {
        let sql = format!(
            "SELECT c.record, h.id_space, h.id, c.said, c.source_digest, c.parents FROM contribution c \
             JOIN record h ON h.no = c.record WHERE c.source = $1 AND h.kind = $2 AND (c.record, c.said) > ($3, $4) \
             ORDER BY c.record, c.said LIMIT {PAGE}"
        );
        let values = vec![source.into(), kind.into(), after.0.into(), after.1.as_str().into()];
        self.stood(kind, &sql, values).await
    }

    async fn stood(&self, kind: &str, sql: &str, values: Vec<Value>) -> Result<(Vec<Stood>, Option<After>)> {
        let rows = self.all(sql, values).await?;
        let stood = rows.iter().map(|row| read(kind, row)).collect::<Result<Vec<_>>>()?;
        let more = stood.last().filter(|_| stood.len() == PAGE);
        let more = more.map(|last| (last.record, last.said.clone()));
        Ok((stood, more))
    }

    /// Where the record lies from which the newest version of each of these was made: document and place.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn made_of(&self, records: &[i64]) -> Result<HashMap<i64, (i64, u32)>> {
        let rows: Vec<NoRow> = records.iter().map(|no| NoRow { no: *no }).collect();
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql = format!(
            "SELECT r.no, v.document, v.place FROM {} {} {}",
            bound.from,
            join(self.backend(), "record", "h", "h.no = r.no"),
            join(self.backend(), "version", "v", "v.seq = h.head")
        );
        let made = |row: &QueryResult| -> Result<(i64, (i64, u32))> {
            let place: i64 = row.try_get_by_index(2)?;
            Ok((
                row.try_get_by_index(0)?,
                (row.try_get_by_index(1)?, u32::try_from(place).unwrap_or(u32::MAX)),
            ))
        };
        self.all(&sql, bound.after([])).await?.iter().map(made).collect()
    }
}

impl Store {
    /// How many records of a kind each source speaks of under a key, or under any key of a space; those apart that are deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn standing_under(&self, kind: &str, id_space: &str, id: Option<&str>) -> Result<Vec<Side>> {
        let sql = "SELECT source, COUNT(*) FROM (SELECT h.source FROM record h WHERE h.kind = $1 AND h.id_space = $2 \
             AND ($3 = '*' OR h.id = $3) AND h.source_digest NOT LIKE '%:%' \
             AND NOT EXISTS (SELECT 1 FROM contribution c WHERE c.record = h.no) \
             UNION ALL SELECT c.source FROM contribution c JOIN record h ON h.no = c.record WHERE h.kind = $1 AND h.id_space = $2 \
             AND ($3 = '*' OR h.id = $3)) t GROUP BY source ORDER BY source";
        let values = vec![kind.into(), id_space.into(), id.unwrap_or("*").into()];
        let side = |row: &QueryResult| -> Result<Side> {
            let records: i64 = row.try_get_by_index(1)?;
            Ok(Side { source: row.try_get_by_index(0)?, records: u64::try_from(records).unwrap_or_default() })
        };
        self.all(sql, values).await?.iter().map(side).collect()
    }

    /// How many voices stand elsewhere than they say, since an alias joins what they say: `id_space/id`, or `id_space/*`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn under_alias(&self, kind: &str, said: &str) -> Result<u64> {
        let whole = said.strip_suffix('*').unwrap_or_default();
        let is_it =
            |column: &str| format!("({column} = $2 OR ($3 <> '' AND SUBSTR({column}, 1, LENGTH($3)) = $3))");
        let sql = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM record h WHERE h.kind = $1 AND {} AND h.source_digest NOT LIKE 'alias:%' \
             AND NOT EXISTS (SELECT 1 FROM contribution c WHERE c.record = h.no) UNION ALL SELECT 1 FROM contribution c \
             JOIN record h ON h.no = c.record WHERE h.kind = $1 AND {}) t",
            is_it("h.said"),
            is_it("c.said")
        );
        let row = self.one(&sql, vec![kind.into(), said.into(), whole.into()]).await?;
        let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// What could not be put where it belongs: source, kind, and how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn alias_stays(&self) -> Result<Vec<(String, String, i64)>> {
        let sql = "SELECT source, kind, stays FROM alias_walk WHERE stays > 0 ORDER BY source, kind";
        let stays = |row: &QueryResult| -> Result<(String, String, i64)> {
            Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?))
        };
        self.all(sql, vec![]).await?.iter().map(stays).collect()
    }
}

impl Write {
    /// Notes that a source's records of a kind follow these aliases.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_alias_walk(&self, source: &str, kind: &str, walked: &Walked) -> Result<()> {
        let sql = "INSERT INTO alias_walk (source, kind, aliases, revision, stays) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (source, kind) DO UPDATE SET aliases = excluded.aliases, revision = excluded.revision, \
             stays = excluded.stays";
        let values = vec![
            source.into(),
            kind.into(),
            walked.aliases.as_str().into(),
            walked.revision.into(),
            walked.stays.into(),
        ];
        self.run(sql, values).await.map(drop)
    }

    /// Has held records wait under other keys.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn hold_under(&self, keys: &[(&Spot, &Key)]) -> Result<()> {
        let row = |(spot, key): &(&Spot, &'_ Key)| HeldRow {
            document: spot.document,
            place: spot.place,
            id_space: key.id_space.clone(),
            id: key.id.clone(),
        };
        let rows: Vec<HeldRow> = keys.iter().map(row).collect();
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql = bound.update(
            "held",
            "id_space = r.id_space, id = r.id",
            "t.document = r.document AND t.place = r.place",
            "(t.state = 'held')",
        );
        self.run(&sql, bound.after([])).await.map(drop)
    }

    /// Marks records that the hub had deleted already as those that nobody speaks of any more.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when one of them stands again.
    pub async fn mark_left(&self, records: &[i64], mark: &str) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let rows: Vec<NoRow> = records.iter().map(|no| NoRow { no: *no }).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let sql = bound.update(
            "record",
            "source_digest = $1",
            "t.no = r.no",
            "(t.source_digest LIKE '%:%' AND NOT EXISTS (SELECT 1 FROM contribution c WHERE c.record = t.no))",
        );
        all(self.run(&sql, bound.after([mark.into()])).await?, rows.len(), "记录")
    }
}

pub(super) fn read(kind: &str, row: &QueryResult) -> Result<Stood> {
    let parents: String = row.try_get_by_index(5)?;
    let key = Key { kind: kind.to_owned(), id_space: row.try_get_by_index(1)?, id: row.try_get_by_index(2)? };
    Ok(Stood {
        record: row.try_get_by_index(0)?,
        parents: serde_json::from_str(&parents).map_err(|error| StoreError::Corrupt(error.to_string()))?,
        key,
        said: row.try_get_by_index(3)?,
        source_digest: row.try_get_by_index(4)?,
    })
}
