//! The rows behind verdicts that are no version: issues, remembered rejections, held records and their release.

use std::collections::{BTreeMap, HashMap, HashSet};

use mappings::Level;

use super::{
    Result, Write,
    limits::ERROR_LIMIT,
    rows::{Bound, join, row},
    verdicts::{Counts, Judgement, NewIssues, PartRow, Spot, Under, Verdict, all, json},
};

type Memo<'a> = HashMap<(&'a str, &'a str), RejectionRow<'a>>;

impl Write {
    /// Issues of everything but rejections that are remembered already; those are counted.
    pub(super) async fn put_issues(&self, under: &Under<'_>, first: i64, issues: &[NewIssues]) -> Result<()> {
        let known = self.known_rejections(under, issues).await?;
        let mut memo: Memo<'_> = HashMap::new();
        let mut rows = Vec::new();
        for (no, new) in (first..).zip(issues) {
            let repeated = new.verdict == Verdict::Rejected && !remember(&mut memo, &known, no, new);
            if !repeated {
                rows.push(IssueRow::of(no, new)?);
            }
        }
        self.insert_issues(under, &rows).await?;
        self.upsert_rejections(under, &memo.into_values().collect::<Vec<_>>()).await
    }

    async fn known_rejections(
        &self,
        under: &Under<'_>,
        issues: &[NewIssues],
    ) -> Result<HashSet<(String, String)>> {
        let wanted: Vec<DigestRow<'_>> = issues
            .iter()
            .filter(|new| new.verdict == Verdict::Rejected)
            .map(|new| DigestRow { kind: &new.kind, digest: &new.digest })
            .collect();
        if wanted.is_empty() {
            return Ok(HashSet::new());
        }
        let bound = Bound::new(self.backend(), 3, &wanted)?;
        let same = "j.source = $1 AND j.kind = r.kind AND j.digest = r.digest AND j.revision = $2";
        let sql = format!(
            "SELECT j.kind, j.digest FROM {} {}",
            bound.from,
            join(self.backend(), "rejection", "j", same)
        );
        let found = self.all(&sql, bound.after([under.source.into(), under.revision.into()])).await?;
        found.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }

    async fn insert_issues(&self, under: &Under<'_>, rows: &[IssueRow<'_>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 4, rows)?;
        let sql = format!(
            "INSERT INTO issue (no, source, service, document, part, place, kind, id_space, id, verdict, issues, revision, at) \
             SELECT no, $1, service, document, part, place, kind, id_space, id, verdict, issues, $2, $3 FROM {}",
            bound.from
        );
        self.run(&sql, bound.after([under.source.into(), under.revision.into(), under.at.into()])).await?;
        Ok(())
    }

    async fn upsert_rejections(&self, under: &Under<'_>, rows: &[RejectionRow<'_>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 3, rows)?;
        let sql = format!(
            "INSERT INTO rejection (source, kind, digest, revision, seen, issue, last_document, last_place) \
             SELECT $1, kind, digest, $2, seen, issue, document, place FROM {} WHERE true \
             ON CONFLICT (source, kind, digest, revision) DO UPDATE SET seen = rejection.seen + excluded.seen, \
             last_document = excluded.last_document, last_place = excluded.last_place",
            bound.from
        );
        self.run(&sql, bound.after([under.source.into(), under.revision.into()])).await?;
        Ok(())
    }

    /// New held records, and held ones that another table did not help: those keep their row.
    pub(super) async fn put_held(&self, under: &Under<'_>, judgement: &Judgement) -> Result<()> {
        let rows: Vec<HeldRow<'_>> =
            judgement.issues.iter().filter(|new| new.verdict == Verdict::Held).map(HeldRow::of).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 5, &rows)?;
        let sql = format!(
            "INSERT INTO held (document, place, part, source, service, kind, id_space, id, said, byte_from, byte_length, source_digest, \
             revision, reason, state, since, roster) SELECT document, place, part, $1, service, kind, id_space, id, said, byte_from, byte_length, digest, \
             $2, reason, 'held', $3, $4 FROM {} WHERE true \
             ON CONFLICT (document, place) DO UPDATE SET revision = excluded.revision, source_digest = excluded.source_digest, \
             reason = excluded.reason, kind = excluded.kind, id_space = excluded.id_space, id = excluded.id, said = excluded.said, \
             roster = excluded.roster",
            bound.from
        );
        let under = [under.source.into(), under.revision.into(), under.at.into(), under.roster.into()];
        self.run(&sql, bound.after(under)).await?;
        Ok(())
    }

    /// Closes held records that got a verdict, and moves them between their parts' counts.
    pub(super) async fn settle_held(
        &self,
        under: &Under<'_>,
        counted: i64,
        released: &[(Spot, Verdict)],
    ) -> Result<()> {
        let settled: Vec<&(Spot, Verdict)> =
            released.iter().filter(|(_, verdict)| *verdict != Verdict::Held).collect();
        if settled.is_empty() {
            return Ok(());
        }
        let rows: Vec<SettledRow> =
            settled.iter().map(|(spot, verdict)| SettledRow::of(spot, *verdict)).collect();
        let bound = Bound::new(self.backend(), 3, &rows)?;
        let sql = bound.update(
            "held",
            "state = r.verdict, settled_at = $1, revision = $2",
            "t.document = r.document AND t.place = r.place",
            "t.state = 'held'",
        );
        let closed = self.run(&sql, bound.after([under.at.into(), under.revision.into()])).await?;
        all(closed, rows.len(), "待定记录")?;
        self.move_counts(counted, &settled).await
    }

    async fn move_counts(&self, counted: i64, settled: &[&(Spot, Verdict)]) -> Result<()> {
        let mut moved: BTreeMap<(i64, i64), Counts> = BTreeMap::new();
        for (spot, verdict) in settled {
            moved.entry((spot.document, spot.part)).or_default().add(*verdict);
        }
        let rows: Vec<PartRow> =
            moved.iter().map(|((document, part), counts)| PartRow::of(*document, *part, counts)).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let sql = bound.update(
            "part",
            "counted = $1, held = t.held - r.found, accepted = t.accepted + r.accepted, unchanged = t.unchanged + r.unchanged, \
             rejected = t.rejected + r.rejected",
            "t.document = r.document AND t.part = r.part",
            "true",
        );
        self.run(&sql, bound.after([counted.into()])).await?;
        Ok(())
    }
}

