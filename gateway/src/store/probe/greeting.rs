//! What a server says before anybody has logged in: whose protocol it speaks, and how it wants its users to prove who
//! they are. No password is sent.

use std::{io, time::Duration};

use sea_orm::sqlx::postgres::PgConnectOptions;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
};

/// What a server said first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Greeting {
    /// PostgreSQL's protocol, and the login it asks for.
    Login(String),
    /// The same, a login that we cannot do.
    Unusable(String),
    /// The same, and it refuses before any login.
    Refused(String),
    /// Something else: what.
    Foreign(String),
}

/// Longest wait for the first words.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is read of them at most.
const ENOUGH: u64 = 64 << 10;
/// PostgreSQL's protocol 3.0.
const PROTOCOL: i32 = 196_608;

/// The place of a server that is none of ours, to see whether it really is.
pub(super) fn foreign(url: &str) -> Option<PgConnectOptions> {
    let rest = url.strip_prefix("mysql://").or_else(|| url.strip_prefix("mariadb://"))?;
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let place = place.split(['/', '?']).next().unwrap_or_default();
    let (host, port) = place.split_once(':').unwrap_or((place, "3306"));
    Some(PgConnectOptions::new_without_pgpass().host(host).port(port.parse().ok()?).username("probe"))
}

/// Knocks at the server's door and reads its first words.
pub(super) async fn of(address: &PgConnectOptions) -> io::Result<Greeting> {
    let heard = tokio::time::timeout(PATIENCE, async {
        if let Some(folder) = address.get_socket() {
            let socket = folder.join(format!(".s.PGSQL.{}", address.get_port()));
            first_words(UnixStream::connect(socket).await?, address).await
        } else {
            first_words(TcpStream::connect((address.get_host(), address.get_port())).await?, address).await
        }
    });
    let silent = || io::Error::new(io::ErrorKind::TimedOut, format!("{} 秒内没有应答", PATIENCE.as_secs()));
    heard.await.map_err(|_| silent())?
}

async fn first_words(
    mut peer: impl AsyncRead + AsyncWrite + Unpin,
    address: &PgConnectOptions,
) -> io::Result<Greeting> {
    peer.write_all(&startup(address)).await?;
    let mut heard = Vec::new();
    let mut peer = peer.take(ENOUGH);
    loop {
        if let Some(greeting) = understood(&heard) {
            return Ok(greeting);
        }
        if peer.read_buf(&mut heard).await? == 0 {
            return Ok(stranger());
        }
    }
}

fn startup(address: &PgConnectOptions) -> Vec<u8> {
    let user = address.get_username();
    let database = address.get_database().unwrap_or(user);
    let words = format!("user\0{user}\0database\0{database}\0\0");
    let length = i32::try_from(words.len() + 8).unwrap_or(i32::MAX);
    [&length.to_be_bytes()[..], &PROTOCOL.to_be_bytes(), words.as_bytes()].concat()
}

/// The meaning of what was heard; `None`: more is to come.
fn understood(heard: &[u8]) -> Option<Greeting> {
    // MySQL: three bytes of length, number 0, then its protocol's number or an error (1024 and more)
    match *heard.first_chunk::<7>()? {
        [_, _, _, 0, 0x0a, ..] => return mysql(heard.get(5..)?),
        [_, _, _, 0, 0xff, _, 0x04] => {
            return Some(Greeting::Foreign(format!(
                "MySQL 一类的数据库，拒绝连接：{}",
                printable(heard.get(7..)?)
            )));
        }
        _ => {}
    }
    let length = u32::from_be_bytes(*heard.get(1..)?.first_chunk()?);
    let body = || heard.get(5..1 + usize::try_from(length).ok()?);
    match heard.first()? {
        b'R' => body().map(login),
        b'E' => body().map(|body| Greeting::Refused(refusal(body))),
        _ => Some(stranger()),
    }
}

/// The version that a greeting of `MySQL` begins with; `MariaDB` hides its own behind an old one.
fn mysql(heard: &[u8]) -> Option<Greeting> {
    let version = printable(heard.split_inclusive(|byte| *byte == 0).next()?.strip_suffix(&[0])?);
    let name = if version.contains("MariaDB") { "MariaDB" } else { "MySQL 或与它兼容的数据库" };
    Some(Greeting::Foreign(format!("{name} {}", version.trim_start_matches("5.5.5-"))))
}

