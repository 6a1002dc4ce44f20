//! `lianwang run`: the service. SIGTERM or Ctrl-C finishes the steps in hand and ends well.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::Path,
    sync::Arc,
};

use adapters::os_error;
use chrono::TimeDelta;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Failure, Outcome, arguments::Place, open};
use crate::{
    pipeline::{Pinned, checkpoint},
    scheduler::{node::Node, once::sleep_until, service, skew},
    server::{self, gather, listen},
    store::presence::Presence,
};

pub(super) async fn run(place: &Place, listen: Option<&str>) -> Outcome {
    let begun = open::begin(place, "", true).await?;
    say(open::directory(place).as_deref(), &begun.node);
    serve(Arc::new(begun.node), &begun.url, Page::At(listen.unwrap_or(&begun.listen))).await
}

fn say(directory: Option<&Path>, node: &Node) {
    let directory = directory.map_or("内置的演示配置".to_owned(), |dir| dir.display().to_string());
    tracing::info!(config = directory, node = node.context.node(), "running");
}

/// Where the page is served.
pub(super) enum Page<'a> {
    /// At this address, bound once nothing else stands in the way.
    At(&'a str),
    /// Here.
    Bound(Bound),
}

type Bound = (TcpListener, SocketAddr);

pub(super) async fn bound(listen: &str) -> Result<Bound, Failure> {
    listen::bind(listen).await.map_err(|error| {
        let why = os_error::said(&error);
        Failure::Usage(format!(
            "状态页不能在 {listen} 上监听：{why}。请用 --listen 换一个地址和端口，例如 127.0.0.1:8481"
        ))
    })
}

/// Runs a node's loops and its page until told to stop.
pub(super) async fn serve(node: Arc<Node>, url: &str, page: Page<'_>) -> Outcome {
    let mut told = Told::listen()?;
    let pinned = node.context.active().await?;
    reachable(&node, &pinned)?;
    let _alone = alone(&node, url).await?;
    if let Some(wrong) = skew::wrong(&node.context).await? {
        return Err(Failure::Usage(wrong));
    }
    let stop = CancellationToken::new();
    let (listener, address) = match page {
        Page::At(listen) => bound(listen).await?,
        Page::Bound(bound) => bound,
    };
    writeln!(io::stdout(), "状态页 http://{address}/")?;
    let figures = gather::figures(
        node.context.store.clone(),
        node.context.in_force(),
        node.context.node(),
        Arc::clone(&node.context.clock),
    );
    let page = listen::serve(listener, server::router(figures), stop.clone());
    let loops = service::run(Arc::clone(&node), stop.clone());
    let ending = async {
        told.heard().await;
        tracing::info!("正在停止：做完手上的步骤就结束");
        stop.cancel();
    };
    let (page, loops, ()) = tokio::join!(page, loops, ending);
    page?;
    loops?;
    if let Err(error) = checkpoint(&node.context).await {
        // what is sent is in the journal; the next checkpoint covers what this one lacks
        tracing::error!(%error, "no checkpoint written at the end");
    }
    node.context.store.release_leases(node.context.node()).await?;
    Ok(())
}

/// Every reference must resolve before anything runs: a hub that can reach nobody must not look well.
fn reachable(node: &Node, pinned: &Pinned) -> Outcome {
    let sources = pinned.rules.sources.iter().filter_map(|file| node.source(file).err());
    let destinations = pinned.rules.destinations.iter().filter_map(|file| node.destination(file).err());
    let wrong: Vec<String> = sources.chain(destinations).map(|error| error.what).collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure::Usage(format!("配置还不能运行：\n{}", wrong.join("\n"))))
    }
}

/// A database lets a killed hub's lock go a moment after its death: a restart asks again for a little while.
const CLAIMS: u32 = 50;

/// The claim to be the only hub of this name at this ledger, kept while it works.
pub(super) async fn alone(node: &Node, url: &str) -> Result<Presence, Failure> {
    let name = node.context.node();
    for _ in 0..CLAIMS {
        if let Some(presence) = node.context.store.claim(url, name).await? {
            return Ok(presence);
        }
        sleep_until(node, node.context.now() + TimeDelta::milliseconds(100)).await;
    }
    Err(Failure::Usage(format!(
        "另一个 lianwang（节点 {name}）正在用这个账目运行。SQLite 只能有一个；PostgreSQL 上每台机器要有自己的 node 名"
    )))
}

/// The words to stop, heard from the moment this is made: before anybody is told that the hub is there.
struct Told {
    #[cfg(unix)]
    terminated: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupted: tokio::signal::unix::Signal,
}

impl Told {
    #[cfg(unix)]
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminated: signal(SignalKind::terminate())?,
            interrupted: signal(SignalKind::interrupt())?,
        })
    }

    #[cfg(not(unix))]
    fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for SIGTERM or Ctrl-C.
    #[cfg(unix)]
    async fn heard(&mut self) {
        tokio::select! {
            _ = self.terminated.recv() => {}
            _ = self.interrupted.recv() => {}
        }
    }

    #[cfg(not(unix))]
    async fn heard(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
