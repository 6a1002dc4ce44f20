//! `lianwang codes`: words that no table knows, and deciding once what one of them means. A decision is a line in a table
//! of the configuration directory, activated like any other change; `refine` then lets go what waited for it.

mod line;

use std::{
    io::{self, Write as _},
    path::Path,
};

use chrono_tz::Tz;
use mappings::CodeTable;
use serde::Serialize;

use super::{
    Failure, Outcome, apply,
    arguments::{Decide, Place},
    deciding::{self, Desk, Word},
    open,
};
use crate::{
    config::Compiled,
    pipeline::{
        Context,
        inbox::{self, UnknownCode},
    },
};

/// One line as `--json` prints it.
#[derive(Serialize)]
struct Line<'a> {
    source: &'a str,
    table: Option<&'a str>,
    canonical: &'a str,
    field: &'a str,
    value: &'a str,
    count: u64,
    since: String,
    samples: &'a [String],
    guesses: &'a [(String, String)],
}

pub(super) async fn inbox(place: &Place, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    let found = inbox::unknown_codes(&context).await?;
    let mut out = io::stdout().lock();
    if json {
        let lines: Vec<Line<'_>> = found.iter().map(of).collect();
        let json = serde_json::to_string_pretty(&lines).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    if found.is_empty() {
        writeln!(out, "没有待定的代码。")?;
    }
    let zone = open::hub(open::directory(place).as_deref())?.zone;
    for unknown in &found {
        writeln!(out, "{}", shown(unknown, zone))?;
    }
    Ok(())
}

fn of(unknown: &UnknownCode) -> Line<'_> {
    Line {
        source: &unknown.source,
        table: unknown.table.as_deref(),
        canonical: &unknown.canonical,
        field: &unknown.field,
        value: &unknown.value,
        count: unknown.count,
        since: unknown.since.to_rfc3339(),
        samples: &unknown.samples,
        guesses: &unknown.guesses,
    }
}

fn shown(unknown: &UnknownCode, zone: Tz) -> String {
    let since = unknown.since.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    let UnknownCode { source, field, value, count, .. } = unknown;
    let samples = unknown.samples.join("、");
    let guesses: Vec<String> =
        unknown.guesses.iter().map(|(code, label)| format!("{code} {label}")).collect();
    let meant =
        if guesses.is_empty() { String::new() } else { format!("    像是：{}\n", guesses.join("、")) };
    let how = match &unknown.table {
        Some(table) => {
            let code = unknown.guesses.first().map_or("代码", |(code, _)| code.as_str());
            format!("    定下来：lianwang codes map {source} {table} '{value}' {code} --why 理由\n")
        }
        None => format!("    这个字段没有对照表：在映射里为 {field} 写上 table = \"…\"（from,code），再定\n"),
    };
    format!("{source} 的“{value}”（{field}）：{count} 条待定，最早 {since}，例如 {samples}\n{meant}{how}")
}

pub(super) async fn map(place: &Place, asked: &Decide) -> Outcome {
    let Decide::Map { source, table, value, code, why, by } = asked;
    apply::said(&apply::Word { why, by: by.as_deref() })?;
    let (directory, compiled) = deciding::directory(place)?;
    canonical_code(&compiled, source, table, code)?;
    let context = open::current(place).await?;
    let who = apply::who(place, by.as_deref());
    let decision = Decision { source, table, value, code, why, who: &who };
    let decided = decide(&context, &directory, &compiled, &decision).await?;
    writeln!(io::stdout(), "{decided}正在运行的服务会自己放行，否则运行 lianwang refine。")?;
    Ok(())
}

/// What somebody decided a word means.
pub(super) struct Decision<'d> {
    pub(super) source: &'d str,
    pub(super) table: &'d str,
    pub(super) value: &'d str,
    /// A canonical code, or its label.
    pub(super) code: &'d str,
    pub(super) why: &'d str,
    pub(super) who: &'d str,
}

/// Writes a decision into the directory's table and makes the directory active; what came of it, in Chinese.
///
/// # Errors
/// When there is no such table or code, the word is known, the directory would not hold, or differs from what is active.
pub(super) async fn decide(
    context: &Context,
    directory: &Path,
    compiled: &Compiled,
    decision: &Decision<'_>,
) -> Result<String, Failure> {
    let Decision { source, table, value, why, who, .. } = decision;
    let code = canonical_code(compiled, source, table, decision.code)?;
    let waiting = waiting(context, source, table, value).await?;
    let path = format!("tables/{table}.csv");
    let before = compiled.revision.text(&path).unwrap_or_default();
    let note = deciding::note(&context.now(), who, why);
    let added = line::added(before, value, &code, &note).map_err(Failure::Usage)?;
    let desk = Desk { context, directory, compiled };
    let no = desk.decide(&path, &added, &Word { why, who }).await?;
    let file = directory.join(&path);
    Ok(format!(
        "{table}：“{value}” → {code}，写进了 {}，第 {no} 号配置已启用。{waiting} 条待定记录在等它：",
        file.display()
    ))
}

/// The code meant, by itself or by its label, of the canonical table behind a source's table.
fn canonical_code(compiled: &Compiled, source: &str, table: &str, code: &str) -> Result<String, Failure> {
    let canonical = behind(compiled, source, table)?;
    if canonical.has(code) {
        return Ok(code.to_owned());
    }
    let by_label = canonical.codes().find(|(_, label)| *label == code).map(|(code, _)| code.to_owned());
    by_label.ok_or_else(|| {
        let all: Vec<String> =
            canonical.codes().take(40).map(|(code, label)| format!("{code} {label}")).collect();
        Failure::Usage(format!("代码表 {} 里没有 {code}；可用：{}", canonical.name(), all.join("、")))
    })
}

fn behind<'c>(compiled: &'c Compiled, source: &str, table: &str) -> Result<&'c CodeTable, Failure> {
    let mappings: Vec<_> =
        compiled.rulebook.mappings().iter().filter(|mapping| mapping.source() == source).collect();
    if mappings.is_empty() {
        return Err(Failure::Usage(format!("没有来源 {source}")));
    }
    let used = mappings
        .iter()
        .flat_map(|mapping| mapping.shape().fields().iter().filter_map(|field| mapping.codes(field.name())));
    let mut names: Vec<&str> = used.clone().filter_map(|codes| codes.words).collect();
    names.sort_unstable();
    names.dedup();
    let found = used.clone().find(|codes| codes.words == Some(table)).map(|codes| codes.table);
    found.ok_or_else(|| {
        Failure::Usage(format!("来源 {source} 没有用到对照表 {table}；它用的是：{}", names.join("、")))
    })
}

async fn waiting(context: &Context, source: &str, table: &str, value: &str) -> Result<u64, Failure> {
    if context.store.active_activation().await?.is_none() {
        return Ok(0);
    }
    let found = inbox::unknown_codes(context).await?;
    let mine = |unknown: &&UnknownCode| {
        unknown.source == source && unknown.table.as_deref() == Some(table) && unknown.value == value
    };
    Ok(found.iter().find(mine).map_or(0, |unknown| unknown.count))
}
