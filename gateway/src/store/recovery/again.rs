//! A batch that was sent, made again: under its own id and number, with the same bytes, members and versions. What its
//! versions came from is lost: a document of a new number stands for each, with only what was sent of it, so that no
//! document that is here, judged or still to be judged, counts otherwise.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{Recovery, Result, StoreError, Write, taken};
use crate::{
    proof::facts::{BatchFacts, Contents, DocumentFacts, Member},
    store::{
        blobs::ALGORITHM,
        entity::{batch, document},
        ms,
        rows::{Bound, join, left_join, row},
        scope::TAKEN,
        turn::Passed,
    },
};

impl Write {
    /// Makes a batch again that is not here, as one that may have arrived. The numbers' lock is taken first.
    ///
    /// # Errors
    /// When the database refuses, or its id or number is another's.
    pub async fn batch_again(
        &self,
        recovery: Recovery,
        facts: &BatchFacts,
        contents: &Contents,
        payload: &[u8],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let sql = "SELECT 1 FROM batch WHERE id = $1 OR no = $2";
        if self.one(sql, vec![facts.id.as_str().into(), facts.no.into()]).await?.is_some() {
            return Err(taken(&format!("批次 {}", facts.id)));
        }
        let members = self.under_known_numbers(&facts.kind, &contents.members).await?;
        let new = self.lost_versions(&members).await?;
        if !new.is_empty() {
            let documents = self.stand_ins(recovery, facts, &contents.documents, &new, now).await?;
            self.versions_again(facts, &new, &documents).await?;
            let contents: Vec<_> = new.iter().map(|member| (member.seq, member.content.as_str())).collect();
            self.images_again(recovery.no, &contents, payload, now).await?;
            for destination in self.all("SELECT name FROM destination", vec![]).await? {
                let name: String = destination.try_get_by_index(0)?;
                self.owe_again(&name, &new, now).await?;
            }
        }
        self.put_batch_again(facts, &members, payload, now).await?;
        self.freeze_again(facts, &members, now).await
    }