row! { SettledRow {
    document: i64,
    place: u32,
    verdict: &'static str,
} }

impl SettledRow {
    const fn of(spot: &Spot, verdict: Verdict) -> Self {
        Self { document: spot.document, place: spot.place, verdict: verdict.word() }
    }
}

/// Notes a rejection; true when it is new and its issues must be written.
fn remember<'a>(memo: &mut Memo<'a>, known: &HashSet<(String, String)>, no: i64, new: &'a NewIssues) -> bool {
    let fresh = !known.contains(&(new.kind.clone(), new.digest.clone()));
    let row = memo.entry((&new.kind, &new.digest)).or_insert_with(|| RejectionRow::of(no, new));
    row.seen += 1;
    row.document = new.spot.document;
    row.place = new.spot.place;
    fresh && row.seen == 1
}

row! { DigestRow<'a> {
    kind: &'a str,
    digest: &'a str,
} }

row! { RejectionRow<'a> {
    kind: &'a str,
    digest: &'a str,
    seen: i64,
    issue: i64,
    document: i64,
    place: u32,
} }

impl<'a> RejectionRow<'a> {
    fn of(no: i64, new: &'a NewIssues) -> Self {
        Self {
            kind: &new.kind,
            digest: &new.digest,
            seen: 0,
            issue: no,
            document: new.spot.document,
            place: new.spot.place,
        }
    }
}

row! { pub(super) IssueRow<'a> {
    no: i64,
    service: &'a str,
    document: i64,
    part: i64,
    place: u32,
    kind: &'a str,
    id_space: &'a str,
    id: &'a str,
    verdict: &'static str,
    issues: String,
} }

impl<'a> IssueRow<'a> {
    pub(super) fn of(no: i64, new: &'a NewIssues) -> Result<Self> {
        let (id_space, id) = key_of(new);
        Ok(Self {
            no,
            service: &new.service,
            document: new.spot.document,
            part: new.spot.part,
            place: new.spot.place,
            kind: &new.kind,
            id_space,
            id,
            verdict: new.verdict.word(),
            issues: json(&new.issues)?,
        })
    }
}

row! { HeldRow<'a> {
    document: i64,
    place: u32,
    part: i64,
    service: &'a str,
    kind: &'a str,
    id_space: &'a str,
    id: &'a str,
    said: &'a str,
    byte_from: u64,
    byte_length: u32,
    digest: &'a str,
    reason: String,
} }

impl<'a> HeldRow<'a> {
    fn of(new: &'a NewIssues) -> Self {
        let (id_space, id) = key_of(new);
        // what is only noted lets nothing go
        let holding = new.issues.iter().filter(|issue| issue.level != Level::Warn);
        let reasons: Vec<String> =
            holding.map(|issue| format!("{} {}", issue.code, issue.field).trim_end().to_owned()).collect();
        Self {
            document: new.spot.document,
            place: new.spot.place,
            part: new.spot.part,
            service: &new.service,
            kind: &new.kind,
            id_space,
            id,
            said: &new.said,
            byte_from: new.spot.from,
            byte_length: new.spot.length,
            digest: &new.digest,
            reason: if new.is_over_limit() { ERROR_LIMIT.to_owned() } else { reasons.join("; ") },
        }
    }
}

impl NewIssues {
    /// Whether it is held only because its document is: what is wrong with itself counts when that is let go.
    fn is_over_limit(&self) -> bool {
        self.issues.first().is_some_and(|issue| issue.code == ERROR_LIMIT)
    }
}

fn key_of(new: &NewIssues) -> (&str, &str) {
    new.key.as_ref().map_or(("", ""), |key| (&key.id_space, &key.id))
}
