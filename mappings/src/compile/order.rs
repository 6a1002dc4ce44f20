//! Puts kinds in order, parents before children, and finds circles among them.
//! Leaves what a parent is to the kind files.

use crate::kind::Kind;

/// The kinds in order, and the names of those that wait for each other in a circle.
pub(super) fn parents_first(mut kinds: Vec<Kind>) -> (Vec<Kind>, Vec<String>) {
    let mut ordered: Vec<Kind> = Vec::with_capacity(kinds.len());
    let names: Vec<String> = kinds.iter().map(|kind| kind.name().to_owned()).collect();
    while !kinds.is_empty() {
        let settled = |name: &str| {
            ordered.iter().any(|kind| kind.name() == name) || !names.iter().any(|known| known == name)
        };
        let next = kinds.iter().position(|kind| kind.parents().all(|(_, parent)| settled(parent)));
        let Some(next) = next else { break };
        ordered.push(kinds.remove(next));
    }
    let circle = kinds.iter().map(|kind| kind.name().to_owned()).collect();
    ordered.append(&mut kinds);
    (ordered, circle)
}

#[cfg(test)]
mod tests;
