//! Records that the hub itself takes for gone: versions of its own making beside what their sources said last. They are
//! owed and forwarded like any other. Leaves to the callers who is gone, and why.

use mappings::Key;
use sea_orm::QueryResult;

use super::{
    Result, Store, StoreError, Write,
    rows::{Bound, join, row},
    verdicts::all,
};

/// A newest state that is to be replaced by a deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// The record's number.
    pub record: i64,
    /// The version's number.
    pub seq: i64,
    /// Whose state.
    pub key: Key,
    /// The revision that made it.
    pub revision: i64,
    /// Its content as JSON.
    pub content: String,
    /// What it refers to, as JSON.
    pub parents: String,
    /// What it was made from, as JSON.
    pub inputs: String,
}

/// A deletion to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// The record's number.
    pub record: i64,
    /// The newest version's number, as it was read.
    pub was: i64,
    /// The revision whose kind says how a record is deleted; its mapping still makes the rest of the content.
    pub revision: i64,
    /// The content with the mark of deletion, as JSON.
    pub content: String,
    /// Digest of that, hex.
    pub content_digest: String,
    /// What the state before was made from, as JSON.
    pub inputs: String,
}

/// Why records are gone, and since when.
#[derive(Debug, Clone, Copy)]
pub struct Because<'a> {
    /// Who says so and of what number: `sweep:17`. It stands among the version's inputs, and in its head where the digest of
    /// a source record would: no record has such a digest, so the next sighting is judged anew.
    pub mark: &'a str,
    /// The last document that was heard: what a source said in it or before is older than the deletion.
    pub heard: i64,
    /// The moment, ms.
    pub at: i64,
}

row! { LastRow { no: i64 } }

row! { RetiredRow<'a> {
    seq: i64,
    record: i64,
    was: i64,
    revision: i64,
    content: &'a str,
    content_digest: &'a str,
    inputs: String,
} }

/// Whether what stands in a head for the digest of its source record says that the hub deleted it.
#[must_use]
pub(crate) fn is_mark(source_digest: &str) -> bool {
    source_digest.contains(':')
}

/// Before the number of the revision whose aliases took away who spoke of a record.
const ALIAS: &str = "alias:";

/// The mark of a record that nobody speaks of any more under the aliases of a revision.
#[must_use]
pub fn left_under(revision: i64) -> String {
    format!("{ALIAS}{revision}")
}

/// Whether what stands in a head for the digest of its source record says that.
#[must_use]
pub(crate) fn is_left(source_digest: &str) -> bool {
    source_digest.starts_with(ALIAS)
}

/// The mark among a version's inputs, where the hub deleted the record by it.
#[must_use]
pub(crate) fn mark_of(inputs: &str) -> Option<String> {
    let inputs: Vec<serde_json::Value> = serde_json::from_str(inputs).ok()?;
    inputs.iter().filter_map(serde_json::Value::as_str).rfind(|input| is_mark(input)).map(str::to_owned)
}

impl Store {
    /// The newest states of these records, those apart that the hub deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_states(&self, records: &[i64]) -> Result<Vec<Last>> {
        let rows: Vec<LastRow> = records.iter().map(|no| LastRow { no: *no }).collect();
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql = format!(
            "SELECT h.no, v.seq, h.kind, h.id_space, h.id, v.revision, v.content, v.parents, v.inputs FROM {} {} {} \
             WHERE h.source_digest NOT LIKE '%:%' ORDER BY h.no",
            bound.from,
            join(self.backend(), "record", "h", "h.no = r.no"),
            join(self.backend(), "version", "v", "v.seq = h.head")
        );
        self.all(&sql, bound.after([])).await?.iter().map(last).collect()
    }
}

