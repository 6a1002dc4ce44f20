//! Compiles kind files: fields of the kinds they extend first, then their own; marks, checks, order.
//! Leaves single fields to `fields`, checks to `demands`.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    demands, fields, look_alike,
    order::parents_first,
    reader::{Entry, Section, Text},
    shelf::{Shelf, Sort},
    tables::Tables,
};
use crate::{
    demand::{Check, Demands, FieldCheck},
    digest::Digester,
    issue::Level,
    kind::{Facet, Field, Kind, Marks, Shape, sorted_by_name},
    problem::Problem,
    suggest::did_you_mean,
    value::FieldType,
};

const KEYS: [&str; 16] = [
    "kind",
    "label",
    "source",
    "wire",
    "extends",
    "abstract",
    "origin",
    "registry",
    "id_space",
    "volatile",
    "as_of",
    "look_alike",
    "fields",
    "rule",
    "example",
    "description",
];

/// What to do instead: a directory's file stands in the place of the shipped one, which is no more there to be extended.
const OWN_NAME: &str =
    "同名文件整个替换随程序的种类：要加字段，复制随程序的那个文件再加；要另立一种，换个名字再 extends";

/// The file of a kind.
struct KindFile<'a> {
    name: &'a str,
    root: Section<'a>,
    concrete: bool,
}

/// All concrete kinds, parents before children.
pub(super) fn compile(shelf: &Shelf<'_>, tables: &Tables<'_>, problems: &mut Vec<Problem>) -> Vec<Kind> {
    let files: Vec<KindFile<'_>> = shelf
        .iter()
        .filter_map(|sheet| match sheet.sort {
            Sort::Kind(stem) => Some(open(stem, sheet.root(), problems)),
            _ => None,
        })
        .collect();
    for file in files.iter().filter(|file| !file.concrete) {
        read_fields(&[file.root], tables, problems);
    }
    let kinds: Vec<Kind> =
        files.iter().filter(|file| file.concrete).map(|file| kind(file, &files, tables, problems)).collect();
    check_parents(&files, &kinds, problems);
    let (kinds, circle) = parents_first(kinds);
    if let Some(file) = files.iter().find(|file| circle.iter().any(|name| name == file.name)) {
        problems.push(file.root.error(format!("上级关系成了环：{}", circle.join("、"))));
    }
    kinds
}

fn open<'a>(stem: &'a str, root: Section<'a>, problems: &mut Vec<Problem>) -> KindFile<'a> {
    root.only(&KEYS, problems);
    if let Some(name) = root.needed("kind", problems).filter(|name| name.value != stem) {
        problems.push(name.error(format!("kind 应当与文件名相同：{stem}"), None));
    }
    let concrete = !root.flag("abstract", problems).unwrap_or(false);
    KindFile { name: stem, root, concrete }
}

