//! What a running hub does once a night: what age takes. A night missed is made up for by the next.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{dialect::Schedule, node::Node, once::sleep_until};
use crate::pipeline::{Result, retain};

/// When the night's work is done, in the hub's zone: after the batches of the night, before anybody comes.
const AT: &str = "30 4 * * *";

/// Every night until `stop`.
pub(super) async fn run(node: Arc<Node>, stop: CancellationToken) {
    while let Ok(pinned) = node.context.active().await
        && let Ok(schedule) = Schedule::parse(AT, pinned.rules.hub.zone)
        && let Some(next) = schedule.next_after(node.context.now())
    {
        tokio::select! {
            () = sleep_until(&node, next) => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = once(&node, &stop).await {
            tracing::error!(%error, "what age takes was not dropped; the next night tries again");
        }
    }
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
