//! Reads TOML tables key by key and knows where everything stands.
//! Leaves what the keys mean to the compilers of each sort of file.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    problem::{Problem, Severity},
    suggest::did_you_mean,
};

/// A rule file's text, with its lines.
pub(super) struct RuleText<'f> {
    pub(super) path: &'f str,
    pub(super) text: &'f str,
}

/// A table of a rule file.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    pub(super) file: &'a RuleText<'a>,
    pub(super) table: &'a DeTable<'a>,
    /// Byte where it begins.
    pub(super) at: usize,
}

/// A text of a rule file.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) file: &'a RuleText<'a>,
    pub(super) value: &'a str,
    /// Byte where it begins, at its quote.
    pub(super) at: usize,
}

/// A key with its value.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) file: &'a RuleText<'a>,
    pub(super) key: &'a str,
    /// Byte where the key begins.
    pub(super) at: usize,
    pub(super) value: &'a Spanned<DeValue<'a>>,
}

impl RuleText<'_> {
    /// A problem at a byte of the file.
    pub(super) fn problem(
        &self,
        severity: Severity,
        at: usize,
        message: String,
        hint: Option<String>,
    ) -> Problem {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count();
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before.get(start..).unwrap_or_default().trim_start_matches('\u{feff}').chars().count();
        Problem {
            severity,
            file: self.path.to_owned(),
            line: counted(line),
            column: counted(column),
            quote: self.text.lines().nth(line).unwrap_or_default().trim().to_owned(),
            message,
            hint,
        }
    }

    /// An error at a byte of the file.
    pub(super) fn error(&self, at: usize, message: impl Into<String>, hint: Option<String>) -> Problem {
        self.problem(Severity::Error, at, message.into(), hint)
    }
}

impl Text<'_> {
    pub(super) fn error(&self, message: impl Into<String>, hint: Option<String>) -> Problem {
        self.file.error(self.at, message, hint)
    }

    /// The byte of a character inside the text; its beginning where escapes or lines make that unknowable.
    pub(super) fn byte_of(&self, character: usize) -> usize {
        let written = self.file.text.get(self.at + 1..).unwrap_or_default();
        if !written.starts_with(self.value) {
            return self.at;
        }
        let inside = self.value.char_indices().nth(character).map_or(self.value.len(), |(byte, _)| byte);
        self.at + 1 + inside
    }
}

impl<'a> Entry<'a> {
    pub(super) fn error(&self, message: impl Into<String>, hint: Option<String>) -> Problem {
        self.file.error(self.at, message, hint)
    }

    /// The value as a table.
    pub(super) fn section(&self) -> Option<Section<'a>> {
        let table = self.value.get_ref().as_table()?;
        Some(Section { file: self.file, table, at: self.at })
    }

    /// The value as a text.
    pub(super) fn text(&self) -> Option<Text<'a>> {
        text_of(self.file, self.value)
    }

    /// A text, number or truth value as written.
    pub(super) fn scalar(&self) -> Option<String> {
        match self.value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            DeValue::Boolean(truth) => Some(truth.to_string()),
            _ => None,
        }
    }

    /// A list of texts; one text stands for a list of one.
    pub(super) fn texts(&self, problems: &mut Vec<Problem>) -> Vec<Text<'a>> {
        if let Some(text) = self.text() {
            return vec![text];
        }
        let Some(array) = self.value.get_ref().as_array() else {
            problems.push(self.error(format!("{} 应当是文本或文本的列表", self.key), None));
            return Vec::new();
        };
        let mut texts = Vec::new();
        for element in array {
            match text_of(self.file, element) {
                Some(text) => texts.push(text),
                None => problems.push(self.file.error(element.span().start, "这里应当是文本", None)),
            }
        }
        texts
    }
}

impl<'a> Section<'a> {
    /// Keys with their values, as they stand in the file.
    pub(super) fn entries(&self) -> Vec<Entry<'a>> {
        let mut entries: Vec<Entry<'a>> = self
            .table
            .iter()
            .map(|(key, value)| Entry { file: self.file, key: key.get_ref(), at: key.span().start, value })
            .collect();
        entries.sort_by_key(|entry| entry.at);
        entries
    }

    pub(super) fn entry(&self, key: &str) -> Option<Entry<'a>> {
        self.entries().into_iter().find(|entry| entry.key == key)
    }

    /// Every other key is a problem.
    pub(super) fn only(&self, known: &[&str], problems: &mut Vec<Problem>) {
        for entry in self.entries().iter().filter(|entry| !known.contains(&entry.key)) {
            let hint = did_you_mean(entry.key, known.iter().copied())
                .or_else(|| Some(format!("这里可以写：{}", known.join("、"))));
            problems.push(entry.error(format!("不认识的键 {}", entry.key), hint));
        }
    }

    pub(super) fn text(&self, key: &str, problems: &mut Vec<Problem>) -> Option<Text<'a>> {
        let entry = self.entry(key)?;
        let text = entry.text();
        if text.is_none() {
            problems.push(entry.error(format!("{key} 应当是文本"), None));
        }
        text
    }

    /// A text that must be there.
    pub(super) fn needed(&self, key: &str, problems: &mut Vec<Problem>) -> Option<Text<'a>> {
        if self.entry(key).is_none() {
            problems.push(self.error(format!("缺少 {key}")));
        }
        self.text(key, problems)
    }

    pub(super) fn flag(&self, key: &str, problems: &mut Vec<Problem>) -> Option<bool> {
        let entry = self.entry(key)?;
        let flag = entry.value.get_ref().as_bool();
        if flag.is_none() {
            problems.push(entry.error(format!("{key} 应当是 true 或 false"), None));
        }
        flag
    }

    pub(super) fn texts(&self, key: &str, problems: &mut Vec<Problem>) -> Vec<Text<'a>> {
        self.entry(key).map(|entry| entry.texts(problems)).unwrap_or_default()
    }

    pub(super) fn section(&self, key: &str, problems: &mut Vec<Problem>) -> Option<Section<'a>> {
        let entry = self.entry(key)?;
        let section = entry.section();
        if section.is_none() {
            problems.push(entry.error(format!("{key} 应当是一张表：[{key}]"), None));
        }
        section
    }

    /// The tables of `[[key]]`.
    pub(super) fn sections(&self, key: &str, problems: &mut Vec<Problem>) -> Vec<Section<'a>> {
        let Some(entry) = self.entry(key) else { return Vec::new() };
        let Some(array) = entry.value.get_ref().as_array() else {
            problems.push(entry.error(format!("{key} 应当写作 [[{key}]]"), None));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for element in array {
            let at = element.span().start;
            match element.get_ref().as_table() {
                Some(table) => sections.push(Section { file: self.file, table, at }),
                None => problems.push(self.file.error(at, format!("{key} 应当写作 [[{key}]]"), None)),
            }
        }
        sections
    }

    pub(super) fn error(&self, message: impl Into<String>) -> Problem {
        self.file.error(self.at, message, None)
    }
}

/// What was read where the value was of the wrong type is told by the caller.
fn text_of<'a>(file: &'a RuleText<'a>, value: &'a Spanned<DeValue<'a>>) -> Option<Text<'a>> {
    value.get_ref().as_str().map(|text| Text { file, value: text, at: value.span().start })
}

/// From 1.
fn counted(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests;
