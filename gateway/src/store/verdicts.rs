//! Writing what was judged: versions, heads, issues, held records and counts, one statement a table.

use std::collections::{BTreeMap, HashMap};

use mappings::{Issue, Key};
use serde::Serialize;

use super::{
    Result, StoreError, Write,
    blobs::ALGORITHM,
    contributions::{Heard, Settling, Shared},
    limits::OverLimit,
    moment,
    rows::{Bound, row},
    unknown::UnknownField,
};

/// Where a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Its document.
    pub document: i64,
    /// Its part.
    pub part: i64,
    /// Its place in the document.
    pub place: u32,
    /// First byte in the document.
    pub from: u64,
    /// Bytes.
    pub length: u32,
}

/// A version to write.
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// The record's number, where it has one.
    pub record: Option<i64>,
    /// Where it came from.
    pub spot: Spot,
    /// The state itself.
    pub version: mappings::Version,
    /// Digest of the source record, hex.
    pub source_digest: String,
    /// Digest of the content, hex.
    pub content_digest: String,
    /// The revision that mapped it, where that is not the one it is judged under.
    pub revision: Option<i64>,
    /// A later place where the same state was seen again.
    pub seen_at: Option<(i64, u32)>,
    /// What its source says for its key, where an alias joins that to it; else empty.
    pub said: String,
    /// What it was merged from, where more than one source speaks of its key.
    pub heard: Vec<Heard>,
}

/// Issues of one record.
#[derive(Debug, Clone)]
pub struct NewIssues {
    /// Where it lies.
    pub spot: Spot,
    /// Its list.
    pub service: String,
    /// Its kind.
    pub kind: String,
    /// Its key, where it has one.
    pub key: Option<Key>,
    /// What its sender says for the key where an alias joined it, else empty.
    pub said: String,
    /// What became of it.
    pub verdict: Verdict,
    /// All that is wrong.
    pub issues: Vec<Issue>,
    /// Digest of the source record, volatile fields apart, hex; of its bytes where it cannot be read.
    pub digest: String,
}

/// The four verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A version was written.
    Accepted,
    /// It needs none.
    Unchanged,
    /// Its sender must mend it.
    Rejected,
    /// Somebody here must decide.
    Held,
}

impl Verdict {
    /// The word used in tables, logs and metrics.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Unchanged => "unchanged",
            Self::Rejected => "rejected",
            Self::Held => "held",
        }
    }
}

/// Counts of the four verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Records found.
    pub found: i64,
    /// Accepted.
    pub accepted: i64,
    /// Unchanged.
    pub unchanged: i64,
    /// Rejected.
    pub rejected: i64,
    /// Held.
    pub held: i64,
}

impl Counts {
    /// Counts one record found with this verdict.
    pub fn add(&mut self, verdict: Verdict) {
        self.found += 1;
        match verdict {
            Verdict::Accepted => self.accepted += 1,
            Verdict::Unchanged => self.unchanged += 1,
            Verdict::Rejected => self.rejected += 1,
            Verdict::Held => self.held += 1,
        }
    }
}

/// Everything one judging decided, in record order.
#[derive(Debug, Clone, Default)]
pub struct Judgement {
    /// Versions to write.
    pub versions: Vec<NewVersion>,
    /// Heads that a later, unchanged record was seen for: record and place.
    pub seen: Vec<(i64, (i64, u32))>,
    /// Issues to write.
    pub issues: Vec<NewIssues>,
    /// Parts judged, with their counts.
    pub parts: Vec<((i64, i64), Counts)>,
    /// Held records judged again, with what came of them.
    pub released: Vec<(Spot, Verdict)>,
    /// Paths that no mapping names, in the parts judged.
    pub unknown: Vec<UnknownField>,
    /// Documents found to have more rejected records than they may.
    pub over: Vec<(i64, OverLimit)>,
    /// Keys that more than one source speaks of.
    pub shared: Vec<Shared>,
}

/// Under what a judging was made.
#[derive(Debug, Clone, Copy)]
pub struct Under<'a> {
    /// The source.
    pub source: &'a str,
    /// The revision's number.
    pub revision: i64,
    /// The roster's number, where it was asked; else 0.
    pub roster: i64,
    /// The moment, ms.
    pub at: i64,
    /// Whether its records had their verdicts already.
    pub again: bool,
}

impl Judgement {
    /// Moves the place of the head that the newest of these versions of `key` will make.
    pub fn touch_new(&mut self, key: &Key, place: (i64, u32)) {
        if let Some(new) = self.versions.iter_mut().rev().find(|new| &new.version.key == key) {
            new.seen_at = Some(place);
        }
    }
}