    /// The members, each under the number that its record has here: one that came again after a recovery which did not know
    /// of this batch has another.
    async fn under_known_numbers(&self, kind: &str, members: &[Member]) -> Result<Vec<Member>> {
        let rows: Vec<NamedRow<'_>> = members
            .iter()
            .map(|member| NamedRow { record: member.record, id_space: &member.id_space, id: &member.id })
            .collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let key = "h.kind = $1 AND h.id_space = r.id_space AND h.id = r.id";
        let record = join(self.backend(), "record", "h", key);
        let sql = format!("SELECT r.record, h.no FROM {} {record} WHERE h.no <> r.record", bound.from);
        let mut known: BTreeMap<i64, i64> = BTreeMap::new();
        for row in self.all(&sql, bound.after([kind.into()])).await? {
            known.insert(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        }
        let here = |member: &Member| known.get(&member.record).copied().unwrap_or(member.record);
        Ok(members.iter().map(|member| Member { record: here(member), ..member.clone() }).collect())
    }

    /// Members whose version is not here.
    async fn lost_versions<'m>(&self, members: &'m [Member]) -> Result<Vec<&'m Member>> {
        let rows: Vec<SeqRow> = members.iter().map(|member| SeqRow { seq: member.seq }).collect();
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let version = left_join(self.backend(), "version", "v", "v.seq = r.seq");
        let sql = format!("SELECT r.seq FROM {} {version} WHERE v.seq IS NULL", bound.from);
        let found = self.all(&sql, bound.after([])).await?;
        let lost: Vec<i64> = found.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect::<Result<_>>()?;
        Ok(members.iter().filter(|member| lost.contains(&member.seq)).collect())
    }

    /// A document for each that the versions came from; its new number by the lost one.
    async fn stand_ins(
        &self,
        recovery: Recovery,
        facts: &BatchFacts,
        of: &[DocumentFacts],
        new: &[&Member],
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<i64, i64>> {
        let mut counts: BTreeMap<i64, i64> = BTreeMap::new();
        for member in new {
            *counts.entry(member.document).or_default() += 1;
        }
        let first = self.numbers(counts.len()).await?;
        let mut numbers = BTreeMap::new();
        for (no, (lost, found)) in (first..).zip(counts) {
            let was = of.iter().find(|document| document.no == lost);
            let was = was.ok_or_else(|| {
                StoreError::Corrupt(format!("接收日志里批次 {} 缺第 {lost} 号文档", facts.id))
            })?;
            self.stand_in(recovery, no, was, &facts.kind, found, now).await?;
            numbers.insert(lost, no);
        }
        Ok(numbers)
    }

    async fn stand_in(
        &self,
        recovery: Recovery,
        no: i64,
        was: &DocumentFacts,
        kind: &str,
        found: i64,
        now: DateTime<Utc>,
    ) -> Result<()> {
        // read again, the same bytes are there again; until then they are known to be lost, and by what
        let sql = "INSERT INTO blob (digest, digest_alg, length, used_at, dropped) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (digest) DO NOTHING";
        let blob = || was.blob.as_str().into();
        let values = vec![blob(), ALGORITHM.into(), was.length.into(), ms(now).into(), recovery.no.into()];
        self.run(sql, values).await?;
        let row = document::Model {
            no,
            source: was.source.clone(),
            service: was.service.clone(),
            blob: was.blob.clone(),
            digest_alg: ALGORITHM.into(),
            cipher: None,
            key_id: None,
            length: was.length,
            asked: was.asked.clone(),
            located: found,
            received_at: was.received_at,
            revision: was.revision,
            recovered: Some(was.no),
        };
        row.into_active_model().insert(self.tx()).await?;
        let sql = "INSERT INTO part (document, part, source, service, kind, first, located, byte_from, byte_to, state, \
             revision, found, accepted, unchanged, rejected, held, judged_at, counted) \
             VALUES ($1, 0, $2, $3, $4, 0, $5, 0, $6, 'judged', $7, $5, $5, 0, 0, 0, $8, $1)";
        let values = vec![
            no.into(),
            was.source.as_str().into(),
            was.service.as_str().into(),
            kind.into(),
            found.into(),
            was.length.into(),
            was.revision.into(),
            ms(now).into(),
        ];
        self.run(sql, values).await?;
        Ok(())
    }

    /// The versions under their own numbers, and the heads they make. A head keeps the place it had: what is still to be
    /// judged is older or newer than it as it was.
    async fn versions_again(
        &self,
        facts: &BatchFacts,
        new: &[&Member],
        documents: &BTreeMap<i64, i64>,
    ) -> Result<()> {
        let rows: Vec<AgainRow<'_>> = new.iter().map(|member| AgainRow::of(member, documents)).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let kind = || [facts.kind.as_str().into()];
        let sql = format!(
            "INSERT INTO version (seq, record, kind, document, part, place, byte_from, byte_length, revision, content, \
             content_digest, digest_alg, parents, inputs, owner_scheme, owner, region, industry, test, as_of, at) \
             SELECT seq, record, $1, document, 0, place, byte_from, byte_length, revision, content, content_digest, \
             '{ALGORITHM}', parents, inputs, owner_scheme, owner, region, industry, test, as_of, at FROM {}",
            bound.from
        );
        self.run(&sql, bound.after(kind())).await?;
        let sql = format!(
            "INSERT INTO record (no, kind, id_space, id, source, head, document, place, source_digest, content_digest, as_of) \
             SELECT record, $1, id_space, id, source, seq, lost, place, source_digest, content_digest, as_of FROM {} \
             WHERE true ON CONFLICT (kind, id_space, id) DO NOTHING",
            bound.from
        );
        self.run(&sql, bound.after(kind())).await?;
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql = bound.update(
            "record",
            "head = r.seq, document = r.lost, place = r.place, source_digest = r.source_digest, \
             content_digest = r.content_digest, as_of = r.as_of",
            "t.no = r.record",
            "t.head < r.seq",
        );
        self.run(&sql, bound.after([])).await?;
        Ok(())
    }

    /// Versions whose numbers the log has passed become owed where a destination takes them.
    async fn owe_again(&self, destination: &str, new: &[&Member], now: DateTime<Utc>) -> Result<()> {
        let rows: Vec<SeqRow> = new.iter().map(|member| SeqRow { seq: member.seq }).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let version = join(self.backend(), "version", "v", "v.seq = r.seq");
        let candidates = format!(
            "SELECT v.record AS record, v.kind AS kind, v.seq AS version FROM {} {version} \
             JOIN destination_kind k ON k.destination = $1 AND k.kind = v.kind AND v.seq > k.start_seq \
             AND (k.until_seq IS NULL OR v.seq <= k.until_seq) AND {TAKEN}",
            bound.from
        );
        self.turn(destination, &candidates, bound.after([]), now).await
    }

    async fn put_batch_again(
        &self,
        facts: &BatchFacts,
        members: &[Member],
        payload: &[u8],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let row = batch::Model {
            id: facts.id.clone(),
            no: facts.no,
            destination: facts.destination.clone(),
            kind: facts.kind.clone(),
            path: facts.path.clone(),
            lane: "main".into(),
            grp: facts.group.clone(),
            state: "unknown".into(),
            size: i64::try_from(members.len()).unwrap_or(i64::MAX),
            payload: self.put_blob(facts.no, payload, now).await?,
            revision: facts.revision,
            split: facts.split.clone(),
            attempts: 0,
            not_before: None,
            frozen_at: facts.frozen_at,
            settled_at: None,
        };
        row.into_active_model().insert(self.tx()).await?;
        let rows: Vec<PlacedRow<'_>> = (0..)
            .zip(members)
            .map(|(ord, member)| PlacedRow {
                ord,
                record: member.record,
                version: member.seq,
                wire_id: &member.wire_id,
            })
            .collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let sql = format!(
            "INSERT INTO batch_member (batch, ord, record, version, wire_id) SELECT $1, ord, record, version, wire_id FROM {}",
            bound.from
        );
        self.run(&sql, bound.after([facts.id.as_str().into()])).await?;
        Ok(())
    }

    /// The members' rows go into the batch. Where a newer version had taken a row, it is the next one again; where a newer
    /// one may be at the receiver already, the row is left as it is.
    async fn freeze_again(&self, facts: &BatchFacts, members: &[Member], now: DateTime<Utc>) -> Result<()> {
        let destination = || facts.destination.as_str().into();
        let rows: Vec<OwedRow> =
            members.iter().map(|member| OwedRow { record: member.record, version: member.seq }).collect();
        self.answered_before(facts, &rows, now).await?;
        let delivery = join(self.backend(), "delivery", "d", "d.destination = $1 AND d.record = r.record");
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let sql = format!(
            "SELECT d.kind, COUNT(*) FROM {} {delivery} WHERE {} GROUP BY d.kind",
            bound.from,
            taken_by_newer("d")
        );
        for row in self.all(&sql, bound.after([destination()])).await? {
            let (kind, passed): (String, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            // they were counted as superseded when the newer version took the row
            let back = Passed { superseded: -passed, ..Passed::default() };
            self.add_tally(&facts.destination, &kind, back).await?;
        }
        let bound = Bound::new(self.backend(), 6, &rows)?;
        let sql = bound.update(
            "delivery",
            "state = 'sent', batch = $2, grp = $3, split = $4, changed_at = $5, reason = NULL, not_before = NULL, \
             waits_for = NULL, next_version = CASE WHEN t.version > r.version THEN t.version ELSE NULL END, \
             version = r.version",
            "t.destination = $1 AND t.record = r.record",
            &format!("((t.version = r.version AND t.state <> 'sent') OR ({}))", taken_by_newer("t")),
        );
        let before = [
            destination(),
            facts.id.as_str().into(),
            facts.group.as_str().into(),
            facts.split.clone().into(),
            ms(now).into(),
        ];
        self.run(&sql, bound.after(before)).await?;
        Ok(())
    }

    /// A batch that has one of these rows, in this version or an older one, was answered, or they could not have gone into
    /// this one. What the answer was is lost: the rest of it goes again.
    async fn answered_before(&self, facts: &BatchFacts, rows: &[OwedRow], now: DateTime<Utc>) -> Result<()> {
        let bound = Bound::new(self.backend(), 2, rows)?;
        let delivery = join(self.backend(), "delivery", "d", "d.destination = $1 AND d.record = r.record");
        let sql = format!(
            "SELECT DISTINCT d.batch FROM {} {delivery} WHERE d.state = 'sent' AND d.version <= r.version",
            bound.from
        );
        for row in self.all(&sql, bound.after([facts.destination.as_str().into()])).await? {
            self.again_in_new(&row.try_get_by_index::<String>(0)?, now).await?;
        }
        Ok(())
    }
}

/// Row `alias` was taken by a version newer than `r`'s, and nothing newer was confirmed before that.
fn taken_by_newer(alias: &str) -> String {
    format!(
        "{alias}.version > r.version AND {alias}.state IN ('due', 'waiting') AND COALESCE({alias}.confirmed, 0) < r.version"
    )
}

row! { NamedRow<'a> {
    record: i64,
    id_space: &'a str,
    id: &'a str,
} }

