//! This machine's clock against the database's: a node that is off by more than two seconds does not start, and one whose
//! clock goes off says so every minute.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::{node::Node, once::sleep_until};
use crate::{
    pipeline::{Context, Result},
    store::skew::MOST,
};

/// Between two looks.
const PERIOD: TimeDelta = TimeDelta::seconds(60);

/// What is wrong with this machine's clock, in words; none while it agrees with the database's.
///
/// # Errors
/// When the database does not answer.
pub async fn wrong(context: &Context) -> Result<Option<String>> {
    let clock = Arc::clone(&context.clock);
    let skew = context.store.skew(&move || clock.now()).await?.filter(|skew| skew.abs() > MOST);
    Ok(skew.map(|skew| {
        let way = if skew > TimeDelta::zero() { "快" } else { "慢" };
        let seconds = skew.abs().num_milliseconds() / 1000;
        format!("本机时钟比数据库{way} {seconds} 秒（最多允许 2 秒）：请校时（如 chronyc makestep）；租约和限速都靠它")
    }))
}

/// Looks every minute until `stop`.
pub(super) async fn watch(node: Arc<Node>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = sleep_until(&node, node.context.now() + PERIOD) => {}
            () = stop.cancelled() => return,
        }
        if let Ok(Some(wrong)) = wrong(&node.context).await {
            tracing::error!(wrong, "the clock is off");
        }
    }
}
