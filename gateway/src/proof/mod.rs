//! What stands outside the database and can be held against it: each node's journal of what was received and sent, and
//! the chain of checkpoints. Knows files only: what the ledger holds is read by `store`, what follows from a difference is
//! decided by `pipeline`.

pub mod checkpoints;
pub mod facts;
pub mod journal;
mod place;

use std::path::Path;

pub use journal::Journal;
pub use place::{Folder, default_folder};

/// What can go wrong with the files of the proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// A line could not be written and synced: what it was to say must not be done.
    #[error("{path} 写不进：{why}。没有记下的一律不发送；请检查磁盘空间和目录权限，好了以后会自动继续")]
    Unwritable {
        /// The file or folder.
        path: String,
        /// The system's words.
        why: String,
    },
    /// A file could not be read.
    #[error("{path} 读不出来：{why}")]
    Unreadable {
        /// The file or folder.
        path: String,
        /// The system's words.
        why: String,
    },
    /// A line is no longer what was written.
    #[error("{path} 第 {line} 行与校验和不符：文件被改动过，或磁盘损坏")]
    Broken {
        /// The file.
        path: String,
        /// Which line, from 1.
        line: u64,
    },
    /// The place of the files cannot be used.
    #[error("{0}")]
    Place(String),
}

impl ProofError {
    pub(crate) fn unwritable(path: &Path, error: impl Into<Why>) -> Self {
        Self::Unwritable { path: path.display().to_string(), why: error.into().0 }
    }

    pub(crate) fn unreadable(path: &Path, error: impl Into<Why>) -> Self {
        Self::Unreadable { path: path.display().to_string(), why: error.into().0 }
    }
}

/// Why, in words.
pub(crate) struct Why(String);

impl From<std::io::Error> for Why {
    fn from(error: std::io::Error) -> Self {
        Self(adapters::os_error::said(&error))
    }
}

impl From<serde_json::Error> for Why {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<&str> for Why {
    fn from(words: &str) -> Self {
        Self(words.to_owned())
    }
}

/// Shorthand of this module.
pub type Result<T> = std::result::Result<T, ProofError>;