fn login(body: &[u8]) -> Greeting {
    let Some((method, rest)) = body.split_first_chunk::<4>() else { return stranger() };
    match i32::from_be_bytes(*method) {
        0 => Greeting::Login("不要口令（trust、peer 或证书）".into()),
        3 => Greeting::Login("口令明文（password）".into()),
        5 => Greeting::Login("md5".into()),
        10 if rest.starts_with(b"SCRAM-SHA-256") => Greeting::Login("SCRAM-SHA-256".into()),
        // openGauss uses the number for a login of its own
        10 | 11 => Greeting::Unusable(
            "openGauss 自己的 SHA256：请设 password_encryption_type = 1，pg_hba.conf 用 md5，再重设口令"
                .into(),
        ),
        2 | 7 | 9 => Greeting::Unusable("Kerberos、GSSAPI 或 SSPI".into()),
        other => Greeting::Unusable(format!("第 {other} 号")),
    }
}

/// Code and message of a refusal: fields, each a letter and its text.
fn refusal(body: &[u8]) -> String {
    let fields = body.split(|byte| *byte == 0).filter_map(|field| field.split_first());
    let told = fields.filter(|(letter, _)| matches!(letter, b'C' | b'M')).map(|(_, text)| printable(text));
    told.collect::<Vec<_>>().join(" ")
}

fn printable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).take(200).collect()
}

fn stranger() -> Greeting {
    Greeting::Foreign("不认识的服务器，不说 PostgreSQL 的协议".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[kind][..], &length.to_be_bytes(), body].concat()
    }

    fn asks(method: i32, rest: &[u8]) -> Greeting {
        understood(&message(b'R', &[&method.to_be_bytes()[..], rest].concat())).unwrap()
    }

    #[test]
    fn the_login_is_told_by_its_number_and_one_we_cannot_do_is_named() {
        assert_eq!(asks(5, b"salt"), Greeting::Login("md5".into()));
        assert_eq!(asks(10, b"SCRAM-SHA-256\0\0"), Greeting::Login("SCRAM-SHA-256".into()));
        assert!(matches!(asks(0, b""), Greeting::Login(method) if method.contains("trust")));
        let opengauss = [&[0, 0, 0, 2][..], &[b'7'; 64], &[b'a'; 8], &[0, 0, 0x27, 0x10]].concat();
        assert!(matches!(asks(10, &opengauss), Greeting::Unusable(method) if method.contains("openGauss")));
        assert!(matches!(asks(7, b""), Greeting::Unusable(method) if method.contains("GSSAPI")));
        assert!(matches!(asks(42, b""), Greeting::Unusable(method) if method.contains("42")));
    }

    #[test]
    fn a_mysql_is_known_by_its_own_words_also_when_it_refuses() {
        let greets = [b"\x4a\0\0\0\x0a5.5.5-10.11.6-MariaDB\0", &[7; 60][..]].concat();
        assert_eq!(understood(&greets), Some(Greeting::Foreign("MariaDB 10.11.6-MariaDB".into())));
        let refuses = b"\x45\0\0\0\xff\x6a\x04Host '10.0.0.9' is not allowed";
        assert!(matches!(understood(refuses), Some(Greeting::Foreign(what)) if what.contains("10.0.0.9")));
    }

    #[test]
    fn a_refusal_before_the_login_is_told_whatever_its_length() {
        let long = format!("SFATAL\0C28000\0Mno pg_hba.conf entry{}\0\0", "x".repeat(214));
        for text in ["SFATAL\0C28000\0Mno pg_hba.conf entry\0\0", &long] {
            let refused = understood(&message(b'E', text.as_bytes())).unwrap();
            assert!(
                matches!(refused, Greeting::Refused(words) if words.starts_with("28000 no pg_hba.conf entry"))
            );
        }
        assert_eq!(message(b'E', long.as_bytes())[4], 0xff, "the length that looks like MySQL's error");
    }

    #[test]
    fn half_a_message_waits_and_a_stranger_is_none_of_ours() {
        let whole = message(b'R', &[0, 0, 0, 5, 1, 2, 3, 4]);
        assert!((0..whole.len()).all(|end| understood(&whole[..end]).is_none()));
        assert_eq!(understood(b"HTTP/1.1 400 Bad Request"), Some(stranger()));
    }

    #[test]
    fn a_mysqls_address_is_read_and_another_is_not_tried() {
        let place = |url| foreign(url).map(|place| (place.get_host().to_owned(), place.get_port()));
        assert_eq!(place("mysql://root:p@ss@db:3307/l?x=1"), Some(("db".to_owned(), 3307)));
        assert_eq!(place("mariadb://db"), Some(("db".to_owned(), 3306)));
        assert_eq!(place("dm://SYSDBA@db:5236"), None);
    }

    #[test]
    fn the_first_message_names_user_and_database_and_no_password() {
        let address: PgConnectOptions = "postgres://hub:secret@db/l".parse().unwrap();
        let words = b"user\0hub\0database\0l\0\0";
        let said = startup(&address);
        assert_eq!(said, [&[0, 0, 0, 29][..], &[0, 3, 0, 0], words].concat());
        assert_eq!(said.len(), 29);
    }
}
