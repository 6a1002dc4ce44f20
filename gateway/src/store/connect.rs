//! Opening a database: SQLite as safe as it gets, PostgreSQL with bounded waits.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use super::{Result, StoreError};

/// Where the ledger lies, from `--store`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file of SQLite.
    Sqlite(std::path::PathBuf),
    /// A PostgreSQL server.
    Postgres,
}

impl Place {
    /// Reads `sqlite://PATH`, `postgres://…` or `postgresql://…`.
    #[must_use]
    pub fn of(url: &str) -> Option<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Some(Self::Postgres);
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"))?;
        Some(Self::Sqlite(path.split('?').next().unwrap_or(path).into()))
    }
}

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
const CONNECTIONS: u32 = 8;

pub(super) async fn open(url: &str) -> Result<DatabaseConnection> {
    let place = Place::of(url).ok_or_else(|| unknown(url))?;
    let mut options = match &place {
        Place::Sqlite(path) => {
            make_folder(path)?;
            ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()))
        }
        Place::Postgres => ConnectOptions::new(url),
    };
    options
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_timeout(ACQUIRE_TIMEOUT)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(ACQUIRE_TIMEOUT)
                .foreign_keys(true)
        });
    Ok(Database::connect(options).await?)
}

fn make_folder(path: &std::path::Path) -> Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    std::fs::create_dir_all(folder)
        .map_err(|error| StoreError::Corrupt(format!("建不了目录 {}：{error}", folder.display())))
}

fn unknown(url: &str) -> StoreError {
    let scheme = url.split("://").next().unwrap_or_default();
    StoreError::Corrupt(format!("不认识的数据库地址“{scheme}://…”：写 sqlite://文件 或 postgres://…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_its_database() {
        assert_eq!(Place::of("sqlite://data/l.db?mode=ro"), Some(Place::Sqlite("data/l.db".into())));
        assert_eq!(Place::of("postgres://u@h/d"), Some(Place::Postgres));
        assert_eq!(Place::of("postgresql:///d"), Some(Place::Postgres));
        assert_eq!(Place::of("mysql://u@h/d"), None);
    }

    #[test]
    fn an_unknown_url_is_not_repeated_with_its_password() {
        assert!(!unknown("mysql://root:secret@h/d").to_string().contains("secret"));
    }
}
