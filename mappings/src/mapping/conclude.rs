//! From checked cells to a contribution: key, content, parents, owner and what else a version carries.
//! Leaves joining several sources to `merge`.

use chrono::{DateTime, Utc};

use super::Mapping;
use crate::{
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

/// Concludes a record.
pub(super) fn conclude(
    mapping: &Mapping,
    cells: Vec<Cell>,
    issues: Vec<Issue>,
    received_at: DateTime<Utc>,
) -> Mapped {
    let outcome = Outcome::of(&issues);
    let key = cells.get(mapping.kind.0.marks.id).and_then(Cell::good).map(|id| key_of(mapping, id));
    let contribution = match &key {
        Some(key) if outcome == Outcome::Good => Some(contribution(mapping, key.clone(), cells, received_at)),
        _ => None,
    };
    Mapped { key, contribution, issues, outcome }
}

/// The key an id makes.
pub(super) fn key_of(mapping: &Mapping, id: &Canonical) -> Key {
    Key { kind: mapping.kind.name().to_owned(), id_space: mapping.id_space.clone(), id: id.text.clone() }
}

fn contribution(mapping: &Mapping, key: Key, cells: Vec<Cell>, received_at: DateTime<Utc>) -> Contribution {
    let marks = &mapping.kind.0.marks;
    let text = |number: Option<usize>| {
        number.and_then(|number| cells.get(number)).and_then(Cell::good).map(|value| value.text.clone())
    };
    let owner =
        marks.owners.iter().find_map(|(scheme, number)| Some(format!("{scheme}:{}", text(Some(*number))?)));
    Contribution {
        source: mapping.source.clone(),
        key,
        parents: parents(mapping, &cells),
        owner,
        test: text(marks.test).is_some_and(|code| code == "1"),
        region: text(marks.region),
        industry: text(marks.industry),
        as_of: as_of(marks.as_of, &cells, received_at),
        images: images(&cells),
        content: content(mapping, cells),
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
        Some(Parent {
            field: fields.get(*number)?.name().to_owned(),
            kind: kind.clone(),
            id_space: id_space.clone(),
            id: cells.get(*number)?.good()?.text.clone(),
        })
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
