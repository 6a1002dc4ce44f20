//! Reads a TOML file into its type and lists *all* that is wrong with it, not the first: what was wrong is taken out
//! and the rest read again. Leaves finding the place to `tree`, the words to `wording`, the meaning to whoever asked.

mod tree;
mod wording;

use std::ops::Range;

use mappings::{Problem, RuleFile, Severity};
use serde::de::DeserializeOwned;
use toml::de::{DeTable, Deserializer};

use super::quote;
use tree::Node;
use wording::Fault;
pub(crate) use wording::suggestion;

/// Most problems listed of one file.
const MOST: usize = 50;

/// The file as `T`; or its problems, added to `problems`.
pub(super) fn read<T: DeserializeOwned>(file: &RuleFile, problems: &mut Vec<Problem>) -> Option<T> {
    let (mut table, errors) = DeTable::parse_recoverable(&file.text);
    if !errors.is_empty() {
        let broken = broken_text(file, &errors, problems);
        problems.extend(broken);
        return None;
    }
    let mut taken_out: Vec<String> = Vec::new();
    for _ in 0..MOST {
        let error = match T::deserialize(Deserializer::from(table.clone())) {
            Ok(value) => return taken_out.is_empty().then_some(value),
            Err(error) => error,
        };
        let fault = Fault::of_value(error.message());
        let node = Node::find(table.get_ref(), error.span(), &fault);
        if !fault.missing.as_ref().is_some_and(|key| taken_out.contains(key)) {
            let shown = node.as_ref().map(|node| node.shown.clone()).or_else(|| error.span());
            problems.push(quote::at(file, shown, Severity::Error, fault.message, fault.hint));
        }
        let node = node?;
        tree::remove(table.get_mut(), &node);
        taken_out.push(node.key);
    }
    None
}

/// Where the value of a key below nested tables stands; where there is none, the innermost table on the way to it.
pub(super) fn place<'k>(file: &RuleFile, keys: impl IntoIterator<Item = &'k str>) -> Option<Range<usize>> {
    let (root, _) = DeTable::parse_recoverable(&file.text);
    let mut table = Some(root.get_ref());
    let mut found = None;
    for key in keys {
        let Some(value) = table.and_then(|table| table.get(key)) else { break };
        found = Some(value.span());
        table = value.get_ref().as_table();
    }
    found
}

/// The errors of the text itself, one a line: what follows on the same line follows from the first. The rules read the
/// same files, so what they have said already is left out.
fn broken_text(file: &RuleFile, errors: &[toml::de::Error], said: &[Problem]) -> Vec<Problem> {
    let problem = |error: &toml::de::Error| {
        let fault = Fault::of_syntax(error.message());
        quote::at(file, error.span(), Severity::Error, fault.message, None)
    };
    let is_news =
        |problem: &Problem| !said.iter().any(|said| said.file == problem.file && said.line == problem.line);
    let mut problems: Vec<Problem> = errors.iter().take(MOST).map(problem).filter(is_news).collect();
    problems.dedup_by_key(|problem| problem.line);
    problems
}

#[cfg(test)]
mod tests;
