//! Databases for tests: SQLite in a folder that goes away, PostgreSQL in a schema of its own.
//! Leaves where the PostgreSQL comes from to `server`.

use std::{
    io::Write,
    sync::{
        Once,
        atomic::{AtomicU32, Ordering},
    },
};

pub use cable::{Cable, Cut};
pub use dump::Dump;
use gateway::store::Store;
pub use role::Role;
use sea_orm::{ConnectionTrait, Database};
pub use small::SmallDisk;
use tempfile::TempDir;

mod cable;
mod dump;
mod role;
mod server;
mod small;
mod wipe;

/// A database, empty at first.
#[derive(Debug)]
pub struct Db {
    /// Which.
    pub name: &'static str,
    /// Its address, as `--store` takes it.
    pub url: String,
    folder: Option<TempDir>,
    schema: Option<(String, String)>,
}

impl Db {
    /// SQLite in a folder that goes away with it: in memory where the system offers such a folder, since thousands of
    /// commits that each wait for a disk prove nothing here.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let url = format!("sqlite://{}", folder.path().join("ledger.db").display());
        Self { name: "SQLite", url, folder: Some(folder), schema: None }
    }

    /// A schema of its own on the PostgreSQL there is; none when there is no PostgreSQL, said loudly.
    pub async fn postgres() -> Option<Self> {
        static SCHEMAS: AtomicU32 = AtomicU32::new(0);
        let server = match server::url() {
            Ok(url) => url,
            Err(why) => {
                without_postgres(&why);
                return None;
            }
        };
        let schema = format!("t_{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::SeqCst));
        let sql = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
        unprepared(&server, &sql).await;
        let mark = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{mark}options=-csearch_path%3D{schema}");
        Some(Self { name: "PostgreSQL", url, folder: None, schema: Some((server, schema)) })
    }

    /// The ledger in it, its tables made.
    pub async fn store(&self) -> Store {
        let store = Store::open(&self.url).await.unwrap();
        store.migrate().await.unwrap();
        store
    }

    /// Its address for who makes the file, where it is one.
    #[must_use]
    pub fn created(&self) -> String {
        if self.folder.is_some() { format!("{}?mode=rwc", self.url) } else { self.url.clone() }
    }

    /// Runs statements that return nothing.
    pub async fn run(&self, sql: &str) {
        unprepared(&self.url, sql).await;
    }

    /// Makes partitions of `span` numbers only, from the first on, in an empty ledger of PostgreSQL; on SQLite, where a
    /// range of numbers stands for one, ranges of `span` numbers.
    pub async fn narrow(&self, span: i64) {
        let ahead = if self.schema.is_some() { span } else { i64::MAX };
        let counter = format!("UPDATE counter SET span = {span}, ahead = {ahead};");
        let tables = ["version", "issue", "blob_bytes"].into_iter().filter(|_| self.schema.is_some());
        let narrowed = tables.map(|table| {
            format!(
                "ALTER TABLE {table} DETACH PARTITION {table}_0; \
                 ALTER TABLE {table} ATTACH PARTITION {table}_0 FOR VALUES FROM (MINVALUE) TO ({span});"
            )
        });
        let sql: String = [counter].into_iter().chain(narrowed).collect();
        self.run(&sql).await;
    }

    /// Empties the ledger, as migrated.
    pub async fn wipe(&self) {
        self.run(&wipe::sql()).await;
    }

    /// Takes the database away.
    pub async fn close(self) {
        if let Some((server, schema)) = &self.schema {
            unprepared(server, &format!("DROP SCHEMA {schema} CASCADE")).await;
        }
        drop(self.folder);
    }
}

/// Runs a test on SQLite and on PostgreSQL, each time on a database of its own.
pub async fn on_both(test: impl AsyncFn(&Db)) {
    let sqlite = Db::sqlite();
    test(&sqlite).await;
    sqlite.close().await;
    if let Some(postgres) = Db::postgres().await {
        test(&postgres).await;
        postgres.close().await;
    }
}

async fn unprepared(url: &str, sql: &str) {
    let connection = Database::connect(url).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

/// Past the test runner's capture: half of the promise was not tested.
fn without_postgres(why: &str) {
    static ONCE: Once = Once::new();
    let told = format!(
        "\n*** THE POSTGRESQL HALF DID NOT RUN: {why} ***\n*** set LIANWANG_TEST_POSTGRES, or install PostgreSQL ***\n\n"
    );
    assert!(!server::is_required(), "{told}");
    ONCE.call_once(|| {
        let _told = std::io::stderr().write_all(told.as_bytes());
    });
}
