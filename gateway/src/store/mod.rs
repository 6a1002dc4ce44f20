//! The ledger in a database, and the only queue there is: SQLite or PostgreSQL behind one concrete type.
//! Every write goes through [`Write`], which is where transactions begin, are fenced by a lease and commit.
//! Decides nothing about records: verdicts, receipts and plans come from `pipeline`.

pub(crate) mod blobs;
mod connect;
mod entity;
mod fault;
mod kill;
mod rows;
mod scope;
mod write;

pub mod aliases;
pub mod alike_pairs;
pub mod attribution;
pub mod audit;
pub mod batches;
pub mod changes;
pub mod checkpoints;
pub mod contributions;
pub mod cursors;
pub mod deep;
pub mod destinations;
pub mod dispatch;
pub mod documents;
pub mod explain;
pub mod fix_walks;
pub mod heads;
pub mod held;
mod images;
pub mod journal;
pub mod lease;
pub mod limits;
pub mod look_alikes;
mod partitions;
pub mod parts;
pub mod presence;
pub mod probe;
pub mod recovery;
pub mod rejections;
pub mod replay;
pub mod retention;
pub mod retire;
pub mod returned;
pub mod revisions;
pub mod roster;
pub mod settle;
pub mod share;
pub mod skew;
pub mod space;
pub mod standing;
pub mod status;
pub mod sweeps;
pub mod taken;
mod transport;
mod trouble;
mod turn;
pub mod unknown;
mod unstorable;
mod verdict_rows;
pub mod verdicts;
pub mod views;
pub mod waiting;

use std::sync::{Arc, atomic::AtomicI64};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, Statement, Value};

pub(crate) use blobs::{digest, hex};
pub use connect::Place;
pub(crate) use connect::{looked_into, shown};
pub use fault::{NoFaults, POINTS, Switch, Trip};
pub use kill::KillAt;
pub use lease::Lease;
pub use write::Write;

/// What can go wrong with the ledger.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database's own words.
    #[error("数据库：{}", trouble::said(.0))]
    Database(#[from] sea_orm::DbErr),
    /// Another replica works on this now; nothing was written.
    #[error("租约 {0} 已归别的节点")]
    LostLease(String),
    /// The rows were no longer as they were read; nothing was written.
    #[error("{0} 已被改动，本步放弃，下一步重新读取")]
    Moved(&'static str),
    /// The database was exchanged for an older one under this process; nothing was written.
    #[error(
        "账目比本进程写过的旧：数据库在运行时被换成了备份，不再往里写。先停下所有节点，运行 lianwang recover 补账（docs/proof.md）"
    )]
    WentBack,
    /// The ledger cannot be opened: what and what to do.
    #[error("{0}")]
    Unusable(String),
    /// What was stored cannot be read back.
    #[error("账目损坏：{0}")]
    Corrupt(String),
    /// Dropped by age: what, when, and how many days it was kept.
    #[error("{what} 已按保留规则（保留 {days} 天）于 {at} 清除", at = at.format("%Y-%m-%d %H:%M UTC"))]
    Dropped {
        /// What it was.
        what: String,
        /// When it was dropped.
        at: DateTime<Utc>,
        /// Days it was to be kept.
        days: i64,
    },
    /// Lost with what a restored dump did not have; read again, it is there again.
    #[error("{what} 随数据库还原丢失（{at} 补账），还没有重新读到", at = at.format("%Y-%m-%d %H:%M UTC"))]
    Lost {
        /// What it was.
        what: String,
        /// When the ledger was brought forward.
        at: DateTime<Utc>,
    },
    /// A test broke the step here.
    #[error("故障开关：{0}")]
    Fault(&'static str),
}

/// Shorthand of this module.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The ledger.
#[derive(Debug, Clone)]
pub struct Store {
    connection: DatabaseConnection,
    switch: Arc<dyn Switch>,
    gauge: Arc<dyn space::Gauge>,
    reached: Arc<AtomicI64>,
}

impl Store {
    /// Opens the database at `url` without changing it.
    ///
    /// # Errors
    /// When it cannot be reached or the URL names neither SQLite nor PostgreSQL.
    pub async fn open(url: &str) -> Result<Self> {
        let connection = connect::open(url).await?;
        let gauge = Arc::new(space::Disk::of(Place::of(url)));
        Ok(Self { connection, switch: Arc::new(NoFaults), gauge, reached: Arc::default() })
    }

    /// The same store whose commits a test can break.
    #[must_use]
    pub fn with_switch(mut self, switch: Arc<dyn Switch>) -> Self {
        self.switch = switch;
        self
    }

    /// The same store, telling `seen` every statement it makes: tests ask the database for their plans.
    #[must_use]
    pub fn watched(mut self, seen: impl Fn(&Statement) + Send + Sync + 'static) -> Self {
        self.connection.set_metric_callback(move |made| seen(made.statement));
        self
    }

    /// Brings the tables up to date; returns how many steps were taken.
    ///
    /// # Errors
    /// When a step fails; it is undone, those before it stand.
    pub async fn migrate(&self) -> Result<usize> {
        use migrations::MigratorTrait;
        let pending = migrations::Migrator::get_pending_migrations(&self.connection).await?.len();
        self.reaching("migrate");
        migrations::Migrator::up(&self.connection, None).await?;
        self.passed("migrate");
        Ok(pending)
    }

    /// Steps the tables still lack.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn pending_migrations(&self) -> Result<usize> {
        use migrations::MigratorTrait;
        Ok(migrations::Migrator::get_pending_migrations_read_only(&self.connection).await?.len())
    }

    /// Says that a boundary outside the ledger is about to be passed.
    pub fn reaching(&self, point: &'static str) {
        self.switch.reaching(point);
    }

    /// Says that a boundary outside the ledger was passed.
    pub fn passed(&self, point: &'static str) {
        self.switch.passed(point);
    }

    /// Closes all connections.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    pub(crate) async fn all(&self, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        Ok(self.connection.query_all_raw(statement).await?)
    }

    pub(crate) async fn one(&self, sql: &str, values: Vec<Value>) -> Result<Option<QueryResult>> {
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        Ok(self.connection.query_one_raw(statement).await?)
    }
}

/// A moment as stored.
pub(crate) fn ms(moment: DateTime<Utc>) -> i64 {
    moment.timestamp_millis()
}

/// A stored moment.
pub(crate) fn moment(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}
