//! Source paths that a mapping does not name: counted over many records, told of one record where the mapping asks for it.
//! Leaves keeping the counts to the gateway, what may be said about them to `compile::unknown`.

use std::{collections::BTreeMap, hash::Hasher as _};

use rustc_hash::{FxHashMap, FxHasher};

use super::Mapping;
use crate::{
    issue::{Issue, Level},
    mask::{form, mask},
    record::{Record, Value},
};

/// Paths an issue names.
const TOLD: usize = 5;
/// Shapes remembered; records of further ones are counted path by path.
const SHAPES: usize = 256;

/// What a mapping makes of paths it does not name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unknown {
    /// How grave they are; none: they are only counted.
    pub(crate) level: Option<Level>,
    pub(crate) ignore: Vec<Ignored>,
}

/// Paths that nobody need hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ignored {
    Path(Box<str>),
    /// It and all below, without the dot.
    Below(Box<str>),
}

/// Paths that no mapping names, over the records of one mapping. A record is known again by its *shape*, the paths it has
/// beside the known ones: one look for a record, however many they are.
#[derive(Debug, Default)]
pub struct Strangers {
    shapes: FxHashMap<u64, Shape>,
    /// Of records whose shapes were too many.
    paths: BTreeMap<Box<str>, (u64, String)>,
}

#[derive(Debug)]
struct Shape {
    records: u64,
    paths: Vec<(Box<str>, String)>,
}

/// One path that a mapping does not name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// The path.
    pub path: String,
    /// Records that have it.
    pub records: u64,
    /// The form of a value, without its characters: `9999-99-99`; empty where none was seen.
    pub sample: String,
}

/// Digests the unknown paths of a record while it is read.
#[derive(Default)]
pub(super) struct ShapeDigest {
    hasher: FxHasher,
    any: bool,
}

impl ShapeDigest {
    pub(super) fn add(&mut self, path: &str) {
        self.any = true;
        self.hasher.write(path.as_bytes());
        self.hasher.write_u8(0xff);
    }

    fn finish(&self) -> Option<u64> {
        self.any.then(|| self.hasher.finish())
    }
}

impl Strangers {
    /// Counts a record whose unknown paths were digested.
    pub(super) fn count(&mut self, mapping: &Mapping, record: &dyn Record, digest: &ShapeDigest) {
        let Some(digest) = digest.finish() else { return };
        if let Some(shape) = self.shapes.get_mut(&digest) {
            shape.records += 1;
            return;
        }
        let paths = mapping.strangers_of(record);
        if self.shapes.len() < SHAPES {
            self.shapes.insert(digest, Shape { records: 1, paths });
        } else {
            note(&mut self.paths, paths, 1);
        }
    }

    /// Every path with its count, by path.
    #[must_use]
    pub fn all(self) -> Vec<Stranger> {
        let mut paths = self.paths;
        for shape in self.shapes.into_values() {
            note(&mut paths, shape.paths, shape.records);
        }
        let told = |(path, (records, sample)): (Box<str>, _)| Stranger { path: path.into(), records, sample };
        paths.into_iter().map(told).collect()
    }
}

/// The greatest sample stays, so that it does not matter in which order shapes come.
fn note(known: &mut BTreeMap<Box<str>, (u64, String)>, paths: Vec<(Box<str>, String)>, records: u64) {
    for (path, sample) in paths {
        let (count, shown) = known.entry(path).or_default();
        *count += records;
        if sample > *shown {
            *shown = sample;
        }
    }
}

impl Mapping {
    /// The paths of a record that neither the rules read nor the mapping ignores, each once, with the form of its value.
    fn strangers_of(&self, record: &dyn Record) -> Vec<(Box<str>, String)> {
        let mut found: Vec<(&str, Value<'_>)> = Vec::new();
        record.each(&mut |path, value| {
            if !self.slots.contains_key(path) && !self.unknown.ignores(path) {
                found.push((path, value));
            }
        });
        let mut seen = rustc_hash::FxHashSet::default();
        found.retain(|(path, _)| seen.insert(*path));
        let shown = |(path, value): (&str, Value<'_>)| {
            let sample = if value.is_absent() { String::new() } else { form(value.text) };
            (path.into(), sample)
        };
        found.into_iter().map(shown).collect()
    }

    /// What a mapping that asks for it says of paths it does not name.
    pub(super) fn unknown_fields(&self, record: &dyn Record) -> Option<Issue> {
        let level = self.unknown.level?;
        let strangers = self.strangers_of(record);
        let told: Vec<String> = strangers.iter().take(TOLD).map(|(path, _)| mask(None, path)).collect();
        if told.is_empty() {
            return None;
        }
        let more = if strangers.len() > TOLD { " 等" } else { "" };
        Some(Issue {
            code: "unknown-field".to_owned(),
            level,
            field: String::new(),
            value: String::new(),
            place: told.join(","),
            message: format!("有 {} 个映射没有提到的字段：{}{more}", strangers.len(), told.join("、")),
            advice: "若要采用，写进映射的 [fields]；若不用，写进 ignore".to_owned(),
        })
    }
}

impl Unknown {
    fn ignores(&self, path: &str) -> bool {
        self.ignore.iter().any(|ignored| ignored.covers(path))
    }
}

impl Ignored {
    /// An object without members stands under its own name, hence so does what is below it.
    pub(crate) fn covers(&self, path: &str) -> bool {
        match self {
            Self::Path(own) => own.as_ref() == path,
            Self::Below(above) => {
                path.strip_prefix(above.as_ref()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }
        }
    }
}

#[cfg(test)]
mod tests;