impl Write {
    /// Writes deletions, each once: a record that is no longer as it was read stops them all. The numbers' lock is taken.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when a head moved meanwhile.
    pub async fn retire(&self, because: &Because<'_>, retired: &[Retired]) -> Result<()> {
        if retired.is_empty() {
            return Ok(());
        }
        let first = self.numbers(retired.len()).await?;
        let rows = (first..).zip(retired).map(|(seq, own)| RetiredRow::of(seq, own, because.mark));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let sql = format!(
            "INSERT INTO version (seq, record, kind, document, part, place, byte_from, byte_length, revision, content, \
             content_digest, digest_alg, cipher, key_id, parents, inputs, owner_scheme, owner, region, industry, test, \
             as_of, at, again) \
             SELECT r.seq, v.record, v.kind, v.document, v.part, v.place, v.byte_from, v.byte_length, r.revision, r.content, \
             r.content_digest, v.digest_alg, v.cipher, v.key_id, v.parents, r.inputs, v.owner_scheme, v.owner, v.region, \
             v.industry, v.test, v.as_of, $1, 1 FROM {} {}",
            bound.from,
            join(self.backend(), "version", "v", "v.seq = r.was")
        );
        all(self.run(&sql, bound.after([because.at.into()])).await?, rows.len(), "记录")?;
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql = format!(
            "INSERT INTO version_image (version, digest) SELECT r.seq, m.digest FROM {} {}",
            bound.from,
            join(self.backend(), "version_image", "m", "m.version = r.was")
        );
        self.run(&sql, bound.after([])).await?;
        let bound = Bound::new(self.backend(), 3, &rows)?;
        let sql = bound.update(
            "record",
            "head = r.seq, content_digest = r.content_digest, source_digest = $1, document = $2, place = 4294967295",
            "t.no = r.record",
            // nor does it go where another source has spoken of it meanwhile
            "(t.head = r.was AND NOT EXISTS (SELECT 1 FROM contribution c WHERE c.record = t.no))",
        );
        let values = bound.after([because.mark.into(), because.heard.into()]);
        all(self.run(&sql, values).await?, rows.len(), "记录")
    }
}

impl<'a> RetiredRow<'a> {
    fn of(seq: i64, own: &'a Retired, mark: &str) -> Result<Self> {
        Ok(Self {
            seq,
            record: own.record,
            was: own.was,
            revision: own.revision,
            content: &own.content,
            content_digest: &own.content_digest,
            inputs: with_mark(&own.inputs, mark)?,
        })
    }
}

fn with_mark(inputs: &str, mark: &str) -> Result<String> {
    let corrupt = |error: serde_json::Error| StoreError::Corrupt(format!("版本的来历：{error}"));
    let mut all: Vec<serde_json::Value> = serde_json::from_str(inputs).map_err(corrupt)?;
    all.push(mark.into());
    serde_json::to_string(&all).map_err(corrupt)
}

fn last(row: &QueryResult) -> Result<Last> {
    Ok(Last {
        record: row.try_get_by_index(0)?,
        seq: row.try_get_by_index(1)?,
        key: Key {
            kind: row.try_get_by_index(2)?,
            id_space: row.try_get_by_index(3)?,
            id: row.try_get_by_index(4)?,
        },
        revision: row.try_get_by_index(5)?,
        content: row.try_get_by_index(6)?,
        parents: row.try_get_by_index(7)?,
        inputs: row.try_get_by_index(8)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_joins_the_inputs_whatever_they_are_and_is_found_again() {
        assert_eq!(with_mark(r#"["park"]"#, "sweep:7").unwrap(), r#"["park","sweep:7"]"#);
        let merged = with_mark(r#"[{"source":"park"}]"#, "sweep:8").unwrap();
        assert_eq!(mark_of(&merged).as_deref(), Some("sweep:8"));
        assert_eq!(mark_of(r#"["park"]"#), None);
        assert!(with_mark("park", "sweep:7").is_err() && mark_of("park").is_none());
    }

    #[test]
    fn no_digest_is_a_mark() {
        assert!(is_left(&left_under(7)) && is_mark(&left_under(7)) && !is_left("sweep:7"));
        assert!(is_mark("sweep:1") && !is_mark("") && !is_mark(&"0af9".repeat(16)));
    }
}
