//! Examples of kinds and profiles: records in our own words, as the sender of a blank workbook would write them.
//! Leaves running them to `example`, the examples of mappings to `mappings`.

use super::{
    examples,
    field_rules::{FieldRules, Rest, Setting},
    reader::{Entry, Section},
    shelf::{Shelf, Sort},
    tables::Tables,
};
use crate::{
    digest::Digest,
    example::Example,
    key::REGISTERED_SPACE,
    kind::{Field, Kind},
    mapping::{Mapping, strangers::Unknown},
    problem::Problem,
    profile::Profile,
};

/// One mapping for every kind, alone and in each profile, that has examples: every field under its own name.
pub(super) fn compile(
    shelf: &Shelf<'_>,
    kinds: &[Kind],
    profiles: &[Profile],
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Mapping> {
    let mut samples = Vec::new();
    for sheet in shelf.iter() {
        match sheet.sort {
            Sort::Kind(stem) => {
                let kind = kinds.iter().find(|kind| kind.name() == stem);
                samples.extend(sample(sheet.root(), kind, None, tables, problems));
            }
            Sort::Profile(stem) => {
                let profile = profiles.iter().find(|profile| profile.name == stem);
                for entry in sheet.root().entries().iter().filter(|entry| entry.section().is_some()) {
                    let kind = kinds.iter().find(|kind| kind.name() == entry.key);
                    samples.extend(of_profile(entry, kind, profile, tables, problems));
                }
            }
            _ => {}
        }
    }
    samples
}

fn of_profile(
    entry: &Entry<'_>,
    kind: Option<&Kind>,
    profile: Option<&Profile>,
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Mapping> {
    sample(entry.section()?, kind, profile, tables, problems)
}

fn sample(
    section: Section<'_>,
    kind: Option<&Kind>,
    profile: Option<&Profile>,
    tables: &Tables<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Mapping> {
    let entry = section.entry("example")?;
    let Some(kind) = kind else {
        problems.push(entry.error("抽象种类没有示例：请写在具体的种类里", None));
        return None;
    };
    let examples = examples::read(section, kind, problems);
    (!examples.is_empty()).then(|| mapping(kind, profile, tables, examples))
}

/// Every field under its own name, whatever the space of its id.
pub(super) fn mapping(
    kind: &Kind,
    profile: Option<&Profile>,
    tables: &Tables<'_>,
    examples: Vec<Example>,
) -> Mapping {
    let space_of = |_: &Field, _: Option<String>| REGISTERED_SPACE.to_owned();
    let setting =
        Setting { kind, tables, zone: Some(chrono_tz::Asia::Shanghai), labels: true, space_of: &space_of };
    let mut rules = FieldRules::default();
    rules.add_rest(Some(Rest::Names), &setting);
    let own = &kind.0.demands;
    let industry = profile.and_then(|profile| profile.demands.get(kind.name()));
    Mapping {
        source: String::new(),
        service: String::new(),
        kind: kind.clone(),
        profile: profile.map(|profile| profile.name.clone()),
        profile_source: profile.and_then(|profile| profile.source.clone()),
        id_space: REGISTERED_SPACE.to_owned(),
        quiet: Vec::new(),
        rules: rules.rules,
        paths: rules.paths,
        slots: rules.slots,
        references: Vec::new(),
        aliases: None,
        fixes: None,
        demands: industry.map_or_else(|| own.clone(), |industry| own.and(industry)),
        embedded: Vec::new(),
        contracts: Vec::new(),
        unknown: Unknown::default(),
        known_owner: false,
        hash: Digest::default(),
        examples,
    }
}

#[cfg(test)]
mod tests;
