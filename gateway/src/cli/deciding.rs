//! Decisions of persons that are lines of a file in the configuration directory: checked with the whole directory, written in one
//! piece, activated like any other change. Leaves what a line says to the commands.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use mappings::{RuleFile, Severity};

use super::{Failure, Outcome, arguments::Place, diff, open};
use crate::{
    config::{self, Compiled, Revision},
    pipeline::{Context, activate},
    store::revisions::{How, Reason},
};

/// Whose decision, and why.
pub(super) struct Word<'d> {
    pub(super) why: &'d str,
    pub(super) who: &'d str,
}

/// A directory whose files decisions are written into.
pub(super) struct Desk<'d> {
    pub(super) context: &'d Context,
    pub(super) directory: &'d Path,
    pub(super) compiled: &'d Compiled,
}

/// The directory of a command, and what it says.
///
/// # Errors
/// When there is none of one's own, or it does not hold.
pub(super) fn directory(place: &Place) -> Result<(PathBuf, Compiled), Failure> {
    let Some(directory) = open::directory(place) else {
        return Err(Failure::Usage("内置的演示配置不能改：用 --config 指出你的配置目录".into()));
    };
    let compiled = open::load(Some(&directory), "什么都没有做")?;
    Ok((directory, compiled))
}

/// Who decided, when and why: a column that no rule reads.
pub(super) fn note(now: &DateTime<Utc>, who: &str, why: &str) -> String {
    format!("{} {who} {why}", now.format("%Y-%m-%d")).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A cell of a comma-separated line.
pub(super) fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The text with a line at its end, below a header.
pub(super) fn with_line<const N: usize>(text: &str, head: &str, cells: [&str; N]) -> String {
    let has_head = text.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let head = if has_head { String::new() } else { format!("{head}\n") };
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}{head}{}\n", cells.map(cell).join(","))
}

impl Desk<'_> {
    /// Puts `text` in the place of a file and makes the directory active; the revision's number.
    ///
    /// # Errors
    /// When the directory would not hold, or differs from what is active: nothing is changed then.
    pub(super) async fn decide(&self, path: &str, text: &str, word: &Word<'_>) -> Result<i64, Failure> {
        self.same_as_active().await?;
        let revision = checked(&self.compiled.revision, path, text)?;
        keep(self.directory, path, text)?;
        let reason = Reason { how: How::Apply, why: word.why, who: word.who };
        Ok(activate::activate_for(self.context, &revision, &reason).await?.no)
    }

    /// Other changes of the directory must not become active by the way.
    async fn same_as_active(&self) -> Outcome {
        let active = self.context.store.active_activation().await?;
        let old = diff::files(self.context, active.as_ref()).await?;
        let changes = config::difference::between(&old, &self.compiled.revision.files);
        if active.is_none() || changes.is_empty() {
            return Ok(());
        }
        let shown = self.directory.display();
        Err(Failure::Check(format!(
            "目录 {shown} 与现行配置有 {} 处不同，没有动它：先看 lianwang diff {shown}，再 lianwang apply {shown} --why 理由",
            changes.len()
        )))
    }
}

/// The revision with the changed file, if it holds.
fn checked(revision: &Revision, path: &str, text: &str) -> Result<Revision, Failure> {
    let changed = RuleFile { path: path.to_owned(), text: text.to_owned() };
    let files = config::directory::lay_over(revision.files.clone(), vec![changed]);
    let (compiled, problems) = config::compile(Revision::new(files));
    let errors: Vec<String> = problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(ToString::to_string)
        .collect();
    compiled
        .map(|compiled| compiled.revision)
        .filter(|_| errors.is_empty())
        .ok_or_else(|| Failure::Check(format!("这样改通不过检查，什么都没有动：\n{}", errors.join("\n"))))
}

/// Written beside and put in its place at once: a file is whole or as it was.
fn keep(directory: &Path, path: &str, text: &str) -> Outcome {
    let file = directory.join(path);
    let beside = file.with_extension("csv.new");
    let folder = file.parent().map_or_else(|| directory.to_owned(), Path::to_owned);
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&beside, text))
        .and_then(|()| std::fs::rename(&beside, &file));
    written.map_err(|error| {
        Failure::Usage(format!("写不了 {}：{}", file.display(), adapters::os_error::said(&error)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_one_line() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        assert_eq!(note(&now, "张三", "与园区\n核实"), "1970-01-01 张三 与园区 核实");
    }

    #[test]
    fn a_cell_that_would_be_two_is_quoted() {
        assert_eq!(["甲", "甲,乙", "甲\"乙"].map(cell), ["甲", "\"甲,乙\"", "\"甲\"\"乙\""]);
    }

    #[test]
    fn a_line_comes_at_the_end_below_a_header() {
        let line = |text| with_line(text, "from,code", ["甲,乙", "1"]);
        assert_eq!(line(""), "from,code\n\"甲,乙\",1\n");
        assert_eq!(line("# 还没有\n"), "# 还没有\nfrom,code\n\"甲,乙\",1\n");
        assert_eq!(line("# 有\nfrom,code\n丙,2"), "# 有\nfrom,code\n丙,2\n\"甲,乙\",1\n");
    }

    #[test]
    fn a_file_is_put_in_its_place_whole_and_its_folder_made() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["一\n", "一\n二\n"] {
            keep(folder.path(), "tables/a.csv", text).unwrap();
            assert_eq!(std::fs::read_to_string(folder.path().join("tables/a.csv")).unwrap(), text);
        }
        assert_eq!(
            std::fs::read_dir(folder.path().join("tables")).unwrap().count(),
            1,
            "nothing is left beside"
        );
        assert!(keep(&folder.path().join("tables/a.csv"), "b.csv", "").is_err());
    }
}
