//! Compiles outlets: which kinds a destination takes, where, and in which words.
//! Leaves single fields to `outlet_fields`.

use super::{
    demands,
    kinds::no_field,
    outlet_fields,
    reader::Section,
    shelf::{Sheet, Shelf, Sort},
    sources::missing,
    tables::Tables,
    wire::{self, Wire},
};
use crate::{kind::Kind, outlet::Outlet, problem::Problem, suggest::did_you_mean};

const KEYS: [&str; 8] = ["kind", "path", "omit", "fields", "rule", "source", "label", "description"];

/// All outlets, by destination, parents before children.
pub(super) fn compile(
    shelf: &Shelf<'_>,
    kinds: &[Kind],
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Outlet> {
    let mut outlets: Vec<(usize, Outlet)> = Vec::new();
    for sheet in shelf.iter() {
        let Some((rank, outlet)) = outlet(sheet, shelf, kinds, tables, problems) else { continue };
        if outlets.iter().any(|(known, other)| *known == rank && other.destination == outlet.destination) {
            let message = format!("{} 已有另一个 {} 的出口", outlet.destination, outlet.kind.name());
            problems.push(sheet.root().error(message));
        }
        outlets.push((rank, outlet));
    }
    outlets.sort_by(|(a, x), (b, y)| (&x.destination, a).cmp(&(&y.destination, b)));
    outlets.into_iter().map(|(_, outlet)| outlet).collect()
}

/// An outlet and its kind's place in the order.
fn outlet(
    sheet: &Sheet<'_>,
    shelf: &Shelf<'_>,
    kinds: &[Kind],
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> Option<(usize, Outlet)> {
    let Sort::Outlet(destination) = sheet.sort else { return None };
    let root = sheet.root();
    root.only(&KEYS, problems);
    let wire = wire::read(shelf, destination, kinds, problems);
    if wire.is_none() {
        problems.push(missing(format!("destinations/{destination}/destination.toml")));
    }
    let path = root.needed("path", problems);
    let name = root.needed("kind", problems)?;
    let found = kinds.iter().enumerate().find(|(_, kind)| kind.name() == name.value);
    let Some((rank, kind)) = found else {
        problems.push(name.error(
            format!("没有种类 {}", name.value),
            did_you_mean(name.value, kinds.iter().map(Kind::name)),
        ));
        return None;
    };
    let wire = wire?;
    let mut omitted = omitted(root, kind, problems);
    omitted.extend(wire.omit.iter().filter(|name| kind.number(name).is_some()).cloned());
    let outlet = tied(root, destination, path?.value, kind, &wire, &omitted, tables, problems);
    Some((rank, outlet))
}

#[expect(clippy::too_many_arguments, reason = "each is one thing the outlet is made of")]
fn tied(
    root: Section<'_>,
    destination: &str,
    path: &str,
    kind: &Kind,
    wire: &Wire,
    omitted: &[String],
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> Outlet {
    let (fields, mut demands) = outlet_fields::compile(root, kind, wire, omitted, tables, problems);
    demands.rules = demands::rules(root, kind.fields(), problems);
    Outlet {
        destination: destination.to_owned(),
        kind: kind.clone(),
        path: path.to_owned(),
        uuid_form: wire.uuid_form,
        images: wire.images,
        fields,
        demands,
    }
}

fn omitted(root: Section<'_>, kind: &Kind, problems: &mut Vec<Problem>) -> Vec<String> {
    let mut names = Vec::new();
    for name in root.texts("omit", problems) {
        match kind.number(name.value) {
            Some(_) if name.value == "id" => problems.push(name.error("id 不能省略", None)),
            Some(_) => names.push(name.value.to_owned()),
            None => problems.push(no_field(name, kind.fields())),
        }
    }
    names
}

#[cfg(test)]
mod tests;
