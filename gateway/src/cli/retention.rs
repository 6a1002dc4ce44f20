//! `lianwang retention`: what age takes by the configuration, shown or dropped.

use std::{
    io::{self, Write},
    path::Path,
};

use chrono_tz::Tz;

use super::{Failure, Outcome, arguments::Place, open};
use crate::{
    config::Hub,
    pipeline::{Context, retain},
    store::retention::{Gone, Range, Rule, What},
};

pub(super) async fn retention(place: &Place, dry_run: bool) -> Outcome {
    if dry_run {
        let directory = open::directory(place);
        return would(&open::reading(place).await?, &hub(directory.as_deref())?, &mut io::stdout()).await;
    }
    let node = open::node_there(place).await?;
    let pinned = node.context.active().await?;
    let rules = retain::rules(&pinned.rules.hub.retention, node.context.now());
    if rules.is_empty() {
        return nothing(&mut io::stdout());
    }
    let went = retain::all(&node.context, pinned.no, &rules, &|| false).await;
    node.context.store.release_leases(node.context.node()).await?;
    let went = went?;
    for (rule, gone) in &went {
        writeln!(io::stdout(), "{}：清除 {}", named(rule, pinned.rules.hub.zone), amount(*gone))?;
    }
    if went.len() < rules.len() {
        return Err(Failure::Remote("别的节点正在按保留规则清除，这次没有做完".to_owned()));
    }
    Ok(())
}

fn hub(directory: Option<&Path>) -> Result<Hub, Failure> {
    Ok(open::load(directory, "没有清点")?.hub)
}

async fn would(context: &Context, hub: &Hub, out: &mut impl Write) -> Outcome {
    let rules = retain::rules(&hub.retention, context.now());
    if rules.is_empty() {
        return nothing(out);
    }
    let planned = retain::planned(context, &rules).await?;
    for rule in &rules {
        let own: Vec<_> = planned.iter().filter(|(of, _, _)| of == rule).collect();
        let sum = own.iter().fold(Gone::default(), |sum, (_, _, gone)| Gone {
            rows: sum.rows + gone.rows,
            bytes: sum.bytes + gone.bytes,
        });
        writeln!(out, "{}：将清除 {}", named(rule, hub.zone), amount(sum))?;
        for (_, range, gone) in own {
            writeln!(out, "  编号 {}：{}", numbers(range), amount(*gone))?;
        }
    }
    Ok(())
}

fn nothing(out: &mut impl Write) -> Outcome {
    let how = "lianwang.toml 里没有 [retention]（或没有任何天数）：一切都一直保留";
    Ok(writeln!(out, "{how}")?)
}

fn named(rule: &Rule, zone: Tz) -> String {
    let what = match rule.what {
        What::Raw => "原文、报文和应答",
        What::Versions => "被取代的版本",
        What::Issues => "问题",
    };
    let before = rule.older_than.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    format!("{what}（保留 {} 天，{before} 以前）", rule.days)
}

fn numbers(range: &Range) -> String {
    format!("{}–{}", range.low.max(0), range.high - 1)
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn amount(gone: Gone) -> String {
    format!("{} 行，{:.1} MB", gone.rows, gone.bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    #[test]
    fn a_rule_is_named_with_its_age_in_the_hubs_zone() {
        let older_than: DateTime<Utc> = "2026-08-27T16:30:00Z".parse().unwrap();
        let rule = Rule { what: What::Raw, days: 90, older_than };
        assert_eq!(
            named(&rule, chrono_tz::Asia::Shanghai),
            "原文、报文和应答（保留 90 天，2026-08-28 00:30 以前）"
        );
        assert_eq!(amount(Gone { rows: 12, bytes: 3_450_000 }), "12 行，3.5 MB");
    }
}
