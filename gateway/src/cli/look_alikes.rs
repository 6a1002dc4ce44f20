//! `lianwang look-alikes`: records that look like one registered twice, side by side, and a person's word on a pair. It never
//! joins them: it says which command would.

mod marked;

use std::io::{self, Write as _};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use mappings::{Field, Kind, mask};
use serde::Serialize;

use super::{
    Failure, Outcome, alias,
    apply::{self, Word},
    arguments::{LookAlikesArguments, Place, SettleAlike, Verdict},
    open,
};
use crate::{
    pipeline::Pinned,
    store::{
        Store,
        alike_pairs::{Flagged, Settled, Side, Which},
        look_alikes::{Fields, PairState},
    },
};
use marked::marked;

/// Most that are listed of one kind.
const MOST: u32 = 1_000;

/// A pair as `--json` prints it; personal values masked.
#[derive(Serialize)]
struct Line<'a> {
    no: i64,
    kind: &'a str,
    state: &'static str,
    score: u8,
    found_at: DateTime<Utc>,
    why: Option<&'a str>,
    who: Option<&'a str>,
    settled_at: Option<DateTime<Utc>>,
    first: SideLine<'a>,
    second: SideLine<'a>,
}

/// One record of it.
#[derive(Serialize)]
struct SideLine<'a> {
    key: &'a str,
    source: &'a str,
    came: Option<DateTime<Utc>>,
    owner: &'a str,
    day: &'a str,
    texts: Vec<(&'a str, String)>,
    destinations: &'a [(String, String)],
}

pub(super) async fn list(place: &Place, asked: &LookAlikesArguments) -> Outcome {
    let context = open::reading(place).await?;
    let pinned = context.active().await?;
    let which = Which { source: asked.source.as_deref(), all: asked.all, no: None };
    if let Some(source) = which.source.filter(|name| pinned.rules.source(name).is_none()) {
        return Err(Failure::Usage(format!("没有来源 {source}")));
    }
    let mut found = Vec::new();
    for kind in kinds(&pinned, asked.kind.as_deref())? {
        let pairs = flagged(&context.store, kind, &which).await?;
        found.extend(pairs.into_iter().map(|pair| (kind, pair)));
    }
    let mut out = io::stdout().lock();
    if asked.json {
        let lines: Vec<Line<'_>> = found.iter().map(|(kind, pair)| line(kind, pair)).collect();
        let json = serde_json::to_string_pretty(&lines).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    if found.is_empty() {
        writeln!(out, "没有疑似重复登记的记录。")?;
    }
    for (kind, pair) in &found {
        writeln!(out, "{}", shown(kind, pair, pinned.rules.hub.zone))?;
    }
    Ok(())
}

/// The kinds that are compared, or the one named.
fn kinds<'p>(pinned: &'p Pinned, named: Option<&str>) -> Result<Vec<&'p Kind>, Failure> {
    let rulebook = &pinned.rules.rulebook;
    let Some(name) = named else {
        return Ok(rulebook.kinds().iter().filter(|kind| kind.look_alike().is_some()).collect());
    };
    let kind = rulebook.kind(name).ok_or_else(|| Failure::Usage(format!("没有对象 {name}")))?;
    if kind.look_alike().is_none() {
        return Err(Failure::Usage(format!("{name} 没有 [look_alike]，它的记录不比较")));
    }
    Ok(vec![kind])
}

async fn flagged(store: &Store, kind: &Kind, which: &Which<'_>) -> Result<Vec<Flagged>, Failure> {
    let Some(rule) = kind.look_alike() else { return Ok(Vec::new()) };
    let fields = Fields { kind: kind.name(), text: rule.text(), day: rule.day(), gone: kind.gone() };
    Ok(store.flagged(&fields, which, MOST).await?)
}

pub(super) async fn settle(place: &Place, asked: &SettleAlike) -> Outcome {
    let SettleAlike::Settle { no, verdict, why, by } = asked;
    apply::said(&Word { why, by: by.as_deref() })?;
    let context = open::current(place).await?;
    let kind = context.store.kind_of_pair(*no).await?;
    let kind = kind.ok_or_else(|| Failure::Usage(format!("没有第 {no} 对（lianwang look-alikes --all）")))?;
    let pinned = context.active().await?;
    let who = apply::who(place, by.as_deref());
    let state = match verdict {
        Verdict::Same => PairState::Same,
        Verdict::Two => PairState::Two,
    };
    let said = Settled { why: why.clone(), who, at: context.now() };
    let which = Which { no: Some(*no), ..Which::default() };
    let kind = pinned.rules.rulebook.kind(&kind);
    let before = flagged_of(&context.store, kind, &which).await?;
    context.store.settle_pair(*no, state, &said).await?;
    let mut out = io::stdout().lock();
    for pair in before.iter().filter(|pair| pair.settled.is_some()) {
        writeln!(out, "此前记为{}；现以这一次为准。", decided(pair, pinned.rules.hub.zone).trim_start())?;
    }
    if state == PairState::Two {
        writeln!(out, "第 {no} 对记为两件事，不再提示。")?;
        return Ok(());
    }
    writeln!(out, "第 {no} 对记为同一件事。记录没有动：")?;
    for pair in &before {
        writeln!(out, "{}", going(pair))?;
        let [first, second] = &pair.sides;
        if let Some(command) = kind.and_then(|kind| alias::command(kind, &second.key, &first.key)) {
            writeln!(out, "  或由本中心归并（随时可分开）：{command}")?;
        }
    }
    Ok(())
}

