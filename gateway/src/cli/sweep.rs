//! `lianwang sweep`: the last whole passes, what they did not name and what became of it; and letting go one that would
//! delete more than its service allows.

use std::io::{self, Write as _};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::{
    Failure, Outcome,
    apply::{self, Word},
    arguments::{Place, SweepAsked},
    open,
};
use crate::store::sweeps::{State, Sweep};

/// Sweeps shown.
const LAST: u32 = 50;

/// A sweep, as `--json` prints it.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    no: i64,
    source: &'a str,
    service: &'a str,
    kind: &'a str,
    first_document: i64,
    last_document: i64,
    at: DateTime<Utc>,
    state: State,
    standing: u64,
    missing: u64,
    cap_percent: u8,
    /// Records of the pass whose key cannot be made.
    unsure: u64,
    /// Parts of the pass that cannot be read any more.
    unread: u64,
    retired: u64,
    decided_at: Option<DateTime<Utc>>,
    released_at: Option<DateTime<Utc>>,
    why: Option<&'a str>,
    who: Option<&'a str>,
}

impl<'a> Told<'a> {
    pub(super) fn of(sweep: &'a Sweep) -> Self {
        Self {
            no: sweep.no,
            source: &sweep.source,
            service: &sweep.service,
            kind: &sweep.kind,
            first_document: sweep.first,
            last_document: sweep.last,
            at: sweep.at,
            state: sweep.state,
            standing: sweep.count.standing,
            missing: sweep.count.missing,
            cap_percent: sweep.count.cap,
            unsure: sweep.count.unsure,
            unread: sweep.count.unread,
            retired: sweep.retired,
            decided_at: sweep.decided_at,
            released_at: sweep.released_at,
            why: sweep.why.as_deref(),
            who: sweep.who.as_deref(),
        }
    }
}

pub(super) async fn list(place: &Place, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    let sweeps = context.store.last_sweeps(LAST).await?;
    let mut out = io::stdout().lock();
    if json {
        let told: Vec<Told<'_>> = sweeps.iter().map(Told::of).collect();
        let json = serde_json::to_string_pretty(&told).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    if sweeps.is_empty() {
        writeln!(out, "还没有从头读完过声明了 snapshot = true 的服务。")?;
    }
    let zone = open::hub(open::directory(place).as_deref())?.zone;
    for sweep in &sweeps {
        writeln!(out, "{}", shown(sweep, zone))?;
    }
    Ok(())
}

pub(super) async fn release(place: &Place, asked: &SweepAsked) -> Outcome {
    let SweepAsked::Release { source, service, why, by } = asked;
    apply::said(&Word { why, by: by.as_deref() })?;
    let context = open::current(place).await?;
    let newest = context.store.newest_sweep(source, service).await?;
    let Some(held) = newest.filter(|newest| newest.state == State::Held) else {
        return Err(Failure::Usage(format!("{source} · {service} 最近的一遍没有等人放行（lianwang sweep）")));
    };
    let who = apply::who(place, by.as_deref());
    context.store.release_sweep(held.no, why, &who, context.now()).await?;
    writeln!(
        io::stdout(),
        "已放行第 {} 号清扫，{} 条没有再报的记录将标记为已删除并上报。正在运行的服务会自己做，否则运行 lianwang refine。",
        held.no,
        held.count.missing
    )?;
    Ok(())
}

/// One sweep in a line: which pass, and what became of it.
pub(super) fn shown(sweep: &Sweep, zone: Tz) -> String {
    let at = sweep.at.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    let Sweep { no, source, service, first, last, .. } = sweep;
    format!("第 {no} 号 {source} · {service}，{at} 读完（文档 {first} 至 {last}）：{}", became(sweep))
}

fn became(sweep: &Sweep) -> String {
    let count = sweep.count;
    let released = match (&sweep.who, &sweep.why) {
        (Some(who), Some(why)) => format!("（{who}放行：{why}）"),
        _ => String::new(),
    };
    match sweep.state {
        State::Due => format!("等研判后比较{released}"),
        State::Going => format!("缺 {} 条，已删除 {} 条，还在做{released}", count.missing, sweep.retired),
        State::Held => format!(
            "在册 {} 条，缺 {} 条，超过百分之 {}，等人放行：lianwang sweep release {} {} --why 理由",
            count.standing, count.missing, count.cap, sweep.source, sweep.service
        ),
        State::Unsure if count.unread > 0 => {
            format!("有 {} 段原文已经读不到，说不清缺了谁，什么都没有删", count.unread)
        }
        State::Unsure => format!("有 {} 条认不出主键，说不清缺了谁，什么都没有删", count.unsure),
        State::Superseded => format!("被后来的一遍取代{}", after(sweep.retired)),
        State::Done if count.missing == 0 => format!("在册 {} 条，一条不缺", count.standing),
        State::Done => format!("在册 {} 条，缺 {} 条，已标记删除{released}", count.standing, count.missing),
    }
}

fn after(retired: u64) -> String {
    if retired == 0 { String::new() } else { format!("，此前已删除 {retired} 条") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sweeps::Count;

    fn sweep(state: State, count: Count) -> Sweep {
        let at = "2026-11-23T19:00:00Z".parse().unwrap();
        Sweep {
            no: 7,
            source: "park".into(),
            service: "tanks".into(),
            kind: "tank".into(),
            first: 30,
            last: 41,
            at,
            state,
            count,
            retired: 0,
            decided_at: None,
            released_at: None,
            why: None,
            who: None,
        }
    }

    #[test]
    fn every_state_says_what_became_of_what_is_missing() {
        let count = Count { standing: 100, missing: 6, cap: 5, ..Count::default() };
        let line = shown(&sweep(State::Held, count), chrono_tz::Asia::Shanghai);
        assert_eq!(
            line,
            "第 7 号 park · tanks，2026-11-24 03:00 读完（文档 30 至 41）：在册 100 条，缺 6 条，超过百分之 5，\
             等人放行：lianwang sweep release park tanks --why 理由"
        );
        let released = Sweep {
            retired: 2,
            who: Some("张三".into()),
            why: Some("停产".into()),
            ..sweep(State::Going, count)
        };
        assert_eq!(became(&released), "缺 6 条，已删除 2 条，还在做（张三放行：停产）");
        for (state, count, said) in [
            (State::Due, Count::default(), "等研判后比较"),
            (State::Unsure, Count { unsure: 2, ..count }, "有 2 条认不出主键，说不清缺了谁，什么都没有删"),
            (
                State::Unsure,
                Count { unread: 3, ..count },
                "有 3 段原文已经读不到，说不清缺了谁，什么都没有删",
            ),
            (State::Superseded, count, "被后来的一遍取代"),
            (State::Done, count, "在册 100 条，缺 6 条，已标记删除"),
            (State::Done, Count { standing: 9, ..Count::default() }, "在册 9 条，一条不缺"),
        ] {
            assert_eq!(became(&sweep(state, count)), said);
        }
        assert_eq!(
            became(&Sweep { retired: 4, ..sweep(State::Superseded, count) }),
            "被后来的一遍取代，此前已删除 4 条"
        );
    }
}
