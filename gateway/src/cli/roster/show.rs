//! `lianwang roster show`: the roster's changes, or all that it knows of one subject.

use std::io::{self, Write as _};

use chrono_tz::Tz;
use serde::Serialize;

use crate::{
    cli::{Failure, Outcome, arguments::Place, open},
    roster::{Roster, Said, Subject},
    store::roster::Changed,
};

/// Changes that are listed.
const SHOWN: u32 = 50;

/// A subject as `--json` prints it.
#[derive(Serialize)]
struct SubjectLine<'a> {
    subject: i64,
    name: &'a str,
    /// The number it goes by, where it was found to be another.
    into: Option<i64>,
    merged: Vec<i64>,
    known: Vec<Known<'a>>,
    codes: Vec<Code<'a>>,
    sites: Vec<i64>,
}

#[derive(Serialize)]
struct Known<'a> {
    sort: &'a str,
    name: &'a str,
    region: &'a str,
    industry: &'a str,
    scale: &'a str,
    state: &'a str,
    parent: Option<i64>,
    when: String,
    source: &'a str,
}

#[derive(Serialize)]
struct Code<'a> {
    scheme: &'a str,
    value: &'a str,
    when: String,
    source: &'a str,
}

pub(super) async fn changes(place: &Place, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    let all = context.store.roster_changes(SHOWN).await?;
    let mut out = io::stdout().lock();
    if json {
        let json = serde_json::to_string_pretty(&all).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    if all.is_empty() {
        writeln!(out, "名册还是空的：先收一份（lianwang roster take 名册.xlsx）。")?;
    }
    let zone = open::hub(open::directory(place).as_deref())?.zone;
    all.iter().try_for_each(|one| writeln!(out, "{}", shown_change(one, zone)))?;
    Ok(())
}

pub(super) async fn one(place: &Place, subject: &str, under: Option<i64>, json: bool) -> Outcome {
    let context = open::reading(place).await?;
    let number = match under {
        Some(number) => number,
        None => context.store.roster_number().await?,
    };
    let roster = context.store.roster(number).await?;
    let subject = roster.named(subject).map_err(Failure::Usage)?;
    let zone = open::hub(open::directory(place).as_deref())?.zone;
    let line = line(&roster, subject, zone);
    let mut out = io::stdout().lock();
    if json {
        let json = serde_json::to_string_pretty(&line).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
        return Ok(());
    }
    writeln!(out, "{}", shown(&line, &roster))?;
    Ok(())
}

fn shown_change(one: &Changed, zone: Tz) -> String {
    let Changed { no, what, why, who, at, .. } = one;
    let at = at.with_timezone(&zone).format("%Y-%m-%d %H:%M");
    let how = match one.how.as_str() {
        "take" => "收名册",
        "confirm" => "定归属",
        "merge" => "合并主体",
        "undo" => "撤销",
        other => other,
    };
    let undone = one.undone_by.map(|by| format!("；已由第 {by} 号撤销")).unwrap_or_default();
    let said = [who.as_str(), why.as_str()].join(" ");
    format!("第 {no} 号 {at} {how} {what}（{}）{undone}", said.trim())
}

fn line(roster: &Roster, subject: i64, zone: Tz) -> SubjectLine<'_> {
    let known = roster.subjects.iter().filter(|row| row.subject == subject);
    let codes = roster.identifiers.iter().filter(|row| row.subject == subject);
    let merged = roster.merges.iter().filter(|row| row.into == subject);
    let is_site_here = |row: &&Subject| row.said.parent.is_some_and(|parent| roster.root(parent) == subject);
    let mut sites: Vec<i64> = roster.subjects.iter().filter(is_site_here).map(|row| row.subject).collect();
    sites.dedup();
    SubjectLine {
        subject,
        name: roster.name(subject),
        into: Some(roster.root(subject)).filter(|root| *root != subject),
        merged: merged.map(|row| row.subject).collect(),
        known: known.map(|row| known_line(row, zone)).collect(),
        codes: codes
            .map(|row| Code {
                scheme: &row.scheme,
                value: &row.value,
                when: row.span.shown(zone),
                source: &row.source,
            })
            .collect(),
        sites,
    }
}

fn known_line(row: &Subject, zone: Tz) -> Known<'_> {
    let Said { sort, name, region, industry, scale, state, parent, .. } = &row.said;
    Known {
        sort,
        name,
        region,
        industry,
        scale,
        state,
        parent: *parent,
        when: row.span.shown(zone),
        source: &row.source,
    }
}

fn shown(line: &SubjectLine<'_>, roster: &Roster) -> String {
    let named = |subject: &i64| format!("{subject} {}", roster.name(*subject));
    let mut lines = vec![format!("主体 {} {}", line.subject, line.name)];
    if let Some(into) = &line.into {
        lines.push(format!("  已并入 {}", named(into)));
    }
    for known in &line.known {
        let Known { sort, name, region, industry, scale, state, parent, when, source } = known;
        let said = [
            ("", *sort),
            ("", *name),
            ("行政区划 ", *region),
            ("行业 ", *industry),
            ("规模 ", *scale),
            ("", *state),
        ];
        let mut said: Vec<String> = said
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(word, text)| format!("{word}{text}"))
            .collect();
        said.extend(parent.as_ref().map(|parent| format!("上级 {}", named(parent))));
        lines.push(format!("  {}{}（{source}）", said.join("，"), days(when)));
    }
    for Code { scheme, value, when, source } in &line.codes {
        lines.push(format!("  编码 {scheme}:{value}{}（{source}）", days(when)));
    }
    lines.extend(line.merged.iter().map(|one| format!("  并入它的 {}", named(one))));
    lines.extend(line.sites.iter().map(|one| format!("  下属 {}", named(one))));
    lines.join("\n")
}

fn days(when: &str) -> String {
    if when.is_empty() { String::new() } else { format!(" {when}") }
}

#[cfg(test)]
mod tests;
