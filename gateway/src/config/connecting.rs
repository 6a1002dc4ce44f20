//! What is wrong with a `[connect]` table, at the place of the key it concerns.
//! Leaves finding it to the adapters.

use adapters::http::connect::ConnectProblem;
use mappings::{Problem, RuleFile, Severity};
use serde::{Deserialize, de::DeserializeOwned};

use super::{quote, reading};

/// `[connect]` read by itself: it is checked even where the rest of the file is wrong.
#[derive(Deserialize)]
struct Only<C> {
    connect: C,
}

/// Adds what `find` finds wrong with the file's `[connect]`; one that cannot be read is left to whoever reads the file.
pub(super) fn check<C: DeserializeOwned>(
    file: &RuleFile,
    find: impl Fn(&C) -> Vec<ConnectProblem>,
    problems: &mut Vec<Problem>,
) {
    let Ok(Only { connect }) = toml::from_str(&file.text) else { return };
    for ConnectProblem { key, message, is_fatal } in find(&connect) {
        let severity = if is_fatal { Severity::Error } else { Severity::Warning };
        let place = reading::place(file, std::iter::once("connect").chain(key.iter().map(String::as_str)));
        problems.push(quote::at(file, place, severity, message, None));
    }
}
