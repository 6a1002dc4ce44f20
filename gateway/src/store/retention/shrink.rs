//! Giving a file's free pages back to the disk on SQLite. PostgreSQL gave whole files back at the commit.

use sea_orm::{ConnectionTrait, DbBackend};

use super::super::{Result, Store};

/// Pages given back in one transaction, so that no writer waits long.
const PAGES: i64 = 2_000;
/// What `PRAGMA auto_vacuum` answers of a file that can give pages back step by step.
const INCREMENTAL: i64 = 2;

impl Store {
    /// Gives back the pages that nothing uses any more. A ledger made before files could do that step by step is
    /// rewritten once.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn shrink(&self) -> Result<()> {
        if self.backend() != DbBackend::Sqlite {
            return Ok(());
        }
        if self.pragma("auto_vacuum").await? == INCREMENTAL {
            let mut free = self.pragma("freelist_count").await?;
            while free > 0 {
                self.all(&format!("PRAGMA incremental_vacuum({PAGES})"), vec![]).await?;
                let left = self.pragma("freelist_count").await?;
                if left >= free {
                    break;
                }
                free = left;
            }
        } else {
            self.connection.execute_unprepared("PRAGMA auto_vacuum = INCREMENTAL; VACUUM").await?;
        }
        self.all("PRAGMA wal_checkpoint(TRUNCATE)", vec![]).await.map(drop)
    }

    async fn pragma(&self, name: &str) -> Result<i64> {
        let row = self.one(&format!("PRAGMA {name}"), vec![]).await?;
        Ok(row.map_or(Ok(0), |row| row.try_get_by_index::<i32>(0))?.into())
    }
}
