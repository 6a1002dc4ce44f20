//! Whether a PostgreSQL server is spoken to by TLS where its address leaves that open: not on the machine itself, where it
//! protects nothing and the driver pays for it with 40 ms a large statement (it leaves Nagle's algorithm on, `sqlx` 4335).
//! What an address says outright is done.

use std::net::IpAddr;

use sea_orm::sqlx::{
    Connection as _, Error, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};

use super::{
    Result,
    connect::{KNOCK_TIMEOUT, unreached},
    trouble,
};

/// One connection by itself first, since a pool would wait out its patience and hide why; how it was let in.
///
/// # Errors
/// When the server is not reached or lets nobody in.
pub(super) async fn knock(url: &str) -> Result<PgSslMode> {
    let asked: PgConnectOptions = url.parse().map_err(|error| unreached(&trouble::met(&error)))?;
    if leaves_open(&asked) {
        match enter(&asked.clone().ssl_mode(PgSslMode::Disable)).await? {
            Ok(()) => return Ok(PgSslMode::Disable),
            // a server that wants TLS from everybody says so itself
            Err(Error::Database(_)) => {}
            Err(error) => return Err(unreached(&trouble::met(&error))),
        }
    }
    enter(&asked).await?.map_err(|error| unreached(&trouble::met(&error)))?;
    Ok(asked.get_ssl_mode())
}

fn leaves_open(asked: &PgConnectOptions) -> bool {
    let host = asked.get_host().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    is_here && asked.get_socket().is_none() && matches!(asked.get_ssl_mode(), PgSslMode::Prefer)
}

async fn enter(options: &PgConnectOptions) -> Result<std::result::Result<(), Error>> {
    let session = async { PgConnection::connect_with(options).await?.close().await };
    let silent = |_| unreached(&format!("{} 秒内没有应答", KNOCK_TIMEOUT.as_secs()));
    tokio::time::timeout(KNOCK_TIMEOUT, session).await.map_err(silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_machine_itself_is_spoken_to_in_clear_and_only_where_nobody_said_otherwise() {
        for (url, open) in [
            ("postgres://hub@127.0.0.1:5432/l", true),
            ("postgres://hub@localhost/l", true),
            ("postgres://hub@[::1]/l", true),
            ("postgres://hub@localhost/l?sslmode=prefer", true),
            ("postgres://hub@localhost/l?sslmode=require", false),
            ("postgres://hub@127.0.0.1/l?sslmode=verify-full", false),
            ("postgres://hub@10.0.0.8/l", false),
            ("postgres://hub@db.local/l", false),
        ] {
            assert_eq!(leaves_open(&url.parse().unwrap()), open, "{url}");
        }
    }

    #[tokio::test]
    async fn who_does_not_answer_is_told_once() {
        let said = knock("postgres://hub@127.0.0.1:1/l").await.unwrap_err().to_string();
        assert!(said.starts_with("数据库连不上："), "{said}");
    }
}
