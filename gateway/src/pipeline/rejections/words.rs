//! The words of a rejection sheet that are ours, and such a sheet read back as its sender's records. Leaves what stands
//! below the words to `layout`.

use adapters::{
    Form,
    codec::xlsx::{Row, Sheet, unpictured},
};

use super::Column;

/// Added to a word of ours that the sender has, too.
const OURS: &str = "（联网）";

/// What stands for the receipts of a sheet whose persons are masked: its rows are for looking at.
pub(crate) const MASKED: &str = "遮住的表";

/// A column of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// The bytes of what cannot be read.
    Raw,
    /// Fields for which there was no column.
    More,
    /// Rejected or held.
    Verdict,
    /// What is wrong.
    Issues,
    /// What that rests on.
    Clause,
    /// How often it was seen so.
    Times,
    /// When it was seen last.
    Last,
    /// The key's id.
    Id,
    /// The columns that are wrong, where cells cannot be marked.
    Wrong,
    /// Document and place, for joining a corrected file with what it corrects.
    Receipt,
    /// Columns whose value was a list.
    Lists,
}

impl Word {
    const ALL: [Self; 11] = [
        Self::Raw,
        Self::More,
        Self::Verdict,
        Self::Issues,
        Self::Clause,
        Self::Times,
        Self::Last,
        Self::Id,
        Self::Wrong,
        Self::Receipt,
        Self::Lists,
    ];

    const fn plain(self) -> &'static str {
        match self {
            Self::Raw => "原文",
            Self::More => "其余字段",
            Self::Verdict => "判定",
            Self::Issues => "问题",
            Self::Clause => "依据",
            Self::Times => "次数",
            Self::Last => "最近一次",
            Self::Id => "主键",
            Self::Wrong => "出错的列",
            Self::Receipt => "来源回执",
            Self::Lists => "来源写法",
        }
    }

    /// The word in a header where these are the sender's.
    pub(crate) fn among(self, theirs: &[String]) -> String {
        let mut word = self.plain().to_owned();
        while theirs.iter().any(|their| as_read(their) == word) {
            word.push_str(OURS);
        }
        word
    }

    /// The word of ours that this is, in a header with these words: the sender's are those with less added.
    fn of(word: &str, header: &[String]) -> Option<Self> {
        Self::ALL.into_iter().filter(|ours| word.starts_with(ours.plain())).find(|ours| {
            let mut last = ours.plain().to_owned();
            while header.contains(&format!("{last}{OURS}")) {
                last.push_str(OURS);
            }
            word == last
        })
    }
}

/// A word as it is read back: without white space and stars around it.
fn as_read(word: &str) -> &str {
    word.trim().trim_end_matches('*').trim()
}

/// The words of the sender's columns: their paths; said again, or alike but for the white space around, with a number.
pub(crate) fn theirs(columns: &[Column]) -> Vec<String> {
    let mut words: Vec<String> = Vec::with_capacity(columns.len());
    let mut taken = std::collections::HashSet::new();
    for column in columns {
        let mut nth = column.nth;
        let mut word = numbered(&column.path, nth);
        while !taken.insert(as_read(&word).to_owned()) && !word.is_empty() {
            nth += 1;
            word = numbered(&column.path, nth);
        }
        words.push(word);
    }
    words
}

fn numbered(path: &str, nth: u32) -> String {
    if nth < 2 { path.to_owned() } else { format!("{path}（第 {nth} 次）") }
}

/// What a row of a rejection sheet says beside its sender's cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Beside {
    /// The receipt as it stands there; empty: none.
    pub(crate) receipt: String,
    /// The bytes of what cannot be read, where none of the sender's cells says anything.
    pub(crate) raw: Option<String>,
}

/// A rejection sheet as its sender's records: our columns left out, paths that were said again under their own word, lists and
/// control characters as they were. Returns what stands beside each row. Any other sheet stays as it is: none.
pub(crate) fn as_sent(sheet: &mut Sheet) -> Option<Vec<Beside>> {
    let ours: Vec<Option<Word>> = sheet.header.iter().map(|word| Word::of(word, &sheet.header)).collect();
    if !ours.contains(&Some(Word::Receipt)) {
        return None;
    }
    let beside = sheet.rows.iter().map(|row| beside(row, &ours)).collect();
    let lists = ours.iter().position(|word| *word == Some(Word::Lists));
    for row in &mut sheet.rows {
        let said =
            row.cells.iter().find(|(column, ..)| Some(*column) == lists).map(|(_, text, _)| text.clone());
        let listed: Vec<&str> = said.iter().flat_map(|said| said.lines()).collect();
        for (column, text, form) in &mut row.cells {
            *text = unpictured(text).into_owned();
            let word = sheet.header.get(*column).map_or("", String::as_str);
            if listed.contains(&word) && text.starts_with(['[', '{']) {
                *form = Form::Nested;
            }
        }
    }
    for (word, ours) in sheet.header.iter_mut().zip(ours) {
        if ours.is_some() {
            word.clear();
        } else if let Some(path) = said_again(word) {
            *word = path;
        }
    }
    Some(beside)
}

fn beside(row: &Row, ours: &[Option<Word>]) -> Beside {
    let word = |column: usize| ours.get(column).copied().flatten();
    let said = |wanted: Word| row.cells.iter().find(|(column, ..)| word(*column) == Some(wanted));
    let is_bare = row.cells.iter().all(|(column, ..)| word(*column).is_some());
    Beside {
        receipt: said(Word::Receipt).map(|(_, text, _)| text.trim().to_owned()).unwrap_or_default(),
        raw: said(Word::Raw).filter(|_| is_bare).map(|(_, text, _)| unpictured(text).into_owned()),
    }
}

/// The path of a word with a number.
pub(crate) fn said_again(word: &str) -> Option<String> {
    let (path, nth) = word.strip_suffix(" 次）")?.rsplit_once("（第 ")?;
    nth.parse::<u32>().ok().filter(|nth| *nth > 1).map(|_| path.to_owned())
}

#[cfg(test)]
mod tests;
