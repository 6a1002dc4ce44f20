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

    /// Judged parts of a source in which a record of these keys lies that made the state that stands, or that was rejected; the
    /// newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn parts_with(&self, source: &str, keys: &[Key]) -> Result<Vec<Pending>> {
        let rows: Vec<KeyRow<'_>> = keys.iter().map(KeyRow::of).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let of = |table: &str, alias: &str| {
            let on = format!("{alias}.kind = r.kind AND {alias}.id_space = r.id_space AND {alias}.id = r.id");
            format!("{} {}", bound.from, join(self.backend(), table, alias, &on))
        };
        let sql = format!(
            "SELECT p.document, p.part, p.service, d.blob, p.first, p.located, p.byte_from, p.byte_to, d.received_at, p.kind FROM ( \
             SELECT p.document, p.part FROM {} JOIN part p ON p.document = h.document AND p.first <= h.place \
             AND h.place < p.first + p.located WHERE h.source = $1 \
             UNION SELECT i.document, i.part FROM {} WHERE i.source = $1 AND i.verdict = 'rejected') x \
             JOIN part p ON p.document = x.document AND p.part = x.part JOIN document d ON d.no = p.document \
             WHERE p.state = 'judged' AND d.recovered IS NULL ORDER BY p.document DESC, p.part DESC",
            of("record", "h"),
            of("issue", "i")
        );
        let rows = self.all(&sql, bound.after([source.into()])).await?;
        rows.iter().map(parts::read).collect()
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
