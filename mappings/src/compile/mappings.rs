//! Compiles mappings: head, fields, references, demands, examples.
//! Leaves single fields to `field_rules`, examples to `examples`.

use std::{collections::HashSet, sync::Arc};

use super::{
    contracts, examples,
    field_rules::{FieldRules, Rest, Setting},
    fields::space,
    hash::Ingredients,
    owner,
    profiles::named,
    reader::Section,
    shelf::{Sheet, Shelf, Sort},
    sources::{self, SourceFacts},
    tables::Tables,
    unknown,
};
use crate::{
    alias::Aliases,
    demand::{Check, Demands},
    fix::Fixes,
    kind::{Field, Kind},
    mapping::{
        Bearing, Mapping,
        field::{FieldRule, Parse},
    },
    problem::{Problem, Severity},
    profile::Profile,
    suggest::did_you_mean,
};

const KEYS: [&str; 17] = [
    "kind",
    "id_space",
    "profile",
    "zone",
    "select",
    "labels",
    "rest",
    "contract",
    "embedded",
    "unknown_fields",
    "ignore",
    "owner",
    "fields",
    "example",
    "source",
    "label",
    "description",
];

/// What a mapping file says before its fields.
struct Head<'a> {
    source: &'a str,
    service: String,
    kind: Kind,
    id_space: String,
    root: Section<'a>,
    facts: SourceFacts,
}

/// What mappings lean on.
#[derive(Clone, Copy)]
pub(super) struct Given<'g, 'f> {
    pub(super) kinds: &'g [Kind],
    pub(super) profiles: &'g [Profile],
    pub(super) tables: &'g Tables<'f>,
    pub(super) aliases: &'g Arc<Aliases>,
    pub(super) fixes: &'g Fixes,
}

/// All mappings, by path.
pub(super) fn compile(shelf: &Shelf<'_>, given: Given<'_, '_>, problems: &mut Vec<Problem>) -> Vec<Mapping> {
    let heads: Vec<Head<'_>> =
        shelf.iter().filter_map(|sheet| head(sheet, shelf, given.kinds, problems)).collect();
    let mut taken = HashSet::new();
    for head in &heads {
        if !taken.insert((head.source, head.service.as_str())) {
            problems.push(
                head.root.error(format!("来源 {} 的服务 {} 已有另一个映射", head.source, head.service)),
            );
        }
    }
    heads.iter().map(|head| mapping(head, &heads, given, problems)).collect()
}

fn head<'a>(
    sheet: &'a Sheet<'_>,
    shelf: &'a Shelf<'_>,
    kinds: &[Kind],
    problems: &mut Vec<Problem>,
) -> Option<Head<'a>> {
    let Sort::Mapping(source) = sheet.sort else { return None };
    let root = sheet.root();
    root.only(&KEYS, problems);
    let id_space = root.needed("id_space", &mut Vec::new()).and_then(|_| space(root, problems));
    if root.entry("id_space").is_none() {
        problems.push(root.error("缺少 id_space"));
    }
    let facts = sources::read(shelf, source, problems);
    let service = service(root, source, &facts, problems);
    let name = root.needed("kind", problems)?;
    let Some(kind) = kinds.iter().find(|kind| kind.name() == name.value) else {
        problems.push(name.error(
            format!("没有种类 {}", name.value),
            did_you_mean(name.value, kinds.iter().map(Kind::name)),
        ));
        return None;
    };
    Some(Head { source, service: service?, kind: kind.clone(), id_space: id_space?, root, facts })
}

fn service(
    root: Section<'_>,
    source: &str,
    facts: &SourceFacts,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let Some(select) = root.section("select", problems) else {
        problems.push(root.error("缺少 select = { service = … }"));
        return None;
    };
    select.only(&["service"], problems);
    let name = select.needed("service", problems)?;
    if let Some(services) = &facts.services
        && !services.iter().any(|service| service == name.value)
    {
        let hint = did_you_mean(name.value, services.iter().map(String::as_str));
        problems.push(name.error(format!("来源 {source} 没有服务 {}", name.value), hint));
    }
    Some(name.value.to_owned())
}

