//! Databases for tests: SQLite in a folder that goes away, PostgreSQL in a schema of its own.
//! Leaves where the PostgreSQL comes from to [`postgres`].

use gateway::store::Store;
use tempfile::TempDir;

/// A database, empty at first.
#[derive(Debug)]
pub struct Db {
    /// Which.
    pub name: &'static str,
    /// Its address, as `--store` takes it.
    pub url: String,
    _folder: Option<TempDir>,
}

impl Db {
    /// SQLite in a folder that goes away with it.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("ledger.db").display());
        Self { name: "SQLite", url, _folder: Some(folder) }
    }

    /// The ledger in it, its tables made.
    pub async fn store(&self) -> Store {
        let store = Store::open(&self.url).await.unwrap();
        store.migrate().await.unwrap();
        store
    }
}

/// Runs a test on both.
pub async fn on_both(test: impl AsyncFn(Db)) {
    test(Db::sqlite()).await;
}
