//! What each source says of a key that more than one speaks of, or one under several ids. A key of one voice has no row: its
//! head is all it says.

use std::collections::HashMap;

use chrono::DateTime;
use mappings::{Content, Contribution, Key};
use sea_orm::QueryResult;
use serde::{Deserialize, Serialize};

use super::{
    Result, Store, StoreError, Write, retire,
    rows::{Bound, KeyRow, Row, join, row},
    verdicts::{HeadRow, Spot, all, json},
};

/// Who speaks of a key, and for which id: two ids of one source that an alias joins are two voices.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Voice {
    /// The source.
    pub source: String,
    /// What it says for the key, `id_space/id`, where an alias joins that to it; else empty.
    pub said: String,
}

/// A row as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Who speaks.
    pub voice: Voice,
    /// Where that lies: document and place.
    pub place: (i64, u32),
    /// Digest of the source record, hex.
    pub source_digest: String,
}

/// The newest good state of a key from one voice.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The list it came from.
    pub service: String,
    /// Where it lies.
    pub spot: Spot,
    /// The revision that mapped it.
    pub revision: i64,
    /// Digest of the source record, hex.
    pub source_digest: String,
    /// What it says, and who.
    pub contribution: Contribution,
}

impl Said {
    /// Its place in time.
    #[must_use]
    pub const fn place(&self) -> (i64, u32) {
        (self.spot.document, self.spot.place)
    }

    /// Who speaks.
    #[must_use]
    pub fn voice(&self) -> Voice {
        Voice { source: self.contribution.source.clone(), said: self.contribution.said.clone() }
    }

    /// Its row as it will be read.
    #[must_use]
    pub fn as_read(&self) -> Read {
        Read { voice: self.voice(), place: self.place(), source_digest: self.source_digest.clone() }
    }

    /// Where it lies, as a version that was merged from it remembers.
    #[must_use]
    pub fn heard(&self) -> Heard {
        let Spot { document, place, from, length, .. } = self.spot;
        let source = self.contribution.source.clone();
        let mark = retire::is_mark(&self.source_digest).then(|| self.source_digest.clone());
        let (service, revision) = (self.service.clone(), self.revision);
        Heard { source, service, document, place, from, length, revision, mark }
    }
}

/// One of the contributions a version was merged from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// Its source.
    pub source: String,
    /// The list it came from.
    pub service: String,
    /// Its document.
    pub document: i64,
    /// Its place in the document.
    pub place: u32,
    /// First byte in the document.
    pub from: u64,
    /// Bytes.
    pub length: u32,
    /// The revision that mapped it.
    pub revision: i64,
    /// By what the hub had deleted it, where its source named it no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
}

/// What is known of a key that more than one source speaks of, in order of arrival.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Common {
    /// What each source says.
    pub said: Vec<Said>,
    /// How many of these have a row; all or none.
    pub stored: usize,
}

/// What a judging leaves of such a key.
#[derive(Debug, Clone, PartialEq)]
pub struct Shared {
    /// Its key.
    pub key: Key,
    /// The record's number; 0: its first version is among those that are written with it.
    pub record: i64,
    /// Whose head stood when it was read, and at which place; none: there was no such record.
    pub was: Option<(Voice, (i64, u32))>,
    /// The rows when they were read.
    pub rows: Vec<Read>,
    /// What each voice says now: one alone leaves no row, none leaves the head to be retired.
    pub said: Vec<Said>,
    /// Which of them stands.
    pub winner: usize,
    /// A later place where that was seen again.
    pub seen_at: Option<(i64, u32)>,
    /// When that was true, ms.
    pub as_of: Option<i64>,
}

/// A shared key about to be written: its record's number, and the newest version that was written of it.
pub(super) struct Settling<'a> {
    pub(super) key: &'a Shared,
    pub(super) record: i64,
    head: Option<HeadRow<'a>>,
}

impl<'a> Settling<'a> {
    pub(super) fn of(key: &'a Shared, head: Option<HeadRow<'a>>) -> Self {
        let record = if key.record == 0 { head.as_ref().map_or(0, |head| head.no) } else { key.record };
        Self { key, record, head }
    }

