//! A mapping: one source's words for one kind, compiled to numbers.
//! Leaves compiling to `compile::mappings`, the steps of a record to `derive`.

mod conclude;
pub(crate) mod contract;
pub(crate) mod derive;
mod embedded;
pub(crate) mod field;
mod fixing;
mod gather;
mod joined;
mod owner;
pub(crate) mod strangers;
mod told;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rustc_hash::FxHashMap;

pub use self::owner::owner_parts;
pub use self::{
    conclude::{Keyed, Mapped},
    strangers::{Stranger, Strangers},
};
use self::{
    contract::Contract,
    field::{FieldRule, Parse, Pick},
    gather::Gathered,
    strangers::{ShapeDigest, Unknown},
};
use crate::{
    alias::Aliases,
    demand::Demands,
    digest::{Digest, Digester},
    example::Example,
    fix::OfKind,
    issue::Issue,
    key::Key,
    kind::Kind,
    record::{Form, Record},
    table::CodeTable,
};

/// The rules from one service of one source to one kind.
#[derive(Debug)]
pub struct Mapping {
    pub(crate) source: String,
    pub(crate) service: String,
    pub(crate) kind: Kind,
    pub(crate) profile: Option<String>,
    pub(crate) profile_source: Option<String>,
    pub(crate) id_space: String,
    pub(crate) rules: Vec<FieldRule>,
    /// Source paths the rules read, numbered.
    pub(crate) paths: Vec<Box<str>>,
    pub(crate) slots: FxHashMap<Box<str>, usize>,
    /// Source paths that feed volatile fields and nothing else; a handful, so a walk is cheaper than a hash.
    pub(crate) quiet: Vec<Box<str>>,
    /// References: field number, kind referred to, id space.
    pub(crate) references: Vec<(usize, String, String)>,
    /// None where no alias is of its kind or of one that it refers to.
    pub(crate) aliases: Option<Bearing>,
    /// None where nothing of its kind is put right.
    pub(crate) fixes: Option<Arc<OfKind>>,
    /// The kind's demands and the profile's.
    pub(crate) demands: Demands,
    /// Source paths that hold JSON as a text.
    pub(crate) embedded: Vec<Box<str>>,
    /// By field number; empty where all are strict.
    pub(crate) contracts: Vec<Contract>,
    pub(crate) unknown: Unknown,
    /// Whether a record is held whose owner nobody knows.
    pub(crate) known_owner: bool,
    pub(crate) hash: Digest,
    pub(crate) examples: Vec<Example>,
}

/// The aliases that bear on a mapping's records.
#[derive(Debug)]
pub(crate) struct Bearing {
    pub(crate) aliases: Arc<Aliases>,
    pub(crate) digest: Digest,
}

/// How the codes of a field are read.
#[derive(Debug, Clone, Copy)]
pub struct Codes<'m> {
    /// The source's table (`from,code`) its words are looked up in, if it has one.
    pub words: Option<&'m str>,
    /// The codes they stand for.
    pub table: &'m CodeTable,
}

/// How one field came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Canonical field name.
    pub field: String,
    /// What the sender wrote, if anything; not masked, but of an image only its length.
    pub raw: Option<String>,
    /// Path in the source record.
    pub place: String,
    /// The rule, such as `datetime %Y%m%d%H%M%S Asia/Shanghai`, `table puyang-danger-level`, `default 0`.
    pub rule: String,
    /// The canonical text, if one came of it; not masked, but of an image only format, size and digest.
    pub value: Option<String>,
    /// The field's mark for [`crate::mask`].
    pub personal: Option<String>,
}