async fn flagged_of(store: &Store, kind: Option<&Kind>, which: &Which<'_>) -> Result<Vec<Flagged>, Failure> {
    match kind {
        Some(kind) => flagged(store, kind, which).await,
        None => Ok(Vec::new()),
    }
}

/// How one of the two goes: by whoever sent it. Nothing is merged here.
fn going(pair: &Flagged) -> String {
    let [first, second] = &pair.sides;
    format!(
        "  请来源 {} 把后到的 {} 标为删除后重发（留先到的 {}）：省平台的那一条随之删除",
        second.source, second.key, first.key
    )
}

fn line<'a>(kind: &'a Kind, pair: &'a Flagged) -> Line<'a> {
    let [first, second] = &pair.sides;
    let settled = pair.settled.as_ref();
    Line {
        no: pair.no,
        kind: kind.name(),
        state: pair.state.word(),
        score: pair.score,
        found_at: pair.found_at,
        why: settled.map(|settled| settled.why.as_str()),
        who: settled.map(|settled| settled.who.as_str()),
        settled_at: settled.map(|settled| settled.at),
        first: side_line(kind, first),
        second: side_line(kind, second),
    }
}

fn side_line<'a>(kind: &'a Kind, side: &'a Side) -> SideLine<'a> {
    let texts = compared(kind).zip(&side.texts).map(|(field, text)| {
        let shown = if field.personal().is_some() { mask(field.personal(), text) } else { text.clone() };
        (field.name(), shown)
    });
    SideLine {
        key: &side.key,
        source: &side.source,
        came: side.came,
        owner: &side.owner,
        day: &side.day,
        texts: texts.collect(),
        destinations: &side.destinations,
    }
}

/// The fields whose texts are compared, in their order.
fn compared(kind: &Kind) -> impl Iterator<Item = &Field> {
    let named = kind.look_alike().map(mappings::LookAlike::text).unwrap_or_default();
    named.iter().filter_map(|name| kind.field(name))
}

fn shown(kind: &Kind, pair: &Flagged, zone: Tz) -> String {
    let [first, second] = &pair.sides;
    let found = local(pair.found_at, zone);
    let Flagged { no, score, .. } = pair;
    let day = first.day.get(..10).unwrap_or(&first.day);
    let mut lines =
        vec![format!("第 {no} 对 {} {score}%：{}，{day}，{found} 发现", kind.label(), first.owner)];
    lines.extend([("先到", first), ("后到", second)].map(|(when, side)| of_side(when, side, zone)));
    for (field, (a, b)) in compared(kind).zip(first.texts.iter().zip(&second.texts)) {
        let [a, b] = match field.personal() {
            None => marked(a, b),
            personal => [mask(personal, a), mask(personal, b)],
        };
        let label = field.label();
        lines.push(if a == b {
            format!("    {label}：{a}")
        } else {
            format!("    {label}：先到 {a}\n    {label}：后到 {b}")
        });
    }
    lines.push(decided(pair, zone));
    lines.join("\n")
}

fn of_side(when: &str, side: &Side, zone: Tz) -> String {
    let came = side.came.map(|at| format!("，{} 收到", local(at, zone))).unwrap_or_default();
    let stands: Vec<String> =
        side.destinations.iter().map(|(name, state)| format!("{name} {}", word(state))).collect();
    let stands = if stands.is_empty() { "没有要送的目的地".to_owned() } else { stands.join("、") };
    format!("    {when} {} {}{came}；{stands}", side.source, side.key)
}

fn word(state: &str) -> &str {
    match state {
        "due" => "待送",
        "waiting" => "等上级",
        "sent" => "已发出",
        "confirmed" => "已确认",
        "refused" => "被拒",
        "abandoned" => "已放弃",
        other => other,
    }
}

fn decided(pair: &Flagged, zone: Tz) -> String {
    let word = match pair.state {
        PairState::Open => {
            return format!("    定下来：lianwang look-alikes settle {} same|two --why 理由", pair.no);
        }
        PairState::Gone => return "    已不相似，或其中一条已删除".to_owned(),
        PairState::Same => "同一件事",
        PairState::Two => "两件事",
    };
    let settled = pair.settled.as_ref();
    let by = settled.map(|Settled { why, who, at }| format!("：{} {who} {why}", local(*at, zone)));
    format!("    {word}{}", by.unwrap_or_default())
}

fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}
