//! `lianwang replay`: what the active configuration would make of records that were judged, shown, and written once
//! somebody said yes. Leaves doing to `scheduler`.

use std::io::{self, BufRead as _, IsTerminal as _, Write};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::{Failure, Outcome, arguments::Place, open, progress::Progress, steps::waiting};
use crate::{
    pipeline::{
        Context,
        refine::replay::{Changes, Tally, What},
    },
    scheduler::{node::Node, once},
};

/// Which records.
#[derive(Clone, Copy)]
pub(super) struct Which<'a> {
    pub(super) source: Option<&'a str>,
    pub(super) since: Option<&'a str>,
}

pub(super) async fn look(place: &Place, which: Which<'_>) -> Outcome {
    shown(&open::reading(place).await?, which).await?;
    writeln!(io::stdout(), "只是看看，什么都没有写。")?;
    Ok(())
}

pub(super) async fn replay(place: &Place, which: Which<'_>, yes: bool) -> Outcome {
    let node = open::node_there(place).await?;
    let done = looked_and_done(&node, which, yes).await;
    node.context.store.release_leases(node.context.node()).await?;
    done
}

async fn looked_and_done(node: &Node, which: Which<'_>, yes: bool) -> Outcome {
    if !shown(&node.context, which).await? {
        writeln!(io::stdout(), "没有要改变的。")?;
        return Ok(());
    }
    if !yes && !agreed("写成新版本吗？各目的地会照常收到它们。")? {
        writeln!(io::stdout(), "没有确认，什么都没有改变。")?;
        return Ok(());
    }
    for source in sources(&node.context, which).await? {
        waiting::say(node, &format!("refine:{source}"), &format!("重新推导 {source}")).await?;
        let progress = Progress::new();
        let replayed = once::replay(node, &source, since(&node.context, which).await?, &|what, records| {
            progress.say(what, records);
        })
        .await;
        drop(progress);
        let (done, changes) = replayed?;
        if !done.failures.is_empty() {
            return Err(Failure::Remote(done.failures.join("\n")));
        }
        writeln!(io::stdout(), "重新推导 {source}：写了 {} 个新版本", changes.versions)?;
        if changes.unstorable > 0 {
            writeln!(io::stdout(), "  数据库存不下 {} 条，保持原样", changes.unstorable)?;
        }
    }
    Ok(())
}

/// Shows what would change, source by source; whether anything would.
async fn shown(context: &Context, which: Which<'_>) -> Result<bool, Failure> {
    let no = context.active().await?.no;
    let since = since(context, which).await?;
    let mut any = false;
    for source in sources(context, which).await? {
        let progress = Progress::new();
        let changes =
            once::would_change(context, &source, since, &|what, records| progress.say(what, records)).await;
        drop(progress);
        let changes = changes?;
        any |= !changes.by.is_empty();
        print(no, &source, &changes, &mut io::stdout().lock())?;
    }
    Ok(any)
}

async fn sources(context: &Context, which: Which<'_>) -> Result<Vec<String>, Failure> {
    let pinned = context.active().await?;
    let known: Vec<String> = pinned.rules.sources.iter().map(|source| source.name.clone()).collect();
    match which.source {
        None => Ok(known),
        Some(name) if known.iter().any(|source| source == name) => Ok(vec![name.to_owned()]),
        Some(name) => Err(Failure::Usage(format!("配置里没有来源 {name}"))),
    }
}

async fn since(context: &Context, which: Which<'_>) -> Result<Option<DateTime<Utc>>, Failure> {
    let Some(text) = which.since else { return Ok(None) };
    moment(text, context.active().await?.rules.hub.zone).map(Some)
}

/// A moment as people write it: a day of the hub, or written out.
pub(super) fn moment(text: &str, zone: Tz) -> Result<DateTime<Utc>, Failure> {
    read(text, zone).ok_or_else(|| {
        Failure::Usage(format!("看不懂时刻“{text}”：写 2026-11-20 或 2026-11-20T08:00:00+08:00"))
    })
}

fn read(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    let day: NaiveDate = text.parse().ok()?;
    Some(day.and_time(NaiveTime::MIN).and_local_timezone(zone).earliest()?.to_utc())
}

fn print(no: i64, source: &str, changes: &Changes, out: &mut impl Write) -> io::Result<()> {
    let Changes { by, versions, same, left, gone, damaged, .. } = changes;
    writeln!(out, "来源 {source}，按第 {no} 号配置：{versions} 条会有新版本，{same} 条不变")?;
    for ((kind, what, name), tally) in by {
        writeln!(out, "  {kind} {}", line(*what, name, tally))?;
        for example in &tally.examples {
            let change = if *what == What::Field {
                format!("{} → {}", example.old, example.new)
            } else {
                example.new.clone()
            };
            // of what was rejected there is no state to tell a change from
            let colon = if change.is_empty() { "" } else { "：" };
            writeln!(out, "    {}{colon}{change}", example.key)?;
        }
    }
    if *left > 0 {
        writeln!(out, "  {left} 条没有碰到最新的原文，保持原样（已按保留规则清除，或早于 --since）")?;
    }
    if *gone > 0 {
        writeln!(out, "  {gone} 条收到过的原文已按保留规则清除，没有再看")?;
    }
    damaged.iter().try_for_each(|what| writeln!(out, "  读不了：{what}"))
}

fn line(what: What, name: &str, tally: &Tally) -> String {
    let n = tally.records;
    match what {
        What::Field if name.is_empty() => format!("引用的编号空间：{n} 条"),
        What::Field => format!("{name}：{n} 条"),
        What::New => format!("从前退回、现在可以接受：{n} 条"),
        What::Held => format!("现在会待定（{name}）：{n} 条，已接受的状态不动"),
        What::Rejected => format!("现在会退回（{name}）：{n} 条，已接受的状态不动"),
    }
}

/// Asks at the terminal.
pub(super) fn agreed(question: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage("还没有写：不在终端里运行时，看过之后加 --yes".into()));
    }
    write!(io::stdout(), "{question}写 yes 确认：")?;
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::refine::replay::Example;

    #[test]
    fn what_was_rejected_is_named_and_nothing_stands_behind_it() {
        let mut changes = Changes { versions: 2, ..Changes::default() };
        let example =
            |old: &str, new: &str| Example { key: "uuid/1".into(), old: old.into(), new: new.into() };
        let tally = |example| Tally { records: 1, examples: vec![example] };
        let kind = || "hazard".to_owned();
        changes.by.insert((kind(), What::New, String::new()), tally(example("", "")));
        changes.by.insert((kind(), What::Field, "name".into()), tally(example("甲", "乙")));
        let mut out = Vec::new();
        print(3, "park", &changes, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "来源 park，按第 3 号配置：2 条会有新版本，0 条不变\n  hazard name：1 条\n    uuid/1：甲 → 乙\n  \
             hazard 从前退回、现在可以接受：1 条\n    uuid/1\n"
        );
    }

    #[test]
    fn a_moment_is_a_day_of_the_hub_or_written_out() {
        let zone = chrono_tz::Asia::Shanghai;
        let midnight = "2026-11-19T16:00:00Z".parse().ok();
        assert_eq!(read("2026-11-20", zone), midnight);
        assert_eq!(read("2026-11-20T00:00:00+08:00", zone), midnight);
        assert_eq!(read("20.11.2026", zone), None);
    }
}
