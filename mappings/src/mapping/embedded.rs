//! JSON that stands as a text inside a field of a record, opened so that its members have paths like any others:
//! `DATA.list.0.name`. Leaves which fields hold such texts to the mapping that declares them (`embedded`).

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Mapping;
use crate::{
    issue::{Issue, Level},
    kind::Field,
    record::{Form, Record, Value, trimmed},
};

/// Limits that no honest record meets.
const MOST_FIELDS: usize = 10_000;
const MOST_LEVELS: usize = 32;

/// A record with the texts opened that its mapping declares.
pub(super) struct Opened<'r> {
    record: &'r dyn Record,
    mapping: &'r Mapping,
    inner: Vec<(String, String, Form)>,
    /// Declared paths that hold something else, and how long it is.
    broken: Vec<(String, usize)>,
}

/// Where in a text a value stands.
#[derive(Clone, Copy)]
struct Within {
    depth: usize,
    in_list: bool,
}

impl Mapping {
    /// The record as the rules see it.
    pub(super) fn opened<'r>(&'r self, record: &'r dyn Record) -> Opened<'r> {
        let mut opened = Opened { record, mapping: self, inner: Vec::new(), broken: Vec::new() };
        let top = Within { depth: 0, in_list: false };
        record.each(&mut |path, value| {
            if self.is_embedded(path) {
                opened.open(path, value, top);
            }
        });
        opened
    }

    fn is_embedded(&self, path: &str) -> bool {
        self.embedded.iter().any(|known| known.as_ref() == path)
    }

    /// What fields are told of that stand in a text which is no JSON.
    fn unopened(&self, path: &str, length: usize) -> Issue {
        let below = |rule: &&super::FieldRule| {
            rule.slots().iter().filter_map(|slot| self.paths.get(*slot)).any(|own| own.starts_with(path))
        };
        let field = self.rules.iter().find(below).and_then(|rule| self.kind.fields().get(rule.field));
        Issue {
            code: "bad-embedded".to_owned(),
            level: Level::Reject,
            field: field.map_or("", Field::name).to_owned(),
            value: format!("[{length} 字节]"),
            place: path.to_owned(),
            message: format!("{path} 里应当是 JSON 文本，却读不出来"),
            advice: "请核对这一项：引号要转义，JSON 要完整".to_owned(),
        }
    }
}

impl Record for Opened<'_> {
    fn each<'r>(&'r self, visit: &mut dyn FnMut(&'r str, Value<'r>)) {
        self.record.each(&mut |path, value| {
            if !self.mapping.is_embedded(path) {
                visit(path, value);
            }
        });
        self.inner.each(visit);
    }
}

impl Opened<'_> {
    /// What is wrong with the texts themselves.
    pub(super) fn issues(&self) -> impl Iterator<Item = Issue> {
        self.broken.iter().map(|(path, length)| self.mapping.unopened(path, *length))
    }

    fn open(&mut self, path: &str, value: Value<'_>, within: Within) {
        if value.is_absent() {
            return;
        }
        let holds = matches!(value.form, Form::Text | Form::Nested);
        if !holds || self.put(path, trimmed(value.text), within).is_none() {
            self.broken.push((path.to_owned(), value.text.len()));
        }
    }

    /// Adds what stands in an object or a list, by path; `None` where it is neither, or nested beyond all reason.
    fn put(&mut self, path: &str, json: &str, within: Within) -> Option<()> {
        if within.depth >= MOST_LEVELS {
            return None;
        }
        let depth = within.depth + 1;
        if json.starts_with('[') {
            let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            for (n, element) in elements.into_iter().enumerate() {
                self.member(&format!("{path}.{n}"), element.get(), Within { depth, in_list: true })?;
            }
        } else {
            let Members(members) = serde_json::from_str(json).ok()?;
            for (name, member) in members {
                self.member(&format!("{path}.{name}"), member.get(), Within { depth, ..within })?;
            }
        }
        Some(())
    }

    /// Of lists only what the mapping reads is kept: they may be long, and their places are no names.
    fn member(&mut self, path: &str, json: &str, within: Within) -> Option<()> {
        let (form, text) = match json.as_bytes().first()? {
            b'{' | b'[' => return self.put(path, json, within),
            b'"' => (Form::Text, serde_json::from_str(json).ok()?),
            b't' | b'f' => (Form::Bool, json.to_owned()),
            b'n' => (Form::Null, String::new()),
            _ => (Form::Number, json.to_owned()),
        };
        if self.mapping.is_embedded(path) {
            self.open(path, Value { text: &text, form }, within);
        } else if !within.in_list || self.mapping.reads(path) {
            if self.inner.len() >= MOST_FIELDS {
                return None;
            }
            self.inner.push((path.to_owned(), text, form));
        }
        Some(())
    }
}

/// The members of an object in the order written, a repeated name repeated.
struct Members<'d>(Vec<(Cow<'d, str>, &'d RawValue)>);

impl<'de: 'd, 'd> Deserialize<'de> for Members<'d> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Each).map(Members)
    }
}

struct Each;

impl<'de> Visitor<'de> for Each {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<Cow<'de, str>, &'de RawValue>()? {
            members.push((name, value));
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests;
