//! Where the files of the proof lie: a folder of their own, never the ledger's own files.

use std::path::{Path, PathBuf};

use super::{ProofError, Result};
use crate::store::Place;

/// The folder of the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(PathBuf);

/// Where the files lie unless the configuration says otherwise: beside the file of SQLite, else in the working directory.
#[must_use]
pub fn default_folder(url: &str) -> PathBuf {
    match Place::of(url) {
        Some(Place::Sqlite(path)) => {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            path.with_file_name(format!("{name}-proof"))
        }
        _ => PathBuf::from("lianwang-proof"),
    }
}

impl Folder {
    /// The folder at `path`, for the ledger at `url`.
    ///
    /// # Errors
    /// When it is the ledger itself: a proof that is lost with what it proves is none.
    pub fn new(path: impl Into<PathBuf>, url: &str) -> Result<Self> {
        let path = path.into();
        if let Some(Place::Sqlite(ledger)) = Place::of(url)
            && (path == ledger || path.starts_with(&ledger))
        {
            return Err(inside(&path, "就是数据库文件本身"));
        }
        // a data directory of PostgreSQL, and whatever lies in one, has this file
        if path.ancestors().any(|folder| folder.join("PG_VERSION").is_file()) {
            return Err(inside(&path, "在 PostgreSQL 的数据目录里"));
        }
        Ok(Self(path))
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The folder of all nodes' journals.
    #[must_use]
    pub fn journals(&self) -> PathBuf {
        self.0.join("journal")
    }

    /// The folder of one node's journal.
    #[must_use]
    pub fn journal(&self, node: &str) -> PathBuf {
        self.journals().join(file_name(node))
    }

    /// The folder of all nodes' checkpoints.
    #[must_use]
    pub fn all_checkpoints(&self) -> PathBuf {
        self.0.join("checkpoints")
    }

    /// The file of one node's checkpoints.
    #[must_use]
    pub fn checkpoints(&self, node: &str) -> PathBuf {
        self.all_checkpoints().join(format!("{}.ndjson", file_name(node)))
    }
}

fn inside(path: &Path, what: &str) -> ProofError {
    ProofError::Place(format!(
        "证明文件不能放在 {}：{what}，和账目一起丢就什么也证明不了。请在 lianwang.toml 的 [proof] 里把 dir 写成别处",
        path.display()
    ))
}

/// A node's name as a file's: what a file system or a reader might misread is replaced.
fn file_name(node: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = node.chars().map(plain).collect();
    if name.trim_matches('.').is_empty() { "_".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_lies_beside_the_file_or_in_the_working_directory() {
        assert_eq!(default_folder("sqlite://data/lianwang.db"), PathBuf::from("data/lianwang-proof"));
        assert_eq!(default_folder("sqlite://l.db?mode=rwc"), PathBuf::from("l-proof"));
        assert_eq!(default_folder("postgres://u@h/d"), PathBuf::from("lianwang-proof"));
    }

    #[test]
    fn the_ledger_itself_is_no_place_for_its_proof() {
        let told = Folder::new("data/l.db", "sqlite://data/l.db").unwrap_err().to_string();
        assert!(told.contains("data/l.db") && told.contains("[proof]"), "{told}");
        let cluster = tempfile::tempdir().unwrap();
        std::fs::write(cluster.path().join("PG_VERSION"), "15\n").unwrap();
        let told =
            Folder::new(cluster.path().join("base/proof"), "postgres://u@h/d").unwrap_err().to_string();
        assert!(told.contains("PostgreSQL"), "{told}");
        assert!(Folder::new("elsewhere", "sqlite://data/l.db").is_ok());
    }

    #[test]
    fn a_node_s_name_never_leaves_the_folder() {
        let folder = Folder::new("p", "postgres://u@h/d").unwrap();
        for (node, name) in
            [("hub", "hub"), ("../../etc", ".._.._etc"), ("..", "_"), ("濮阳 1/7", "濮阳_1_7")]
        {
            assert_eq!(folder.journal(node), PathBuf::from("p/journal").join(name), "{node}");
        }
    }
}
