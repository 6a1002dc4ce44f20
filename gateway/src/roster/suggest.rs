//! Whose an identifier may be that the roster does not know: near names in the same county, the same code elsewhere. Each is a
//! suggestion with a score that a person confirms; nothing is joined by it.

use std::collections::BTreeMap;

use mappings::Notation;

use super::{Identifier, Roster, Subject, USCC};
use crate::alike::{Words, normal};

/// Least score shown, in per cent.
const LEAST: u8 = 60;
/// Suggestions shown of one identifier.
const SHOWN: usize = 3;
/// Digits of a county's code.
const COUNTY: usize = 6;
/// What a name loses whose subject has another code of the same scheme then: few have two.
const OTHER_CODE: u8 = 15;
/// What every name may have and none is known by, longest first.
const COMMON: [&str; 6] = ["股份有限公司", "有限责任公司", "有限公司", "分公司", "公司", "集团"];
/// What a name loses whose county nobody said.
const NO_COUNTY: u8 = 10;
/// The same of another county.
const OTHER_COUNTY: u8 = 25;

/// What is known of an identifier that the roster does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown<'a> {
    /// Its scheme.
    pub scheme: &'a str,
    /// The code.
    pub value: &'a str,
    /// What its records call their owner; empty where none does.
    pub name: &'a str,
    /// Their administrative division; empty where none says one.
    pub region: &'a str,
}

/// Whose it may be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Suggestion {
    /// The subject.
    pub subject: i64,
    /// What it is called.
    pub name: String,
    /// How near, in per cent.
    pub score: u8,
    /// By what, in Chinese.
    pub by: String,
}

/// A roster, made ready to be asked for many identifiers.
pub struct Suggester<'r> {
    roster: &'r Roster,
    names: Vec<(&'r Subject, Words)>,
    by_value: BTreeMap<&'r str, Vec<&'r Identifier>>,
}

impl<'r> Suggester<'r> {
    /// Of this roster.
    #[must_use]
    pub fn new(roster: &'r Roster) -> Self {
        let names = roster.subjects.iter().map(|row| (row, Words::of(&telling(&row.said.name))));
        let mut by_value: BTreeMap<&str, Vec<&Identifier>> = BTreeMap::new();
        for row in &roster.identifiers {
            by_value.entry(&row.value).or_default().push(row);
        }
        Self { roster, names: names.collect(), by_value }
    }

    /// Whose it may be, nearest first.
    #[must_use]
    pub fn of(&self, unknown: &Unknown<'_>) -> Vec<Suggestion> {
        let mut best: BTreeMap<i64, (u8, String)> = BTreeMap::new();
        let mut note = |subject: i64, score: u8, by: String| {
            let known = best.entry(self.roster.root(subject)).or_default();
            if score > known.0 {
                *known = (score, by);
            }
        };
        for (row, by) in self.by_code(unknown) {
            note(row.subject, by.0, by.1);
        }
        for (row, score) in self.by_name(unknown) {
            let near = format!("名称相近“{}”", row.said.name);
            match self.other_code(row.subject, unknown) {
                None => note(row.subject, score, near),
                Some(code) => {
                    note(row.subject, score.saturating_sub(OTHER_CODE), format!("{near}，但它已有 {code}"));
                }
            }
        }
        let mut all: Vec<Suggestion> = best
            .into_iter()
            .filter(|(_, (score, _))| *score >= LEAST)
            .map(|(subject, (score, by))| Suggestion {
                subject,
                name: self.roster.name(subject).to_owned(),
                score,
                by,
            })
            .collect();
        all.sort_by(|a, b| b.score.cmp(&a.score).then(a.subject.cmp(&b.subject)));
        all.truncate(SHOWN);
        all
    }

    /// By the code itself: on other days, in another scheme, or one character off where its check digits tell a slip.
    fn by_code(&self, unknown: &Unknown<'_>) -> Vec<(&'r Identifier, (u8, String))> {
        let same = self.by_value.get(unknown.value).into_iter().flatten().map(|row| {
            let (score, by) = if row.scheme == unknown.scheme {
                (100, "同一个编码，名册里是别的日子".to_owned())
            } else {
                (90, format!("同一个编码，名册里是 {}", row.scheme))
            };
            (*row, (score, by))
        });
        let slipped = unknown.scheme == USCC && Notation::Uscc.miscount(unknown.value);
        let near = self.roster.identifiers.iter().filter(|row| {
            slipped
                && row.scheme == USCC
                && strsim::osa_distance(&row.value, unknown.value) == 1
                && !Notation::Uscc.miscount(&row.value)
        });
        let told = |row: &'r Identifier| (row, (85, format!("校验码不对，与 {} 只差一处", row.value)));
        same.chain(near.map(told)).collect()
    }

    /// Another code of the same scheme that a subject has.
    fn other_code(&self, subject: i64, unknown: &Unknown<'_>) -> Option<String> {
        let root = self.roster.root(subject);
        let own = self.roster.identifiers.iter().filter(|row| row.scheme == unknown.scheme);
        own.filter(|row| row.value != unknown.value && !row.span.ends())
            .find(|row| self.roster.root(row.subject) == root)
            .map(|row| format!("{}:{}", row.scheme, row.value))
    }

    fn by_name(&self, unknown: &Unknown<'_>) -> Vec<(&'r Subject, u8)> {
        let asked = telling(unknown.name);
        if asked.is_empty() {
            return Vec::new();
        }
        let others = self.names.iter().map(|(row, words)| (*row, words));
        let near = Words::of(&asked).near(others, LEAST);
        let scored = near
            .into_iter()
            .map(|(row, score)| (row, score.saturating_sub(apart(unknown.region, &row.said.region))));
        scored.collect()
    }
}

/// What of a name tells it from others.
fn telling(name: &str) -> String {
    let name = normal(name);
    let rest = COMMON.iter().find_map(|common| name.strip_suffix(common)).filter(|rest| !rest.is_empty());
    rest.unwrap_or(&name).to_owned()
}

/// What a name loses for where it is.
fn apart(one: &str, other: &str) -> u8 {
    match (one.get(..COUNTY), other.get(..COUNTY)) {
        (Some(one), Some(other)) if one == other => 0,
        (Some(_), Some(_)) => OTHER_COUNTY,
        _ => NO_COUNTY,
    }
}

#[cfg(test)]
mod tests;
