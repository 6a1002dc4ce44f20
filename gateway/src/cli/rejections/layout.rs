//! One row of a rejection sheet: the sender's cells under their own words, then what is wrong with them. Leaves writing to
//! `written`.

use std::collections::HashMap;

use adapters::{
    Form, SourceRecord,
    codec::xlsx::{Head, Mark, MarkedCell, fitting},
};
use chrono_tz::Tz;
use mappings::{Field, Issue, Level, Mapping, mask};

use crate::{
    cli::clause,
    pipeline::rejections::{
        Body, Column, List, Row, each_column, width_of,
        words::{MASKED, Word, theirs},
    },
    store::verdicts::Verdict,
};

/// The columns of one list.
pub(super) struct Layout {
    /// The sender's words.
    pub(super) theirs: Vec<String>,
    by_column: HashMap<Column, usize>,
    ours: Vec<Word>,
    /// What is told of each of the sender's words, and how wide its cells are.
    looks: Vec<(String, u16)>,
    /// What is known of the paths that are read; `None`: nothing is masked.
    masks: Option<HashMap<String, Option<String>>>,
    /// The mark of the id.
    id_mark: Option<String>,
    zone: Tz,
}

/// A row's cells and which of the sender's are wrong.
pub(super) struct Line {
    pub(super) cells: Vec<MarkedCell>,
    pub(super) wrong: Vec<String>,
}

impl Layout {
    /// `as_text`: cells cannot be marked, so a column says which are wrong.
    pub(super) fn new(list: &List, mapping: Option<&Mapping>, zone: Tz, masked: bool, as_text: bool) -> Self {
        let ours = [
            (Word::Raw, list.has_unreadable),
            (Word::More, list.has_more),
            (Word::Verdict, true),
            (Word::Issues, true),
            (Word::Clause, true),
            (Word::Times, true),
            (Word::Last, true),
            (Word::Id, true),
            (Word::Wrong, as_text),
            (Word::Receipt, true),
            (Word::Lists, true),
        ];
        let known = mapping.into_iter().flat_map(Mapping::paths);
        let masks = known.map(|(path, mark)| (path.to_owned(), mark.map(str::to_owned))).collect();
        let id_mark = mapping.and_then(|mapping| mapping.shape().field("id")?.personal());
        Self {
            theirs: theirs(&list.columns),
            looks: list
                .columns
                .iter()
                .zip(&list.widths)
                .map(|(column, width)| (labels(mapping, column), *width))
                .collect(),
            by_column: list.columns.iter().cloned().zip(0..).collect(),
            ours: ours.into_iter().filter_map(|(word, wanted)| wanted.then_some(word)).collect(),
            masks: masked.then_some(masks),
            id_mark: id_mark.map(str::to_owned),
            zone,
        }
    }

    /// The columns' words.
    pub(super) fn heads(&self) -> Vec<Head> {
        let theirs = self.theirs.iter().zip(&self.looks).map(|(word, (note, cells))| Head {
            word: word.clone(),
            hidden: false,
            width: wide(word, *cells),
            note: note.clone(),
        });
        let ours = self.ours.iter().map(|word| Head {
            note: String::new(),
            hidden: matches!(word, Word::Receipt | Word::Lists),
            width: match word {
                Word::Issues | Word::Raw | Word::More => 60,
                Word::Clause | Word::Id => 34,
                Word::Last => 17,
                _ => 10,
            },
            word: word.among(&self.theirs),
        });
        theirs.chain(ours).collect()
    }

    /// A row.
    pub(super) fn line(&self, row: &Row<'_>) -> Line {
        let mut cells = vec![MarkedCell::default(); self.theirs.len()];
        let (mut more, mut lists) = (Vec::new(), Vec::new());
        if let Body::Record(record) = row.body {
            self.fill(record, &mut cells, &mut more, &mut lists);
        }
        for (issue, _) in &row.issues {
            self.mark(issue, &mut cells);
        }
        let bad = cells.iter().zip(&self.theirs).filter(|(cell, _)| cell.mark > Mark::Noticed);
        let wrong: Vec<String> = bad.map(|(_, word)| word.clone()).collect();
        let said = |word: &Word| match word {
            Word::Raw => self.raw(row),
            Word::More => more.join("\n"),
            Word::Verdict => verdict(row.verdict).to_owned(),
            Word::Issues => problems(row),
            Word::Clause => clauses(row),
            Word::Times => row.times.to_string(),
            Word::Last => row.received_at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M").to_string(),
            Word::Id => self.id(row),
            Word::Wrong => wrong.join("、"),
            Word::Receipt if self.is_masked() => MASKED.to_owned(),
            Word::Receipt => format!("{}/{}", row.at.0, row.at.1),
            Word::Lists => lists.join("\n"),
        };
        let ours: Vec<String> = self.ours.iter().map(said).collect();
        cells.extend(ours.into_iter().map(|text| MarkedCell { text, ..MarkedCell::default() }));
        Line { cells, wrong }
    }

    fn fill(
        &self,
        record: &SourceRecord<'_>,
        cells: &mut [MarkedCell],
        more: &mut Vec<String>,
        lists: &mut Vec<String>,
    ) {
        each_column(record, &mut |column, number| {
            let Some((path, raw)) = record.fields.get(number) else { return };
            let shown = self.shown(path, &raw.text);
            match self
                .by_column
                .get(&column)
                .and_then(|at| Some((cells.get_mut(*at)?, self.theirs.get(*at)?)))
            {
                Some((cell, word)) => {
                    if raw.form == Form::Nested {
                        lists.push(word.clone());
                    }
                    cell.text = shown;
                }
                None => more.push(format!("{path} = {shown}")),
            }
        });
    }

