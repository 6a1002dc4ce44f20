//! What a roster comes to, in words: bad cells, then what would change.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use adapters::codec::xlsx::cell_name;
use chrono_tz::Tz;

use crate::roster::{
    Roster,
    plan::{Plan, difference},
    sheet::{Fault, Reading},
};

/// Lines shown of each sort of change.
const SHOWN: usize = 20;
/// Bad cells shown.
const FAULTS: usize = 200;

/// What is wrong with a sheet, cell by cell, and what is worth a look.
pub(super) fn reading(reading: &Reading, sheet: &str, out: &mut impl Write) -> io::Result<()> {
    for notice in reading.notices.iter().take(SHOWN) {
        writeln!(out, "注意：{notice}")?;
    }
    for fault in reading.faults.iter().take(FAULTS) {
        writeln!(out, "{}：{}", place(fault, sheet), fault.what)?;
    }
    more(reading.faults.len(), FAULTS, out)
}

fn place(fault: &Fault, sheet: &str) -> String {
    match (fault.line, fault.column) {
        (0, _) => sheet.to_owned(),
        (line, Some(column)) => format!("{sheet}!{}", cell_name(column, line)),
        (line, None) => format!("{sheet} 第 {line} 行"),
    }
}

fn more(all: usize, shown: usize, out: &mut impl Write) -> io::Result<()> {
    if all > shown { writeln!(out, "  …… 还有 {} 处", all - shown) } else { Ok(()) }
}

/// What a plan changes in the roster.
pub(super) fn plan(plan: &Plan, roster: &Roster, zone: Tz, out: &mut impl Write) -> io::Result<()> {
    if plan.change.is_empty() {
        return writeln!(out, "名册没有变化：{} 行都已经是这样。", plan.same);
    }
    let Plan { new, changed, coded, ended, same, .. } = plan;
    writeln!(
        out,
        "新增 {} 个主体、{} 个编码；变更 {} 个主体；终止 {} 个编码；{same} 行不变",
        new.len(),
        coded.len(),
        changed.len(),
        ended.len()
    )?;
    let after = Names { plan, roster };
    let list = |sign: &str, lines: Vec<String>, out: &mut dyn Write| -> io::Result<()> {
        lines.iter().take(SHOWN).try_for_each(|line| writeln!(out, "  {sign} {line}"))?;
        if lines.len() > SHOWN {
            writeln!(out, "  …… 还有 {} 个", lines.len() - SHOWN)
        } else {
            Ok(())
        }
    };
    list("+", new.iter().rev().map(|subject| after.of_new(*subject)).collect(), out)?;
    list("~", changed.iter().map(|subject| after.of_changed(*subject)).collect(), out)?;
    let of_known = coded.iter().filter(|(subject, _)| *subject > 0);
    list("+", of_known.map(|(subject, code)| after.code(*subject, code, zone)).collect(), out)?;
    list("-", ended.iter().map(|(subject, code)| after.code(*subject, code, zone)).collect(), out)
}

struct Names<'a> {
    plan: &'a Plan,
    roster: &'a Roster,
}

impl Names<'_> {
    fn name(&self, subject: i64) -> String {
        let own =
            self.plan.change.subjects.iter().rev().find(|row| row.subject == subject).map(|row| &row.said);
        own.or_else(|| self.roster.said(subject, i64::MAX)).map(|said| said.name.clone()).unwrap_or_default()
    }

    fn of_new(&self, subject: i64) -> String {
        let said = self.plan.change.subjects.iter().find(|row| row.subject == subject);
        let codes: Vec<String> = self
            .plan
            .change
            .identifiers
            .iter()
            .filter(|row| row.subject == subject)
            .map(|row| format!("{}:{}", row.scheme, row.value))
            .collect();
        let sort = said.map_or("", |row| row.said.sort.as_str());
        format!("{sort} {}（{}）", self.name(subject), codes.join("，"))
    }

    fn of_changed(&self, subject: i64) -> String {
        let new = self.plan.change.subjects.iter().rfind(|row| row.subject == subject);
        let old = new.and_then(|new| self.roster.said(subject, new.span.from));
        let what = old.zip(new).map(|(old, new)| difference(old, &new.said)).unwrap_or_default();
        let what = if what.is_empty() { "起止".to_owned() } else { what };
        format!("{}：{what}", self.name(subject))
    }

    fn code(&self, subject: i64, code: &str, zone: Tz) -> String {
        let rows = self.plan.change.identifiers.iter();
        let own =
            rows.filter(|row| row.subject == subject && format!("{}:{}", row.scheme, row.value) == code);
        let spans: BTreeMap<i64, String> = own.map(|row| (row.span.from, row.span.shown(zone))).collect();
        let spans: Vec<String> = spans.into_values().filter(|span| !span.is_empty()).collect();
        format!("{code} {} {}", self.name(subject), spans.join("、")).trim_end().to_owned()
    }
}
