//! One running hub of a name at a ledger: a lock that the system itself lets go when the process dies, so that a killed
//! hub can start again at once and a second one of the same name cannot start at all.

use std::{
    fs::{File, TryLockError},
    path::Path,
};

use sea_orm::{
    DbBackend,
    sqlx::{Postgres, pool::PoolConnection, query_scalar},
};

use super::{Place, Result, Store, StoreError};

/// Kept while the hub runs.
#[derive(Debug)]
pub enum Presence {
    /// A lock on a file beside the ledger's: SQLite has one hub, whatever its name.
    File(File),
    /// A session's advisory lock, by schema and name.
    Session(Box<PoolConnection<Postgres>>),
}

impl Store {
    /// Claims to be the only hub of this name at this ledger; `None` when another is running.
    ///
    /// # Errors
    /// When the lock file cannot be made or the database does not answer.
    pub async fn claim(&self, url: &str, node: &str) -> Result<Option<Presence>> {
        match (self.backend(), Place::of(url)) {
            (DbBackend::Postgres, _) => self.claim_session(node).await,
            (_, Some(Place::Sqlite(path))) => claim_file(&path),
            _ => Err(StoreError::Unusable(format!("不认识的数据库地址 {url}"))),
        }
    }

    async fn claim_session(&self, node: &str) -> Result<Option<Presence>> {
        let failed = |error: sea_orm::sqlx::Error| StoreError::Unusable(format!("占不了运行锁：{error}"));
        let mut session = self.connection.get_postgres_connection_pool().acquire().await.map_err(failed)?;
        let claimed: bool = query_scalar(
            "SELECT pg_try_advisory_lock(hashtextextended(current_schema() || ' lianwang run ' || $1, 0))",
        )
        .bind(node)
        .fetch_one(&mut *session)
        .await
        .map_err(failed)?;
        Ok(claimed.then(|| Presence::Session(Box::new(session))))
    }
}

fn claim_file(ledger: &Path) -> Result<Option<Presence>> {
    let path = ledger.with_added_extension("run");
    let failed = |error: std::io::Error| {
        StoreError::Unusable(format!("建不了运行锁 {}：{}", path.display(), adapters::os_error::said(&error)))
    };
    let file = File::create(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Presence::File(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_hub_at_a_file_is_told_and_a_later_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("lianwang.db");
        let first = claim_file(&ledger).unwrap();
        assert!(first.is_some());
        assert!(claim_file(&ledger).unwrap().is_none());
        drop(first);
        assert!(claim_file(&ledger).unwrap().is_some());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = claim_file(Path::new("/no/such/folder/l.db")).unwrap_err();
        assert!(error.to_string().contains("/no/such/folder/l.db.run"), "{error}");
    }
}
