//! The rows behind verdicts that are no version: issues, remembered rejections, held records and their release.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::{
    Result, StoreError, Write,
    rows::{self, Col, Cols},
    verdicts::{Counts, Judgement, NewIssues, Spot, Under, Verdict, json},
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
        let sql = format!(
            "SELECT j.kind, j.digest FROM {} JOIN rejection j ON j.kind = r.kind AND j.digest = r.digest \
             WHERE j.source = $2 AND j.revision = $3",
            rows::from(self.backend(), 1, &[("kind", Col::Text), ("digest", Col::Text)])
        );
        let found =
            self.all(&sql, vec![rows::bind(&wanted)?, under.source.into(), under.revision.into()]).await?;
        found.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
    }

    async fn insert_issues(&self, under: &Under<'_>, rows: &[IssueRow<'_>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO issue (no, source, service, document, part, place, kind, id_space, id, verdict, issues, revision, at) \
             SELECT no, $2, service, document, part, place, kind, id_space, id, verdict, issues, $3, $4 FROM {}",
            rows::from(self.backend(), 1, ISSUE)
        );
        let values = vec![rows::bind(rows)?, under.source.into(), under.revision.into(), under.at.into()];
        self.run(&sql, values).await?;
        Ok(())
    }

    async fn upsert_rejections(&self, under: &Under<'_>, rows: &[RejectionRow<'_>]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO rejection (source, kind, digest, revision, seen, issue, last_document, last_place) \
             SELECT $2, kind, digest, $3, seen, issue, document, place FROM {} WHERE true \
             ON CONFLICT (source, kind, digest, revision) DO UPDATE SET seen = rejection.seen + excluded.seen, \
             last_document = excluded.last_document, last_place = excluded.last_place",
            rows::from(self.backend(), 1, REJECTION)
        );
        self.run(&sql, vec![rows::bind(rows)?, under.source.into(), under.revision.into()]).await?;
        Ok(())
    }

    /// New held records, and held ones that another table did not help: those keep their row.
    pub(super) async fn put_held(&self, under: &Under<'_>, judgement: &Judgement) -> Result<()> {
        let rows: Vec<HeldRow<'_>> =
            judgement.issues.iter().filter(|new| new.verdict == Verdict::Held).map(HeldRow::of).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO held (document, place, part, source, service, kind, id_space, id, byte_from, byte_length, source_digest, \
             revision, reason, state, since) SELECT document, place, part, $2, service, kind, id_space, id, byte_from, byte_length, digest, $3, \
             reason, 'held', $4 FROM {} WHERE true \
             ON CONFLICT (document, place) DO UPDATE SET revision = excluded.revision, source_digest = excluded.source_digest, \
             reason = excluded.reason, kind = excluded.kind, id_space = excluded.id_space, id = excluded.id",
            rows::from(self.backend(), 1, HELD)
        );
        let values = vec![rows::bind(&rows)?, under.source.into(), under.revision.into(), under.at.into()];
        self.run(&sql, values).await?;
        Ok(())
    }

    /// Closes held records that got a verdict, and moves them between their parts' counts.
    pub(super) async fn settle_held(&self, under: &Under<'_>, released: &[(Spot, Verdict)]) -> Result<()> {
        let mut moved: HashMap<(i64, i64), Counts> = HashMap::new();
        for (spot, verdict) in released.iter().filter(|(_, verdict)| *verdict != Verdict::Held) {
            let sql = "UPDATE held SET state = $3, settled_at = $4, revision = $5 \
                 WHERE document = $1 AND place = $2 AND state = 'held'";
            let values = vec![
                spot.document.into(),
                i64::from(spot.place).into(),
                verdict.word().into(),
                under.at.into(),
                under.revision.into(),
            ];
            if self.run(sql, values).await? != 1 {
                return Err(StoreError::Moved("待定记录"));
            }
            moved.entry((spot.document, spot.part)).or_default().add(*verdict);
        }
        for ((document, part), counts) in moved {
            let sql = "UPDATE part SET held = held - $3, accepted = accepted + $4, unchanged = unchanged + $5, \
                 rejected = rejected + $6 WHERE document = $1 AND part = $2";
            let numbers = [document, part, counts.found, counts.accepted, counts.unchanged, counts.rejected];
            self.run(sql, numbers.map(Into::into).to_vec()).await?;
        }
        Ok(())
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

#[derive(Serialize)]
struct DigestRow<'a> {
    kind: &'a str,
    digest: &'a str,
}

#[derive(Serialize)]
struct RejectionRow<'a> {
    kind: &'a str,
    digest: &'a str,
    seen: i64,
    issue: i64,
    document: i64,
    place: u32,
}

const REJECTION: Cols = &[
    ("kind", Col::Text),
    ("digest", Col::Text),
    ("seen", Col::Int),
    ("issue", Col::Int),
    ("document", Col::Int),
    ("place", Col::Int),
];

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

#[derive(Serialize)]
struct IssueRow<'a> {
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
}

const ISSUE: Cols = &[
    ("no", Col::Int),
    ("service", Col::Text),
    ("document", Col::Int),
    ("part", Col::Int),
    ("place", Col::Int),
    ("kind", Col::Text),
    ("id_space", Col::Text),
    ("id", Col::Text),
    ("verdict", Col::Text),
    ("issues", Col::Text),
];

impl<'a> IssueRow<'a> {
    fn of(no: i64, new: &'a NewIssues) -> Result<Self> {
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

#[derive(Serialize)]
struct HeldRow<'a> {
    document: i64,
    place: u32,
    part: i64,
    service: &'a str,
    kind: &'a str,
    id_space: &'a str,
    id: &'a str,
    byte_from: u64,
    byte_length: u32,
    digest: &'a str,
    reason: String,
}

const HELD: Cols = &[
    ("document", Col::Int),
    ("place", Col::Int),
    ("part", Col::Int),
    ("service", Col::Text),
    ("kind", Col::Text),
    ("id_space", Col::Text),
    ("id", Col::Text),
    ("byte_from", Col::Int),
    ("byte_length", Col::Int),
    ("digest", Col::Text),
    ("reason", Col::Text),
];

impl<'a> HeldRow<'a> {
    fn of(new: &'a NewIssues) -> Self {
        let (id_space, id) = key_of(new);
        let reasons: Vec<String> = new
            .issues
            .iter()
            .map(|issue| format!("{} {}", issue.code, issue.field).trim_end().to_owned())
            .collect();
        Self {
            document: new.spot.document,
            place: new.spot.place,
            part: new.spot.part,
            service: &new.service,
            kind: &new.kind,
            id_space,
            id,
            byte_from: new.spot.from,
            byte_length: new.spot.length,
            digest: &new.digest,
            reason: reasons.join("; "),
        }
    }
}

fn key_of(new: &NewIssues) -> (&str, &str) {
    new.key.as_ref().map_or(("", ""), |key| (&key.id_space, &key.id))
}
