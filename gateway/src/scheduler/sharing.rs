//! The pulse of a running hub: it says that it is there and hears how the leases are spread.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::{node::Node, once::sleep_until};

/// Longest between two beats: a third of what a node counts as there for.
const LONGEST: Duration = Duration::from_secs(20);

/// Beats until `stop`, at the pace of the slow repair if that is faster.
pub(super) async fn pulse(node: Arc<Node>, stop: CancellationToken, repair: Duration) {
    let period = TimeDelta::from_std(repair.min(LONGEST)).unwrap_or(TimeDelta::seconds(20));
    while !stop.is_cancelled() {
        if let Err(error) = node.context.share().await {
            tracing::warn!(%error, "nobody heard that this node is there");
        }
        tokio::select! {
            () = sleep_until(&node, node.context.now() + period) => {}
            () = stop.cancelled() => return,
        }
    }
}