fn mapping(
    head: &Head<'_>,
    heads: &[Head<'_>],
    given: Given<'_, '_>,
    problems: &mut Vec<Problem>,
) -> Mapping {
    let Given { kinds, profiles, tables, aliases, fixes } = given;
    let root = head.root;
    let profile = root.text("profile", problems).and_then(|name| named(profiles, name, problems));
    let zone =
        root.text("zone", problems).map_or(head.facts.zone, |text| Some(sources::zone(text, problems)));
    let space_of = |field: &Field, own: Option<String>| reference_space(field, own, head, heads, kinds);
    let labels = root.flag("labels", problems).unwrap_or(false);
    let setting = Setting { kind: &head.kind, tables, zone, labels, space_of: &space_of };
    let section = root.section("fields", problems);
    let rest = rest(root, problems);
    if section.is_none() && rest.is_none() {
        problems.push(root.error("缺少 [fields]"));
    }
    let mut rules =
        section.map(|section| FieldRules::compile(section, &setting, problems)).unwrap_or_default();
    rules.add_rest(rest, &setting);
    check_id(head, &rules.rules, problems);
    let industry = profile.and_then(|profile| profile.demands.get(head.kind.name()));
    let demands =
        industry.map_or_else(|| head.kind.0.demands.clone(), |industry| head.kind.0.demands.and(industry));
    unfed(section.unwrap_or(root), &head.kind, &demands, &rules.rules, problems);
    let references = references(&head.kind, &rules.rules);
    let bearing = aliases.bearing(head.kind.name(), references.iter().map(|(_, kind, _)| kind.as_str()));
    let fixes = fixes.of_kind(head.kind.name());
    let hash = Ingredients {
        source: head.source,
        text: root.file.text,
        zone: zone.map_or("", |zone| zone.name()),
        kind: &head.kind,
        profile,
        demands: &demands,
        tables: &rules.tables,
        references: &references,
        aliases: bearing,
        fixes: fixes.map(|fixes| fixes.digest),
    }
    .hash(tables);
    Mapping {
        contracts: contracts::compile(root, &rules.contracts, &head.kind, problems),
        embedded: embedded(root, &rules.paths, problems),
        unknown: unknown::compile(root, &rules.paths, problems),
        known_owner: owner::compile(root, &head.kind, &rules.rules, problems),
        source: head.source.to_owned(),
        service: head.service.clone(),
        kind: head.kind.clone(),
        profile: profile.map(|profile| profile.name.clone()),
        profile_source: profile.and_then(|profile| profile.source.clone()),
        id_space: head.id_space.clone(),
        quiet: quiet(&head.kind, &rules),
        rules: rules.rules,
        paths: rules.paths,
        slots: rules.slots,
        references,
        aliases: bearing.map(|digest| Bearing { aliases: Arc::clone(aliases), digest }),
        fixes: fixes.cloned(),
        demands,
        hash,
        examples: examples::read(root, &head.kind, problems),
    }
}

/// How the fields that `[fields]` leaves out are found.
fn rest(root: Section<'_>, problems: &mut Vec<Problem>) -> Option<Rest> {
    let text = root.text("rest", problems)?;
    let found = Rest::parse(text.value);
    if found.is_none() {
        problems.push(text.error("rest 应当是 names（按字段名）或 labels（按中文名）", None));
    }
    found
}

/// Paths that hold JSON as a text. One under which nothing is read is a mistake, and one that is read itself, too.
fn embedded(root: Section<'_>, paths: &[Box<str>], problems: &mut Vec<Problem>) -> Vec<Box<str>> {
    let texts = root.texts("embedded", problems);
    let below = |above: &str, path: &str| path.strip_prefix(above).is_some_and(|rest| rest.starts_with('.'));
    for text in &texts {
        if paths.iter().any(|path| path.as_ref() == text.value) {
            problems.push(text.error(format!("{} 要拆开来读，不能又整个当作一个值", text.value), None));
        } else if !paths.iter().any(|path| below(text.value, path)) {
            let hint = format!("例如 from = \"{}.name\"，列表里的第一个写 {}.0.name", text.value, text.value);
            problems.push(text.error(format!("没有字段读 {} 里面的内容", text.value), Some(hint)));
        }
    }
    texts.into_iter().map(|text| text.value.into()).collect()
}

/// The space of an id field: its own word, the field's, the parent kind's, that of the same source's mapping of the
/// parent kind, the mapping's own.
fn reference_space(
    field: &Field,
    own: Option<String>,
    head: &Head<'_>,
    heads: &[Head<'_>],
    kinds: &[Kind],
) -> String {
    let declared = || {
        let parent = kinds.iter().find(|kind| Some(kind.name()) == field.parent())?;
        parent.id_space().map(str::to_owned)
    };
    let sibling = || {
        let mut siblings = heads.iter().filter(|other| other.source == head.source);
        siblings.find(|other| Some(other.kind.name()) == field.parent()).map(|other| other.id_space.clone())
    };
    if field.name() == "id" {
        return head.id_space.clone();
    }
    own.or_else(|| field.id_space.clone())
        .or_else(declared)
        .or_else(sibling)
        .unwrap_or_else(|| head.id_space.clone())
}

fn references(kind: &Kind, rules: &[FieldRule]) -> Vec<(usize, String, String)> {
    let of = |rule: &FieldRule| {
        let parent = kind.fields().get(rule.field)?.parent()?;
        let Parse::Id { space } = &rule.parse else { return None };
        Some((rule.field, parent.to_owned(), space.clone()))
    };
    rules.iter().filter_map(of).collect()
}

fn check_id(head: &Head<'_>, rules: &[FieldRule], problems: &mut Vec<Problem>) {
    if !rules.iter().any(|rule| rule.field == head.kind.0.marks.id) {
        let hint = Some("没有主键的数据写 id = { digest = [\"列\", …] }".to_owned());
        problems.push(head.root.file.error(head.root.at, "映射没有给出 id", hint));
    }
}

/// Required fields nothing feeds: every record would be rejected.
fn unfed(
    section: Section<'_>,
    kind: &Kind,
    demands: &Demands,
    rules: &[FieldRule],
    problems: &mut Vec<Problem>,
) {
    for (number, checks) in demands.fields.iter().enumerate() {
        let required = checks.iter().any(|check| matches!(check.what, Check::Required));
        let fed = number == kind.0.marks.id || rules.iter().any(|rule| rule.field == number);
        if let Some(field) = kind.fields().get(number).filter(|_| required && !fed) {
            let message =
                format!("必填字段 {}（{}）没有来源，每条记录都会被拒收", field.name(), field.label());
            problems.push(section.file.problem(Severity::Warning, section.at, message, None));
        }
    }
}

/// Paths that feed volatile fields and nothing else.
fn quiet(kind: &Kind, rules: &FieldRules) -> Vec<Box<str>> {
    let feeds = |slot: usize, volatile: bool| {
        rules.rules.iter().any(|rule| {
            rule.slots().contains(&slot)
                && kind.fields().get(rule.field).is_some_and(|field| field.volatile() == volatile)
        })
    };
    rules
        .paths
        .iter()
        .enumerate()
        .filter(|(slot, _)| feeds(*slot, true) && !feeds(*slot, false))
        .map(|(_, path)| path.clone())
        .collect()
}

#[cfg(test)]
mod tests;
