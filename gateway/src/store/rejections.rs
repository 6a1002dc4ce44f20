//! What was given back to its sender or waits, each with the place where it was seen last and where its key's newest
//! accepted state lies. Leaves deciding what still counts to `pipeline::rejections`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use mappings::{Issue, Key};
use sea_orm::QueryResult;

use super::{
    Result, Store, moment, parts,
    parts::Pending,
    rows::{Bound, join, left_join, row},
};

/// A record that was rejected, or is held: one row of the ledger's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bad {
    /// The list it came from.
    pub service: String,
    /// Its key; none where it says none.
    pub key: Option<Key>,
    /// Where it was seen last: document and place.
    pub at: (i64, u32),
    /// When that document was received.
    pub received_at: DateTime<Utc>,
    /// How often it was seen so.
    pub times: u64,
    /// The number of its issues.
    pub issue: i64,
    /// Where the newest accepted state of its key lies, if this source made one.
    pub head: Option<(i64, u32)>,
}

/// Where a page of rejections ended: kind, digest, revision.
pub type Mark = (String, String, i64);

/// Why a record is bad, as it was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The key's id; empty where there is none.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// The revision that judged it.
    pub revision: i64,
    /// All that is wrong; values are masked where personal.
    pub issues: Vec<Issue>,
}

row! { NumberRow { no: i64 } }

impl Store {
    /// Remembered rejections of a source after a mark, and the mark after them; none at the end.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rejected(&self, source: &str, after: &Mark, limit: u32) -> Result<Option<(Mark, Vec<Bad>)>> {
        let page = "(SELECT kind, digest, revision, seen, issue, last_document, last_place, source FROM rejection \
             WHERE source = $1 AND (kind, digest, revision) > ($2, $3, $4) ORDER BY kind, digest, revision LIMIT $5) j";
        let sql = format!(
            "SELECT i.service, i.kind, i.id_space, i.id, j.last_document, j.last_place, d.received_at, j.seen, j.issue, \
             h.document, h.place, j.kind, j.digest, j.revision FROM {page} {} {} {} ORDER BY j.kind, j.digest, j.revision",
            join(self.backend(), "issue", "i", "i.no = j.issue"),
            join(self.backend(), "document", "d", "d.no = j.last_document"),
            left_join(self.backend(), "record", "h", HEAD),
        );
        let (kind, digest, revision) = after;
        let values = vec![
            source.into(),
            kind.as_str().into(),
            digest.as_str().into(),
            (*revision).into(),
            i64::from(limit).into(),
        ];
        let rows = self.all(&sql, values).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        let mark = (last.try_get_by_index(11)?, last.try_get_by_index(12)?, last.try_get_by_index(13)?);
        Ok(Some((mark, rows.iter().map(bad).collect::<Result<_>>()?)))
    }

    /// Records of a source that are held, after a place, in landing order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn waiting_for_somebody(
        &self,
        source: &str,
        after: (i64, u32),
        limit: u32,
    ) -> Result<Vec<Bad>> {
        let page = "(SELECT document, place, service, kind, id_space, id, source FROM held WHERE source = $1 \
             AND state = 'held' AND (document, place) > ($2, $3) ORDER BY document, place LIMIT $4) i";
        let newest = "(SELECT MAX(n.no) FROM issue n WHERE n.document = i.document AND n.place = i.place AND n.verdict = 'held')";
        let sql = format!(
            "SELECT i.service, i.kind, i.id_space, i.id, i.document, i.place, d.received_at, CAST(1 AS BIGINT), \
             COALESCE({newest}, 0), h.document, h.place FROM {page} {} {} ORDER BY i.document, i.place",
            join(self.backend(), "document", "d", "d.no = i.document"),
            left_join(self.backend(), "record", "h", &HEAD.replace("j.source", "i.source")),
        );
        let values = vec![source.into(), after.0.into(), i64::from(after.1).into(), i64::from(limit).into()];
        self.all(&sql, values).await?.iter().map(bad).collect()
    }

    /// The issues of these numbers.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reasons(&self, issues: impl Iterator<Item = i64>) -> Result<HashMap<i64, Reason>> {
        let rows: Vec<NumberRow> = issues.map(|no| NumberRow { no }).collect();
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql = format!(
            "SELECT i.no, i.id, i.kind, i.revision, i.issues FROM {} {}",
            bound.from,
            join(self.backend(), "issue", "i", "i.no = r.no")
        );
        let reason = |row: &QueryResult| -> Result<(i64, Reason)> {
            let issues: String = row.try_get_by_index(4)?;
            let reason = Reason {
                id: row.try_get_by_index(1)?,
                kind: row.try_get_by_index(2)?,
                revision: row.try_get_by_index(3)?,
                issues: serde_json::from_str(&issues).unwrap_or_default(),
            };
            Ok((row.try_get_by_index(0)?, reason))
        };
        self.all(&sql, bound.after([])).await?.iter().map(reason).collect()
    }

    /// The parts of a document, in order.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn parts_of(&self, document: i64) -> Result<Vec<Pending>> {
        let sql = format!("{PARTS} WHERE p.document = $1 ORDER BY p.part");
        self.all(&sql, vec![document.into()]).await?.iter().map(parts::read).collect()
    }

    /// Judged parts of a source after a part in which something was found unchanged, in landing order, at most 500.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unchanged_after(&self, source: &str, after: (i64, i64)) -> Result<Vec<Pending>> {
        let sql = format!(
            "{PARTS} WHERE d.source = $1 AND d.no >= $2 AND p.state = 'judged' AND p.unchanged > 0 \
             AND (p.document, p.part) > ($2, $3) ORDER BY p.document, p.part LIMIT 500"
        );
        let values = vec![source.into(), after.0.into(), after.1.into()];
        self.all(&sql, values).await?.iter().map(parts::read).collect()
    }

    /// The newest judged document of a source and when it was received.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn judged_until(&self, source: &str) -> Result<Option<(i64, DateTime<Utc>)>> {
        let sql = "SELECT d.no, d.received_at FROM document d WHERE d.source = $1 AND EXISTS (SELECT 1 FROM part p \
             WHERE p.document = d.no AND p.state = 'judged') ORDER BY d.no DESC LIMIT 1";
        let Some(row) = self.one(sql, vec![source.into()]).await? else { return Ok(None) };
        Ok(Some((row.try_get_by_index(0)?, moment(row.try_get_by_index(1)?))))
    }
}

/// The newest state of the key of issue `i`, if the rejection's own source made it.
const HEAD: &str = "h.kind = i.kind AND h.id_space = i.id_space AND h.id = i.id AND h.source = j.source";

const PARTS: &str = "SELECT p.document, p.part, p.service, d.blob, p.first, p.located, p.byte_from, p.byte_to, d.received_at, p.kind \
     FROM document d JOIN part p ON p.document = d.no";

fn bad(row: &QueryResult) -> Result<Bad> {
    let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
    let place = |place: i64| u32::try_from(place).unwrap_or_default();
    let (kind, id_space, id): (String, String, String) =
        (row.try_get_by_index(1)?, row.try_get_by_index(2)?, row.try_get_by_index(3)?);
    let head: (Option<i64>, Option<i64>) = (row.try_get_by_index(9)?, row.try_get_by_index(10)?);
    Ok(Bad {
        service: row.try_get_by_index(0)?,
        key: (!id.is_empty()).then_some(Key { kind, id_space, id }),
        at: (number(4)?, place(number(5)?)),
        received_at: moment(number(6)?),
        times: u64::try_from(number(7)?).unwrap_or_default(),
        issue: number(8)?,
        head: head.0.zip(head.1.map(place)),
    })
}
