//! Aliases: ids under which a record is known that stands under another key. Leaves their file to `compile::aliases`, and what
//! becomes of records that stand already to whoever keeps them.

use std::{borrow::Cow, collections::BTreeMap};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::{
    digest::{Digest, Digester},
    key::{Key, normal_id},
};

/// Their file, inside the configuration.
pub const ALIASES: &str = "aliases.csv";

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The kind.
    pub kind: String,
    /// The space of the id that is said.
    pub id_space: String,
    /// The id that is said; none: every id of the space.
    pub id: Option<String>,
    /// The space of the key that is meant.
    pub to_space: String,
    /// Its id; none: the same id, in the normal form of that space.
    pub to_id: Option<String>,
    /// Who joined them, when and why.
    pub note: String,
}

/// All aliases of a revision.
#[derive(Debug, Default)]
pub struct Aliases {
    all: Vec<Alias>,
    kinds: FxHashMap<Box<str>, OfKind>,
}

/// The key that is meant where another is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined<'a> {
    /// Its space.
    pub id_space: &'a str,
    /// Its id.
    pub id: Cow<'a, str>,
    /// Who joined them, when and why.
    pub note: &'a str,
}

#[derive(Debug, Default)]
struct OfKind {
    spaces: FxHashMap<Box<str>, OfSpace>,
    /// Keys that are meant by name, as `space/id`.
    meant: FxHashSet<String>,
    /// Spaces that whole spaces lead to.
    whole: Vec<Box<str>>,
}

#[derive(Debug, Default)]
struct OfSpace {
    named: FxHashMap<Box<str>, Meant>,
    whole: Option<(Box<str>, Box<str>)>,
}

#[derive(Debug)]
struct Meant {
    space: Box<str>,
    id: Box<str>,
    note: Box<str>,
}

impl Aliases {
    /// From lines that were checked.
    pub(crate) fn of(all: Vec<Alias>) -> Self {
        let mut kinds: FxHashMap<Box<str>, OfKind> = FxHashMap::default();
        for alias in &all {
            kinds.entry(alias.kind.as_str().into()).or_default().add(alias);
        }
        Self { all, kinds }
    }

    /// Every line, in the order of the file.
    #[must_use]
    pub fn all(&self) -> &[Alias] {
        &self.all
    }

    /// The key that is meant by an id in its normal form; none: the id itself.
    #[must_use]
    pub fn joined(&self, kind: &str, id_space: &str, id: &str) -> Option<Joined<'_>> {
        let spaces = &self.kinds.get(kind)?.spaces;
        let space = spaces.get(id_space)?;
        if let Some(meant) = space.named.get(id) {
            return Some(meant.joined());
        }
        let (to, note) = space.whole.as_ref()?;
        let id = normal_id(to, id)?;
        let further = spaces.get(to).and_then(|space| space.named.get(id.as_str()));
        Some(further.map_or_else(|| Joined { id_space: to, id: Cow::Owned(id), note }, Meant::joined))
    }

    /// Where a record stands whose sender says this key.
    #[must_use]
    pub fn key(&self, said: Key) -> Key {
        match self.joined(&said.kind, &said.id_space, &said.id) {
            Some(joined) => Key { id_space: joined.id_space.to_owned(), id: joined.id.into_owned(), ..said },
            None => said,
        }
    }

    /// Whether other ids lead to this key, or may.
    #[must_use]
    pub fn lead_to(&self, key: &Key) -> bool {
        let Some(kind) = self.kinds.get(key.kind.as_str()) else { return false };
        kind.whole.iter().any(|space| **space == *key.id_space)
            || (!kind.meant.is_empty() && kind.meant.contains(&written(&key.id_space, &key.id)))
    }

    /// Of all that bears on records of a kind that refer to these; none where nothing does. Notes bear on nothing.
    pub(crate) fn bearing<'k>(
        &self,
        kind: &'k str,
        parents: impl Iterator<Item = &'k str>,
    ) -> Option<Digest> {
        let kinds: Vec<&str> = parents.chain([kind]).filter(|kind| self.kinds.contains_key(*kind)).collect();
        if kinds.is_empty() {
            return None;
        }
        let concerned = self.all.iter().filter(|alias| kinds.contains(&alias.kind.as_str()));
        let lines: BTreeMap<_, _> =
            concerned.map(|own| ((&own.kind, &own.id_space, &own.id), (&own.to_space, &own.to_id))).collect();
        let mut digester = Digester::new("aliases");
        for ((kind, space, id), (to_space, to_id)) in lines {
            for text in [kind, space, to_space] {
                digester.text(text);
            }
            for id in [id, to_id] {
                digester.text(id.as_deref().unwrap_or("*"));
            }
        }
        Some(digester.finish())
    }
}

/// A key without its kind.
pub(crate) fn written(id_space: &str, id: &str) -> String {
    format!("{id_space}/{id}")
}

impl OfKind {
    fn add(&mut self, alias: &Alias) {
        let space = self.spaces.entry(alias.id_space.as_str().into()).or_default();
        if let (Some(id), Some(to_id)) = (&alias.id, &alias.to_id) {
            let meant = Meant {
                space: alias.to_space.as_str().into(),
                id: to_id.as_str().into(),
                note: alias.note.as_str().into(),
            };
            space.named.insert(id.as_str().into(), meant);
            self.meant.insert(written(&alias.to_space, to_id));
        } else {
            space.whole = Some((alias.to_space.as_str().into(), alias.note.as_str().into()));
            self.whole.push(alias.to_space.as_str().into());
        }
    }
}

impl Meant {
    fn joined(&self) -> Joined<'_> {
        Joined { id_space: &self.space, id: Cow::Borrowed(&self.id), note: &self.note }
    }
}

#[cfg(test)]
mod tests;
