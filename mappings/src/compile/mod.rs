//! From rule files to a rulebook, with every problem of every file at its exact place.
//! One step per sort of file, in the order they lean on each other: tables, kinds, aliases, fixes, profiles, mappings, outlets.

mod aliases;
mod contracts;
mod demands;
mod examples;
mod field_rules;
mod fields;
mod fixes;
mod hash;
mod kinds;
mod lines;
mod look_alike;
mod mappings;
mod order;
mod outlet_fields;
mod outlets;
mod owner;
mod profiles;
mod reader;
mod samples;
mod shelf;
mod sources;
mod tables;
mod unknown;
mod wire;

use std::{collections::HashSet, sync::Arc};

use self::{shelf::Shelf, tables::Tables};
use crate::{
    problem::{Problem, Severity},
    rulebook::{RuleFile, Rulebook},
};

/// Compiles everything; see [`Rulebook::compile`].
pub(crate) fn compile(files: &[RuleFile]) -> (Option<Rulebook>, Vec<Problem>) {
    let mut problems = Vec::new();
    let shelf = Shelf::open(files, &mut problems);
    let tables = Tables::read(files, &mut problems);
    let kinds = kinds::compile(&shelf, &tables, &mut problems);
    let aliases = Arc::new(aliases::read(files, &kinds, &mut problems));
    let put_right = fixes::read(files, &kinds, &aliases, &mut problems);
    let profiles = profiles::compile(&shelf, &kinds, &tables, &mut problems);
    let given = mappings::Given {
        kinds: &kinds,
        profiles: &profiles,
        tables: &tables,
        aliases: &aliases,
        fixes: &put_right,
    };
    let mappings = mappings::compile(&shelf, given, &mut problems);
    let samples = samples::compile(&shelf, &kinds, &profiles, &tables, &mut problems);
    let outlets = outlets::compile(&shelf, &kinds, &tables, &mut problems);
    let problems = sorted(problems);
    let broken = problems.iter().any(|problem| problem.severity == Severity::Error);
    (
        (!broken).then_some(Rulebook {
            kinds,
            profiles,
            aliases,
            fixes: put_right,
            mappings,
            samples,
            outlets,
        }),
        problems,
    )
}

/// The mapping of records written in our own words; see [`Rulebook::plain`].
pub(crate) fn plain(kind: &crate::Kind, profile: Option<&crate::Profile>) -> crate::Mapping {
    samples::mapping(kind, profile, &Tables::default(), Vec::new())
}

/// By place, each once: what an abstract kind gets wrong is found once per kind that extends it.
fn sorted(problems: Vec<Problem>) -> Vec<Problem> {
    let mut seen = HashSet::new();
    let mut problems: Vec<Problem> =
        problems.into_iter().filter(|problem| seen.insert(problem.clone())).collect();
    problems.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    problems
}

#[cfg(test)]
mod tests;