    /// A value as it may be shown: what nobody reads is not known, so it is masked whole.
    pub(super) fn shown(&self, path: &str, text: &str) -> String {
        match self.masks.as_ref().map(|masks| masks.get(path)) {
            None | Some(Some(None)) => text.to_owned(),
            Some(Some(Some(mark))) => mask(Some(mark), text),
            Some(None) => mask(Some("other"), text),
        }
    }

    /// The words a row's issue speaks of.
    fn mark(&self, issue: &Issue, cells: &mut [MarkedCell]) {
        let mark = match issue.level {
            Level::Reject => Mark::Wrong,
            Level::Hold => Mark::Open,
            Level::Warn => Mark::Noticed,
        };
        let note = format!("{}\n怎么改：{}", issue.message, issue.advice);
        let whole = self.by_column.contains_key(&Column { path: issue.place.clone(), nth: 1 });
        let paths = if whole { vec![issue.place.as_str()] } else { issue.place.split(',').collect() };
        for path in paths {
            // a path that was said again is wrong wherever it stands
            for nth in 1.. {
                let column = Column { path: path.to_owned(), nth };
                let Some(cell) = self.by_column.get(&column).and_then(|at| cells.get_mut(*at)) else { break };
                if nth > 1 && cell.text.is_empty() {
                    continue;
                }
                cell.mark = cell.mark.max(mark);
                if !cell.note.is_empty() {
                    cell.note.push('\n');
                }
                cell.note.push_str(&note);
            }
        }
    }

    /// The id, if it may be shown.
    pub(super) fn id(&self, row: &Row<'_>) -> String {
        match (&self.masks, &self.id_mark) {
            (Some(_), Some(mark)) => mask(Some(mark), row.id),
            _ => row.id.to_owned(),
        }
    }

    /// The text of what cannot be read, if it may be shown.
    pub(super) fn raw(&self, row: &Row<'_>) -> String {
        let Body::Unreadable(bytes) = row.body else { return String::new() };
        if self.masks.is_some() {
            return mask(Some("other"), "x");
        }
        fitting(&String::from_utf8_lossy(bytes)).into_owned()
    }

    /// Whether persons are masked.
    pub(super) fn is_masked(&self) -> bool {
        self.masks.is_some()
    }

    /// The word of a column.
    pub(super) fn word(&self, column: &Column) -> Option<&str> {
        self.theirs.get(*self.by_column.get(column)?).map(String::as_str)
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "待定",
        Verdict::Accepted => "请改正",
        Verdict::Rejected | Verdict::Unchanged => "退回",
    }
}

/// All that is wrong, a line each.
fn problems(row: &Row<'_>) -> String {
    let gone = if let Body::Gone(why) = row.body {
        Some(format!("原来的内容拿不到了：{why}"))
    } else {
        None
    };
    let told = row.issues.iter().map(|(issue, _)| problem(issue));
    let none = row.issues.is_empty().then(|| "当时的说明已按保留规则清除".to_owned());
    let lines: Vec<String> = gone.into_iter().chain(told).chain(none).collect();
    numbered(&lines)
}

fn problem(issue: &Issue) -> String {
    let Issue { place, value, message, advice, .. } = issue;
    let level = match issue.level {
        Level::Reject => "",
        Level::Hold => "（待定）",
        Level::Warn => "（提示）",
    };
    let said = match (place.is_empty(), value.is_empty()) {
        (true, true) => String::new(),
        (true, false) => format!("“{value}”："),
        (false, true) => format!("{place} 没有写："),
        (false, false) => format!("{place} 写了“{value}”："),
    };
    let ought = if advice.starts_with(['请', '应']) { "" } else { "应当：" };
    format!("{level}{said}{message}。{ought}{advice}")
}

fn clauses(row: &Row<'_>) -> String {
    let mut clauses: Vec<String> = Vec::new();
    for clause in row.issues.iter().filter_map(|(_, clause)| clause.as_deref()).map(clause::told) {
        if !clauses.contains(&clause) {
            clauses.push(clause);
        }
    }
    clauses.join("\n")
}

fn numbered(lines: &[String]) -> String {
    match lines {
        [one] => one.clone(),
        several => {
            let each = (1..).zip(several).map(|(n, line)| format!("{n}. {line}"));
            each.collect::<Vec<_>>().join("\n")
        }
    }
}

/// What the hub makes of a column, by the labels of its fields.
fn labels(mapping: Option<&Mapping>, column: &Column) -> String {
    let Some(mapping) = mapping else { return String::new() };
    let labels: Vec<&str> = mapping.made_of(&column.path).map(Field::label).collect();
    labels.join("、")
}

/// Characters a column of this word is wide, whose widest cell is so wide.
fn wide(word: &str, cells: u16) -> u16 {
    width_of(word).max(cells).clamp(MOST_NARROW, MOST_WIDE) + 3
}

/// Widths of a column of the sender's.
const MOST_NARROW: u16 = 8;
const MOST_WIDE: u16 = 37;

#[cfg(test)]
mod tests;
