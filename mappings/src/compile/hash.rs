//! The hash of a mapping: everything that bears on what it makes of a record, and nothing else.
//! Leaves hashing records to `mapping`.

use super::tables::Tables;
use crate::{
    ENGINE,
    demand::{Check, Demands},
    digest::{Digest, Digester},
    kind::Kind,
    profile::Profile,
    table::{CodeTable, SourceTable},
};

/// What a mapping's result depends on.
pub(super) struct Ingredients<'i> {
    pub(super) source: &'i str,
    pub(super) text: &'i str,
    pub(super) zone: &'i str,
    pub(super) kind: &'i Kind,
    pub(super) profile: Option<&'i Profile>,
    pub(super) demands: &'i Demands,
    pub(super) tables: &'i [std::sync::Arc<SourceTable>],
    pub(super) references: &'i [(usize, String, String)],
    /// Of the aliases that bear on it.
    pub(super) aliases: Option<Digest>,
    /// Of the fixes of its kind.
    pub(super) fixes: Option<Digest>,
}

impl Ingredients<'_> {
    pub(super) fn hash(&self, tables: &Tables<'_>) -> Digest {
        let mut digester = Digester::new("mapping");
        digester.part(&ENGINE.to_le_bytes());
        for text in [self.source, self.text, self.zone] {
            digester.text(text);
        }
        digester.part(&self.kind.0.digest);
        digester.part(self.profile.map_or(&[][..], |profile| &profile.digest));
        for name in self.table_names() {
            digester.text(name);
            digester.part(&tables.digest(name));
        }
        for (_, kind, space) in self.references {
            digester.text(kind);
            digester.text(space);
        }
        for bearing in [&self.aliases, &self.fixes].into_iter().flatten() {
            digester.part(bearing);
        }
        digester.finish()
    }

    fn table_names(&self) -> Vec<&str> {
        let canonical = self.kind.fields().iter().filter_map(|field| field.table()).map(CodeTable::name);
        let narrower = self.demands.fields.iter().flatten().filter_map(|check| match &check.what {
            Check::OneOf(table) | Check::PrefixIn(table) => Some(table.name()),
            _ => None,
        });
        let mut names: Vec<&str> =
            canonical.chain(narrower).chain(self.tables.iter().map(|table| table.name.as_str())).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests;
