//! What a receipt means for each member of a batch, pure.

use adapters::Receipt;

use crate::store::{batches::Open, settle::Outcome};

/// What to do with a batch after an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Every member has its outcome.
    Settle(Vec<Outcome>),
    /// The same batch again later. `unknown`: it may have arrived. `ill`: the destination as a whole is not well.
    Postpone { unknown: bool, ill: bool, after: Option<std::time::Duration>, what: String },
}

/// Reads a receipt for the batch it answers.
pub(super) fn next(open: &Open, receipt: Receipt) -> Next {
    match receipt {
        Receipt::Taken => Next::Settle(open.members.iter().map(|_| Outcome::Confirmed).collect()),
        Receipt::Named { refused, others_taken } => Next::Settle(named(open, &refused, others_taken)),
        Receipt::Whole { data: true, reason } => Next::Settle(halves(open, &reason)),
        Receipt::Whole { data: false, reason } => {
            Next::Postpone { unknown: false, ill: true, after: None, what: reason }
        }
        Receipt::Busy { after, reason } => Next::Postpone { unknown: false, ill: true, after, what: reason },
        Receipt::Unknown { reason } => {
            Next::Postpone { unknown: true, ill: false, after: None, what: reason }
        }
    }
}

fn named(open: &Open, refused: &[(String, String)], others_taken: bool) -> Vec<Outcome> {
    let outcome = |wire_id: &String| match refused.iter().find(|(id, _)| id == wire_id) {
        Some((_, reason)) => Outcome::Refused { reason: reason.clone(), split: None },
        None if others_taken => Outcome::Confirmed,
        None => Outcome::Again(None),
    };
    open.members.iter().map(|(_, _, wire_id)| outcome(wire_id)).collect()
}

/// A refusal of data that names no row: two halves, each sent alone; one row alone is the guilty one.
fn halves(open: &Open, reason: &str) -> Vec<Outcome> {
    let root = open.split.clone().unwrap_or_else(|| open.id.clone());
    if let ([_], None) = (open.members.as_slice(), &open.split) {
        return vec![Outcome::Refused { reason: reason.to_owned(), split: None }];
    }
    if let [_] = open.members.as_slice() {
        return vec![Outcome::Refused {
            reason: reason.to_owned(),
            split: Some(open.split.clone().unwrap_or(format!("{root}/"))),
        }];
    }
    let middle = open.members.len().div_ceil(2);
    let half = |at: usize| if at < middle { format!("{root}/0") } else { format!("{root}/1") };
    (0..open.members.len()).map(|at| Outcome::Again(Some(half(at)))).collect()
}

#[cfg(test)]
mod tests;