    /// The record to begin with, where there was none.
    pub(super) fn new_head(&self) -> Option<HeadRow<'a>> {
        if self.key.was.is_none() { self.head.clone() } else { None }
    }
}

impl Store {
    /// Whether any key has more than one source.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_contributions(&self) -> Result<bool> {
        Ok(self.one("SELECT 1 FROM contribution LIMIT 1", vec![]).await?.is_some())
    }

    /// Whose word stands of a key, and what that is.
    ///
    /// # Errors
    /// When the database does not answer, or content cannot be read back.
    pub async fn stands(&self, key: &Key) -> Result<Option<(Voice, Content)>> {
        let sql = "SELECT h.source, v.content, h.said FROM record h JOIN version v ON v.seq = h.head \
             WHERE h.kind = $1 AND h.id_space = $2 AND h.id = $3";
        let values = [&key.kind, &key.id_space, &key.id].map(|text| text.as_str().into()).to_vec();
        let Some(row) = self.one(sql, values).await? else { return Ok(None) };
        let content: String = row.try_get_by_index(1)?;
        let voice = Voice { source: row.try_get_by_index(0)?, said: row.try_get_by_index(2)? };
        Ok(Some((voice, Content::from_json(&content).ok_or_else(unreadable)?)))
    }

    /// What is said of these keys: their rows, or, of a key without one, what its head says. Keys without a head are left out.
    ///
    /// # Errors
    /// When the database does not answer, or content cannot be read back.
    pub async fn common(&self, keys: &[&Key]) -> Result<HashMap<Key, Common>> {
        let rows: Vec<KeyRow<'_>> = keys.iter().copied().map(KeyRow::of).collect();
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let key = "h.kind = r.kind AND h.id_space = r.id_space AND h.id = r.id";
        let head = join(self.backend(), "record", "h", key);
        let mut found: HashMap<Key, Common> = HashMap::new();
        let rows = format!(
            "SELECT r.kind, r.id_space, r.id, c.source, c.service, c.document, c.part, c.place, c.byte_from, c.byte_length, \
             c.revision, c.source_digest, c.content, c.parents, c.owner, c.region, c.industry, c.test, c.as_of, c.said FROM {} {head} {} \
             ORDER BY c.document, c.place",
            bound.from,
            join(self.backend(), "contribution", "c", "c.record = h.no")
        );
        for row in self.all(&rows, bound.after([])).await? {
            let (key, said) = said(&row)?;
            let common = found.entry(key).or_default();
            common.said.push(said);
            common.stored += 1;
        }
        let heads = format!(
            "SELECT r.kind, r.id_space, r.id, h.source, d.service, v.document, v.part, v.place, v.byte_from, v.byte_length, \
             v.revision, h.source_digest, v.content, v.parents, v.owner_scheme || ':' || v.owner, v.region, v.industry, v.test, \
             v.as_of, h.said FROM {} {head} {} {} WHERE h.source_digest NOT LIKE 'alias:%'",
            bound.from,
            join(self.backend(), "version", "v", "v.seq = h.head"),
            join(self.backend(), "document", "d", "d.no = v.document")
        );
        for row in self.all(&heads, bound.after([])).await? {
            let (key, said) = said(&row)?;
            found.entry(key).or_insert_with(|| Common { said: vec![said], stored: 0 });
        }
        Ok(found)
    }
}

