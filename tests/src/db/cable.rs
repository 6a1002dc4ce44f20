//! A cable between the program and PostgreSQL that a test cuts in the middle of a commit: before the server is told, or after
//! it has committed and before the program hears of it.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    task::JoinSet,
};

use super::Db;

/// Where a cable is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The server never hears of the commit: nothing was done.
    Before,
    /// The server has committed, and its answer is lost.
    After,
}

/// How a commit goes over the wire: a simple query.
const COMMIT: &[u8] = b"COMMIT\0";

/// A cable; dropping it cuts everything.
#[derive(Debug)]
pub struct Cable {
    /// The database's address through it.
    pub url: String,
    armed: Arc<Mutex<Option<Cut>>>,
    _serving: JoinSet<()>,
}

#[derive(Debug, Clone)]
enum Server {
    Socket(PathBuf),
    Host(String),
}

impl Db {
    /// A cable to this database; none on SQLite.
    pub async fn cable(&self) -> Option<Cable> {
        self.schema.as_ref()?;
        let (server, login, rest) = taken_apart(&self.url);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://{login}@{}/{rest}", listener.local_addr().unwrap());
        let armed = Arc::default();
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, server, Arc::clone(&armed)));
        Some(Cable { url, armed, _serving: serving })
    }
}

impl Cable {
    /// Cuts the connection that commits next.
    pub fn cut(&self, cut: Cut) {
        *lock(&self.armed) = Some(cut);
    }

    /// Whether the cut that was asked for has been made.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        lock(&self.armed).is_none()
    }
}

fn lock(armed: &Mutex<Option<Cut>>) -> std::sync::MutexGuard<'_, Option<Cut>> {
    armed.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Server, login and what follows the host, without a socket's folder.
fn taken_apart(url: &str) -> (Server, String, String) {
    let (_, after) = url.split_once("://").unwrap();
    let (login, place) = after.split_once('@').unwrap();
    let (host, rest) = place.split_once('/').unwrap();
    let (name, options) = rest.split_once('?').unwrap_or((rest, ""));
    let (sockets, others): (Vec<&str>, Vec<&str>) =
        options.split('&').partition(|option| option.starts_with("host="));
    let server = match sockets.first().and_then(|option| option.strip_prefix("host=")) {
        Some(folder) => Server::Socket(PathBuf::from(folder.replace("%2F", "/")).join(".s.PGSQL.5432")),
        None if host.contains(':') => Server::Host(host.to_owned()),
        None => Server::Host(format!("{host}:5432")),
    };
    // in clear: a cable that cannot read cannot tell a commit
    (server, login.to_owned(), format!("{name}?sslmode=disable&{}", others.join("&")))
}

async fn serve(listener: TcpListener, server: Server, armed: Arc<Mutex<Option<Cut>>>) {
    let mut carrying = JoinSet::new();
    loop {
        let Ok((client, _)) = listener.accept().await else { return };
        let (server, armed) = (server.clone(), Arc::clone(&armed));
        carrying.spawn(async move {
            match server {
                Server::Socket(path) => {
                    carry(client, UnixStream::connect(path).await.unwrap(), &armed).await;
                }
                Server::Host(host) => carry(client, TcpStream::connect(host).await.unwrap(), &armed).await,
            }
        });
    }
}

/// Carries both ways until one side ends or the cable is cut; both ends go away with it.
async fn carry<S: AsyncRead + AsyncWrite>(client: TcpStream, server: S, armed: &Mutex<Option<Cut>>) {
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let (mut said, mut answer) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            Ok(n) = from_client.read(&mut said) => {
                let said = said.get(..n).unwrap_or_default();
                let cut = if ends_with_commit(said) { lock(armed).take() } else { None };
                if n == 0 || cut == Some(Cut::Before) || to_server.write_all(said).await.is_err() {
                    return;
                }
                if cut == Some(Cut::After) {
                    let _committed = from_server.read(&mut answer).await;
                    return;
                }
            }
            Ok(n) = from_server.read(&mut answer) => {
                let answer = answer.get(..n).unwrap_or_default();
                if n == 0 || to_client.write_all(answer).await.is_err() {
                    return;
                }
            }
            else => return,
        }
    }
}

fn ends_with_commit(said: &[u8]) -> bool {
    said.ends_with(COMMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart() {
        let (server, login, rest) =
            taken_apart("postgres://postgres@localhost/postgres?host=%2Ftmp%2Fpg&options=-csearch_path%3Dt");
        assert!(matches!(server, Server::Socket(path) if path.ends_with("pg/.s.PGSQL.5432")));
        assert_eq!(
            (login.as_str(), rest.as_str()),
            ("postgres", "postgres?sslmode=disable&options=-csearch_path%3Dt")
        );
        let (server, ..) = taken_apart("postgres://root@127.0.0.1:5432/test?options=x");
        assert!(matches!(server, Server::Host(host) if host == "127.0.0.1:5432"));
    }
}
