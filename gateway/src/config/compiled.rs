//! A revision as something to work with: rules, hub, sources and destinations; or everything that is wrong with it.
//! The same code checks, boots and applies. Leaves each file's words to its own module.

use std::collections::HashSet;

use adapters::{Reference, http::setting::Setting};
use mappings::{Problem, RuleFile, Rulebook, Severity};

use super::{
    destination_file::{self, DestinationFile},
    hub::{self, Hub},
    quote, reading,
    revision::Revision,
    source_file::{self, SourceFile},
};

/// The file that describes a source.
const SOURCE: &str = "source.toml";
/// The file that describes a destination.
const DESTINATION: &str = "destination.toml";

/// A revision that holds.
#[derive(Debug)]
pub struct Compiled {
    /// Which.
    pub revision: Revision,
    /// Kinds, mappings, outlets.
    pub rulebook: Rulebook,
    /// The hub's own settings.
    pub hub: Hub,
    /// The sources, by name.
    pub sources: Vec<SourceFile>,
    /// The destinations in use, by name.
    pub destinations: Vec<DestinationFile>,
}

impl Compiled {
    /// A source by name.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&SourceFile> {
        self.sources.iter().find(|source| source.name == name)
    }

    /// A destination in use by name.
    #[must_use]
    pub fn destination(&self, name: &str) -> Option<&DestinationFile> {
        self.destinations.iter().find(|destination| destination.name == name)
    }

    /// Everything in use that stands outside the configuration, each with the place that refers to it
    /// (`sources/park/source.toml [connect] auth.token`). Whether it is there, only an environment can tell.
    #[must_use]
    pub fn references(&self) -> Vec<(String, Reference)> {
        let hub = [
            ("node", Some(&self.hub.node)),
            ("listen", Some(&self.hub.listen)),
            ("store", self.hub.store.as_ref()),
        ];
        let hub =
            hub.into_iter().filter_map(|(key, setting)| Some((key, setting.and_then(Setting::reference)?)));
        let hub = hub.map(|(key, reference)| (format!("{} {key}", hub::FILE), reference.clone()));
        let sources = self.sources.iter().flat_map(|source| {
            let file = format!("sources/{}/{SOURCE}", source.name);
            connected(file, source.connect.references())
        });
        let destinations = self.destinations.iter().flat_map(|destination| {
            let file = format!("destinations/{}/{DESTINATION}", destination.name);
            connected(file, destination.connect.references())
        });
        hub.chain(sources).chain(destinations).collect()
    }
}

fn connected(
    file: String,
    references: Vec<(String, &Reference)>,
) -> impl Iterator<Item = (String, Reference)> {
    references.into_iter().map(move |(key, reference)| (format!("{file} [connect] {key}"), reference.clone()))
}

/// The revision compiled, unless one of its problems is an error; and all its problems, by file and line.
#[must_use]
pub fn compile(revision: Revision) -> (Option<Compiled>, Vec<Problem>) {
    let (rulebook, mut problems) = Rulebook::compile(&revision.files);
    let hub = hub::read(revision.files.iter().find(|file| file.path == hub::FILE), &mut problems);
    let sources = sources(&revision, &hub, rulebook.as_ref(), &mut problems);
    let destinations = destinations(&revision, &hub, rulebook.as_ref(), &mut problems);
    unused(&revision, &hub, &mut problems);
    sourceless(&revision, &mut problems);
    if let Some(rulebook) = &rulebook {
        problems.extend(rulebook.run_examples());
    }
    let problems = in_order(problems);
    let fails = problems.iter().any(|problem| problem.severity == Severity::Error);
    let compiled = rulebook.filter(|_| !fails).map(|rulebook| Compiled {
        revision,
        rulebook,
        hub,
        sources,
        destinations,
    });
    (compiled, problems)
}

fn sources(
    revision: &Revision,
    hub: &Hub,
    rules: Option<&Rulebook>,
    problems: &mut Vec<Problem>,
) -> Vec<SourceFile> {
    let mut sources = Vec::new();
    for (name, file) in described(revision, "sources", SOURCE, problems) {
        let Some(source) = source_file::read(&name, file, hub.zone, problems) else { continue };
        if let Some(rules) = rules {
            source_file::unmapped(&source, file, rules, problems);
            source_file::unsweepable(&source, file, rules, problems);
        }
        sources.push(source);
    }
    sources
}

fn destinations(
    revision: &Revision,
    hub: &Hub,
    rules: Option<&Rulebook>,
    problems: &mut Vec<Problem>,
) -> Vec<DestinationFile> {
    let mut destinations = Vec::new();
    for (name, file) in described(revision, "destinations", DESTINATION, problems) {
        let Some(destination) = destination_file::read(&name, file, problems) else { continue };
        if let Some(rules) = rules {
            destination_file::against(&destination, file, rules, problems);
        }
        if hub.uses(&name) {
            destinations.push(destination);
        }
    }
    destinations
}

/// Every folder below `folder` with the file that describes it; a folder without one is a problem.
fn described<'r>(
    revision: &'r Revision,
    folder: &str,
    describing: &str,
    problems: &mut Vec<Problem>,
) -> Vec<(String, &'r RuleFile)> {
    let mut names: Vec<&str> =
        revision.files.iter().filter_map(|file| name_below(folder, &file.path)).collect();
    names.dedup();
    let mut found = Vec::new();
    for name in names {
        let path = format!("{folder}/{name}/{describing}");
        match revision.files.iter().find(|file| file.path == path) {
            Some(file) => found.push((name.to_owned(), file)),
            None => problems.push(quote::whole_file(Severity::Error, path, "缺少这个文件", None)),
        }
    }
    found
}

fn name_below<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    path.strip_prefix(folder)?.strip_prefix('/')?.split_once('/').map(|(name, _)| name)
}

/// Destinations that `lianwang.toml` names and nobody has described.
fn unused(revision: &Revision, hub: &Hub, problems: &mut Vec<Problem>) {
    let mut known: Vec<&str> =
        revision.files.iter().filter_map(|file| name_below("destinations", &file.path)).collect();
    known.dedup();
    for name in hub.destinations.iter().flatten().filter(|name| !known.contains(&name.as_str())) {
        let message = format!("destinations 里的 {name} 没有目录 destinations/{name}/");
        let hint = reading::suggestion(name, &known);
        problems.push(quote::whole_file(Severity::Error, hub::FILE.to_owned(), &message, hint));
    }
}

/// A hub that nothing is read into does no harm, and surely is not what was meant.
fn sourceless(revision: &Revision, problems: &mut Vec<Problem>) {
    if revision.files.iter().all(|file| name_below("sources", &file.path).is_none()) {
        let hint = "每个来源一个目录 sources/<名称>/，里面有 source.toml 和映射，见 docs/configuration.md"
            .to_owned();
        let message = "没有任何来源，什么也不会读";
        problems.push(quote::whole_file(Severity::Warning, "sources".to_owned(), message, Some(hint)));
    }
}

/// By file, line and column, each once.
fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by(|a, b| {
        (&a.file, a.line, a.column, a.severity).cmp(&(&b.file, b.line, b.column, b.severity))
    });
    let mut said = HashSet::new();
    problems.retain(|problem| said.insert(problem.clone()));
    problems
}

#[cfg(test)]
mod tests;
