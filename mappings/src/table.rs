//! Code tables: ours (`code,label`) and a source's (`from,code`).
//! Leaves reading files to `compile` and what an unknown code means to the checks.

use std::collections::HashMap;

/// A canonical code table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeTable {
    name: String,
    codes: Vec<(String, String)>,
    index: HashMap<Box<str>, usize>,
}

/// A source's own words for the codes of a canonical table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceTable {
    pub(crate) name: String,
    pub(crate) codes: HashMap<Box<str>, Box<str>>,
}

impl CodeTable {
    pub(crate) fn new(name: &str, codes: Vec<(String, String)>) -> Self {
        let index = codes.iter().enumerate().map(|(at, (code, _))| (code.as_str().into(), at)).collect();
        Self { name: name.to_owned(), codes, index }
    }

    /// File name without `.csv`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Codes and labels in file order.
    pub fn codes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.codes.iter().map(|(code, label)| (code.as_str(), label.as_str()))
    }

    /// What a code stands for, in Chinese.
    #[must_use]
    pub fn label(&self, code: &str) -> Option<&str> {
        self.index.get(code).and_then(|at| self.codes.get(*at)).map(|(_, label)| label.as_str())
    }

    /// Whether the table has the code.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.index.contains_key(code)
    }

    /// Codes and labels that a word may have meant, nearest first, at most `most`.
    #[must_use]
    pub fn nearest(&self, word: &str, most: usize) -> Vec<(&str, &str)> {
        let likeness = |label: &str| {
            let part = !label.is_empty() && (word.contains(label) || label.contains(word));
            strsim::normalized_damerau_levenshtein(word, label) + if part { 0.5 } else { 0.0 }
        };
        let mut near: Vec<(f64, (&str, &str))> = self.codes().map(|pair| (likeness(pair.1), pair)).collect();
        near.retain(|(likeness, _)| *likeness >= 0.3 && !word.is_empty());
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        near.into_iter().take(most).map(|(_, pair)| pair).collect()
    }

    /// The code of a label; the first where two have the same.
    pub(crate) fn code(&self, label: &str) -> Option<&str> {
        self.codes.iter().find(|(_, known)| known == label).map(|(code, _)| code.as_str())
    }

    /// Whether a text begins with a code of the table.
    pub(crate) fn begins(&self, text: &str) -> bool {
        text.char_indices().any(|(at, c)| text.get(..at + c.len_utf8()).is_some_and(|head| self.has(head)))
    }

    /// The first codes with their labels, for advice.
    pub(crate) fn shown(&self) -> String {
        const MOST: usize = 20;
        let shown: Vec<String> =
            self.codes().take(MOST).map(|(code, label)| format!("{code} {label}")).collect();
        shown.join("、") + if self.codes.len() > MOST { " …" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels() -> CodeTable {
        CodeTable::new("danger-level", vec![("0".into(), "一般隐患".into()), ("1".into(), "重大隐患".into())])
    }

    #[test]
    fn codes_have_labels() {
        let table = levels();
        assert_eq!(table.name(), "danger-level");
        assert_eq!(table.label("1"), Some("重大隐患"));
        assert_eq!(table.label("2"), None);
        assert!(table.has("0") && !table.has("一般隐患"));
        assert_eq!(table.codes().collect::<Vec<_>>(), [("0", "一般隐患"), ("1", "重大隐患")]);
    }

    #[test]
    fn a_word_is_near_what_it_may_have_meant() {
        let levels = CodeTable::new(
            "risk-level",
            ["重大风险", "较大风险", "一般风险", "低风险"]
                .iter()
                .zip(1..)
                .map(|(label, code)| (code.to_string(), (*label).to_owned()))
                .collect(),
        );
        assert_eq!(levels.nearest("特大风险", 1), [("1", "重大风险")]);
        assert_eq!(levels.nearest("一般", 2)[0], ("3", "一般风险"));
        assert_eq!(levels.nearest("IV", 3), []);
        assert_eq!(levels.nearest("", 3), []);
    }

    #[test]
    fn advice_shows_codes_and_stops_at_twenty() {
        assert_eq!(levels().shown(), "0 一般隐患、1 重大隐患");
        let many = CodeTable::new("many", (0..30).map(|code| (code.to_string(), String::new())).collect());
        assert!(many.shown().ends_with("19  …"));
    }
}
