//! What a kind of record is: its fields, labels, types, parents and marks, industry aside.
//! Leaves reading kind files to `compile`, demands of an industry to profiles.

use std::sync::Arc;

use crate::{
    content::Content,
    demand::Demands,
    digest::Digest,
    look_alike::LookAlike,
    notation::Notation,
    table::{CodeTable, SourceTable},
    value::FieldType,
};

/// A kind of record; cheap to clone.
#[derive(Debug, Clone)]
pub struct Kind(pub(crate) Arc<Shape>);

/// What the files say of a kind.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) wire: Option<String>,
    /// Where its fields are from.
    pub(crate) source: Option<String>,
    pub(crate) fields: Vec<Field>,
    /// Field numbers sorted by field name.
    pub(crate) by_name: Vec<usize>,
    pub(crate) volatile: Vec<String>,
    pub(crate) as_of: Option<String>,
    pub(crate) registry: bool,
    pub(crate) elsewhere: bool,
    pub(crate) id_space: Option<String>,
    /// Names of the abstract kinds it extends.
    pub(crate) extends: Vec<String>,
    /// What holds in every industry.
    pub(crate) demands: Demands,
    /// Of the texts of the kind's files.
    pub(crate) digest: Digest,
    /// What conclusions need of the fields, by number.
    pub(crate) marks: Marks,
    pub(crate) look_alike: Option<LookAlike>,
}

/// The fields a version takes its attributes from.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    pub(crate) id: usize,
    pub(crate) as_of: Option<usize>,
    /// Schemes and fields: the first that is present counts.
    pub(crate) owners: Vec<(String, usize)>,
    pub(crate) test: Option<usize>,
    pub(crate) region: Option<usize>,
    pub(crate) industry: Option<usize>,
    pub(crate) gone: Option<usize>,
}

/// What a field says of the whole record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// `1`: not a real record.
    Test,
    /// A region code.
    Region,
    /// An industry code.
    Industry,
}

/// One field of a kind.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of its own in a kind file")]
pub struct Field {
    pub(crate) name: Arc<str>,
    pub(crate) label: String,
    pub(crate) holds: FieldType,
    pub(crate) max: usize,
    pub(crate) table: Option<Arc<CodeTable>>,
    pub(crate) parent: Option<String>,
    pub(crate) personal: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) facet: Option<Facet>,
    /// The code by which it says that the record is deleted.
    pub(crate) gone: Option<Box<str>>,
    pub(crate) id_space: Option<String>,
    pub(crate) volatile: bool,
    /// Whether only its sender may change what it says.
    pub(crate) owner_only: bool,
    /// Whether it says what the record's owner is called.
    pub(crate) owner_name: bool,
    pub(crate) notation: Option<Notation>,
    /// Whether an image may be given by its address.
    pub(crate) links: bool,
    /// Words for its codes that are read where a mapping names no table.
    pub(crate) spellings: Option<Arc<SourceTable>>,
    pub(crate) source: Option<String>,
    pub(crate) basis: Option<String>,
}

impl Field {
    /// Canonical name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name for people, in Chinese.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What it holds.
    #[must_use]
    pub fn field_type(&self) -> FieldType {
        self.holds
    }

    /// Most characters.
    #[must_use]
    pub fn max(&self) -> usize {
        self.max
    }

    /// The canonical code table of a code field.
    #[must_use]
    pub fn table(&self) -> Option<&CodeTable> {
        self.table.as_deref()
    }

    /// The kind a reference refers to.
    #[must_use]
    pub fn parent(&self) -> Option<&str> {
        self.parent.as_deref()
    }

    /// What kind of personal value it holds; see [`crate::mask`].
    #[must_use]
    pub fn personal(&self) -> Option<&str> {
        self.personal.as_deref()
    }

    /// How its text is written, if by a standard.
    #[must_use]
    pub fn notation(&self) -> Option<Notation> {
        self.notation
    }

