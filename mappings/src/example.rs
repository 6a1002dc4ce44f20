//! Examples inside mapping files: run offline, so that a mapping tells what it means.
//! Leaves reading them to `compile::examples`.

use chrono::{DateTime, Utc};

use crate::{
    issue::{Level, Outcome},
    mapping::{Mapped, Mapping},
    problem::{Problem, Severity},
    record::Form,
};

/// One example of a mapping.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    pub(crate) name: String,
    pub(crate) input: Vec<(String, String, Form)>,
    /// Expected issues, as `code field`.
    pub(crate) issues: Option<Vec<String>>,
    /// Expected canonical texts by field; empty means absent.
    pub(crate) output: Vec<(String, String)>,
    pub(crate) verdict: Option<Outcome>,
    /// Where it stands: what to say if it fails, but for the message.
    pub(crate) place: Problem,
}

impl Example {
    /// What is not as the example says.
    pub(crate) fn run(&self, mapping: &Mapping) -> Vec<Problem> {
        let (mapped, traces) = mapping.trace(&self.input, DateTime::<Utc>::MAX_UTC);
        let mut faults = self.issue_faults(&mapped);
        faults.extend(self.verdict.filter(|verdict| *verdict != mapped.outcome).map(|verdict| {
            format!("应当是 {}，实际是 {}{}", word(verdict), word(mapped.outcome), found(&mapped))
        }));
        for (field, expected) in &self.output {
            let value = traces
                .iter()
                .find(|trace| trace.field == *field)
                .and_then(|trace| trace.value.clone())
                .unwrap_or_default();
            if value != *expected {
                faults.push(format!("字段 {field} 应当是“{expected}”，实际是“{value}”"));
            }
        }
        faults.into_iter().map(|fault| self.failed(&fault)).collect()
    }

    /// The verdict it expects, in Chinese; what its issues come to where it names none.
    pub(crate) fn becomes(&self) -> &'static str {
        match self.verdict {
            Some(Outcome::Good) => "接收",
            Some(Outcome::Hold) => "待定",
            Some(Outcome::Reject) => "退回",
            None => "见问题",
        }
    }

    /// Every listed issue must be found. Others fail the example too, except `required` ones: an example may show
    /// a few fields only. An empty list, or one that names a `required` issue, is exact.
    fn issue_faults(&self, mapped: &Mapped) -> Vec<String> {
        let Some(expected) = &self.issues else { return Vec::new() };
        let exact = expected.is_empty() || expected.iter().any(|issue| issue.starts_with("required "));
        let found: Vec<String> =
            mapped.issues.iter().map(|issue| format!("{} {}", issue.code, issue.field)).collect();
        let missing = expected
            .iter()
            .filter(|issue| !found.contains(issue))
            .map(|issue| format!("应当有问题 {issue}，实际没有"));
        let extra = found
            .iter()
            .filter(|issue| !expected.contains(issue) && (exact || !issue.starts_with("required ")))
            .map(|issue| format!("多出问题 {issue}"));
        missing.chain(extra).collect()
    }

    fn failed(&self, fault: &str) -> Problem {
        let message = format!("示例“{}”不成立：{fault}", self.name);
        Problem { severity: Severity::Error, message, hint: None, ..self.place.clone() }
    }
}

/// Reads the verdict words of an example.
pub(crate) fn verdict(word: &str) -> Option<Outcome> {
    match word {
        "accepted" => Some(Outcome::Good),
        "held" => Some(Outcome::Hold),
        "rejected" => Some(Outcome::Reject),
        _ => None,
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Good => "accepted",
        Outcome::Hold => "held",
        Outcome::Reject => "rejected",
    }
}

fn found(mapped: &Mapped) -> String {
    let grave = mapped.issues.iter().filter(|issue| issue.level != Level::Warn);
    let listed: Vec<String> = grave.map(|issue| format!("{} {}", issue.code, issue.field)).collect();
    if listed.is_empty() { String::new() } else { format!("（{}）", listed.join("、")) }
}

#[cfg(test)]
mod tests;
