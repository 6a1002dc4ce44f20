//! `lianwang alias`: ids of one thing joined, taken apart, and listed. A decision is a line of `aliases.csv` in the configuration
//! directory, activated like any other change; `refine` then lets what stands follow it.

mod line;

use std::io::{self, Write as _};

use mappings::{ALIASES, Alias, Key, normal_id};
use serde::Serialize;

use super::{
    Failure, Outcome, apply,
    arguments::{AliasArguments, Place, TakeApart},
    deciding::{self, Desk, Word},
    open,
};
use crate::{config::Compiled, pipeline::Context, store::aliases::Side};
use line::Said;

/// One alias as `--json` prints it.
#[derive(Serialize)]
struct Line<'a> {
    kind: &'a str,
    from: String,
    to: String,
    note: &'a str,
    /// Records that stand under it.
    records: u64,
}

/// What could not be moved yet.
#[derive(Serialize)]
struct Stays {
    source: String,
    kind: String,
    records: i64,
}

#[derive(Serialize)]
struct Listed<'a> {
    aliases: Vec<Line<'a>>,
    stays: Vec<Stays>,
}

pub(super) async fn list(place: &Place, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    let pinned = context.active().await?;
    let mut aliases = Vec::new();
    for own in pinned.rules.rulebook.aliases().all() {
        let said = of(own);
        let records = context.store.under_alias(&own.kind, &said.written()).await?;
        let to = Said { id_space: own.to_space.clone(), id: own.to_id.clone() };
        let (from, to) = (said.written(), to.written());
        aliases.push(Line { kind: &own.kind, from, to, note: &own.note, records });
    }
    let stays = context.store.alias_stays().await?;
    let stays = stays.into_iter().map(|(source, kind, records)| Stays { source, kind, records });
    let listed = Listed { aliases, stays: stays.collect() };
    let mut out = io::stdout().lock();
    if json {
        let json =
            serde_json::to_string_pretty(&listed).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    if listed.aliases.is_empty() {
        writeln!(out, "没有别名。")?;
    }
    for Line { kind, from, to, note, records } in &listed.aliases {
        writeln!(out, "{kind} {from} → {to}：{records} 条；{note}")?;
        writeln!(out, "    分开：lianwang alias undo {kind} '{from}' --why 理由")?;
    }
    for Stays { source, kind, records } in &listed.stays {
        writeln!(
            out,
            "来源 {source} 的 {kind} 还有 {records} 条没有过去：原文已清除，或现在不合格，或两个来源还没有写 priority"
        )?;
    }
    Ok(())
}

fn of(alias: &Alias) -> Said {
    Said { id_space: alias.id_space.clone(), id: alias.id.clone() }
}

pub(super) async fn join(place: &Place, asked: &AliasArguments) -> Outcome {
    let AliasArguments { kind: Some(kind), from: Some(from), to: Some(to), why: Some(why), by, .. } = asked
    else {
        return Err(Failure::Usage(
            "写全：lianwang alias 对象 原空间/原主键 归到的空间/主键 --why 理由".into(),
        ));
    };
    apply::said(&apply::Word { why, by: by.as_deref() })?;
    let (directory, compiled) = deciding::directory(place)?;
    let (from, to) = (said(from)?, said(to)?);
    let context = open::current(place).await?;
    let who = apply::who(place, by.as_deref());
    let before = compiled.revision.text(ALIASES).unwrap_or_default();
    let added = line::added(before, kind, [&from, &to], &deciding::note(&context.now(), &who, why));
    let moved = concerned(&context, kind, &from).await?;
    let word = Word { why, who: &who };
    let desk = Desk { context: &context, directory: &directory, compiled: &compiled };
    let no = desk.decide(ALIASES, &added, &word).await?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{kind} {} → {}，写进了 {}，第 {no} 号配置已启用。",
        from.written(),
        to.written(),
        directory.join(ALIASES).display()
    )?;
    writeln!(out, "{}", told(&moved, "归过去，原来的那条在接收方标记删除；引用它们的记录随之改指"))?;
    unweighed(&compiled, &moved, &concerned(&context, kind, &to).await?)
        .map_or(Ok(()), |words| writeln!(out, "{words}"))?;
    writeln!(out, "正在运行的服务会自己做，否则运行 lianwang refine，再 lianwang forward。")?;
    Ok(())
}

