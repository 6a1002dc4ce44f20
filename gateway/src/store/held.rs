//! Records that wait for a person or a table.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use mappings::{Issue, Key};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryResult};

use super::{
    Result, Store,
    entity::held,
    limits::ERROR_LIMIT,
    moment,
    roster::NUMBER,
    rows::{Bound, KeyRow, join},
    verdicts::Spot,
};

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
    pub received_at: DateTime<Utc>,
}

/// The newest held records of a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldHead {
    /// The newest under each id that is said for the key.
    pub words: Vec<HeldWord>,
    /// Records of the key that are held for their documents: a newer one takes their place.
    pub over: Vec<Spot>,
}

/// The newest held record under one id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldWord {
    /// What its sender says for the key where an alias joined it, else empty.
    pub said: String,
    /// Its place in time.
    pub place: (i64, u32),
    /// Digest of the source record, hex; empty where it is held for its document, then it answers for no other.
    pub source_digest: String,
}

/// A record that is held, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldIssues {
    /// Where it lies: document and place.
    pub spot: (i64, i64),
    /// Its source.
    pub source: String,
    /// The list it came from.
    pub service: String,
    /// Its id, as far as known.
    pub id: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What is wrong with it, by its newest judging.
    pub issues: Vec<Issue>,
}

impl Store {
    /// Held records after a spot, in landing order, each with its newest issues.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_issues(&self, after: (i64, i64), limit: u32) -> Result<Vec<HeldIssues>> {
        let sql = "SELECT h.document, h.place, h.source, h.service, h.id, h.since, i.issues FROM held h \
             JOIN issue i ON i.document = h.document AND i.place = h.place AND i.verdict = 'held' \
             WHERE h.state = 'held' AND (h.document > $1 OR (h.document = $1 AND h.place > $2)) AND NOT EXISTS ( \
             SELECT 1 FROM issue n WHERE n.document = i.document AND n.place = i.place AND n.verdict = 'held' AND n.no > i.no) \
             ORDER BY h.document, h.place LIMIT $3";
        let values = vec![after.0.into(), after.1.into(), i64::from(limit).into()];
        self.all(sql, values).await?.iter().map(held_issues).collect()
    }

    /// The oldest held records of a source to be judged again, in landing order: last judged under another revision than
    /// `revision`; held for an owner nobody knew, under another roster than the present; held for their document, and that
    /// was let go.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_under_other(&self, source: &str, revision: i64, limit: u32) -> Result<Vec<Held>> {
        let sql = format!(
            "SELECT h.document, d.blob, h.place, h.part, h.service, h.byte_from, h.byte_length, d.received_at, h.kind \
             FROM held h JOIN document d ON d.no = h.document \
             WHERE h.source = $1 AND h.state = 'held' AND CASE WHEN h.reason = 'error-limit' THEN EXISTS ( \
             SELECT 1 FROM over_limit o WHERE o.document = h.document AND o.released_at IS NOT NULL) \
             ELSE h.revision <> $2 OR (h.reason LIKE '%unknown-owner%' AND h.roster <> ({NUMBER})) END \
             ORDER BY h.document, h.place LIMIT $3"
        );
        let rows = self.all(&sql, vec![source.into(), revision.into(), i64::from(limit).into()]).await?;
        rows.iter().map(held).collect()
    }

    /// Records of a kind that are held for their documents, after a spot, in landing order: no revision judges them again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_for_documents(
        &self,
        source: &str,
        kind: &str,
        after: (i64, u32),
        limit: u32,
    ) -> Result<Vec<Held>> {
        let sql = format!(
            "SELECT h.document, d.blob, h.place, h.part, h.service, h.byte_from, h.byte_length, d.received_at, h.kind \
             FROM held h JOIN document d ON d.no = h.document \
             WHERE h.source = $1 AND h.kind = $2 AND h.state = 'held' AND h.reason = '{ERROR_LIMIT}' \
             AND (h.document, h.place) > ($3, $4) ORDER BY h.document, h.place LIMIT $5"
        );
        let values = vec![
            source.into(),
            kind.into(),
            after.0.into(),
            i64::from(after.1).into(),
            i64::from(limit).into(),
        ];
        self.all(&sql, values).await?.iter().map(held).collect()
    }

    /// The newest held records of each of these keys of a source that has some.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn newest_held(&self, source: &str, keys: &[&Key]) -> Result<HashMap<Key, HeldHead>> {
        if !self.holds(source).await? {
            return Ok(HashMap::new());
        }
        // a key asked for twice would have each of its rows twice
        let keys: HashSet<&Key> = keys.iter().copied().collect();
        let rows: Vec<KeyRow<'_>> = keys.into_iter().map(KeyRow::of).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let key = "h.kind = r.kind AND h.id_space = r.id_space AND h.id = r.id AND h.state = 'held'";
        let sql = format!(
            "SELECT r.kind, r.id_space, r.id, h.document, h.place, h.source_digest, h.part, h.reason, h.said FROM {} {} \
             WHERE h.source = $1 ORDER BY h.document, h.place",
            bound.from,
            join(self.backend(), "held", "h", key)
        );
        let rows = self.all(&sql, bound.after([source.into()])).await?;
        let mut found: HashMap<Key, HeldHead> = HashMap::new();
        for row in &rows {
            let (key, word, over) = newest(row)?;
            found.entry(key).or_default().follow(word, over);
        }
        Ok(found)
    }

    /// Whether anything of a source is held: mostly not, and then no key need be looked for.
    async fn holds(&self, source: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM held WHERE source = $1 AND state = 'held' LIMIT 1";
        Ok(self.one(sql, vec![source.into()]).await?.is_some())
    }

    /// How many records are held.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_count(&self) -> Result<u64> {
        Ok(held::Entity::find().filter(held::Column::State.eq("held")).count(&self.connection).await?)
    }
}