row! { SeqRow {
    seq: i64,
} }

row! { OwedRow {
    record: i64,
    version: i64,
} }

row! { PlacedRow<'a> {
    ord: i64,
    record: i64,
    version: i64,
    wire_id: &'a str,
} }

row! { AgainRow<'a> {
    seq: i64,
    record: i64,
    id_space: &'a str,
    id: &'a str,
    source: &'a str,
    document: i64,
    lost: i64,
    place: i64,
    byte_from: i64,
    byte_length: i64,
    revision: i64,
    content: &'a str,
    content_digest: &'a str,
    source_digest: &'a str,
    parents: &'a str,
    inputs: &'a str,
    owner_scheme: Option<&'a str>,
    owner: Option<&'a str>,
    region: Option<&'a str>,
    industry: Option<&'a str>,
    test: i64,
    as_of: Option<i64>,
    at: i64,
} }

impl<'a> AgainRow<'a> {
    fn of(member: &'a Member, documents: &BTreeMap<i64, i64>) -> Self {
        Self {
            seq: member.seq,
            record: member.record,
            id_space: &member.id_space,
            id: &member.id,
            source: &member.source,
            document: documents.get(&member.document).copied().unwrap_or(member.document),
            lost: member.document,
            place: member.place,
            byte_from: member.byte_from,
            byte_length: member.byte_length,
            revision: member.revision,
            content: &member.content,
            content_digest: &member.content_digest,
            source_digest: &member.source_digest,
            parents: &member.parents,
            inputs: &member.inputs,
            owner_scheme: member.owner_scheme.as_deref(),
            owner: member.owner.as_deref(),
            region: member.region.as_deref(),
            industry: member.industry.as_deref(),
            test: member.test,
            as_of: member.as_of,
            at: member.at,
        }
    }
}
