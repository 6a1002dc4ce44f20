//! The roster as it stands, and a change of it: rows made, rows ended. Leaves why to whoever makes one, and the rows to the store.

use std::collections::{BTreeMap, HashMap};

use super::span::Span;

/// What is known of a subject in a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its row's number; 0 while it is not written.
    pub row: i64,
    /// The subject's number; below 0 while it is not written.
    pub subject: i64,
    /// Its properties.
    pub said: Said,
    /// When that is true.
    pub span: Span,
    /// The file or command that said so.
    pub source: String,
}

/// A subject's properties.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// Whether it is a site (厂区, 矿山, 尾矿库 …), not a legal person.
    pub is_site: bool,
    /// The word for what it is: 企业, 厂区 …
    pub sort: String,
    /// Its name.
    pub name: String,
    /// Code of its administrative division.
    pub region: String,
    /// Its industry.
    pub industry: String,
    /// Its scale.
    pub scale: String,
    /// Its operating state.
    pub state: String,
    /// The enterprise it belongs to.
    pub parent: Option<i64>,
}

/// What a subject is called in a scheme, in a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// Its row's number; 0 while it is not written.
    pub row: i64,
    /// The scheme: `uscc`, `chem`, `mine`, `platform:<name>` …
    pub scheme: String,
    /// The code.
    pub value: String,
    /// Whose it is.
    pub subject: i64,
    /// When.
    pub span: Span,
    /// The file or command that said so.
    pub source: String,
}

/// A subject found to be another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    /// Its row's number; 0 while it is not written.
    pub row: i64,
    /// The one.
    pub subject: i64,
    /// The other, under whose number both go.
    pub into: i64,
}

/// All rows that stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roster {
    /// Under which number.
    pub number: i64,
    /// What is known of subjects.
    pub subjects: Vec<Subject>,
    /// What they are called.
    pub identifiers: Vec<Identifier>,
    /// Which are one.
    pub merges: Vec<Merge>,
}

/// A change: rows to make, and rows to end by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// What becomes known of subjects.
    pub subjects: Vec<Subject>,
    /// What they become called.
    pub identifiers: Vec<Identifier>,
    /// Which become one.
    pub merges: Vec<Merge>,
    /// Rows of all three that end.
    pub ended: Vec<i64>,
}

impl Change {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.made() == 0 && self.ended.is_empty()
    }

    /// Rows it makes.
    #[must_use]
    pub fn made(&self) -> usize {
        self.subjects.len() + self.identifiers.len() + self.merges.len()
    }
}

impl Roster {
    /// The number under which a subject goes: another's, where it was found to be that, and so on.
    #[must_use]
    pub fn root(&self, subject: i64) -> i64 {
        let mut root = subject;
        // no change makes a circle; a ledger that holds one all the same is not gone around for ever
        for _ in &self.merges {
            let Some(merge) = self.merges.iter().find(|merge| merge.subject == root) else { break };
            root = merge.into;
        }
        root
    }

    /// Whether anything is known of a subject.
    #[must_use]
    pub fn has(&self, subject: i64) -> bool {
        self.subjects.iter().any(|row| row.subject == subject)
    }

    /// What is known of a subject at a moment (ms); where nothing is, what was known last.
    #[must_use]
    pub fn said(&self, subject: i64, at: i64) -> Option<&Said> {
        let own = self.subjects.iter().filter(|known| known.subject == subject);
        own.max_by_key(|known| (known.span.covers(at), known.span)).map(|known| &known.said)
    }

    /// The roster after a change.
    #[must_use]
    pub fn after(&self, change: &Change) -> Self {
        let mut after = self.clone();
        let ended: std::collections::HashSet<i64> = change.ended.iter().copied().collect();
        after.subjects.retain(|row| !ended.contains(&row.row));
        after.identifiers.retain(|row| !ended.contains(&row.row));
        after.merges.retain(|row| !ended.contains(&row.row));
        after.subjects.extend(change.subjects.iter().cloned());
        after.identifiers.extend(change.identifiers.iter().cloned());
        after.merges.extend(change.merges.iter().copied());
        after
    }

    /// A change, if nothing contradicts itself after it that did not before.
    ///
    /// # Errors
    /// What would, in Chinese.
    pub(super) fn holding(&self, change: Change) -> Result<Change, String> {
        let before = self.contradictions();
        let told = self.after(&change).contradictions();
        let new: Vec<String> = told.into_iter().filter(|what| !before.contains(what)).collect();
        if new.is_empty() { Ok(change) } else { Err(new.join("\n")) }
    }

    /// What contradicts itself, in words: one code for two subjects on one day; a subject that is two others, or in the end
    /// itself; rows of subjects of which nothing is known.
    #[must_use]
    pub fn contradictions(&self) -> Vec<String> {
        let known: HashMap<i64, &str> =
            self.subjects.iter().map(|row| (row.subject, row.said.name.as_str())).collect();
        let mut told = self.doubled(&known);
        told.extend(self.entangled());
        let mut missing: BTreeMap<i64, String> = BTreeMap::new();
        for row in self.identifiers.iter().filter(|row| !known.contains_key(&row.subject)) {
            missing.entry(row.subject).or_insert_with(|| format!("编码 {}:{} 还归它", row.scheme, row.value));
        }
        for row in &self.merges {
            for subject in [row.subject, row.into].into_iter().filter(|one| !known.contains_key(one)) {
                missing.entry(subject).or_insert_with(|| format!("{} 已并入 {}", row.subject, row.into));
            }
        }
        let parents = self.subjects.iter().filter_map(|row| Some((row.said.parent?, row)));
        for (parent, row) in parents.filter(|(parent, _)| !known.contains_key(parent)) {
            missing.entry(parent).or_insert_with(|| format!("{} 的上级是它", row.said.name));
        }
        told.extend(missing.into_iter().map(|(subject, why)| format!("名册里没有主体 {subject}，而{why}")));
        told
    }

    fn entangled(&self) -> Vec<String> {
        let mut told = Vec::new();
        for (at, merge) in self.merges.iter().enumerate() {
            if self.merges.iter().take(at).any(|other| other.subject == merge.subject) {
                told.push(format!("主体 {} 并入了两个主体", merge.subject));
            } else if self.merges.iter().any(|other| other.subject == self.root(merge.subject)) {
                told.push(format!("主体 {} 和 {} 互相并入", merge.subject, merge.into));
            }
        }
        told
    }

    fn doubled(&self, known: &HashMap<i64, &str>) -> Vec<String> {
        let mut by_code: BTreeMap<(&str, &str), Vec<&Identifier>> = BTreeMap::new();
        for row in &self.identifiers {
            by_code.entry((&row.scheme, &row.value)).or_default().push(row);
        }
        let mut told = Vec::new();
        for ((scheme, value), mut rows) in by_code {
            rows.sort_by_key(|row| row.span);
            // each with each: a long span reaches over its neighbours
            let mut pairs =
                rows.iter().enumerate().flat_map(|(at, a)| rows.iter().skip(at + 1).map(move |b| (a, b)));
            if let Some((one, other)) =
                pairs.find(|(a, b)| a.span.meets(&b.span) && self.root(a.subject) != self.root(b.subject))
            {
                let name = |row: &Identifier| known.get(&row.subject).copied().unwrap_or_default().to_owned();
                told.push(format!(
                    "编码 {scheme}:{value} 同一天归两个主体：{}（{}）和{}（{}）",
                    name(one),
                    one.subject,
                    name(other),
                    other.subject
                ));
            }
        }
        told
    }
}

#[cfg(test)]
mod tests;
