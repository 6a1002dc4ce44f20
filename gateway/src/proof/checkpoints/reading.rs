//! Reading a file of checkpoints, each held against its root and the one before it.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use super::{Head, Leaf, Sealed, root};
use crate::{
    proof::{ProofError, Result},
    store::digest,
};

/// A checkpoint as the file has it, true to its root and its chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its head.
    pub sealed: Sealed,
    /// Its leaves.
    pub leaves: Vec<Leaf>,
    /// The line of its head, from 1; its leaves follow.
    pub line: u64,
}

/// Where a file is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong.
    pub kind: FlawKind,
}

/// In which way a file is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlawKind {
    /// The line is none that we write.
    Unreadable,
    /// The leaves of this checkpoint are not those its root is of.
    Root(i64),
    /// This checkpoint is not chained to the one before it in the file.
    Chain(i64),
    /// The file ends in the middle of this checkpoint.
    Short(i64),
}

/// The checkpoints of a file, one by one; the first flaw ends them.
#[derive(Debug)]
pub struct Checkpoints {
    path: PathBuf,
    lines: BufReader<File>,
    line: u64,
    before: Option<Sealed>,
    /// Leaves of checkpoints up to this one are passed over, unread.
    passed: i64,
}

impl Checkpoints {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| ProofError::unreadable(path, error))?;
        Ok(Self { path: path.to_owned(), lines: BufReader::new(file), line: 0, before: None, passed: 0 })
    }

    /// The next one; none at the end.
    ///
    /// # Errors
    /// When the file cannot be read. What is not as it was written is a [`Flaw`].
    pub fn next_one(&mut self) -> Result<Option<std::result::Result<Checkpoint, Flaw>>> {
        let Some(text) = self.text()? else { return Ok(None) };
        let line = self.line;
        let flaw = |line, kind| Ok(Some(Err(Flaw { line, kind })));
        let Some(head) = text.strip_suffix('\n').and_then(|bare| serde_json::from_str::<Head>(bare).ok())
        else {
            return flaw(line, FlawKind::Unreadable);
        };
        let no = head.checkpoint;
        if !self.follows(&head) {
            return flaw(line, FlawKind::Chain(no));
        }
        let mut texts = Vec::new();
        for _ in 0..head.leaves {
            match self.text()? {
                Some(text) if text.ends_with('\n') => {
                    if no > self.passed {
                        texts.push(text.trim_end_matches('\n').to_owned());
                    }
                }
                _ => return flaw(self.line, FlawKind::Short(no)),
            }
        }
        if no > self.passed && root(texts.iter().map(String::as_str)) != head.root {
            return flaw(line, FlawKind::Root(no));
        }
        let leaves: std::result::Result<Vec<Leaf>, _> =
            texts.iter().map(|text| serde_json::from_str(text)).collect();
        let Ok(leaves) = leaves else { return flaw(line + 1, FlawKind::Unreadable) };
        let sealed = Sealed { head, digest: digest(text.trim_end_matches('\n').as_bytes()) };
        self.before = Some(sealed.clone());
        Ok(Some(Ok(Checkpoint { sealed, leaves, line })))
    }

    /// The first of a file may follow others that are in a file that is lost, but then it covers everything again.
    fn follows(&self, head: &Head) -> bool {
        match &self.before {
            None => head.after == 0 && head.checkpoint > 0,
            Some(before) => {
                let was = &before.head;
                head.previous == before.digest
                    && Some(head.checkpoint) == was.checkpoint.checked_add(1)
                    && head.after == was.upto
                    && head.node == was.node
            }
        }
    }

    fn text(&mut self) -> Result<Option<String>> {
        let mut bytes = Vec::new();
        let read = self.lines.read_until(b'\n', &mut bytes);
        read.map_err(|error| ProofError::unreadable(&self.path, error))?;
        self.line += 1;
        Ok((!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// The last number that a file's heads speak of, whatever became of its leaves; 0 where there is no file.
///
/// # Errors
/// When it cannot be read.
pub fn reach(path: &Path) -> Result<i64> {
    if !path.is_file() {
        return Ok(0);
    }
    let mut checkpoints = Checkpoints { passed: i64::MAX, ..Checkpoints::open(path)? };
    let mut reach = 0;
    while let Some(Ok(checkpoint)) = checkpoints.next_one()? {
        reach = checkpoint.sealed.head.upto;
    }
    Ok(reach)
}

/// The last whole checkpoint of a file, and the bytes up to its end.
pub(super) fn end(path: &Path, known: Option<i64>) -> Result<(Option<Sealed>, u64)> {
    // what the ledger knows of was whole once; `audit --against` looks whether it still is
    let mut checkpoints = Checkpoints { passed: known.unwrap_or_default(), ..Checkpoints::open(path)? };
    let (mut last, mut length) = (None, 0);
    while let Some(next) = checkpoints.next_one()? {
        match next {
            Ok(checkpoint) => {
                last = Some(checkpoint.sealed);
                length = checkpoints.position()?;
            }
            Err(flaw) => {
                let after = last.as_ref().map_or(0, |sealed: &Sealed| sealed.head.checkpoint);
                // only what the ledger does not know yet can have been broken off while it was written
                if checkpoints.text()?.is_some() || known.is_some_and(|known| known > after) {
                    return Err(ProofError::Broken { path: path.display().to_string(), line: flaw.line });
                }
                tracing::warn!(path = %path.display(), line = flaw.line, "最后一个检查点没有写完（断电、被杀或磁盘满），已截去，重新写");
                break;
            }
        }
    }
    let reached = last.as_ref().map(|sealed: &Sealed| sealed.head.checkpoint);
    if reached.is_some() && reached < known {
        return Err(ProofError::Place(format!(
            "{} 比账目记得的短：账目记得写到第 {} 个检查点，文件只到第 {} 个。文件被截短或换过；请找回原文件，找不回就把它移走，下一个检查点会从头记起",
            path.display(),
            known.unwrap_or_default(),
            reached.unwrap_or_default()
        )));
    }
    Ok((last, length))
}

impl Checkpoints {
    fn position(&mut self) -> Result<u64> {
        use std::io::Seek as _;
        self.lines.stream_position().map_err(|error| ProofError::unreadable(&self.path, error))
    }
}
