//! A node's checkpoints: one file, only ever added to. Each is a head line and its leaves, one line a leaf; the head has
//! the Merkle root (RFC 6962) of these lines, byte for byte, and the digest of the head before it. So the file proves
//! itself, and says which line differs. Leaves what a leaf is of to `store`, and comparing to `pipeline`.

mod reading;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

use super::{ProofError, Result};
use crate::store::{digest, hex};
pub use reading::{Checkpoint, Checkpoints, Flaw, FlawKind, reach};

/// What a checkpoint says of the ledger as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Its number in this node's chain, from 1.
    pub checkpoint: i64,
    /// Whose chain.
    pub node: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// It covers the ledger's numbers after this one …
    pub after: i64,
    /// … up to this one.
    pub upto: i64,
    /// How many leaves follow.
    pub leaves: usize,
    /// Merkle tree hash of these lines, hex.
    pub root: String,
    /// SHA-256 of the head line before, hex; empty where there is none.
    pub previous: String,
}

/// One thing of the ledger, in the words it is proven by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// The ledger's number of it.
    pub no: i64,
    /// What it is: `document`, `part`, `batch`, `attempt`, `revision`, `activation`, `retention`, `recovery`.
    pub what: String,
    /// Which.
    pub key: String,
    /// What the ledger says of it.
    pub says: BTreeMap<String, Value>,
}

/// A head, and the digest of its line: what the next one is chained to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The head.
    pub head: Head,
    /// SHA-256 of its line, hex.
    pub digest: String,
}

/// The end of a chain, held against other writers until it is dropped.
#[derive(Debug)]
pub struct Tail {
    /// The last whole checkpoint of the file.
    pub last: Option<Sealed>,
    file: File,
    path: PathBuf,
}

/// The Merkle tree hash of these lines, hex.
#[must_use]
pub fn root<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut tree = MemoryBackedTree::<Sha256, &str>::new();
    lines.for_each(|line| tree.push(line));
    hex(tree.root().as_bytes())
}

/// The end of the file at `path`, which is made if it is not there. `known` is the last checkpoint the ledger remembers:
/// what was broken off after it was being written by somebody who died, and is cut away; what it has and the file lacks
/// was taken from the file.
///
/// # Errors
/// When the file cannot be used, or is not what was written.
pub fn tail(path: &Path, known: Option<i64>) -> Result<Tail> {
    let unwritable = |error: io::Error| ProofError::unwritable(path, error);
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(unwritable)?;
    let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path);
    let file = file.map_err(unwritable)?;
    file.lock().map_err(unwritable)?;
    let (last, length) = reading::end(path, known)?;
    file.set_len(length).map_err(unwritable)?;
    Ok(Tail { last, file, path: path.to_owned() })
}

impl Tail {
    /// Adds a checkpoint and has it on disk when this returns. `before` is what it is chained to: the last of the file, or
    /// of a file that is lost.
    ///
    /// # Errors
    /// When the system refuses; what got through of it is cut away by the next.
    pub fn append(mut self, head: Head, leaves: &[Leaf]) -> Result<Sealed> {
        let unwritable = |error: io::Error| ProofError::unwritable(&self.path, error);
        let lines: Vec<String> = leaves
            .iter()
            .map(serde_json::to_string)
            .collect::<serde_json::Result<_>>()
            .map_err(|error| unwritable(error.into()))?;
        let head = Head { leaves: lines.len(), root: root(lines.iter().map(String::as_str)), ..head };
        let line = serde_json::to_string(&head).map_err(|error| unwritable(error.into()))?;
        let mut text = format!("{line}\n");
        for leaf in &lines {
            text.push_str(leaf);
            text.push('\n');
        }
        self.file.seek(SeekFrom::End(0)).map_err(unwritable)?;
        self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_all()).map_err(unwritable)?;
        if let Some(folder) = self.path.parent() {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(unwritable)?;
        }
        Ok(Sealed { head, digest: digest(line.as_bytes()) })
    }
}
