//! Commands that run once: a step repeated until it finds nothing to do now.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::node::Node;
use crate::pipeline::{
    Context, Result, Step, StepError, forward, look_alikes,
    pull::{self, Asked},
    refine::{
        self,
        replay::{Changes, Walk},
    },
    room,
};

/// What a command did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    /// Records handled.
    pub records: u64,
    /// What other systems did wrong, each once.
    pub failures: Vec<String>,
}

impl Done {
    fn fail(&mut self, what: String) {
        if !self.failures.contains(&what) {
            self.failures.push(what);
        }
    }

    /// Adds what another command did.
    pub fn add(&mut self, other: Self) {
        self.records += other.records;
        other.failures.into_iter().for_each(|what| self.fail(what));
    }
}

/// Hears how far a command is: what, and records handled so far.
pub type Heard<'a> = &'a (dyn Fn(&str, u64) + Send + Sync);

/// Longest wait for a lease that another process holds: it was killed, or its step or another command goes on. A running
/// hub leaves it to us after its step.
const LEASE_PATIENCE: TimeDelta = TimeDelta::seconds(200);

/// Reads a source once, every service to its end.
///
/// # Errors
/// When the ledger fails or the configuration has no such source.
pub async fn pull(node: &Node, name: &str, full: bool, heard: Heard<'_>) -> Result<Done> {
    let pinned = node.context.active().await?;
    let source =
        pinned.rules.source(name).ok_or_else(|| StepError::Config(format!("配置里没有来源 {name}")))?;
    let adapter = node.source(source).map_err(|error| StepError::Config(error.what))?;
    let services: Vec<_> = source.services.iter().collect();
    let lease = format!("pull:{name}");
    let mut wait = Patience::new(node.context.now());
    while let Step::Elsewhere(holder, until) = node
        .context
        .wishing(&lease, pull::ask_for_run(&node.context, source, &services, Asked { fired: None, full }))
        .await?
    {
        if !wait.for_lease(node, &holder, until).await {
            return Ok(Done { records: 0, failures: vec![elsewhere(&holder)] });
        }
    }
    let mut done = repeat(node, &format!("读取 {name}"), heard, async || {
        let step = Box::pin(pull::step(&node.context, &pinned, source, &*adapter));
        node.context.wishing(&lease, step).await
    })
    .await?;
    if let Some(why) = room::lacking(&node.context.store, &pinned.rules.hub.disk) {
        done.fail(why);
    }
    Ok(done)
}

/// Judges everything that landed, and held records that a new revision may help.
///
/// # Errors
/// When the ledger fails.
pub async fn refine(node: &Node, heard: Heard<'_>) -> Result<Done> {
    let mut done = Done::default();
    for source in to_refine(node).await? {
        let lease = format!("refine:{source}");
        let step =
            async || node.context.wishing(&lease, Box::pin(refine::step(&node.context, &source))).await;
        done.add(repeat(node, &format!("研判 {source}"), heard, step).await?);
    }
    Ok(done)
}

/// Compares everything judged with what is of the same owner and day.
///
/// # Errors
/// When the ledger fails.
pub async fn look_alikes(node: &Node, heard: Heard<'_>) -> Result<Done> {
    let step =
        async || node.context.wishing(look_alikes::LEASE, Box::pin(look_alikes::step(&node.context))).await;
    repeat(node, "比较相似的记录", heard, step).await
}

/// Sources of which something is to be judged, deleted, or to follow what a person decided.
///
/// # Errors
/// When the ledger fails.
pub async fn to_refine(node: &Node) -> Result<BTreeSet<String>> {
    let store = &node.context.store;
    let mut sources: BTreeSet<String> = store.sources_with_pending().await?.into_iter().collect();
    sources.extend(store.sources_to_sweep().await?);
    if store.active_number().await?.is_some() {
        sources.extend(refine::not_following(&node.context).await?);
    }
    Ok(sources)
}

/// What deriving a source again would change.
///
/// # Errors
/// When the ledger fails.
pub async fn would_change(
    context: &Context,
    source: &str,
    since: Option<DateTime<Utc>>,
    heard: Heard<'_>,
) -> Result<Changes> {
    let mut walk = Walk::new(source, since, true);
    let mut looked = 0;
    while let Step::Did(records) = walk.step(context).await? {
        looked += records;
        heard(&format!("比较 {source}"), looked);
    }
    Ok(walk.changes)
}

/// Derives a source again: what waits to be judged first, then what was.
///
/// # Errors
/// When the ledger fails, or another revision becomes active meanwhile.
pub async fn replay(
    node: &Node,
    source: &str,
    since: Option<DateTime<Utc>>,
    heard: Heard<'_>,
) -> Result<(Done, Changes)> {
    let walk = Mutex::new(Walk::new(source, since, false));
    let refine = async || walk.lock().await.refine(&node.context).await;
    let mut done = repeat(node, &format!("研判 {source}"), heard, refine).await?;
    let step = async || walk.lock().await.step(&node.context).await;
    done.add(repeat(node, &format!("重新推导 {source}"), heard, step).await?);
    Ok((done, walk.into_inner().changes))
}

/// Sends everything that is due at a destination.
///
/// # Errors
/// When the ledger fails or the configuration has no such destination.
pub async fn forward(node: &Node, name: &str, heard: Heard<'_>) -> Result<Done> {
    let pinned = node.context.active().await?;
    let file = pinned
        .rules
        .destination(name)
        .ok_or_else(|| StepError::Config(format!("配置里没有目的地 {name}")))?;
    let adapter = node.destination(file).map_err(|error| StepError::Config(error.what))?;
    let lease = format!("forward:{name}");
    let step = async || {
        let step = Box::pin(forward::step(&node.context, &pinned, file, &*adapter));
        node.context.wishing(&lease, step).await
    };
    repeat(node, &format!("转发 {name}"), heard, step).await
}

async fn repeat(
    node: &Node,
    what: &str,
    heard: Heard<'_>,
    step: impl AsyncFn() -> Result<Step>,
) -> Result<Done> {
    let mut done = Done::default();
    let mut wait = Patience::new(node.context.now());
    loop {
        match step().await? {
            Step::Did(records) => {
                done.records += records;
                heard(what, done.records);
            }
            Step::Paced(until) => sleep_until(node, until).await,
            Step::Failed(why) => done.fail(why),
            Step::Idle | Step::Later(_) => return Ok(done),
            Step::Elsewhere(holder, until) => {
                if !wait.for_lease(node, &holder, until).await {
                    done.fail(elsewhere(&holder));
                    return Ok(done);
                }
            }
        }
    }
}

fn elsewhere(holder: &str) -> String {
    format!("等了 {} 秒，节点 {holder} 还在做这件事：等它做完，或停下它再来", LEASE_PATIENCE.num_seconds())
}

struct Patience(DateTime<Utc>);

impl Patience {
    fn new(now: DateTime<Utc>) -> Self {
        Self(now + LEASE_PATIENCE)
    }

    async fn for_lease(&mut self, node: &Node, holder: &str, until: DateTime<Utc>) -> bool {
        if until > self.0 {
            return false;
        }
        tracing::warn!(holder, %until, "waiting for another node's lease to run out");
        sleep_until(node, until).await;
        node.context.now() < self.0
    }
}

/// Waits on the machine's clock for a moment of the node's clock.
#[expect(clippy::disallowed_methods, reason = "drivers are where waiting happens")]
pub(crate) async fn sleep_until(node: &Node, until: DateTime<Utc>) {
    let wait = (until - node.context.now()).to_std().unwrap_or_default();
    tokio::time::sleep(wait).await;
}
