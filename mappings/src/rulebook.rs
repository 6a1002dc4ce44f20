//! All rules of one configuration, compiled and tied together.
//! Leaves compiling to `compile`; does nothing with records itself.

use std::sync::Arc;

use crate::{
    alias::Aliases, fix::Fixes, kind::Kind, mapping::Mapping, outlet::Outlet, problem::Problem,
    profile::Profile,
};

/// One file of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// Path inside the configuration, such as `kinds/hazard.toml`.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// The rules of one revision.
#[derive(Debug)]
pub struct Rulebook {
    pub(crate) kinds: Vec<Kind>,
    pub(crate) profiles: Vec<Profile>,
    pub(crate) aliases: Arc<Aliases>,
    pub(crate) fixes: Fixes,
    pub(crate) mappings: Vec<Mapping>,
    /// What kinds and profiles show by example, each in our own words.
    pub(crate) samples: Vec<Mapping>,
    /// Parents first within a destination.
    pub(crate) outlets: Vec<Outlet>,
}

impl Rulebook {
    /// Compiles the rule files of a configuration (kinds, profiles, tables, aliases, fixes, mappings, outlets; of `source.toml` and
    /// `destination.toml` only what bears on them) and lists every problem of every file, in file order.
    /// There is a rulebook unless one of the problems is an error. Other files are ignored.
    #[must_use]
    pub fn compile(files: &[RuleFile]) -> (Option<Self>, Vec<Problem>) {
        crate::compile::compile(files)
    }

    /// All kinds, parents before children.
    #[must_use]
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The kind of a name.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name() == name)
    }

    /// All profiles, by name.
    #[must_use]
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// Which ids mean which keys.
    #[must_use]
    pub fn aliases(&self) -> &Aliases {
        &self.aliases
    }

    /// Values of single records that are put right.
    #[must_use]
    pub fn fixes(&self) -> &Fixes {
        &self.fixes
    }

    /// All mappings, by source and file.
    #[must_use]
    pub fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }

    /// The mapping of a service.
    #[must_use]
    pub fn mapping(&self, source: &str, service: &str) -> Option<&Mapping> {
        self.mappings.iter().find(|mapping| mapping.source() == source && mapping.service() == service)
    }

    /// The mapping of records that are written in our own words, as in a blank workbook: every field under its name, codes
    /// as codes or labels. `None` where there is no such kind or profile.
    #[must_use]
    pub fn plain(&self, kind: &str, profile: Option<&str>) -> Option<Mapping> {
        let profile = match profile {
            Some(name) => Some(self.profiles.iter().find(|profile| profile.name() == name)?),
            None => None,
        };
        Some(crate::compile::plain(self.kind(kind)?, profile))
    }

    /// The outlets of a destination, parents before children.
    pub fn outlets(&self, destination: &str) -> impl Iterator<Item = &Outlet> {
        self.outlets.iter().filter(move |outlet| outlet.destination() == destination)
    }

    /// The outlet of a kind.
    #[must_use]
    pub fn outlet(&self, destination: &str, kind: &str) -> Option<&Outlet> {
        self.outlets.iter().find(|outlet| outlet.destination() == destination && outlet.kind() == kind)
    }

    /// Runs every example of every kind, profile and mapping; the ones that do not hold, where they stand.
    #[must_use]
    pub fn run_examples(&self) -> Vec<Problem> {
        self.samples
            .iter()
            .chain(&self.mappings)
            .flat_map(|mapping| mapping.examples.iter().flat_map(|example| example.run(mapping)))
            .collect()
    }
}

#[cfg(test)]
mod tests;