impl Write {
    /// Writes a judgement; returns the number of its first version.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when a part or held record was judged meanwhile.
    pub async fn judge(&self, under: &Under<'_>, judgement: &Judgement) -> Result<i64> {
        let (versions, issues) = (judgement.versions.len(), judgement.issues.len());
        let first = self.numbers(versions + issues + 1).await?;
        let after = |n: usize| first + i64::try_from(n).unwrap_or(i64::MAX);
        let (issues_from, counted) = (after(versions), after(versions + issues));
        self.put_versions(under, first, &judgement.versions, &judgement.shared).await?;
        self.touch_heads(&judgement.seen).await?;
        self.put_issues(under, issues_from, &judgement.issues).await?;
        self.put_held(under, judgement).await?;
        self.close_parts(under, counted, &judgement.parts).await?;
        self.settle_held(under, counted, &judgement.released).await?;
        self.count_unknown(under, &judgement.unknown).await?;
        self.note_over(under, &judgement.over).await?;
        Ok(first)
    }

    pub(super) async fn put_versions(
        &self,
        under: &Under<'_>,
        first: i64,
        versions: &[NewVersion],
        shared: &[Shared],
    ) -> Result<()> {
        let mut heads: HashMap<&Key, HeadRow<'_>> = HashMap::new();
        let mut rows = Vec::with_capacity(versions.len());
        for (seq, new) in (first..).zip(versions) {
            let before = heads.get(&new.version.key).map(|head| head.no);
            let record = new.record.or(before).unwrap_or(seq);
            rows.push(VersionRow::of(seq, record, under, new)?);
            heads.insert(&new.version.key, HeadRow::of(seq, record, under.source, new));
        }
        self.put_log(under, &rows).await?;
        self.put_images(first, versions, moment(under.at)).await?;
        let common: Vec<Settling<'_>> =
            shared.iter().map(|key| Settling::of(key, heads.remove(&key.key))).collect();
        let (mut new, known): (Vec<_>, Vec<_>) = heads.into_values().partition(|head| head.no >= first);
        new.extend(common.iter().filter_map(Settling::new_head));
        self.make_heads(&new).await?;
        self.move_heads(under, &known).await?;
        self.put_shared(&common).await?;
        self.put_said_images(&common, moment(under.at)).await
    }

    async fn put_log(&self, under: &Under<'_>, rows: &[VersionRow<'_>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 3, rows)?;
        let sql = format!(
            "INSERT INTO version (seq, record, kind, document, part, place, byte_from, byte_length, revision, content, \
             content_digest, digest_alg, parents, inputs, owner_scheme, owner, region, industry, test, as_of, at, again) \
             SELECT seq, record, kind, document, part, place, byte_from, byte_length, revision, content, content_digest, \
             '{ALGORITHM}', parents, inputs, owner_scheme, owner, region, industry, test, as_of, $1, $2 FROM {}",
            bound.from
        );
        let before = [under.at.into(), i64::from(under.again).into()];
        self.run(&sql, bound.after(before)).await?;
        Ok(())
    }

    async fn make_heads(&self, heads: &[HeadRow<'_>]) -> Result<()> {
        if heads.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 1, heads)?;
        // another source may have judged the same new key at the same time: what was decided here no longer holds then
        let sql = format!(
            "INSERT INTO record (no, kind, id_space, id, source, said, head, document, place, source_digest, content_digest, as_of) \
             SELECT no, kind, id_space, id, source, said, head, document, place, source_digest, content_digest, as_of FROM {} \
             WHERE true ON CONFLICT (kind, id_space, id) DO NOTHING",
            bound.from
        );
        all(self.run(&sql, bound.after([])).await?, heads.len(), "记录")
    }

    async fn move_heads(&self, under: &Under<'_>, heads: &[HeadRow<'_>]) -> Result<()> {
        if heads.is_empty() {
            return Ok(());
        }
        let rows: Vec<MovedRow<'_>> = heads.iter().map(HeadRow::moved).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        // another source may have spoken of the key meanwhile, even if its word does not stand
        let sql = bound.update(
            "record",
            "head = r.head, source = $1, said = r.said, document = r.document, place = r.place, \
             source_digest = r.source_digest, content_digest = r.content_digest, as_of = r.as_of",
            "t.no = r.no",
            "(((t.source = $1 AND t.said = r.said) OR t.source_digest LIKE 'alias:%') \
             AND NOT EXISTS (SELECT 1 FROM contribution c WHERE c.record = t.no))",
        );
        all(self.run(&sql, bound.after([under.source.into()])).await?, heads.len(), "记录")
    }

    async fn touch_heads(&self, seen: &[(i64, (i64, u32))]) -> Result<()> {
        if seen.is_empty() {
            return Ok(());
        }
        // of one record the newest place: the order in which one statement takes its rows is nobody's promise
        let newest: BTreeMap<i64, (i64, u32)> = seen.iter().copied().collect();
        let rows: Vec<SeenRow> = newest
            .into_iter()
            .map(|(record, (document, place))| SeenRow { record, document, place })
            .collect();
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql = bound.update(
            "record",
            "document = r.document, place = r.place",
            "t.no = r.record",
            "(t.document < r.document OR (t.document = r.document AND t.place < r.place))",
        );
        self.run(&sql, bound.after([])).await?;
        Ok(())
    }

    /// `counted` is the number of this judging: a checkpoint finds by it what counts otherwise than before.
    async fn close_parts(
        &self,
        under: &Under<'_>,
        counted: i64,
        parts: &[((i64, i64), Counts)],
    ) -> Result<()> {
        if parts.is_empty() {
            return Ok(());
        }
        let rows: Vec<PartRow> =
            parts.iter().map(|((document, part), counts)| PartRow::of(*document, *part, counts)).collect();
        let bound = Bound::new(self.backend(), 4, &rows)?;
        let sql = bound.update(
            "part",
            "state = 'judged', revision = $1, judged_at = $2, counted = $3, found = r.found, accepted = r.accepted, \
             unchanged = r.unchanged, rejected = r.rejected, held = r.held",
            "t.document = r.document AND t.part = r.part",
            "t.state = 'pending'",
        );
        let before = [under.revision.into(), under.at.into(), counted.into()];
        let closed = self.run(&sql, bound.after(before)).await?;
        all(closed, parts.len(), "待判批段")
    }
}

