//! `[disk]` of `lianwang.toml`: from when on nothing more is taken in, because the disk is filling.

use std::path::PathBuf;

use mappings::{Problem, RuleFile, Severity};
use serde::Deserialize;
use toml::Spanned;

use super::quote;

/// When nothing more is taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Below so many percent free; 0: never. Default 10.
    pub free_percent: u32,
    /// Whose file system is looked at; none: that of a SQLite ledger's file.
    pub path: Option<PathBuf>,
}

impl Default for Disk {
    fn default() -> Self {
        Self { free_percent: 10, path: None }
    }
}

/// The section as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    free_percent: Option<Spanned<u32>>,
    path: Option<PathBuf>,
}

/// What the section says.
pub(super) fn read(file: &RuleFile, written: &Written, problems: &mut Vec<Problem>) -> Disk {
    let default = Disk::default();
    let percent = written.free_percent.as_ref();
    if let Some(percent) = percent.filter(|percent| *percent.get_ref() >= 100) {
        let message = "free_percent 必须小于 100".to_owned();
        problems.push(quote::at(file, Some(percent.span()), Severity::Error, message, None));
    }
    let free_percent = percent.map_or(default.free_percent, |percent| *percent.get_ref());
    Disk { free_percent, path: written.path.clone() }
}
