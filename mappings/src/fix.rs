//! Fixes: values of single records that the hub has put right, where it may. Leaves their file to `compile::fixes`, putting them
//! into a record to `mapping::fixing`.

use std::{collections::BTreeMap, sync::Arc};

use rustc_hash::FxHashMap;

use crate::{
    digest::{Digest, Digester},
    key::Key,
    kind::{Facet, Field},
    value::FieldType,
};

/// Their file, inside the configuration.
pub const FIXES: &str = "fixes.csv";

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The kind.
    pub kind: String,
    /// The space of the key under which the record stands.
    pub id_space: String,
    /// Its id.
    pub id: String,
    /// The canonical name of the field.
    pub field: String,
    /// The canonical value that is put right, or what the sender wrote where that cannot be read; empty: nothing.
    pub was: String,
    /// The canonical value in its place.
    pub is: String,
    /// Who put it right, when and why.
    pub note: String,
    /// Its line in the file, from 1.
    pub line: usize,
}

/// All fixes of a revision.
#[derive(Debug, Default)]
pub struct Fixes {
    all: Vec<Fix>,
    kinds: FxHashMap<Box<str>, Arc<OfKind>>,
}

/// The fixes of one kind's records.
#[derive(Debug, Default)]
pub(crate) struct OfKind {
    spaces: FxHashMap<Box<str>, FxHashMap<Box<str>, OfRecord>>,
    pub(crate) digest: Digest,
}

/// The fixes of one record, by field.
pub(crate) type OfRecord = BTreeMap<String, Vec<Fix>>;

impl Fixes {
    /// From lines that were checked.
    pub(crate) fn of(all: Vec<Fix>) -> Self {
        let mut kinds: BTreeMap<&str, Vec<&Fix>> = BTreeMap::new();
        for fix in &all {
            kinds.entry(&fix.kind).or_default().push(fix);
        }
        let kinds = kinds.into_iter().map(|(kind, lines)| (kind.into(), Arc::new(OfKind::of(lines))));
        Self { kinds: kinds.collect(), all }
    }

    /// Every line, in the order of the file.
    #[must_use]
    pub fn all(&self) -> &[Fix] {
        &self.all
    }

    /// Every record that has some, with a digest of its lines: another digest, and what stands of it may be another.
    #[must_use]
    pub fn of_records(&self) -> BTreeMap<Key, Digest> {
        let mut records: BTreeMap<Key, Digester> = BTreeMap::new();
        let mut lines: Vec<&Fix> = self.all.iter().collect();
        lines.sort_by_key(|fix| (&fix.field, &fix.was));
        for fix in lines {
            let (kind, id_space, id) = (fix.kind.clone(), fix.id_space.clone(), fix.id.clone());
            let record = records.entry(Key { kind, id_space, id }).or_insert_with(|| Digester::new("fixes"));
            for text in [&fix.field, &fix.was, &fix.is, &fix.note] {
                record.text(text);
            }
        }
        records.into_iter().map(|(key, digester)| (key, digester.finish())).collect()
    }

    /// Those of a kind, if there are any.
    pub(crate) fn of_kind(&self, kind: &str) -> Option<&Arc<OfKind>> {
        self.kinds.get(kind)
    }
}

impl OfKind {
    /// The digest holds the notes too: they stand in issues.
    fn of(mut lines: Vec<&Fix>) -> Self {
        let mut of = Self::default();
        for &fix in &lines {
            let space = of.spaces.entry(fix.id_space.as_str().into()).or_default();
            let record = space.entry(fix.id.as_str().into()).or_default();
            record.entry(fix.field.clone()).or_default().push(fix.clone());
        }
        lines.sort_by_key(|fix| (&fix.id_space, &fix.id, &fix.field, &fix.was));
        let mut digester = Digester::new("fixes");
        for fix in lines {
            for text in [&fix.id_space, &fix.id, &fix.field, &fix.was, &fix.is, &fix.note] {
                digester.text(text);
            }
        }
        of.digest = digester.finish();
        of
    }

    /// Those of the record that stands under a key.
    pub(crate) fn of_record(&self, id_space: &str, id: &str) -> Option<&OfRecord> {
        self.spaces.get(id_space)?.get(id)
    }
}

impl Field {
    /// Why the hub may not put a value of this field right, in Chinese after the field's name; none: it may.
    #[must_use]
    pub fn unfixable(&self) -> Option<&'static str> {
        let crosswalk = self.notation.is_some() || self.owner.is_some() || self.facet == Some(Facet::Region);
        match self.field_type() {
            _ if self.parent.is_some() => Some("是对上级的引用"),
            _ if self.personal.is_some() => Some("是个人信息"),
            _ if self.gone.is_some() => Some("说的是记录删了没有，只有来源知道"),
            _ if self.owner_only => Some("由来源负责（owner_only）"),
            FieldType::Code => None,
            FieldType::Text if crosswalk => None,
            FieldType::Text => Some("是来源的文字"),
            FieldType::Id => Some("是主键"),
            FieldType::Int | FieldType::Decimal => Some("是数量"),
            FieldType::DateTime | FieldType::Date | FieldType::Time => Some("是时间"),
            FieldType::Image => Some("是图片"),
        }
    }
}

#[cfg(test)]
mod tests;