/// That a statement changed as many rows as it was given; else they were no longer as they were read.
pub(super) fn all(changed: u64, given: usize, what: &'static str) -> Result<()> {
    if usize::try_from(changed).ok() == Some(given) { Ok(()) } else { Err(StoreError::Moved(what)) }
}

row! { SeenRow {
    record: i64,
    document: i64,
    place: u32,
} }

row! { pub(super) PartRow {
    document: i64,
    part: i64,
    found: i64,
    accepted: i64,
    unchanged: i64,
    rejected: i64,
    held: i64,
} }

impl PartRow {
    pub(super) const fn of(document: i64, part: i64, counts: &Counts) -> Self {
        let Counts { found, accepted, unchanged, rejected, held } = *counts;
        Self { document, part, found, accepted, unchanged, rejected, held }
    }
}

row! { VersionRow<'a> {
    seq: i64,
    record: i64,
    kind: &'a str,
    document: i64,
    part: i64,
    place: u32,
    byte_from: u64,
    byte_length: u32,
    revision: i64,
    content: String,
    content_digest: &'a str,
    parents: String,
    inputs: String,
    owner_scheme: Option<&'a str>,
    owner: Option<&'a str>,
    region: Option<&'a str>,
    industry: Option<&'a str>,
    test: i64,
    as_of: Option<i64>,
} }

impl<'a> VersionRow<'a> {
    fn of(seq: i64, record: i64, under: &Under<'_>, new: &'a NewVersion) -> Result<Self> {
        let state = &new.version;
        let owner = state.owner.as_deref().and_then(mappings::owner_parts);
        Ok(Self {
            seq,
            record,
            kind: &state.key.kind,
            document: new.spot.document,
            part: new.spot.part,
            place: new.spot.place,
            byte_from: new.spot.from,
            byte_length: new.spot.length,
            revision: new.revision.unwrap_or(under.revision),
            content: state.content.to_json(),
            content_digest: &new.content_digest,
            parents: json(&state.parents)?,
            inputs: if new.heard.is_empty() { json(&state.inputs)? } else { json(&new.heard)? },
            owner_scheme: owner.map(|(scheme, _)| scheme),
            owner: owner.map(|(_, value)| value),
            region: state.region.as_deref(),
            industry: state.industry.as_deref(),
            test: i64::from(state.test),
            as_of: state.as_of.map(|at| at.timestamp_millis()),
        })
    }
}

row! { #[derive(Clone)] pub(super) HeadRow<'a> {
    pub(super) no: i64,
    kind: &'a str,
    id_space: &'a str,
    id: &'a str,
    pub(super) source: &'a str,
    pub(super) said: &'a str,
    pub(super) head: i64,
    pub(super) document: i64,
    pub(super) place: u32,
    source_digest: &'a str,
    pub(super) content_digest: &'a str,
    as_of: Option<i64>,
} }

row! { MovedRow<'a> {
    no: i64,
    said: &'a str,
    head: i64,
    document: i64,
    place: u32,
    source_digest: &'a str,
    content_digest: &'a str,
    as_of: Option<i64>,
} }

impl<'a> HeadRow<'a> {
    const fn moved(&self) -> MovedRow<'a> {
        let Self { no, said, head, document, place, source_digest, content_digest, as_of, .. } = *self;
        MovedRow { no, said, head, document, place, source_digest, content_digest, as_of }
    }

    fn of(seq: i64, record: i64, source: &'a str, new: &'a NewVersion) -> Self {
        let key = &new.version.key;
        Self {
            no: record,
            kind: &key.kind,
            id_space: &key.id_space,
            id: &key.id,
            source,
            said: &new.said,
            head: seq,
            document: new.seen_at.map_or(new.spot.document, |(document, _)| document),
            place: new.seen_at.map_or(new.spot.place, |(_, place)| place),
            source_digest: &new.source_digest,
            content_digest: &new.content_digest,
            as_of: new.version.as_of.map(|at| at.timestamp_millis()),
        }
    }
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}
