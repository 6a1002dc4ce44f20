//! `[retention]` of `lianwang.toml`: how many days bytes, replaced versions and issues are kept. What is not said is kept
//! for ever. Leaves what may go at that age to `store::retention`.

use mappings::{Problem, RuleFile, Severity};
use serde::Deserialize;
use toml::Spanned;

use super::quote;

/// How long what is kept is kept; none: for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retention {
    /// Days of bytes as received, payloads sent and answers received.
    pub raw_days: Option<u32>,
    /// Days of accepted states that a newer one took the place of.
    pub version_days: Option<u32>,
    /// Days of what was wrong with data.
    pub issue_days: Option<u32>,
}

/// The section as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "as the file has them: units last")]
pub(super) struct Written {
    raw_days: Option<Spanned<u32>>,
    version_days: Option<Spanned<u32>>,
    issue_days: Option<Spanned<u32>>,
}

/// What the section says; no age may be nought.
pub(super) fn read(file: &RuleFile, written: &Written, problems: &mut Vec<Problem>) -> Retention {
    let mut days = |name: &str, days: &Option<Spanned<u32>>| {
        let days = days.as_ref()?;
        if *days.get_ref() > 0 {
            return Some(*days.get_ref());
        }
        let message = format!("{name} 必须大于 0");
        let hint = Some("要一直保留就不写这一行".to_owned());
        problems.push(quote::at(file, Some(days.span()), Severity::Error, message, hint));
        None
    };
    Retention {
        raw_days: days("raw_days", &written.raw_days),
        version_days: days("version_days", &written.version_days),
        issue_days: days("issue_days", &written.issue_days),
    }
}