impl Write {
    /// Writes what is said of shared keys and whose word stands, if all stands as it was read.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when another source was judged meanwhile.
    pub(super) async fn put_shared(&self, shared: &[Settling<'_>]) -> Result<()> {
        if shared.is_empty() {
            return Ok(());
        }
        self.stand_as_read(shared).await?;
        let (mut rows, mut silent) = (Vec::new(), Vec::new());
        for own in shared {
            let several = own.key.said.len() > 1;
            let kept = |voice: &Voice| several && own.key.said.iter().any(|said| said.voice() == *voice);
            silent.extend(own.key.rows.iter().filter(|row| !kept(&row.voice)).map(|row| VoiceRow {
                record: own.record,
                source: &row.voice.source,
                said: &row.voice.said,
            }));
            for said in own.key.said.iter().filter(|said| several && !own.key.rows.contains(&said.as_read()))
            {
                rows.push(SaidRow::of(own.record, said)?);
            }
        }
        self.drop_said(&silent).await?;
        self.put_said(&rows).await?;
        let heads: Vec<StandRow<'_>> = shared.iter().filter_map(StandRow::of).collect();
        let bound = Bound::new(self.backend(), 1, &heads)?;
        let sql = bound.update(
            "record",
            "head = COALESCE(r.head, t.head), source = r.source, said = r.said, document = r.document, place = r.place, \
             source_digest = r.source_digest, content_digest = COALESCE(r.content_digest, t.content_digest), as_of = r.as_of",
            "t.no = r.no",
            "(t.source = r.was_source AND t.said = r.was_said AND t.document = r.was_document AND t.place = r.was_place)",
        );
        all(self.run(&sql, bound.after([])).await?, heads.len(), "记录")
    }

    /// Nobody else can write between this look and the commit: whoever judges holds the counter.
    async fn stand_as_read(&self, shared: &[Settling<'_>]) -> Result<()> {
        let mut read: Vec<ReadRow<'_>> = Vec::new();
        for own in shared {
            for Read { voice, place: (document, place), .. } in &own.key.rows {
                let (source, said) = (voice.source.as_str(), voice.said.as_str());
                read.push(ReadRow { record: own.record, source, said, document: *document, place: *place });
            }
        }
        let key = "c.record = r.record AND c.source = r.source AND c.said = r.said AND c.document = r.document \
             AND c.place = r.place";
        let same = self.counted(&read, key).await?;
        let records: Vec<NoRow> = shared.iter().map(|own| NoRow { record: own.record }).collect();
        let there = self.counted(&records, "c.record = r.record").await?;
        all(same, read.len(), "各来源的说法")?;
        all(there, read.len(), "各来源的说法")
    }

    async fn drop_said(&self, silent: &[VoiceRow<'_>]) -> Result<()> {
        if silent.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 1, silent)?;
        let sql = format!(
            "DELETE FROM contribution WHERE (record, source, said) IN (SELECT record, source, said FROM {})",
            bound.from
        );
        all(self.run(&sql, bound.after([])).await?, silent.len(), "各来源的说法")
    }

    /// How many contributions match these rows.
    async fn counted<R: Row>(&self, rows: &[R], matching: &str) -> Result<u64> {
        let bound = Bound::new(self.backend(), 1, rows)?;
        let from = join(self.backend(), "contribution", "c", matching);
        let row = self.one(&format!("SELECT COUNT(*) FROM {} {from}", bound.from), bound.after([])).await?;
        let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn put_said(&self, rows: &[SaidRow<'_>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns = "record, source, said, service, document, part, place, byte_from, byte_length, revision, source_digest, content, \
             parents, owner, region, industry, test, as_of";
        let bound = Bound::new(self.backend(), 1, rows)?;
        let sql = format!(
            "INSERT INTO contribution ({columns}) SELECT {columns} FROM {} WHERE true ON CONFLICT (record, source, said) DO UPDATE SET \
             service = excluded.service, document = excluded.document, part = excluded.part, place = excluded.place, \
             byte_from = excluded.byte_from, byte_length = excluded.byte_length, revision = excluded.revision, \
             source_digest = excluded.source_digest, content = excluded.content, parents = excluded.parents, \
             owner = excluded.owner, region = excluded.region, industry = excluded.industry, test = excluded.test, \
             as_of = excluded.as_of",
            bound.from
        );
        all(self.run(&sql, bound.after([])).await?, rows.len(), "各来源的说法")
    }
}

fn unreadable() -> StoreError {
    StoreError::Corrupt("来源的说法读不回来".into())
}

fn said(row: &QueryResult) -> Result<(Key, Said)> {
    let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
    let small = |index: usize| -> Result<u32> { Ok(u32::try_from(number(index)?).unwrap_or_default()) };
    let text = |index: usize| -> Result<String> { Ok(row.try_get_by_index(index)?) };
    let key = Key { kind: text(0)?, id_space: text(1)?, id: text(2)? };
    let content = Content::from_json(&text(12)?);
    let as_of: Option<i64> = row.try_get_by_index(18)?;
    let contribution = Contribution {
        source: text(3)?,
        key: key.clone(),
        said: text(19)?,
        content: content.ok_or_else(unreadable)?,
        parents: serde_json::from_str(&text(13)?).map_err(|error| StoreError::Corrupt(error.to_string()))?,
        owner: row.try_get_by_index(14)?,
        region: row.try_get_by_index(15)?,
        industry: row.try_get_by_index(16)?,
        test: number(17)? != 0,
        as_of: as_of.and_then(DateTime::from_timestamp_millis),
        // they are in the ledger: what is said stands there
        images: Vec::new(),
    };
    let spot = Spot {
        document: number(5)?,
        part: number(6)?,
        place: small(7)?,
        from: u64::try_from(number(8)?).unwrap_or_default(),
        length: small(9)?,
    };
    let said =
        Said { service: text(4)?, spot, revision: number(10)?, source_digest: text(11)?, contribution };
    Ok((key, said))
}

row! { NoRow { record: i64 } }

row! { VoiceRow<'a> {
    record: i64,
    source: &'a str,
    said: &'a str,
} }

row! { ReadRow<'a> {
    record: i64,
    source: &'a str,
    said: &'a str,
    document: i64,
    place: u32,
} }

row! { StandRow<'a> {
    no: i64,
    head: Option<i64>,
    source: &'a str,
    said: &'a str,
    document: i64,
    place: u32,
    source_digest: &'a str,
    content_digest: Option<&'a str>,
    as_of: Option<i64>,
    was_source: &'a str,
    was_said: &'a str,
    was_document: i64,
    was_place: u32,
} }

impl<'a> StandRow<'a> {
    /// None where nobody speaks of it any more.
    fn of(own: &'a Settling<'a>) -> Option<Self> {
        let key = own.key;
        let stands = key.said.get(key.winner)?;
        let head = own.head.as_ref();
        let (was_source, was_said, was_document, was_place) = match &key.was {
            Some((voice, (document, place))) => {
                (voice.source.as_str(), voice.said.as_str(), *document, *place)
            }
            None => head.map(|head| (head.source, head.said, head.document, head.place))?,
        };
        let (document, place) = key.seen_at.unwrap_or_else(|| stands.place());
        Some(Self {
            no: own.record,
            head: head.map(|head| head.head),
            source: &stands.contribution.source,
            said: &stands.contribution.said,
            document,
            place,
            source_digest: &stands.source_digest,
            content_digest: head.map(|head| head.content_digest),
            as_of: key.as_of,
            was_source,
            was_said,
            was_document,
            was_place,
        })
    }
}

row! { SaidRow<'a> {
    record: i64,
    source: &'a str,
    said: &'a str,
    service: &'a str,
    document: i64,
    part: i64,
    place: u32,
    byte_from: u64,
    byte_length: u32,
    revision: i64,
    source_digest: &'a str,
    content: String,
    parents: String,
    owner: Option<&'a str>,
    region: Option<&'a str>,
    industry: Option<&'a str>,
    test: i64,
    as_of: Option<i64>,
} }

impl<'a> SaidRow<'a> {
    fn of(record: i64, said: &'a Said) -> Result<Self> {
        let (spot, state) = (said.spot, &said.contribution);
        Ok(Self {
            record,
            source: &state.source,
            said: &state.said,
            service: &said.service,
            document: spot.document,
            part: spot.part,
            place: spot.place,
            byte_from: spot.from,
            byte_length: spot.length,
            revision: said.revision,
            source_digest: &said.source_digest,
            content: state.content.to_json(),
            parents: json(&state.parents)?,
            owner: state.owner.as_deref(),
            region: state.region.as_deref(),
            industry: state.industry.as_deref(),
            test: i64::from(state.test),
            as_of: state.as_of.map(|at| at.timestamp_millis()),
        })
    }
}
