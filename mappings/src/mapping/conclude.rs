//! From checked cells to a contribution: key, content, parents, owner and what else a version carries.
//! Leaves joining several sources to `merge`.

use chrono::{DateTime, Utc};

use super::Mapping;
use crate::{
    alias::written,
    content::Content,
    image::Image,
    issue::{Issue, Outcome},
    key::{Key, Parent},
    merge::Contribution,
    value::{Canonical, Cell, Typed},
};

/// What became of one record.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapped {
    /// Its key, if it says one, also when it is held or rejected.
    pub key: Option<Key>,
    /// What it contributes; `None` when held or rejected.
    pub contribution: Option<Contribution>,
    /// Everything found wrong with it.
    pub issues: Vec<Issue>,
    /// What the issues come to.
    pub outcome: Outcome,
}

/// Who a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// The key it stands under.
    pub key: Key,
    /// What its sender says for it, `id_space/id`, where an alias joined that to the key; else empty.
    pub said: String,
}

/// Concludes a record.
pub(super) fn conclude(
    mapping: &Mapping,
    cells: Vec<Cell>,
    issues: Vec<Issue>,
    received_at: DateTime<Utc>,
) -> Mapped {
    let outcome = Outcome::of(&issues);
    let keyed = cells.get(mapping.kind.0.marks.id).and_then(Cell::good).map(|id| keyed(mapping, id));
    let key = keyed.as_ref().map(|keyed| keyed.key.clone());
    let good = keyed.filter(|_| outcome == Outcome::Good);
    let contribution = good.map(|keyed| contribution(mapping, keyed, cells, received_at));
    Mapped { key, contribution, issues, outcome }
}

/// The key an id makes.
pub(super) fn keyed(mapping: &Mapping, id: &Canonical) -> Keyed {
    let kind = mapping.kind.name();
    let joined = joined(mapping, kind, &mapping.id_space, &id.text);
    let (id_space, id, said) =
        joined.unwrap_or_else(|| (mapping.id_space.clone(), id.text.clone(), String::new()));
    Keyed { key: Key { kind: kind.to_owned(), id_space, id }, said }
}

/// The space and id that are meant by another, and that other as it is written.
fn joined(mapping: &Mapping, kind: &str, id_space: &str, id: &str) -> Option<(String, String, String)> {
    let joined = mapping.aliases.as_ref()?.aliases.joined(kind, id_space, id)?;
    Some((joined.id_space.to_owned(), joined.id.into_owned(), written(id_space, id)))
}

fn contribution(
    mapping: &Mapping,
    Keyed { key, said }: Keyed,
    mut cells: Vec<Cell>,
    received_at: DateTime<Utc>,
) -> Contribution {
    let marks = &mapping.kind.0.marks;
    let text = |number: Option<usize>| {
        number.and_then(|number| cells.get(number)).and_then(Cell::good).map(|value| value.text.clone())
    };
    let owner =
        marks.owners.iter().find_map(|(scheme, number)| Some(format!("{scheme}:{}", text(Some(*number))?)));
    let is_test = text(marks.test).is_some_and(|code| code == "1");
    let (region, industry) = (text(marks.region), text(marks.industry));
    let parents = parents(mapping, &cells);
    if mapping.aliases.is_some() {
        meant(mapping, &key, &parents, &mut cells);
    }
    Contribution {
        source: mapping.source.clone(),
        key,
        said,
        parents,
        owner,
        test: is_test,
        region,
        industry,
        as_of: as_of(marks.as_of, &cells, received_at),
        images: images(&cells),
        content: content(mapping, cells),
    }
}

/// Puts the ids that are meant in the place of those that were said.
fn meant(mapping: &Mapping, key: &Key, parents: &[Parent], cells: &mut [Cell]) {
    let own = [(mapping.kind.0.marks.id, &key.id)];
    let numbered =
        parents.iter().filter_map(|parent| Some((mapping.kind.number(&parent.field)?, &parent.id)));
    for (number, id) in own.into_iter().chain(numbered) {
        if let Some(Cell::Good(value)) = cells.get_mut(number) {
            value.text.clone_from(id);
        }
    }
}

fn images(cells: &[Cell]) -> Vec<Image> {
    let image = |cell: &Cell| match &cell.good()?.typed {
        Typed::Image(image) => Some(image.clone()),
        _ => None,
    };
    cells.iter().filter_map(image).collect()
}

fn parents(mapping: &Mapping, cells: &[Cell]) -> Vec<Parent> {
    let fields = mapping.kind.fields();
    let of = |(number, kind, id_space): &(usize, String, String)| {
        let own = &cells.get(*number)?.good()?.text;
        let (id_space, id, said) = match joined(mapping, kind, id_space, own) {
            Some((id_space, id, said)) => (id_space, id, Some(said)),
            None => (id_space.clone(), own.clone(), None),
        };
        let field = fields.get(*number)?.name().to_owned();
        Some(Parent { field, kind: kind.clone(), id_space, id, said })
    };
    mapping.references.iter().filter_map(of).collect()
}

/// When the record was true, as the sender says; a moment after its arrival says nothing.
fn as_of(number: Option<usize>, cells: &[Cell], received_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match &cells.get(number?)?.good()?.typed {
        Typed::Moment(moment) => Some(moment.with_timezone(&Utc)).filter(|as_of| *as_of <= received_at),
        _ => None,
    }
}

fn content(mapping: &Mapping, mut cells: Vec<Cell>) -> Content {
    let shape = &mapping.kind.0;
    let mut texts = Vec::with_capacity(cells.len());
    for number in &shape.by_name {
        if let (Some(field), Some(Cell::Good(value))) = (shape.fields.get(*number), cells.get_mut(*number)) {
            texts.push((field.name.clone(), std::mem::take(&mut value.text).into_boxed_str()));
        }
    }
    Content::from_sorted(texts)
}

#[cfg(test)]
mod tests;
