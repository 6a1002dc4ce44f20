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
    // a command goes on to its end; a service leaves it to who wishes for it
    let when = if holder.contains('/') { "等它做完" } else { "它做完手上的一步就让出" };
    format!("{what}：节点 {holder} 正在做，{when}（它若已停，最迟等到 {until}）")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_and_until_when_on_the_hubs_clock() {
        let until = DateTime::parse_from_rfc3339("2026-11-23T00:01:00Z").unwrap().to_utc();
        for (holder, when) in [("hub/77", "等它做完"), ("hub", "它做完手上的一步就让出")] {
            assert_eq!(
                words("读取 park", holder, until, chrono_tz::Asia::Shanghai),
                format!("读取 park：节点 {holder} 正在做，{when}（它若已停，最迟等到 08:01:00）")
            );
        }
    }
}
