//! Reads code tables: `code,label` for ours, `from,code` for a source's; further columns are notes, `#` begins a comment.
//! Leaves whether a source's codes exist to the mapping that uses the table.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use csv::{ReaderBuilder, StringRecord, Trim};
use regex::Regex;

use super::reader::{RuleText, Text};
use crate::{
    digest::{Digest, Digester},
    problem::Problem,
    rulebook::RuleFile,
    suggest::did_you_mean,
    table::{CodeTable, SourceTable},
};

/// All code tables by name.
#[derive(Default)]
pub(super) struct Tables<'f> {
    canonical: BTreeMap<&'f str, Arc<CodeTable>>,
    sources: BTreeMap<&'f str, SourceSheet<'f>>,
    digests: BTreeMap<&'f str, Digest>,
    /// Patterns compiled already: a common field's is asked for once a kind and profile.
    patterns: RefCell<HashMap<String, Regex>>,
}

/// A source's table with the places of its codes.
struct SourceSheet<'f> {
    table: Arc<SourceTable>,
    text: RuleText<'f>,
    /// Code and the byte where it stands.
    codes: Vec<(String, usize)>,
}

/// One line of a table.
struct Line {
    first: String,
    second: String,
    /// Bytes where they stand.
    at: [usize; 2],
}

impl<'f> Tables<'f> {
    pub(super) fn read(files: &'f [RuleFile], problems: &mut Vec<Problem>) -> Self {
        let mut tables = Self::default();
        for file in files {
            let name = file.path.strip_prefix("tables/").and_then(|rest| rest.strip_suffix(".csv"));
            if let Some(name) = name.filter(|name| !name.contains('/')) {
                tables.read_one(name, RuleText { path: &file.path, text: &file.text }, problems);
            }
        }
        tables
    }

    fn read_one(&mut self, name: &'f str, text: RuleText<'f>, problems: &mut Vec<Problem>) {
        let (header, lines) = lines(&text, problems);
        let header: Vec<&str> = header.iter().take(2).map(String::as_str).collect();
        let mut digester = Digester::new("table");
        digester.text(text.text);
        self.digests.insert(name, digester.finish());
        match header.as_slice() {
            ["code", "label"] => {
                let lines = unique(&text, lines, problems);
                let codes = lines.into_iter().map(|line| (line.first, line.second)).collect();
                self.canonical.insert(name, Arc::new(CodeTable::new(name, codes)));
            }
            ["from", "code"] => {
                let lines = unique(&text, lines, problems);
                let codes = lines.iter().map(|line| (line.second.clone(), line.at[1])).collect();
                let pairs: HashMap<Box<str>, Box<str>> =
                    lines.into_iter().map(|line| (line.first.into(), line.second.into())).collect();
                let table = Arc::new(SourceTable { name: name.to_owned(), codes: pairs });
                self.sources.insert(name, SourceSheet { table, text, codes });
            }
            _ => problems.push(text.error(
                0,
                "第一行应当是 code,label（我们的代码表）或 from,code（对方的对照表）",
                None,
            )),
        }
    }

    /// The canonical table a text names.
    pub(super) fn canonical(&self, name: Text<'_>, problems: &mut Vec<Problem>) -> Option<Arc<CodeTable>> {
        let found = self.canonical.get(name.value).cloned();
        if found.is_none() {
            let hint = did_you_mean(name.value, self.canonical.keys().copied());
            problems.push(name.error(format!("没有代码表 tables/{}.csv（code,label）", name.value), hint));
        }
        found
    }

    /// The source's table a text names, for a field of this canonical table.
    pub(super) fn source(
        &self,
        name: Text<'_>,
        canonical: &CodeTable,
        problems: &mut Vec<Problem>,
    ) -> Option<Arc<SourceTable>> {
        let Some(sheet) = self.sources.get(name.value) else {
            let hint = did_you_mean(name.value, self.sources.keys().copied());
            problems.push(name.error(format!("没有对照表 tables/{}.csv（from,code）", name.value), hint));
            return None;
        };
        for (code, at) in sheet.codes.iter().filter(|(code, _)| !canonical.has(code)) {
            let hint = did_you_mean(code, canonical.codes().map(|(code, _)| code))
                .unwrap_or_else(|| format!("可用：{}", canonical.shown()));
            let message = format!("代码表 {} 里没有代码 {code}", canonical.name());
            problems.push(sheet.text.error(*at, message, Some(hint)));
        }
        Some(sheet.table.clone())
    }

    /// A pattern, compiled once.
    pub(super) fn pattern(&self, written: &str) -> Result<Regex, regex::Error> {
        if let Some(known) = self.patterns.borrow().get(written) {
            return Ok(known.clone());
        }
        let pattern = Regex::new(written)?;
        self.patterns.borrow_mut().insert(written.to_owned(), pattern.clone());
        Ok(pattern)
    }

    /// Of a table's file.
    pub(super) fn digest(&self, name: &str) -> Digest {
        self.digests.get(name).copied().unwrap_or_default()
    }
}

/// Header and lines.
fn lines(text: &RuleText<'_>, problems: &mut Vec<Problem>) -> (Vec<String>, Vec<Line>) {
    let bytes = text.text.trim_start_matches('\u{feff}');
    let skipped = text.text.len() - bytes.len();
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(Trim::All)
        .from_reader(bytes.as_bytes());
    let mut header = None;
    let mut lines = Vec::new();
    for record in reader.records() {
        match record {
            Err(error) => {
                let at = error.position().map_or(0, offset);
                problems.push(text.error(skipped + at, "这一行读不出来", Some(error.to_string())));
            }
            Ok(record) if header.is_none() => header = Some(record.iter().map(str::to_owned).collect()),
            Ok(record) => lines.extend(line(text, &record, skipped, problems)),
        }
    }
    (header.unwrap_or_default(), lines)
}

fn line(
    text: &RuleText<'_>,
    record: &StringRecord,
    skipped: usize,
    problems: &mut Vec<Problem>,
) -> Option<Line> {
    let start = skipped + record.position().map_or(0, offset);
    let (Some(first), Some(second)) = (record.get(0), record.get(1)) else {
        problems.push(text.error(start, "这一行少了一列", None));
        return None;
    };
    if first.is_empty() || (second.is_empty() && record.len() < 2) {
        problems.push(text.error(start, "第一列不能为空", None));
        return None;
    }
    let written = text.text.get(start..).unwrap_or_default();
    let second_at = written.find(',').map_or(0, |comma| {
        let rest = written.get(comma + 1..).unwrap_or_default();
        comma + 1 + (rest.len() - rest.trim_start().len())
    });
    Some(Line { first: first.to_owned(), second: second.to_owned(), at: [start, start + second_at] })
}

/// The first of lines with the same first column; the others are problems.
fn unique(text: &RuleText<'_>, lines: Vec<Line>, problems: &mut Vec<Problem>) -> Vec<Line> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut kept = Vec::new();
    for line in lines {
        if seen.insert(line.first.clone(), line.at[0]).is_some() {
            problems.push(text.error(
                line.at[0],
                format!("{} 写了两行", line.first),
                Some("请只留一行".to_owned()),
            ));
        } else {
            kept.push(line);
        }
    }
    kept
}

fn offset(position: &csv::Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
