//! What a running hub does once a night: a checkpoint, then what age takes. A night missed is made up for by the next.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{dialect::Schedule, node::Node, once::sleep_until};
use crate::pipeline::{Result, checkpoint, retain};

/// When the night's work is done, in the hub's zone: after the batches of the night, before anybody comes.
const AT: &str = "30 4 * * *";

/// Until the ledger is asked again when the night is.
const AGAIN: TimeDelta = TimeDelta::minutes(5);

/// Every night until `stop`.
pub(super) async fn run(node: Arc<Node>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let now = node.context.now();
        // a ledger that does not answer now will, before the night
        let next = next(&node).await;
        tokio::select! {
            () = sleep_until(&node, next.unwrap_or(now + AGAIN)) => {}
            () = stop.cancelled() => return,
        }
        if next.is_none() {
            continue;
        }
        if let Err(error) = checkpoint(&node.context).await {
            tracing::error!(%error, "no checkpoint written; the next night's covers this one");
        }
        if let Err(error) = once(&node, &stop).await {
            tracing::error!(%error, "what age takes was not dropped; the next night tries again");
        }
    }
}

async fn next(node: &Node) -> Option<DateTime<Utc>> {
    let zone = node.context.active().await.ok()?.rules.hub.zone;
    Schedule::parse(AT, zone).ok()?.next_after(node.context.now())
}

async fn once(node: &Node, stop: &CancellationToken) -> Result<()> {
    let pinned = node.context.active().await?;
    let rules = retain::rules(&pinned.rules.hub.retention, node.context.now());
    if rules.is_empty() {
        return Ok(());
    }
    for (rule, gone) in retain::all(&node.context, pinned.no, &rules, &|| stop.is_cancelled()).await? {
        tracing::info!(
            what = rule.what.word(),
            rows = gone.rows,
            bytes = gone.bytes,
            days = rule.days,
            "dropped by age"
        );
    }
    Ok(())
}
