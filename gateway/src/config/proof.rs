//! `[proof]` of `lianwang.toml`: where the journal and the checkpoints lie, and how long the journal is kept. Leaves what
//! is in them to `crate::proof`.

use std::path::PathBuf;

use mappings::{Problem, RuleFile, Severity};
use serde::Deserialize;
use toml::Spanned;

use super::quote;

/// Where the proof lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// Its folder, found from the working directory; none: beside the file of SQLite, else `lianwang-proof/`.
    pub dir: Option<PathBuf>,
    /// Days that a file of the journal is kept after the day it was begun. Default 30.
    pub journal_days: u32,
}

impl Default for Proof {
    fn default() -> Self {
        Self { dir: None, journal_days: 30 }
    }
}

/// The section as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    dir: Option<Spanned<String>>,
    journal_days: Option<Spanned<u32>>,
}

/// What the section says; an empty folder's name and no days at all are problems.
pub(super) fn read(file: &RuleFile, written: Written, problems: &mut Vec<Problem>) -> Proof {
    let mut say = |span, message: &str, hint: &str| {
        let hint = Some(hint.to_owned());
        problems.push(quote::at(file, Some(span), Severity::Error, message.to_owned(), hint));
    };
    let mut proof = Proof::default();
    if let Some(dir) = written.dir {
        if dir.get_ref().trim().is_empty() {
            say(dir.span(), "dir 不能是空的", "写一个数据库之外的目录，最好在另一块磁盘上");
        } else {
            proof.dir = Some(dir.into_inner().into());
        }
    }
    if let Some(days) = written.journal_days {
        if *days.get_ref() == 0 {
            say(days.span(), "journal_days 必须大于 0", "至少要盖过两次数据库备份之间的时间");
        } else {
            proof.journal_days = days.into_inner();
        }
    }
    proof
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Proof, Vec<String>) {
        let file = RuleFile { path: "lianwang.toml".into(), text: text.into() };
        let mut problems = Vec::new();
        let proof = read(&file, toml::from_str(text).unwrap(), &mut problems);
        (proof, problems.into_iter().map(|problem| problem.message).collect())
    }

    #[test]
    fn what_is_not_said_counts_by_default() {
        assert_eq!(read_text(""), (Proof { dir: None, journal_days: 30 }, vec![]));
        let said = read_text("dir = \"/srv/proof\"\njournal_days = 90\n");
        assert_eq!(said, (Proof { dir: Some("/srv/proof".into()), journal_days: 90 }, vec![]));
    }

    #[test]
    fn nothing_is_a_problem() {
        let (proof, problems) = read_text("dir = \" \"\njournal_days = 0\n");
        assert_eq!(proof, Proof::default());
        assert_eq!(problems, ["dir 不能是空的", "journal_days 必须大于 0"]);
    }
}