fn kind(
    file: &KindFile<'_>,
    files: &[KindFile<'_>],
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> Kind {
    let root = file.root;
    let mut layers = Vec::new();
    let mut extends = Vec::new();
    collect_layers(file, files, &mut extends, &mut layers, problems);
    let label = root.needed("label", problems).map_or(file.name, |label| label.value);
    let mut fields = read_fields(&layers, tables, problems);
    let volatile = volatile(&layers, &mut fields, problems);
    let as_of = as_of(&layers, &fields, problems);
    let demands = demands(&layers, &fields, tables, problems);
    check_id(root, &fields, problems);
    check_gone(root, &fields, problems);
    let mut digester = Digester::new("kind");
    for layer in &layers {
        digester.text(layer.file.text);
    }
    Kind(Arc::new(Shape {
        name: file.name.to_owned(),
        label: label.to_owned(),
        wire: root.text("wire", problems).map(|wire| wire.value.to_owned()),
        source: root.text("source", problems).map(|source| source.value.to_owned()),
        by_name: sorted_by_name(&fields),
        marks: marks(&fields, as_of.as_deref()),
        look_alike: look_alike::read(&layers, &fields, problems),
        volatile,
        as_of,
        registry: layers.iter().filter_map(|layer| layer.flag("registry", problems)).last().unwrap_or(false),
        elsewhere: elsewhere(root, problems),
        id_space: fields::space(root, problems),
        extends,
        demands,
        digest: digester.finish(),
        fields,
    }))
}

/// The sections of the extended kinds, then the kind's own; each extended kind once.
fn collect_layers<'a>(
    file: &KindFile<'a>,
    files: &[KindFile<'a>],
    extends: &mut Vec<String>,
    layers: &mut Vec<Section<'a>>,
    problems: &mut Vec<Problem>,
) {
    for name in file.root.texts("extends", problems) {
        if extends.iter().any(|known| known == name.value) {
            continue;
        }
        match files.iter().find(|known| known.name == name.value) {
            Some(base) if base.name != file.name => {
                extends.push(base.name.to_owned());
                collect_layers(base, files, extends, layers, problems);
            }
            Some(_) => problems.push(name.error("种类不能继承自己", Some(OWN_NAME.to_owned()))),
            None => {
                let hint = did_you_mean(name.value, files.iter().map(|file| file.name));
                problems.push(name.error(format!("没有种类 {}", name.value), hint));
            }
        }
    }
    layers.push(file.root);
}

/// A field named again replaces the inherited one in its place.
fn read_fields(layers: &[Section<'_>], tables: &Tables<'_>, problems: &mut Vec<Problem>) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for layer in layers {
        for entry in layer.section("fields", problems).map(|section| section.entries()).unwrap_or_default() {
            let Some(field) = fields::read(entry, tables, problems) else { continue };
            match fields.iter_mut().find(|known| known.name() == entry.key) {
                Some(known) => *known = field,
                None => fields.push(field),
            }
        }
    }
    fields
}

fn volatile(layers: &[Section<'_>], fields: &mut [Field], problems: &mut Vec<Problem>) -> Vec<String> {
    let mut names = Vec::new();
    for name in layers.iter().flat_map(|layer| layer.texts("volatile", problems)).collect::<Vec<_>>() {
        match fields.iter_mut().find(|field| field.name() == name.value) {
            Some(field) => {
                field.volatile = true;
                names.push(name.value.to_owned());
            }
            None => problems.push(no_field(name, fields)),
        }
    }
    names
}

fn as_of(layers: &[Section<'_>], fields: &[Field], problems: &mut Vec<Problem>) -> Option<String> {
    let name = layers.iter().filter_map(|layer| layer.text("as_of", problems)).last()?;
    match fields.iter().find(|field| field.name() == name.value) {
        Some(field) if field.field_type() == FieldType::DateTime => return Some(name.value.to_owned()),
        Some(_) => problems.push(name.error("as_of 应当是 datetime 字段", None)),
        None => problems.push(no_field(name, fields)),
    }
    None
}

fn demands(
    layers: &[Section<'_>],
    fields: &[Field],
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> Demands {
    let mut demands = Demands { fields: Vec::new(), rules: Vec::new() };
    for field in fields {
        let mut checks = Vec::new();
        let entry = layers
            .iter()
            .rev()
            .find_map(|layer| layer.section("fields", &mut Vec::new())?.entry(field.name()));
        if let Some(section) = entry.and_then(|entry| entry.section()) {
            checks = demands::field_checks(section, fields, tables, problems);
            checks.extend(demands::notation(section, problems));
        }
        if field.field_type() == FieldType::Text {
            checks.push(FieldCheck { what: Check::Readable, level: Level::Warn });
        }
        if field.name() == "id" {
            checks.push(FieldCheck { what: Check::Required, level: Level::Reject });
        }
        let limited = checks.iter().any(|check| matches!(check.what, Check::Max(_)));
        if !limited
            && field.max() < usize::MAX
            && field.table().is_none()
            && !field.field_type().is_temporal()
        {
            checks.push(FieldCheck { what: Check::Max(field.max()), level: Level::Reject });
        }
        demands.fields.push(checks);
    }
    for layer in layers {
        demands.rules.extend(demands::rules(*layer, fields, problems));
    }
    demands
}

fn check_id(root: Section<'_>, fields: &[Field], problems: &mut Vec<Problem>) {
    match fields.iter().find(|field| field.name() == "id") {
        Some(field) if field.field_type() == FieldType::Id && field.parent().is_none() => {}
        _ => problems.push(root.error("种类要有字段 id，类型 id，没有 parent")),
    }
}

fn check_gone(root: Section<'_>, fields: &[Field], problems: &mut Vec<Problem>) {
    let marked: Vec<&str> = fields.iter().filter(|field| field.gone.is_some()).map(Field::name).collect();
    if marked.len() > 1 {
        problems.push(root.error(format!("只能有一个字段写 gone，这里有：{}", marked.join("、"))));
    }
}

fn marks(fields: &[Field], as_of: Option<&str>) -> Marks {
    let position = |wanted: &dyn Fn(&Field) -> bool| fields.iter().position(wanted);
    Marks {
        id: position(&|field| field.name() == "id").unwrap_or(0),
        as_of: position(&|field| Some(field.name()) == as_of),
        owners: fields
            .iter()
            .enumerate()
            .filter_map(|(number, field)| Some((field.owner.clone()?, number)))
            .collect(),
        test: position(&|field| field.facet == Some(Facet::Test)),
        region: position(&|field| field.facet == Some(Facet::Region)),
        industry: position(&|field| field.facet == Some(Facet::Industry)),
        gone: position(&|field| field.gone.is_some()),
    }
}

fn elsewhere(root: Section<'_>, problems: &mut Vec<Problem>) -> bool {
    let Some(origin) = root.text("origin", problems) else { return false };
    if origin.value != "elsewhere" {
        problems.push(origin.error("origin 只能是 elsewhere", None));
    }
    origin.value == "elsewhere"
}

fn check_parents(files: &[KindFile<'_>], kinds: &[Kind], problems: &mut Vec<Problem>) {
    let names: BTreeSet<&str> = kinds.iter().map(Kind::name).collect();
    for file in files {
        let Some(fields) = file.root.section("fields", &mut Vec::new()) else { continue };
        for section in fields.entries().iter().filter_map(Entry::section) {
            if let Some(parent) =
                section.text("parent", problems).filter(|parent| !names.contains(parent.value))
            {
                let hint = did_you_mean(parent.value, names.iter().copied());
                problems.push(parent.error(format!("没有种类 {}", parent.value), hint));
            }
        }
    }
}

/// The problem of a text that names no field.
pub(super) fn no_field(name: Text<'_>, fields: &[Field]) -> Problem {
    let hint = did_you_mean(name.value, fields.iter().map(Field::name));
    name.error(format!("没有字段 {}", name.value), hint)
}

#[cfg(test)]
mod tests;