    /// The scheme of the identifier it holds, if it says whose record it is.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    /// Where it is from, if elsewhere than its kind: `design` for a field no public table has.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// From which sentence or table a designed field was made.
    #[must_use]
    pub fn basis(&self) -> Option<&str> {
        self.basis.as_deref()
    }

    /// Whether only its sender may change what it says: a level, a state.
    #[must_use]
    pub fn owner_only(&self) -> bool {
        self.owner_only
    }

    /// Whether it says what the record's owner is called: by it an owner whom the roster does not know is looked for.
    #[must_use]
    pub fn owner_name(&self) -> bool {
        self.owner_name
    }

    /// Whether a change in it alone makes no version.
    #[must_use]
    pub fn volatile(&self) -> bool {
        self.volatile
    }
}

impl Kind {
    /// Name, such as `hazard`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Its name for people, in Chinese.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.0.label
    }

    /// Its name in the national exchange, if it is exchanged there.
    #[must_use]
    pub fn wire(&self) -> Option<&str> {
        self.0.wire.as_deref()
    }

    /// Where its fields are from, for people.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.0.source.as_deref()
    }

    /// All fields, those of extended kinds first.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.0.fields
    }

    /// The field of a name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.number(name).and_then(|number| self.0.fields.get(number))
    }

    /// Fields whose change alone makes no version.
    #[must_use]
    pub fn volatile(&self) -> &[String] {
        &self.0.volatile
    }

    /// The field that says when a record was true, if there is one.
    #[must_use]
    pub fn as_of(&self) -> Option<&str> {
        self.0.as_of.as_deref()
    }

    /// When two records of it look like one registered twice, if the kind says so.
    #[must_use]
    pub fn look_alike(&self) -> Option<&LookAlike> {
        self.0.look_alike.as_ref()
    }

    /// Whether it is a register, whose sources are settled field by field.
    #[must_use]
    pub fn is_registry(&self) -> bool {
        self.0.registry
    }

    /// Whether another system issues these records, so that nobody waits for them.
    #[must_use]
    pub fn origin_elsewhere(&self) -> bool {
        self.0.elsewhere
    }

    /// The space references to this kind take, if the kind declares one.
    #[must_use]
    pub fn id_space(&self) -> Option<&str> {
        self.0.id_space.as_deref()
    }

    /// The field that says whether a record is deleted, and the code by which it does; none: a record of this kind cannot
    /// say so.
    #[must_use]
    pub fn gone(&self) -> Option<(&str, &str)> {
        let field = self.0.fields.get(self.0.marks.gone?)?;
        Some((field.name(), field.gone.as_deref()?))
    }

    /// The fields in which two contents differ, those apart whose change alone makes no version. What is empty says nothing.
    pub fn differing<'k>(&'k self, one: &'k Content, other: &'k Content) -> impl Iterator<Item = &'k Field> {
        let says = |content: &'k Content, field: &Field| content.get(field.name()).unwrap_or_default();
        self.fields().iter().filter(move |field| !field.volatile && says(one, field) != says(other, field))
    }

    /// References: field name and kind referred to.
    pub fn parents(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.fields.iter().filter_map(|field| field.parent().map(|parent| (field.name(), parent)))
    }

    /// The fields sorted by name.
    pub(crate) fn sorted(&self) -> impl Iterator<Item = &Field> {
        self.0.by_name.iter().filter_map(|number| self.0.fields.get(*number))
    }

    /// The place of a field among the fields.
    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        let fields = &self.0.fields;
        let named = |number: &usize| fields.get(*number).map_or("", Field::name).cmp(name);
        self.0.by_name.binary_search_by(named).ok().and_then(|at| self.0.by_name.get(at)).copied()
    }
}

/// Field numbers sorted by field name.
pub(crate) fn sorted_by_name(fields: &[Field]) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..fields.len()).collect();
    numbers.sort_by_key(|number| fields.get(*number).map_or("", Field::name));
    numbers
}

impl Facet {
    /// Reads `test`, `region` or `industry`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "test" => Some(Self::Test),
            "region" => Some(Self::Region),
            "industry" => Some(Self::Industry),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
