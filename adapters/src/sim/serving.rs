//! How a simulator lives as a process: it binds, says where, and ends when told or when its parent is gone.

use std::{
    future::pending,
    io::{self, Read as _, Write as _},
    net::SocketAddr,
    time::Duration,
};

use axum::Router;
use tokio::{net::TcpListener, sync::watch};

use super::reply::pause;

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
    let listener = TcpListener::bind(addr).await?;
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
        told_to_stop(with_parent).await;
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

async fn told_to_stop(with_parent: bool) {
    tokio::select! {
        () = signalled() => {}
        () = orphaned(), if with_parent => {}
    }
}

async fn signalled() {
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = pending::<()>();
    tokio::select! {
        () = terminated => {}
        interrupted = tokio::signal::ctrl_c() => if interrupted.is_err() { pending().await },
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
