//! What deriving again reads and writes: judged parts from the newest on, and versions beside those that are there.

use std::collections::{HashMap, HashSet};

use super::{
    Result, Store, Write,
    contributions::Shared,
    parts,
    parts::Pending,
    rows::{Bound, join, row},
    verdict_rows::IssueRow,
    verdicts::{NewIssues, NewVersion, Under},
};

row! { RecordRow { no: i64 } }

impl Store {
    /// Judged parts of a source before `last` (document, part), the newest first, of documents received since a moment
    /// (ms), at most 500.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn judged_before(&self, source: &str, last: (i64, i64), since: i64) -> Result<Vec<Pending>> {
        let sql = "SELECT p.document, p.part, p.service, d.blob, p.first, p.located, p.byte_from, p.byte_to, d.received_at, p.kind \
             FROM document d JOIN part p ON p.document = d.no WHERE d.source = $1 AND d.no <= $2 AND p.state = 'judged' \
             AND d.recovered IS NULL AND (p.document, p.part) < ($2, $3) AND d.received_at >= $4 ORDER BY p.document DESC, p.part DESC LIMIT 500";
        let rows = self.all(sql, vec![source.into(), last.0.into(), last.1.into(), since.into()]).await?;
        rows.iter().map(parts::read).collect()
    }

    /// How many records stand at a state from this source, those apart that the hub deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn records_of(&self, source: &str) -> Result<i64> {
        let row = self
            .one(
                "SELECT COUNT(*) FROM record WHERE source = $1 AND source_digest NOT LIKE '%:%'",
                vec![source.into()],
            )
            .await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
    }

    /// Documents in which something rejected was seen last.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_rejected(&self, source: &str) -> Result<HashSet<i64>> {
        let sql = "SELECT DISTINCT last_document FROM rejection WHERE source = $1";
        let rows = self.all(sql, vec![source.into()]).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    /// Places of the records of a source that wait for somebody.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_places(&self, source: &str) -> Result<HashSet<(i64, u32)>> {
        let sql = "SELECT document, place FROM held WHERE source = $1 AND state = 'held'";
        let rows = self.all(sql, vec![source.into()]).await?;
        let place = |row: &sea_orm::QueryResult| -> Result<(i64, u32)> {
            Ok((row.try_get_by_index(0)?, u32::try_from(row.try_get_by_index::<i64>(1)?).unwrap_or_default()))
        };
        rows.iter().map(place).collect()
    }

    /// The newest contents of these records, as JSON.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn contents(&self, records: impl Iterator<Item = i64>) -> Result<HashMap<i64, String>> {
        let rows: Vec<RecordRow> = records.map(|no| RecordRow { no }).collect();
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql = format!(
            "SELECT r.no, v.content FROM {} {} {}",
            bound.from,
            join(self.backend(), "record", "h", "h.no = r.no"),
            join(self.backend(), "version", "v", "v.seq = h.head")
        );
        let found = self.all(&sql, bound.after([])).await?;
        found.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }
}

impl Write {
    /// Writes versions of records that had their verdicts already, whose word stands of the keys that voices came to or left, and
    /// what was noted of such records, each once.
    ///
    /// # Errors
    /// As [`Write::judge`].
    pub async fn derive_again(
        &self,
        under: &Under<'_>,
        versions: &[NewVersion],
        shared: &[Shared],
        notes: &[NewIssues],
    ) -> Result<()> {
        let first = self.numbers(versions.len() + notes.len()).await?;
        self.put_versions(under, first, versions, shared).await?;
        let from = first + i64::try_from(versions.len()).unwrap_or(i64::MAX);
        let rows = (from..).zip(notes).map(|(no, new)| IssueRow::of(no, new)).collect::<Result<Vec<_>>>()?;
        if rows.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 4, &rows)?;
        let sql = format!(
            "INSERT INTO issue (no, source, service, document, part, place, kind, id_space, id, verdict, issues, revision, at) \
             SELECT no, $1, service, document, part, place, kind, id_space, id, verdict, issues, $2, $3 FROM {} \
             WHERE NOT EXISTS (SELECT 1 FROM issue i WHERE i.document = r.document AND i.place = r.place \
             AND i.revision = $2 AND i.verdict = r.verdict)",
            bound.from
        );
        self.run(&sql, bound.after([under.source.into(), under.revision.into(), under.at.into()])).await?;
        Ok(())
    }
}