impl Mapping {
    /// The source whose words these are.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The service whose records these are.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The kind they become.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.kind.name()
    }

    /// The profile they are held to, if any.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// What an issue rests on: the clause of its rule, the profile that demands it, what its field was designed from, or
    /// where its kind is from.
    #[must_use]
    pub fn clause(&self, issue: &Issue) -> Option<&str> {
        if let Some(rule) = self.demands.rules.iter().find(|rule| rule.code == issue.code) {
            return rule.source.as_deref().or(self.kind.source());
        }
        let field = self.kind.field(&issue.field)?;
        let number = self.kind.number(&issue.field)?;
        let checks = |demands: &Demands| demands.checks(number, &issue.code);
        let profile = self.profile_source.as_deref();
        // where both rest on one document, the kind knows the place in it
        let profile = profile.filter(|whole| !self.kind.source().is_some_and(|own| own.starts_with(whole)));
        if profile.is_some() && checks(&self.demands) && !checks(&self.kind.0.demands) {
            return profile;
        }
        field.basis().or(field.source()).or(self.kind.source())
    }

    /// How the codes of a field are read; `None` where it holds none or nothing feeds it.
    #[must_use]
    pub fn codes(&self, field: &str) -> Option<Codes<'_>> {
        let number = self.kind.number(field)?;
        match &self.rules.iter().find(|rule| rule.field == number)?.parse {
            Parse::Code { from, table, .. } => {
                Some(Codes { words: from.as_ref().map(|from| from.name.as_str()), table })
            }
            _ => None,
        }
    }

    /// Whether some field is made of what stands at a path.
    #[must_use]
    pub fn reads(&self, path: &str) -> bool {
        self.slots.contains_key(path)
    }

    /// What the rules read, in their order: each path once, with the mark of the personal field made of it, if any. A
    /// path that only goes into the digest of an id is marked `other`: nobody knows what it holds.
    pub fn paths(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        (0..).zip(&self.paths).map(|(slot, path)| (path.as_ref(), self.personal(slot)))
    }

    /// The fields that are made of a path, in the rules' order.
    pub fn made_of(&self, path: &str) -> impl Iterator<Item = &crate::Field> {
        let slot = self.slots.get(path).copied();
        let makes = move |slots: &[usize]| slot.is_some_and(|slot| slots.contains(&slot));
        let rules = self.rules.iter().filter(move |rule| makes(rule.slots()));
        rules.filter_map(|rule| self.kind.fields().get(rule.field))
    }

    fn personal(&self, slot: usize) -> Option<&str> {
        let (mut mark, mut plain) = (None, false);
        for rule in self.rules.iter().filter(|rule| rule.slots().contains(&slot)) {
            let personal = self.kind.fields().get(rule.field).and_then(|field| field.personal());
            plain |= matches!(rule.pick, Pick::From(_));
            mark = mark.or(personal);
        }
        mark.or((!plain).then_some("other"))
    }

    /// The kind with all its fields.
    #[must_use]
    pub fn shape(&self) -> &Kind {
        &self.kind
    }

    /// The space of their ids.
    #[must_use]
    pub fn id_space(&self) -> &str {
        &self.id_space
    }

    /// Of everything that bears on the result: engine, source, mapping, kind, profile, tables, zone, spaces.
    #[must_use]
    pub fn hash(&self) -> &Digest {
        &self.hash
    }

    /// Of the aliases that bear on its records: of its kind and of those they refer to. None where there are none.
    #[must_use]
    pub fn aliases_digest(&self) -> Option<&Digest> {
        self.aliases.as_ref().map(|bearing| &bearing.digest)
    }

    /// The key of a record, without mapping the rest.
    ///
    /// # Errors
    /// The issues that leave it without one.
    pub fn key(&self, record: &dyn Record) -> Result<Key, Vec<Issue>> {
        let keyed = if self.embedded.is_empty() {
            derive::key(self, Gathered::of(self, record))
        } else {
            derive::key(self, Gathered::of(self, &self.opened(record)))
        };
        keyed.map(|keyed| keyed.key)
    }

    /// The same with what its sender says for it; what the mapping does not name is counted.
    ///
    /// # Errors
    /// The issues that leave it without one.
    pub fn key_counting(&self, record: &dyn Record, strangers: &mut Strangers) -> Result<Keyed, Vec<Issue>> {
        if self.embedded.is_empty() {
            self.counted(record, strangers)
        } else {
            self.counted(&self.opened(record), strangers)
        }
    }

    fn counted(&self, record: &dyn Record, strangers: &mut Strangers) -> Result<Keyed, Vec<Issue>> {
        let mut shape = ShapeDigest::default();
        let gathered = Gathered::noting(self, record, |path| shape.add(path));
        strangers.count(self, record, &shape);
        derive::key(self, gathered)
    }

    /// Of the source record under this mapping, whatever the order of its paths, without the paths that feed only
    /// volatile fields. `null`, `"null"`, `1` and `"1"` differ.
    #[must_use]
    pub fn source_digest(&self, record: &dyn Record) -> Digest {
        let mut fields: Vec<(&str, u8, &str)> = Vec::with_capacity(32);
        record.each(&mut |path, value| {
            if !self.quiet.iter().any(|quiet| quiet.as_ref() == path) {
                fields.push((path, form_mark(value.form), value.text));
            }
        });
        fields.sort_unstable();
        let mut digester = Digester::new("source-record");
        digester.part(&self.hash);
        for (path, form, text) in fields {
            digester.text(path);
            digester.part(&[form]);
            digester.text(text);
        }
        digester.finish()
    }

    /// Derives a record: its contribution, or what stands against one.
    #[must_use]
    pub fn map(&self, record: &dyn Record, received_at: DateTime<Utc>) -> Mapped {
        self.derived(record, received_at, None)
    }

    /// Derives a record and tells how every field came about, in the order of the kind's fields.
    #[must_use]
    pub fn trace(&self, record: &dyn Record, received_at: DateTime<Utc>) -> (Mapped, Vec<Trace>) {
        let mut traces = Vec::new();
        let mapped = self.derived(record, received_at, Some(&mut traces));
        (mapped, traces)
    }

    fn derived(&self, record: &dyn Record, at: DateTime<Utc>, traces: Option<&mut Vec<Trace>>) -> Mapped {
        if self.embedded.is_empty() {
            return derive::run(self, record, Vec::new(), at, traces);
        }
        let opened = self.opened(record);
        derive::run(self, &opened, opened.issues().collect(), at, traces)
    }
}

fn form_mark(form: Form) -> u8 {
    match form {
        Form::Text => 1,
        Form::Number => 2,
        Form::Bool => 3,
        Form::Null => 4,
        Form::Nested => 5,
    }
}

#[cfg(test)]
mod tests;
