//! Configurations by hash, which one is active, and how each became so.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryResult};

use super::{
    Result, Store, StoreError, Write,
    entity::{activation, revision},
    moment, ms, rows,
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

/// By what a configuration becomes the active one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A command or service started with it: only as long as nobody ever applied one.
    Start,
    /// The program was upgraded: the same files under another engine.
    Engine,
    /// A person applied it.
    Apply,
    /// A person went back to it.
    Back,
}

impl How {
    /// The word in the table.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Engine => "engine",
            Self::Apply => "apply",
            Self::Back => "back",
        }
    }

    /// The word in the table read back; what nobody knows was written by a newer program, so by a person.
    fn of(word: &str) -> Self {
        match word {
            "start" => Self::Start,
            "engine" => Self::Engine,
            "back" => Self::Back,
            _ => Self::Apply,
        }
    }
}

/// Why a configuration becomes the active one.
#[derive(Debug, Clone, Copy)]
pub struct Reason<'a> {
    /// By what.
    pub how: How,
    /// In a person's words.
    pub why: &'a str,
    /// Whose words; empty when nobody said.
    pub who: &'a str,
}

/// One line of the history: a configuration became the active one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// Its own number.
    pub no: i64,
    /// The configuration's number.
    pub revision: i64,
    /// The configuration's hash.
    pub hash: String,
    /// By what.
    pub how: How,
    /// Why.
    pub why: String,
    /// Who.
    pub who: String,
    /// When.
    pub at: DateTime<Utc>,
    /// When a service first worked by it; none: not yet.
    pub served: Option<DateTime<Utc>>,
}

const ACTIVATIONS: &str = "SELECT a.no, a.revision, r.hash, a.how, a.why, a.who, a.at, a.served \
     FROM activation a JOIN revision r ON r.no = a.revision";

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
        let row = self.one("SELECT revision FROM activation ORDER BY no DESC LIMIT 1", vec![]).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?)
    }

    /// The newest line of the history: what is active, and since when.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn active_activation(&self) -> Result<Option<Activation>> {
        let sql = format!("{ACTIVATIONS} ORDER BY a.no DESC LIMIT 1");
        self.one(&sql, vec![]).await?.as_ref().map(activated).transpose()
    }

    /// The whole history, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn activations(&self) -> Result<Vec<Activation>> {
        let sql = format!("{ACTIVATIONS} ORDER BY a.no");
        self.all(&sql, vec![]).await?.iter().map(activated).collect()
    }

    /// Whether the ledger says which configuration is active, not the directory somebody starts with: from the first
    /// `apply` on. A ledger whose history has no such word yet was never applied to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leads(&self) -> Result<bool> {
        match self.active_activation().await {
            Ok(active) => Ok(active.is_some_and(|active| active.how != How::Start)),
            Err(error) if self.pending_migrations().await? == 0 => Err(error),
            Err(_) => Ok(false),
        }
    }

    /// Notes that a service works by the configuration of this line of the history.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn serve(&self, activation: i64, now: DateTime<Utc>) -> Result<()> {
        let write = self.write("serve").await?;
        let sql = "UPDATE activation SET served = $2 WHERE no = $1 AND served IS NULL";
        write.run(sql, vec![activation.into(), ms(now).into()]).await?;
        write.commit().await
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
    /// The newest line of the history, read under this transaction's lock: call after [`Write::numbers`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn active(&self) -> Result<Option<Activation>> {
        let sql = format!("{ACTIVATIONS} ORDER BY a.no DESC LIMIT 1");
        self.one(&sql, vec![]).await?.as_ref().map(activated).transpose()
    }

    /// Makes a configuration the active one; stores it if its hash is new. Returns its number.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn activate(
        &self,
        hash: &str,
        engine: u32,
        files: &[u8],
        reason: &Reason<'_>,
        now: DateTime<Utc>,
    ) -> Result<i64> {
        let first = self.numbers(2).await?;
        let known = revision::Entity::find().filter(revision::Column::Hash.eq(hash)).one(self.tx()).await?;
        let no = match known {
            Some(row) => row.no,
            None => self.put_revision(first, hash, engine, files, now).await?,
        };
        let row = activation::Model {
            no: first + 1,
            revision: no,
            why: rows::plain(reason.why),
            at: ms(now),
            how: reason.how.word().to_owned(),
            who: rows::plain(reason.who),
            served: None,
        };
        row.into_active_model().insert(self.tx()).await?;
        Ok(no)
    }

    pub(super) async fn put_revision(
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

fn activated(row: &QueryResult) -> Result<Activation> {
    let how: String = row.try_get_by_index(3)?;
    let served: Option<i64> = row.try_get_by_index(7)?;
    Ok(Activation {
        no: row.try_get_by_index(0)?,
        revision: row.try_get_by_index(1)?,
        hash: row.try_get_by_index(2)?,
        how: How::of(&how),
        why: row.try_get_by_index(4)?,
        who: row.try_get_by_index(5)?,
        at: moment(row.try_get_by_index(6)?),
        served: served.map(moment),
    })
}
