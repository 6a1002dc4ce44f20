//! What the ledger and the journals outside say of each other: how far a journal had got when a state of the ledger was
//! committed, what a batch is for its line, and whether what lines speak of is here.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryResult, QuerySelect};

use super::{
    Result, Store, StoreError, Write,
    entity::{batch, document, revision},
    ms,
};
use crate::proof::facts::{BatchFacts, Contents, DocumentFacts, Member, RevisionFacts};

/// A batch as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// Digest of its bytes.
    pub payload: String,
    /// Whether every member has its outcome.
    pub settled: bool,
}

impl Store {
    /// The last line of a node's journal that was written before this state of the ledger was committed; 0: none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn journal_position(&self, node: &str) -> Result<i64> {
        let row = self.one("SELECT position FROM journal WHERE node = $1", vec![node.into()]).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
    }

    /// The last sequence number taken.
    ///
    /// # Errors
    /// When the counter row is missing.
    pub async fn last_number(&self) -> Result<i64> {
        let row = self.one("SELECT seq FROM counter WHERE name = 'ledger'", vec![]).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt("没有计数器".into()))?;
        Ok(row.try_get_by_index(0)?)
    }

    /// Which of these batches are here.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn batches_here(&self, ids: &[String]) -> Result<BTreeMap<String, Here>> {
        let found = batch::Entity::find().filter(batch::Column::Id.is_in(ids)).all(&self.connection).await?;
        let here =
            |row: batch::Model| (row.id, Here { payload: row.payload, settled: row.state == "settled" });
        Ok(found.into_iter().map(here).collect())
    }

    /// Which of these documents are here, with the digest of their bytes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn documents_here(&self, numbers: &[i64]) -> Result<BTreeSet<(i64, String)>> {
        let found = document::Entity::find()
            .select_only()
            .columns([document::Column::No, document::Column::Blob])
            .filter(document::Column::No.is_in(numbers.iter().copied()))
            .into_tuple()
            .all(&self.connection)
            .await?;
        Ok(found.into_iter().collect())
    }

    /// What a batch's line says of it.
    ///
    /// # Errors
    /// When there is no such batch.
    pub async fn batch_facts(&self, id: &str) -> Result<(BatchFacts, Contents)> {
        let row = batch::Entity::find_by_id(id).one(&self.connection).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt(format!("没有批次 {id}")))?;
        let members = self.all(MEMBERS, vec![id.into()]).await?;
        let documents = self.all(DOCUMENTS, vec![id.into()]).await?;
        let contents = Contents {
            members: members.iter().map(member).collect::<Result<_>>()?,
            documents: documents.iter().map(landed).collect::<Result<_>>()?,
        };
        Ok((facts(row), contents))
    }

    /// What a line says of a revision; its files as text.
    ///
    /// # Errors
    /// When there is none of that number.
    pub async fn revision_facts(&self, no: i64) -> Result<RevisionFacts> {
        let row = revision::Entity::find_by_id(no).one(&self.connection).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt(format!("没有第 {no} 号配置")))?;
        let files =
            zstd::decode_all(row.files.as_slice()).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let files = String::from_utf8(files).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        Ok(RevisionFacts { no: row.no, hash: row.hash, engine: row.engine, files })
    }
}

impl Write {
    /// Notes how far a node's journal has got: every line up to there speaks of what was committed before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn note_journal(&self, node: &str, position: i64, now: DateTime<Utc>) -> Result<()> {
        let sql = "INSERT INTO journal (node, position, at) VALUES ($1, $2, $3) ON CONFLICT (node) DO UPDATE \
             SET position = excluded.position, at = excluded.at WHERE journal.position < excluded.position";
        self.run(sql, vec![node.into(), position.into(), ms(now).into()]).await?;
        Ok(())
    }
}

const MEMBERS: &str = "SELECT m.wire_id, h.id_space, h.id, v.record, h.source, v.seq, v.document, v.part, v.place, \
     v.byte_from, v.byte_length, v.revision, v.content, v.content_digest, \
     CASE WHEN h.head = v.seq THEN h.source_digest ELSE '' END AS source_digest, v.parents, v.inputs, v.owner_scheme, \
     v.owner, v.region, v.industry, v.test, v.as_of, v.at FROM batch_member m JOIN version v ON v.seq = m.version \
     JOIN record h ON h.no = m.record WHERE m.batch = $1 ORDER BY m.ord";

const DOCUMENTS: &str = "SELECT d.no, d.source, d.service, d.blob, d.length, d.asked, d.received_at, d.revision \
     FROM document d WHERE d.no IN (SELECT v.document FROM batch_member m JOIN version v ON v.seq = m.version \
     WHERE m.batch = $1) ORDER BY d.no";

fn facts(row: batch::Model) -> BatchFacts {
    BatchFacts {
        id: row.id,
        no: row.no,
        destination: row.destination,
        kind: row.kind,
        path: row.path,
        group: row.grp,
        revision: row.revision,
        split: row.split,
        frozen_at: row.frozen_at,
    }
}

fn member(row: &QueryResult) -> Result<Member> {
    let text = |index: usize| -> Result<String> { Ok(row.try_get_by_index(index)?) };
    let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
    let maybe = |index: usize| -> Result<Option<String>> { Ok(row.try_get_by_index(index)?) };
    Ok(Member {
        wire_id: text(0)?,
        id_space: text(1)?,
        id: text(2)?,
        record: number(3)?,
        source: text(4)?,
        seq: number(5)?,
        document: number(6)?,
        part: number(7)?,
        place: number(8)?,
        byte_from: number(9)?,
        byte_length: number(10)?,
        revision: number(11)?,
        content: text(12)?,
        content_digest: text(13)?,
        source_digest: text(14)?,
        parents: text(15)?,
        inputs: text(16)?,
        owner_scheme: maybe(17)?,
        owner: maybe(18)?,
        region: maybe(19)?,
        industry: maybe(20)?,
        test: number(21)?,
        as_of: row.try_get_by_index(22)?,
        at: number(23)?,
    })
}

fn landed(row: &QueryResult) -> Result<DocumentFacts> {
    Ok(DocumentFacts {
        no: row.try_get_by_index(0)?,
        source: row.try_get_by_index(1)?,
        service: row.try_get_by_index(2)?,
        blob: row.try_get_by_index(3)?,
        length: row.try_get_by_index(4)?,
        asked: row.try_get_by_index(5)?,
        received_at: row.try_get_by_index(6)?,
        revision: row.try_get_by_index(7)?,
    })
}
