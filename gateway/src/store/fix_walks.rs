//! Which fixes a source's records follow, and where the records lie that a fix may put right. Leaves deriving them again to the
//! pipeline.

use std::collections::BTreeMap;

use mappings::Key;

use super::{
    Result, Store, StoreError, Write,
    aliases::Stood,
    parts::{self, Pending},
    rows::{Bound, KeyRow, join},
};

/// Keys that have fixes, each with a digest of them, hex.
pub type Followed = BTreeMap<Key, String>;

/// A key that is asked for is a record's.
const SAME_KEY: &str = "h.kind = r.kind AND h.id_space = r.id_space AND h.id = r.id";

type Line = (String, String, String, String);

impl Store {
    /// The fixes that a source's records follow.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fixes_followed(&self, source: &str) -> Result<Followed> {
        let row = self.one("SELECT followed FROM fix_walk WHERE source = $1", vec![source.into()]).await?;
        let Some(row) = row else { return Ok(Followed::new()) };
        let text: String = row.try_get_by_index(0)?;
        let lines: Vec<Line> =
            serde_json::from_str(&text).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(lines
            .into_iter()
            .map(|(kind, id_space, id, digest)| (Key { kind, id_space, id }, digest))
            .collect())
    }

    /// Judged parts of a source in which records of these keys lie that made, or were seen again as, the states that stand.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn parts_of_heads(&self, source: &str, keys: &[Key]) -> Result<Vec<Pending>> {
        let rows: Vec<KeyRow<'_>> = keys.iter().map(KeyRow::of).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let sql = format!(
            "SELECT DISTINCT p.document, p.part, p.service, d.blob, p.first, p.located, p.byte_from, p.byte_to, d.received_at, p.kind \
             FROM {} {} JOIN part p ON p.document = h.document AND p.first <= h.place AND h.place < p.first + p.located \
             JOIN document d ON d.no = p.document WHERE h.source = $1 AND p.state = 'judged' AND d.recovered IS NULL \
             ORDER BY p.document DESC, p.part DESC",
            bound.from,
            join(self.backend(), "record", "h", SAME_KEY)
        );
        let rows = self.all(&sql, bound.after([source.into()])).await?;
        rows.iter().map(parts::read).collect()
    }

    /// The oldest document in which something rejected of these keys was seen last, newer than what stands of its key. What
    /// was seen again since as it stands left no row: whoever wants to know looks from there on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rejected_since(&self, source: &str, keys: &[Key]) -> Result<Option<i64>> {
        let rows: Vec<KeyRow<'_>> = keys.iter().map(KeyRow::of).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let issue = "i.kind = r.kind AND i.id_space = r.id_space AND i.id = r.id AND i.verdict = 'rejected'";
        let sql = format!(
            "SELECT MIN(COALESCE(j.last_document, i.document)) FROM {} {} LEFT JOIN rejection j ON j.issue = i.no \
             LEFT JOIN record h ON {SAME_KEY} WHERE i.source = $1 AND (h.no IS NULL OR h.source <> $1 \
             OR COALESCE(j.last_document, i.document) > h.document \
             OR (COALESCE(j.last_document, i.document) = h.document AND COALESCE(j.last_place, i.place) > h.place))",
            bound.from,
            join(self.backend(), "issue", "i", issue)
        );
        let row = self.one(&sql, bound.after([source.into()])).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.flatten())
    }

    /// What a source says of those of these keys that several voices speak of; those apart that the hub deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stood_among(&self, source: &str, keys: &[Key]) -> Result<Vec<Stood>> {
        let rows: Vec<KeyRow<'_>> = keys.iter().map(KeyRow::of).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let sql = format!(
            "SELECT c.record, h.id_space, h.id, c.said, c.source_digest, c.parents, h.kind FROM {} {} JOIN contribution c ON c.record = h.no WHERE c.source = $1 AND c.source_digest NOT LIKE '%:%' \
             ORDER BY c.record, c.said",
            bound.from,
            join(
                self.backend(),
                "record",
                "h",
                "h.kind = r.kind AND h.id_space = r.id_space AND h.id = r.id"
            )
        );
        let rows = self.all(&sql, bound.after([source.into()])).await?;
        rows.iter().map(|row| super::aliases::read(&row.try_get_by_index::<String>(6)?, row)).collect()
    }
}

impl Write {
    /// Notes which fixes a source's records follow now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_fixes(&self, source: &str, followed: &Followed) -> Result<()> {
        let line = |(key, digest): (&Key, &String)| -> Line {
            (key.kind.clone(), key.id_space.clone(), key.id.clone(), digest.clone())
        };
        let lines: Vec<Line> = followed.iter().map(line).collect();
        let text = serde_json::to_string(&lines).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let sql = "INSERT INTO fix_walk (source, followed) VALUES ($1, $2) \
             ON CONFLICT (source) DO UPDATE SET followed = excluded.followed";
        self.run(sql, vec![source.into(), text.into()]).await.map(drop)
    }
}
