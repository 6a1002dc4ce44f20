//! Landing: bytes stored once, cut into parts, the cursor moved, in one transaction.

use adapters::{AdapterError, Document};
use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::{
    Result, Store, Write,
    blobs::ALGORITHM,
    entity::{document, failed_fetch, part},
    ms, rows,
};

/// Where a document comes from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The source.
    pub source: &'a str,
    /// Its list.
    pub service: &'a str,
    /// The kind its mapping makes of it.
    pub kind: &'a str,
    /// The active revision.
    pub revision: i64,
    /// When it was received.
    pub at: DateTime<Utc>,
}

impl Write {
    /// Lands documents in order; pulled and pushed ones alike. Returns the first number.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn land(&self, origin: &Origin<'_>, documents: &[Document]) -> Result<i64> {
        let first = self.numbers(documents.len()).await?;
        for (no, landed) in (first..).zip(documents) {
            let blob = self.put_blob(no, &landed.bytes, origin.at).await?;
            self.put_document(no, origin, landed, blob).await?;
        }
        Ok(first)
    }

    async fn put_document(
        &self,
        no: i64,
        origin: &Origin<'_>,
        landed: &Document,
        blob: String,
    ) -> Result<()> {
        let row = document::Model {
            no,
            source: origin.source.into(),
            service: origin.service.into(),
            blob,
            digest_alg: ALGORITHM.into(),
            cipher: None,
            key_id: None,
            length: i64::try_from(landed.bytes.len()).unwrap_or(i64::MAX),
            asked: rows::plain(&landed.asked),
            located: landed.parts.iter().map(|part| i64::from(part.count)).sum(),
            received_at: ms(origin.at),
            revision: origin.revision,
            recovered: None,
        };
        row.into_active_model().insert(self.tx()).await?;
        let parts: Vec<part::ActiveModel> = (0..)
            .zip(&landed.parts)
            .map(|(n, extent)| part_row(no, n, origin, extent).into_active_model())
            .collect();
        if !parts.is_empty() {
            part::Entity::insert_many(parts).exec_without_returning(self.tx()).await?;
        }
        Ok(())
    }

    /// Keeps what came instead of a page.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_failed_fetch(&self, origin: &Origin<'_>, error: &AdapterError) -> Result<()> {
        let no = self.numbers(1).await?;
        let blob = match error.seen.as_slice() {
            [] => None,
            seen => Some(self.put_blob(no, seen, origin.at).await?),
        };
        let row = failed_fetch::Model {
            no,
            source: origin.source.into(),
            service: origin.service.into(),
            at: ms(origin.at),
            status: error.status.map(i64::from),
            what: rows::plain(&error.what),
            blob,
            length: i64::try_from(error.seen.len()).unwrap_or(i64::MAX),
        };
        row.into_active_model().insert(self.tx()).await?;
        Ok(())
    }
}

fn part_row(document: i64, n: i64, origin: &Origin<'_>, extent: &adapters::Extent) -> part::Model {
    part::Model {
        document,
        part: n,
        source: origin.source.into(),
        service: origin.service.into(),
        kind: origin.kind.into(),
        first: i64::from(extent.first),
        located: i64::from(extent.count),
        byte_from: i64::try_from(extent.from).unwrap_or(i64::MAX),
        byte_to: i64::try_from(extent.to).unwrap_or(i64::MAX),
        state: "pending".into(),
        revision: None,
        found: 0,
        accepted: 0,
        unchanged: 0,
        rejected: 0,
        held: 0,
        judged_at: None,
    }
}

/// A document's own row, for explaining.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landed {
    /// Its number.
    pub no: i64,
    /// The source.
    pub source: String,
    /// Its list.
    pub service: String,
    /// Digest of its bytes.
    pub digest: String,
    /// When it was received.
    pub received_at: DateTime<Utc>,
}

impl Store {
    /// When a source last gave a document, and how many records were in it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_given(&self, source: &str) -> Result<Option<(DateTime<Utc>, u64)>> {
        let row = document::Entity::find()
            .filter(document::Column::Source.eq(source))
            .order_by_desc(document::Column::No)
            .limit(1)
            .one(&self.connection)
            .await?;
        let given = |row: document::Model| {
            (super::moment(row.received_at), u64::try_from(row.located).unwrap_or_default())
        };
        Ok(row.map(given))
    }

    /// A document by number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn document(&self, no: i64) -> Result<Option<Landed>> {
        let row = document::Entity::find_by_id(no).one(&self.connection).await?;
        Ok(row.map(|row| Landed {
            no: row.no,
            source: row.source,
            service: row.service,
            digest: row.blob,
            received_at: super::moment(row.received_at),
        }))
    }
}
