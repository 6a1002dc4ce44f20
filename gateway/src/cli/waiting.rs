//! `lianwang waiting`: records that a destination cannot take yet because their parent is not there.

use std::io::{self, Write as _};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mappings::Kind;
use serde::Serialize;

use super::{Failure, Outcome, arguments::Place, open};
use crate::store::waiting::Waiting;

/// Most that are listed of one destination.
const MOST: u32 = 1_000;

/// One line as `--json` prints it.
#[derive(Serialize)]
struct Line<'a> {
    destination: &'a str,
    kind: &'a str,
    id: &'a str,
    source: &'a str,
    parent: &'a str,
    since: String,
    /// Whole days.
    days: i64,
    ended: bool,
    parent_state: Option<&'a str>,
    /// Who should send the parent, where it never came.
    owed_by: Option<&'a str>,
}

pub(super) async fn waiting(place: &Place, destination: Option<&str>, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    let pinned = context.active().await?;
    let names = pinned.rules.destinations.iter().map(|known| known.name.as_str());
    let names: Vec<&str> = names.filter(|name| destination.is_none_or(|wanted| wanted == *name)).collect();
    if let Some(wanted) = destination.filter(|_| names.is_empty()) {
        return Err(Failure::Usage(format!("没有目的地 {wanted}")));
    }
    let mut found = Vec::new();
    for name in names {
        let waiting = context.store.waiting_for(name, MOST).await?;
        found.extend(waiting.into_iter().map(|one| (name, one)));
    }
    let mut out = io::stdout().lock();
    let now = context.now();
    if json {
        let lines: Vec<Line<'_>> = found.iter().map(|(name, one)| line(name, one, now)).collect();
        let json = serde_json::to_string_pretty(&lines).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    if found.is_empty() {
        writeln!(out, "没有在等上级的记录。")?;
    }
    let zone = open::hub(open::directory(place).as_deref())?.zone;
    for (name, one) in &found {
        let kind = pinned.rules.rulebook.kind(&one.kind).map_or(one.kind.as_str(), Kind::label);
        writeln!(out, "{}", shown(name, one, kind, now, zone))?;
    }
    Ok(())
}

fn line<'a>(destination: &'a str, one: &'a Waiting, now: DateTime<Utc>) -> Line<'a> {
    Line {
        destination,
        kind: &one.kind,
        id: &one.id,
        source: &one.source,
        parent: &one.parent,
        since: one.since.to_rfc3339(),
        days: (now - one.since).num_days(),
        ended: one.ended,
        parent_state: one.parent_state.as_deref(),
        owed_by: one.parent_state.is_none().then_some(&one.source),
    }
}

fn shown(destination: &str, one: &Waiting, kind: &str, now: DateTime<Utc>, zone: Tz) -> String {
    let since = one.since.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    let days = (now - one.since).num_days();
    let age = if days > 0 { format!("（{days} 天）") } else { String::new() };
    let parent = match one.parent_state.as_deref() {
        None => format!("没有来过，多半也该由 {} 报送", one.source),
        Some("waiting") => "自己也在等它的上级".to_owned(),
        Some("due" | "sent") => "正要送出".to_owned(),
        Some("refused") => "被对方拒收：lianwang explain 看原因".to_owned(),
        Some(state) => state.to_owned(),
    };
    let ended = if one.ended {
        "；等得太久，已按被拒计，上级被对方确认后会自己恢复"
    } else {
        ""
    };
    let Waiting { id, source, parent: key, .. } = one;
    format!("{destination}：{source} 的 {kind} {id}，{since} 起{age}等 {key}（{parent}）{ended}")
}
