//! What was found in a file, for people and as JSON.

use std::{
    io::{self, Write},
    path::Path,
};

use mappings::{Issue, Level};
use serde::Serialize;

use crate::{cli::clause, pipeline::file::Place};

/// What an issue of a level comes to.
pub(in crate::cli) const fn level_word(level: Level) -> &'static str {
    match level {
        Level::Reject => "退回",
        Level::Hold => "待定",
        Level::Warn => "提示",
    }
}

/// Most faults that are printed for people.
const MOST: usize = 200;

/// What a file comes to.
#[derive(Debug, Default, Serialize)]
pub(in crate::cli) struct Told {
    /// Records.
    pub(in crate::cli) found: u64,
    /// Good, or with warnings only.
    pub(in crate::cli) accepted: u64,
    /// Somebody at the hub must decide.
    pub(in crate::cli) held: u64,
    /// Their sender must mend them.
    pub(in crate::cli) rejected: u64,
    /// Records whose id stood in the file before.
    pub(in crate::cli) repeated: u64,
    /// What its service allows of a file, where that is more: the hub holds all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) over_limit: Option<String>,
    /// Columns of a workbook that nothing reads.
    pub(in crate::cli) unread: Vec<String>,
    pub(super) faults: Vec<Fault>,
}

/// One thing that is wrong.
#[derive(Debug, Serialize)]
pub(super) struct Fault {
    /// `line:column`, or `sheet!cell`.
    at: String,
    /// Path in the sender's words.
    place: String,
    /// Our field.
    field: String,
    level: Level,
    code: String,
    /// As written, masked if personal.
    value: String,
    message: String,
    advice: String,
    /// What it rests on.
    clause: Option<String>,
}

impl Fault {
    pub(in crate::cli) fn of(issue: &Issue, clause: Option<&str>, place: &Place) -> Self {
        Self {
            at: place.to_string(),
            place: issue.place.clone(),
            field: issue.field.clone(),
            level: issue.level,
            code: issue.code.clone(),
            value: issue.value.clone(),
            message: issue.message.clone(),
            advice: issue.advice.clone(),
            clause: clause.map(clause::told),
        }
    }

    pub(in crate::cli) fn unreadable(place: &Place, what: String) -> Self {
        Self {
            at: place.to_string(),
            place: String::new(),
            field: String::new(),
            level: Level::Reject,
            code: "unreadable".to_owned(),
            value: String::new(),
            message: what,
            advice: "这一条读不出来，请修正写法后重发".to_owned(),
            clause: None,
        }
    }

    /// What stands where; a rule between fields looks at several places.
    fn written(&self) -> Vec<(&str, &str)> {
        let (places, values): (Vec<&str>, Vec<&str>) =
            (self.place.split(',').collect(), self.value.split(", ").collect());
        match places.as_slice() {
            [""] => Vec::new(),
            [_, _, ..] if places.len() == values.len() => places.into_iter().zip(values).collect(),
            _ => vec![(&self.place, &self.value)],
        }
    }

    fn print(&self, file: &Path, out: &mut impl Write) -> io::Result<()> {
        let level = level_word(self.level);
        writeln!(out, "{level} {}：{}", self.code, self.message)?;
        writeln!(out, "  --> {}:{}", file.display(), self.at)?;
        for (place, value) in self.written() {
            writeln!(out, "   | {place} = {}", if value.is_empty() { "（空）" } else { value })?;
        }
        writeln!(out, "   = 怎么改：{}", self.advice)?;
        if let Some(clause) = &self.clause {
            writeln!(out, "   = 依据：{clause}")?;
        }
        writeln!(out)
    }
}

impl Told {
    /// Whether the hub would take every record.
    pub(in crate::cli) fn is_clean(&self) -> bool {
        self.held == 0 && self.rejected == 0
    }

    pub(in crate::cli) fn print(&self, file: &Path, out: &mut impl Write) -> io::Result<()> {
        for fault in self.faults.iter().take(MOST) {
            fault.print(file, out)?;
        }
        if self.faults.len() > MOST {
            writeln!(out, "……还有 {} 处，用 --json 看全部\n", self.faults.len() - MOST)?;
        }
        if !self.unread.is_empty() {
            writeln!(out, "没有用到的列：{}", self.unread.join("、"))?;
        }
        if let Some(allowed) = &self.over_limit {
            writeln!(
                out,
                "退回的超过这个服务的上限（{allowed}）：收下后整批待定，改正后重发，或由本中心放行"
            )?;
        }
        let Self { found, accepted, held, rejected, repeated, .. } = self;
        write!(
            out,
            "共 {found} 条：可接收 {accepted}，待定 {held}，退回 {rejected}；问题 {} 处",
            self.faults.len()
        )?;
        writeln!(
            out,
            "{}",
            if *repeated > 0 {
                format!("；{repeated} 条的主键在前面出现过")
            } else {
                String::new()
            }
        )
    }
}

#[cfg(test)]
mod tests;
