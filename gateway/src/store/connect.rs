//! Opening a database: SQLite as safe as it gets, PostgreSQL with bounded waits.

use std::{io::Read as _, path::Path, time::Duration};

use adapters::os_error;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement,
    sqlx::{
        Connection as _,
        sqlite::{SqliteAutoVacuum, SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{Result, StoreError, probe::MAGIC, transport, trouble};

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

/// A database's address as it may be shown: without the password.
#[must_use]
pub(crate) fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((login, place)) = rest.rsplit_once('@') else { return url.to_owned() };
    let user = login.split(':').next().unwrap_or_default();
    format!("{scheme}://{user}@{place}")
}

/// Longest wait for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for another process at a SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
/// What the server itself ends: a statement nobody waits for any more, a wait for a lock, and a transaction whose process
/// stands still: until then the others wait for its locks, above all the counter's.
pub(super) const SERVER_LIMITS: [(&str, &str); 3] =
    [("statement_timeout", "15min"), ("lock_timeout", "60s"), ("idle_in_transaction_session_timeout", "30s")];
/// Longest wait for a server to let somebody in.
pub(super) const KNOCK_TIMEOUT: Duration = Duration::from_secs(10);
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
        .map_sqlx_sqlite_before_acquire(|connection, _| {
            // SQLite ends a transaction by itself when its disk is full. The driver does not hear of it, and what it takes
            // for the inside of one would keep the file locked for ever
            let is_free = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_free) })
        })
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                // counts for a new file: what age takes is given back to the disk step by step
                .auto_vacuum(SqliteAutoVacuum::Incremental)
                .busy_timeout(BUSY_TIMEOUT)
                .foreign_keys(true)
        });
    if place == Place::Postgres {
        let mode = transport::knock(url).await?;
        options.map_sqlx_postgres_opts(move |postgres| postgres.options(SERVER_LIMITS).ssl_mode(mode));
    }
    Database::connect(options)
        .await
        .map_err(|error| StoreError::Unusable(format!("数据库打不开：{}", trouble::said(&error))))
}

pub(super) fn unreached(why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unusable(format!("数据库连不上：{why}。请检查地址、库名、账号口令，以及数据库是否在运行"))
}

fn make_folder(path: &std::path::Path) -> Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|error| {
        StoreError::Unusable(format!("建不了目录 {}：{}", folder.display(), os_error::said(&error)))
    })
}

/// What a file holds that is to be a ledger, told without opening it as one: that would change how it is written.
///
/// # Errors
/// When it cannot be read, is no SQLite file, or no ledger is in it.
pub(crate) async fn looked_into(path: &Path) -> Result<()> {
    let is = |what: &str| StoreError::Unusable(format!("{} {what}", path.display()));
    let mut first = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(20).read_to_end(&mut first))
        .map_err(|error| is(&format!("读不到：{}", os_error::said(&error))))?;
    let none = || is("里没有联网的账目，没有动它：请检查地址；要在这里新建账目，先运行 lianwang migrate");
    match first.get(18) {
        _ if first.is_empty() => return Err(none()),
        Some(_) if !first.starts_with(MAGIC) => return Err(is("不是 SQLite 的文件：请检查地址")),
        None => return Err(is("不是 SQLite 的文件：请检查地址")),
        // what is written ahead of the file may hold the tables; such a file stays as it is when it is opened
        Some(2) => return Ok(()),
        Some(_) => {}
    }
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=ro&immutable=true", path.display()));
    options.max_connections(1).sqlx_logging(false);
    let opened = Database::connect(options).await?;
    let sql = "SELECT 1 FROM sqlite_master WHERE name = 'seaql_migrations'";
    let row = opened.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await;
    opened.close().await?;
    row?.map(|_| ()).ok_or_else(none)
}

pub(super) fn unknown(url: &str) -> StoreError {
    let scheme = url.split("://").next().unwrap_or_default();
    StoreError::Unusable(format!(
        "不认识的数据库地址（以“{scheme}”开头）：写 sqlite://文件 或 postgres://用户@主机/库（openGauss、人大金仓等与它兼容的也这样写）"
    ))
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
    fn an_address_is_shown_without_its_password() {
        assert_eq!(shown("postgres://hub:p@ss:word@db:5432/l"), "postgres://hub@db:5432/l");
        assert_eq!(shown("postgres://hub@db/l"), "postgres://hub@db/l");
        assert_eq!(shown("sqlite://data/l.db"), "sqlite://data/l.db");
    }

    #[tokio::test]
    async fn a_file_is_looked_into_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, bytes) in
            [("empty", &b""[..]), ("short", b"Dear"), ("letter", b"Dear Sir, this is no ledger")]
        {
            std::fs::write(at(name), bytes).unwrap();
        }
        let url = format!("sqlite://{}?mode=rwc", at("theirs").display());
        let theirs = Database::connect(&url).await.unwrap();
        theirs.execute_unprepared("CREATE TABLE letter (word TEXT)").await.unwrap();
        theirs.close().await.unwrap();
        let before = std::fs::read(at("theirs")).unwrap();
        for (name, told) in [
            ("empty", "里没有联网的账目"),
            ("short", "不是 SQLite 的文件"),
            ("letter", "不是 SQLite 的文件"),
            ("theirs", "里没有联网的账目"),
            ("none", "读不到：没有这个文件或目录"),
        ] {
            let said = looked_into(&at(name)).await.unwrap_err().to_string();
            assert!(said.contains(told) && said.contains(name), "{name}: {said}");
        }
        assert_eq!(std::fs::read(at("theirs")).unwrap(), before);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "nothing is left beside");

        let ours = crate::store::Store::open(&format!("sqlite://{}", at("ours").display())).await.unwrap();
        ours.migrate().await.unwrap();
        looked_into(&at("ours")).await.unwrap();
        // a copy as a backup makes it is no more written ahead
        let copy = format!("VACUUM INTO '{}'", at("copy").display());
        ours.all(&copy, vec![]).await.unwrap();
        looked_into(&at("copy")).await.unwrap();
    }

    #[test]
    fn an_unknown_url_is_not_repeated_with_its_password() {
        assert!(!unknown("mysql://root:secret@h/d").to_string().contains("secret"));
    }
}
