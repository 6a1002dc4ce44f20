//! How a simulator lives as a process: it binds, says where, and ends when told or when its parent is gone.

use std::{
    future::pending,
    io::{self, Read as _, Write as _},
    net::SocketAddr,
    time::Duration,
};

use axum::Router;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::{net::TcpListener, sync::watch};

use super::reply::pause;
use crate::os_error::about;

/// How long open connections may take to end after the word to stop.
const GRACE: Duration = Duration::from_secs(2);

/// Serves until `shutdown` resolves; open requests finish, idle connections are closed.
///
/// # Errors
/// What the listener reports.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}

/// Binds `addr` (port 0: any free), prints `listening http://…` on standard output and serves until SIGTERM, Ctrl-C
/// or, if `with_parent`, the end of standard input.
pub(super) async fn run(addr: SocketAddr, router: Router, with_parent: bool) -> io::Result<()> {
    let listener = TcpListener::bind(addr)
        .await
        .map_err(|error| about(&error, &format!("模拟器不能在 {addr} 上监听")))?;
    // before anybody can know of us and tell us to stop
    let stop = Stop::expected(with_parent)?;
    announce(listener.local_addr()?)?;
    let (told, mut heard) = watch::channel(false);
    let mut also_heard = heard.clone();
    let shutdown = async move {
        let _ = heard.wait_for(|ended| *ended).await;
    };
    let too_long = async move {
        let _ = also_heard.wait_for(|ended| *ended).await;
        pause(GRACE).await;
    };
    let watching = async move {
        stop.told().await;
        let _ = told.send(true);
        pending::<()>().await;
    };
    tokio::select! {
        served = serve(listener, router, shutdown) => served,
        () = too_long => Ok(()),
        () = watching => Ok(()),
    }
}

fn announce(addr: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "listening http://{addr}")?;
    out.flush()
}

/// The ways a process is told to stop; from its making on none is missed.
struct Stop {
    #[cfg(unix)]
    signals: [Signal; 2],
    with_parent: bool,
}

impl Stop {
    #[cfg(unix)]
    fn expected(with_parent: bool) -> io::Result<Self> {
        let signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
        Ok(Self { signals, with_parent })
    }

    #[cfg(not(unix))]
    #[expect(clippy::unnecessary_wraps, reason = "the same as on Unix")]
    fn expected(with_parent: bool) -> io::Result<Self> {
        Ok(Self { with_parent })
    }

    async fn told(self) {
        let with_parent = self.with_parent;
        tokio::select! {
            () = self.signalled() => {}
            () = orphaned(), if with_parent => {}
        }
    }

    #[cfg(unix)]
    async fn signalled(self) {
        let [mut terminate, mut interrupt] = self.signals;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn signalled(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    }
}

/// Resolves when standard input ends. A thread of its own: a runtime would wait for the read when it stops.
async fn orphaned() {
    let (ended, heard) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut chunk = [0; 256];
        let mut input = io::stdin().lock();
        while matches!(input.read(&mut chunk), Ok(read) if read > 0) {}
        let _ = ended.send(());
    });
    let _ = heard.await;
}

#[cfg(test)]
mod tests;
