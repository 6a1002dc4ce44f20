//! What is wrong with a record: a value with a code, a place in the sender's own words and advice.
//! Leaves what becomes of the record to the pipeline; shows personal values masked.

use serde::{Deserialize, Serialize};

/// How grave an issue is. The verdict on a record is its gravest issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The version is written, the issue kept.
    Warn,
    /// Somebody here can decide: no version yet.
    Hold,
    /// The sender must mend it.
    Reject,
}

/// One thing wrong with one record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Issue {
    /// Which check found it (`docs/mapping-language.md` lists them; rules bring their own).
    pub code: String,
    /// How grave it is.
    pub level: Level,
    /// Canonical field name.
    pub field: String,
    /// The value as written, masked if personal, shortened if long.
    pub value: String,
    /// Where in the source record: its path, or several joined by `,`.
    pub place: String,
    /// What is wrong, in Chinese.
    pub message: String,
    /// What to do, in Chinese.
    pub advice: String,
}

/// What the issues of a record come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// No issue, or warnings only.
    Good,
    /// At least one `hold`, no `reject`.
    Hold,
    /// At least one `reject`.
    Reject,
}

impl Outcome {
    /// The gravest of them decides.
    #[must_use]
    pub fn of(issues: &[Issue]) -> Self {
        match issues.iter().map(|issue| issue.level).max() {
            None | Some(Level::Warn) => Self::Good,
            Some(Level::Hold) => Self::Hold,
            Some(Level::Reject) => Self::Reject,
        }
    }
}

impl Level {
    /// Reads `reject`, `hold` or `warn`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "reject" => Some(Self::Reject),
            "hold" => Some(Self::Hold),
            "warn" => Some(Self::Warn),
            _ => None,
        }
    }
}

/// Adds an issue. Where the same check already spoke of the same field, as a kind's and a profile's may, the graver counts.
pub(crate) fn report(issues: &mut Vec<Issue>, issue: Issue) {
    match issues.iter_mut().find(|known| known.code == issue.code && known.field == issue.field) {
        None => issues.push(issue),
        Some(known) if issue.level > known.level => *known = issue,
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(level: Level) -> Issue {
        Issue {
            code: "c".into(),
            level,
            field: "f".into(),
            value: String::new(),
            place: String::new(),
            message: String::new(),
            advice: String::new(),
        }
    }

    #[test]
    fn the_gravest_issue_decides() {
        assert_eq!(Outcome::of(&[]), Outcome::Good);
        assert_eq!(Outcome::of(&[issue(Level::Warn)]), Outcome::Good);
        assert_eq!(Outcome::of(&[issue(Level::Warn), issue(Level::Hold)]), Outcome::Hold);
        assert_eq!(Outcome::of(&[issue(Level::Reject), issue(Level::Hold)]), Outcome::Reject);
    }

    #[test]
    fn levels_travel_in_lower_case() {
        assert_eq!(serde_json::to_string(&Level::Reject).unwrap(), "\"reject\"");
        assert_eq!(Level::parse("hold"), Some(Level::Hold));
        assert_eq!(Level::parse("Hold"), None);
    }

    #[test]
    fn one_check_speaks_once_of_a_field() {
        let mut issues = Vec::new();
        report(&mut issues, issue(Level::Warn));
        report(&mut issues, issue(Level::Reject));
        report(&mut issues, issue(Level::Hold));
        assert_eq!(issues, [issue(Level::Reject)]);
    }
}
