//! Said at once when another process works on what a command wants to: who, and until when at most.
//! Leaves the waiting to `scheduler`.

use std::io::{self, Write as _};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::super::Failure;
use crate::scheduler::node::Node;

/// Tells on standard error who holds `lease`, if another does.
pub(in crate::cli) async fn say(node: &Node, lease: &str, what: &str) -> Result<(), Failure> {
    let now = node.context.now();
    let Some((holder, until)) = node.context.store.holder(lease, now).await? else { return Ok(()) };
    if holder != node.context.node() {
        let zone = node.context.active().await?.rules.hub.zone;
        writeln!(io::stderr(), "{}", words(what, &holder, until, zone))?;
    }
    Ok(())
}

fn words(what: &str, holder: &str, until: DateTime<Utc>, zone: Tz) -> String {
    let until = until.with_timezone(&zone).format("%H:%M:%S");
    format!("{what}：节点 {holder} 正在做，等它做完（它若已停，最迟等到 {until}）")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_and_until_when_on_the_hubs_clock() {
        let until = DateTime::parse_from_rfc3339("2026-11-23T00:01:00Z").unwrap().to_utc();
        assert_eq!(
            words("读取 park", "hub/77", until, chrono_tz::Asia::Shanghai),
            "读取 park：节点 hub/77 正在做，等它做完（它若已停，最迟等到 08:01:00）"
        );
    }
}
