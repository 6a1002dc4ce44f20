//! Configurations by hash, and which one is active.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::{
    Result, Store, StoreError, Write,
    entity::{activation, revision},
    ms,
};

/// A stored configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its number, which everything it produced carries.
    pub no: i64,
    /// Its hash.
    pub hash: String,
    /// Its files, as the configuration wrote them.
    pub files: Vec<u8>,
}

impl Store {
    /// The active configuration, if any was ever activated.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn active_revision(&self) -> Result<Option<Stored>> {
        match self.active_number().await? {
            Some(no) => self.revision(no).await.map(Some),
            None => Ok(None),
        }
    }

    /// The number of the active configuration.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn active_number(&self) -> Result<Option<i64>> {
        let newest =
            activation::Entity::find().order_by_desc(activation::Column::No).one(&self.connection).await?;
        Ok(newest.map(|row| row.revision))
    }

    /// One configuration by number.
    ///
    /// # Errors
    /// When there is none of that number.
    pub async fn revision(&self, no: i64) -> Result<Stored> {
        let row = revision::Entity::find_by_id(no).one(&self.connection).await?;
        stored(row.ok_or_else(|| StoreError::Corrupt(format!("没有第 {no} 号配置")))?)
    }
}

impl Write {
    /// Makes a configuration the active one; stores it if its hash is new. Returns its number.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn activate(
        &self,
        hash: &str,
        engine: u32,
        files: &[u8],
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<i64> {
        let first = self.numbers(2).await?;
        let known = revision::Entity::find().filter(revision::Column::Hash.eq(hash)).one(self.tx()).await?;
        let no = match known {
            Some(row) => row.no,
            None => self.put_revision(first, hash, engine, files, now).await?,
        };
        let row = activation::Model { no: first + 1, revision: no, why: why.to_owned(), at: ms(now) };
        row.into_active_model().insert(self.tx()).await?;
        Ok(no)
    }

    async fn put_revision(
        &self,
        no: i64,
        hash: &str,
        engine: u32,
        files: &[u8],
        now: DateTime<Utc>,
    ) -> Result<i64> {
        let files = zstd::encode_all(files, 3).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let row = revision::Model {
            no,
            hash: hash.to_owned(),
            engine: i64::from(engine),
            files,
            created_at: ms(now),
        };
        row.into_active_model().insert(self.tx()).await?;
        Ok(no)
    }
}

fn stored(row: revision::Model) -> Result<Stored> {
    let files =
        zstd::decode_all(row.files.as_slice()).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(Stored { no: row.no, hash: row.hash, files })
}
