//! Compiles profiles: what an industry adds to kinds. A profile tightens; what would loosen a kind is a problem.
//! Leaves checks themselves to `demands`.

use std::collections::BTreeMap;

use super::{
    demands,
    kinds::no_field,
    reader::{Entry, Section, Text},
    shelf::{Shelf, Sort},
    tables::Tables,
};
use crate::{
    demand::{Check, Demands, FieldCheck},
    digest::Digester,
    kind::{Field, Kind},
    problem::Problem,
    profile::Profile,
    suggest::did_you_mean,
};

/// Keys a field of a profile may have.
const KEYS: [&str; 12] = [
    "required",
    "required_if",
    "pattern",
    "max",
    "min",
    "range",
    "prefix_in",
    "max_kb",
    "types",
    "readable",
    "table",
    "source",
];

/// All profiles.
pub(super) fn compile(
    shelf: &Shelf<'_>,
    kinds: &[Kind],
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Profile> {
    let mut profiles = Vec::new();
    for sheet in shelf.iter() {
        let Sort::Profile(stem) = sheet.sort else { continue };
        let root = sheet.root();
        let head = ["profile", "label", "source", "description"];
        if let Some(name) = root.needed("profile", problems).filter(|name| name.value != stem) {
            problems.push(name.error(format!("profile 应当与文件名相同：{stem}"), None));
        }
        let sections: Vec<Entry<'_>> =
            root.entries().into_iter().filter(|entry| !head.contains(&entry.key)).collect();
        known_kinds(&sections, kinds, problems);
        let mut demands = BTreeMap::new();
        for kind in kinds {
            let own = of_kind(&sections, kind, tables, problems);
            demands.insert(kind.name().to_owned(), own);
        }
        let mut digester = Digester::new("profile");
        digester.text(sheet.text.text);
        let label = root.text("label", problems).map_or(stem, |label| label.value).to_owned();
        let source = root.text("source", problems).map(|source| source.value.to_owned());
        profiles.push(Profile { name: stem.to_owned(), label, source, demands, digest: digester.finish() });
    }
    profiles
}

/// The profile a mapping names.
pub(super) fn named<'p>(
    profiles: &'p [Profile],
    name: Text<'_>,
    problems: &mut Vec<Problem>,
) -> Option<&'p Profile> {
    let found = profiles.iter().find(|profile| profile.name == name.value);
    if found.is_none() {
        let hint = did_you_mean(name.value, profiles.iter().map(|profile| profile.name.as_str()));
        problems.push(name.error(format!("没有 profile {}", name.value), hint));
    }
    found
}

/// A section names a kind, or an abstract kind and means all that extend it.
fn known_kinds(sections: &[Entry<'_>], kinds: &[Kind], problems: &mut Vec<Problem>) {
    for entry in sections {
        if !kinds.iter().any(|kind| concerns(entry.key, kind)) {
            let names =
                kinds.iter().flat_map(|kind| kind.0.extends.iter().map(String::as_str).chain([kind.name()]));
            problems.push(entry.error(format!("没有种类 {}", entry.key), did_you_mean(entry.key, names)));
        } else if let Some(section) = entry.section() {
            section.only(&["fields", "rule", "example"], problems);
        } else {
            problems.push(entry.error(format!("{} 应当是一张表：[{}.fields]", entry.key, entry.key), None));
        }
    }
}

fn concerns(name: &str, kind: &Kind) -> bool {
    kind.name() == name || kind.0.extends.iter().any(|base| base == name)
}

fn of_kind(sections: &[Entry<'_>], kind: &Kind, tables: &Tables<'_>, problems: &mut Vec<Problem>) -> Demands {
    let mut demands = Demands { fields: vec![Vec::new(); kind.fields().len()], rules: Vec::new() };
    for section in sections.iter().filter(|entry| concerns(entry.key, kind)).filter_map(Entry::section) {
        for entry in section.section("fields", problems).map(|fields| fields.entries()).unwrap_or_default() {
            field(entry, kind, tables, &mut demands, problems);
        }
        demands.rules.extend(demands::rules(section, kind.fields(), problems));
    }
    demands
}

fn field(
    entry: Entry<'_>,
    kind: &Kind,
    tables: &Tables<'_>,
    demands: &mut Demands,
    problems: &mut Vec<Problem>,
) {
    let Some(number) = kind.number(entry.key) else {
        let name = Text { file: entry.file, value: entry.key, at: entry.at };
        problems.push(no_field(name, kind.fields()));
        return;
    };
    let (Some(section), Some(field)) = (entry.section(), kind.fields().get(number)) else {
        problems.push(entry.error(format!("字段 {} 应当写作 {{ required = true, … }}", entry.key), None));
        return;
    };
    section.only(&KEYS, problems);
    let mut checks = demands::field_checks(section, kind.fields(), tables, problems);
    checks.extend(demands::narrower(section, field, tables, problems));
    let own = kind.0.demands.fields.get(number).map(Vec::as_slice).unwrap_or_default();
    loosening(section, field, own, &checks, problems);
    if let Some(known) = demands.fields.get_mut(number) {
        known.extend(checks);
    }
}

/// What would let pass what the kind does not.
fn loosening(
    section: Section<'_>,
    field: &Field,
    own: &[FieldCheck],
    checks: &[FieldCheck],
    problems: &mut Vec<Problem>,
) {
    let required = own.iter().any(|check| matches!(check.what, Check::Required));
    if let Some(entry) =
        section.entry("required").filter(|entry| entry.value.get_ref().as_bool() == Some(false))
    {
        let told = if required { "放宽了：种类要求必填" } else { "required = false 没有作用" };
        problems.push(entry.error(told, Some("profile 只能收紧，请删去这一项".to_owned())));
    }
    for check in checks {
        let told = own
            .iter()
            .find_map(|known| looser(&known.what, &check.what))
            .map(|(key, told)| (section.entry(key), told));
        if let Some((Some(entry), told)) = told {
            problems.push(
                entry.error(
                    format!("放宽了：{}的 {told}", field.label()),
                    Some("profile 只能收紧".to_owned()),
                ),
            );
        }
    }
}

fn looser(own: &Check, new: &Check) -> Option<(&'static str, String)> {
    match (own, new) {
        (Check::Max(own), Check::Max(new)) if new > own => Some(("max", format!("max 是 {own}"))),
        (Check::Min(own), Check::Min(new)) if new < own => Some(("min", format!("min 是 {own}"))),
        (Check::MaxKb(own), Check::MaxKb(new)) if new > own => Some(("max_kb", format!("max_kb 是 {own}"))),
        (Check::Formats(own), Check::Formats(new)) if new.iter().any(|format| !own.contains(format)) => {
            Some(("types", "types 没有这些格式".to_owned()))
        }
        (Check::Range(from, to), Check::Range(new_from, new_to)) if new_from < from || new_to > to => {
            Some(("range", format!("range 是 [{from}, {to}]")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