pub(super) async fn undo(place: &Place, asked: &TakeApart) -> Outcome {
    let TakeApart::Undo { kind, from, why, by } = asked;
    apply::said(&apply::Word { why, by: by.as_deref() })?;
    let (directory, compiled) = deciding::directory(place)?;
    let from = said(from)?;
    let context = open::current(place).await?;
    let who = apply::who(place, by.as_deref());
    let before = compiled.revision.text(ALIASES).unwrap_or_default();
    let left = line::taken_out(before, kind, &from).ok_or_else(|| {
        Failure::Usage(format!("{kind} {} 没有别名（lianwang alias 列出全部）", from.written()))
    })?;
    let records = context.store.under_alias(kind, &from.written()).await?;
    let desk = Desk { context: &context, directory: &directory, compiled: &compiled };
    let no = desk.decide(ALIASES, &left, &Word { why, who: &who }).await?;
    let mut out = io::stdout().lock();
    writeln!(out, "{kind} {} 分开了，第 {no} 号配置已启用。", from.written())?;
    writeln!(out, "{records} 条记录回到自己的主键之下；归到的那条没有别人说它时，在接收方标记删除。")?;
    writeln!(out, "正在运行的服务会自己做，否则运行 lianwang refine，再 lianwang forward。")?;
    Ok(())
}

/// `space/id` or `space/*` as it is written, its id in the normal form of the space where it has one.
fn said(text: &str) -> Result<Said, Failure> {
    let parts = text.split_once('/').filter(|(space, id)| !space.is_empty() && !id.is_empty());
    let (id_space, id) = parts.ok_or_else(|| {
        Failure::Usage(format!("{text}：要写成 空间/主键，例如 uuid/… 或 src:park/17；整个空间写 src:park/*"))
    })?;
    let id = (id != "*").then(|| normal_id(id_space, id).unwrap_or_else(|| id.to_owned()));
    Ok(Said { id_space: id_space.to_owned(), id })
}

/// Who speaks of a key, or of a space.
async fn concerned(context: &Context, kind: &str, from: &Said) -> Result<Vec<Side>, Failure> {
    Ok(context.store.standing_under(kind, &from.id_space, from.id.as_deref()).await?)
}

fn told(sides: &[Side], what: &str) -> String {
    let records: u64 = sides.iter().map(|side| side.records).sum();
    if records == 0 {
        return "现在没有这样的记录；以后来的直接归过去。".to_owned();
    }
    let of: Vec<String> = sides.iter().map(|side| format!("{} {} 条", side.source, side.records)).collect();
    format!("{records} 条记录（{}）{what}。", of.join("、"))
}

/// That they cannot be weighed against each other yet, where different sources speak of the two.
fn unweighed(compiled: &Compiled, from: &[Side], to: &[Side]) -> Option<String> {
    let mut sources: Vec<&str> = from.iter().chain(to).map(|side| side.source.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    let silent = |name: &&&str| compiled.source(name).is_none_or(|source| source.priority.is_none());
    let silent: Vec<&str> = sources.iter().filter(silent).copied().collect();
    let meets = from.iter().any(|one| to.iter().any(|other| other.source != one.source));
    (meets && !silent.is_empty()).then(|| {
        format!(
            "来源 {} 还没有写 priority：与别的来源是同一条的，写了才归过去，在此之前原样不动。",
            silent.join("、")
        )
    })
}

/// The command that joins two records, where their kind can be told deleted.
pub(super) fn command(kind: &mappings::Kind, from: &str, to: &str) -> Option<String> {
    let name = kind.name();
    let key = Key { kind: name.to_owned(), id_space: String::new(), id: String::new() };
    let differ = key.as_said(from) != key.as_said(to);
    (kind.gone().is_some() && differ).then(|| format!("lianwang alias {name} '{from}' '{to}' --why 理由"))
}