fn held(row: &QueryResult) -> Result<Held> {
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
}

fn held_issues(row: &QueryResult) -> Result<HeldIssues> {
    let issues: String = row.try_get_by_index(6)?;
    Ok(HeldIssues {
        spot: (row.try_get_by_index(0)?, row.try_get_by_index(1)?),
        source: row.try_get_by_index(2)?,
        service: row.try_get_by_index(3)?,
        id: row.try_get_by_index(4)?,
        since: moment(row.try_get_by_index(5)?),
        issues: serde_json::from_str(&issues).unwrap_or_default(),
    })
}

impl HeldHead {
    /// The newest under this id.
    #[must_use]
    pub fn word(&self, said: &str) -> Option<&HeldWord> {
        self.words.iter().find(|word| word.said == said)
    }

    /// One more of the same key; `over`: it is held for its document.
    pub fn follow(&mut self, new: HeldWord, over: Option<Spot>) {
        match self.words.iter_mut().find(|word| word.said == new.said) {
            Some(known) if known.place > new.place => return,
            Some(known) => *known = new,
            None => self.words.push(new),
        }
        self.over.extend(over);
    }
}

fn newest(row: &QueryResult) -> Result<(Key, HeldWord, Option<Spot>)> {
    let key = Key {
        kind: row.try_get_by_index(0)?,
        id_space: row.try_get_by_index(1)?,
        id: row.try_get_by_index(2)?,
    };
    let (place, reason): (i64, String) = (row.try_get_by_index(4)?, row.try_get_by_index(7)?);
    let document = row.try_get_by_index(3)?;
    let spot = Spot {
        document,
        part: row.try_get_by_index(6)?,
        place: u32::try_from(place).unwrap_or_default(),
        from: 0,
        length: 0,
    };
    let is_over = reason == ERROR_LIMIT;
    let source_digest = if is_over { String::new() } else { row.try_get_by_index(5)? };
    let word = HeldWord { said: row.try_get_by_index(8)?, place: (document, spot.place), source_digest };
    Ok((key, word, is_over.then_some(spot)))
}
