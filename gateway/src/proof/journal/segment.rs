//! The files of one node's journal: names, order, compression, age; reading their lines one by one. A file is named by its
//! first line's number and its day: `000000000001-20261125.ndjson`, with `.zst` once it is compressed.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
};

use chrono::NaiveDate;

use super::line::{self, Line};
use crate::proof::{ProofError, Result};

const PLAIN: &str = "ndjson";
const PACKED: &str = "zst";
const LEVEL: i32 = 6;

/// A file of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    /// Number of its first line.
    pub(super) first: i64,
    /// The day it was begun.
    pub(super) day: NaiveDate,
    /// Where it is.
    pub(super) path: PathBuf,
    /// Whether it is compressed, and so complete.
    pub(super) packed: bool,
}

/// The files of a folder, oldest first. One that is there both ways is still being compressed: the plain one counts. One
/// that was begun and has no line is followed by another with the same first line, of a later day.
pub(super) fn list(folder: &Path) -> Result<Vec<Segment>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ProofError::unreadable(folder, error)),
    };
    let mut segments: Vec<Segment> = entries.filter_map(|entry| Segment::of(&entry.ok()?.path())).collect();
    segments.sort_by_key(|segment| (segment.first, segment.day, segment.packed));
    segments.dedup_by_key(|segment| (segment.first, segment.day));
    Ok(segments)
}

impl Segment {
    /// The file that begins with line `first` on `day`.
    pub(super) fn new(folder: &Path, first: i64, day: NaiveDate) -> Self {
        let path = folder.join(format!("{first:012}-{}.{PLAIN}", day.format("%Y%m%d")));
        Self { first, day, path, packed: false }
    }

    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let (packed, name) = name.strip_suffix(".zst").map_or((false, name), |name| (true, name));
        let (first, day) = name.strip_suffix(".ndjson")?.split_once('-')?;
        let day = NaiveDate::parse_from_str(day, "%Y%m%d").ok()?;
        Some(Self { first: first.parse().ok()?, day, path: path.to_owned(), packed })
    }

    fn reader(&self) -> Result<Box<dyn BufRead + Send>> {
        let unreadable = |error: io::Error| ProofError::unreadable(&self.path, error);
        let file = File::open(&self.path).map_err(unreadable)?;
        // no further than it reaches now: somebody may be writing
        let length = file.metadata().map_err(unreadable)?.len();
        let file = file.take(length);
        if self.packed {
            let decoder = zstd::stream::read::Decoder::new(file).map_err(unreadable)?;
            return Ok(Box::new(BufReader::new(decoder)));
        }
        Ok(Box::new(BufReader::new(file)))
    }

    /// Compresses a file that no line is added to any more. Until it is whole and synced the plain one stays.
    pub(super) fn pack(&self) -> Result<()> {
        let packed = self.path.with_added_extension(PACKED);
        let half = self.path.with_added_extension("half");
        let unwritable = |error: io::Error| ProofError::unwritable(&packed, error);
        let mut to = File::create(&half).map_err(unwritable)?;
        let mut from = File::open(&self.path).map_err(unwritable)?;
        zstd::stream::copy_encode(&mut from, &mut to, LEVEL).map_err(unwritable)?;
        to.flush().and_then(|()| to.sync_all()).map_err(unwritable)?;
        fs::rename(&half, &packed).map_err(unwritable)?;
        fs::remove_file(&self.path).map_err(unwritable)
    }
}

/// How far a file can be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Reach {
    /// Bytes of whole lines.
    pub(super) length: u64,
    /// Bytes after them.
    pub(super) torn: u64,
    /// Number of the last whole line; 0: none.
    pub(super) n: i64,
    /// Its checksum.
    pub(super) sum: String,
}

/// Reads `segment` on from what is known of it to its end. Only the last line may be torn.
pub(super) fn reach(segment: &Segment, known: Reach) -> Result<Reach> {
    let mut reader = segment.reader()?;
    let skipped = io::copy(&mut reader.by_ref().take(known.length), &mut io::sink());
    if skipped.map_err(|error| ProofError::unreadable(&segment.path, error))? < known.length {
        return Err(ProofError::unreadable(
            &segment.path,
            "比写下的短，文件被截短或换过；重新启动会从现有的行接着记",
        ));
    }
    let mut lines = Open { segment: segment.clone(), reader, number: 0 };
    let mut at = known;
    while let Some(text) = lines.text()? {
        if at.torn > 0 {
            return Err(lines.broken());
        }
        let previous = Some(at.sum.as_str()).filter(|sum| !sum.is_empty());
        match whole(&text).and_then(|bare| line::open(previous, bare)) {
            Some((line, sum)) => {
                at = Reach { length: at.length + text.len() as u64, torn: 0, n: line.n, sum };
            }
            None => at.torn = text.len() as u64,
        }
    }
    Ok(at)
}

/// The checksum of the last line there is in these files; empty where there is none.
pub(super) fn end(segments: &[Segment]) -> Result<String> {
    for segment in segments.iter().rev() {
        let at = reach(segment, Reach::default())?;
        if at.n > 0 {
            return Ok(at.sum);
        }
    }
    Ok(String::new())
}

fn whole(text: &[u8]) -> Option<&str> {
    std::str::from_utf8(text.strip_suffix(b"\n")?).ok()
}

struct Open {
    segment: Segment,
    reader: Box<dyn BufRead + Send>,
    number: u64,
}

impl Open {
    fn text(&mut self) -> Result<Option<Vec<u8>>> {
        let mut text = Vec::new();
        let read = self.reader.read_until(b'\n', &mut text);
        read.map_err(|error| ProofError::unreadable(&self.segment.path, error))?;
        self.number += 1;
        Ok((!text.is_empty()).then_some(text))
    }

    fn broken(&self) -> ProofError {
        ProofError::Broken { path: self.segment.path.display().to_string(), line: self.number }
    }
}

/// The lines of a journal, each held against the one before it.
pub struct Lines {
    files: std::vec::IntoIter<Segment>,
    open: Option<Open>,
    sum: Option<String>,
    after: i64,
}

impl Lines {
    /// The lines of `folder` whose number is greater than `after`.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn after(folder: &Path, after: i64) -> Result<Self> {
        let mut segments = list(folder)?;
        let from = segments.iter().rposition(|segment| segment.first <= after + 1).unwrap_or_default();
        let files = segments.split_off(from.min(segments.len()));
        Ok(Self { files: files.into_iter(), open: None, sum: None, after })
    }

    fn step(&mut self) -> Result<Option<Line>> {
        loop {
            let Some(open) = &mut self.open else {
                let Some(segment) = self.files.next() else { return Ok(None) };
                self.open = Some(Open { reader: segment.reader()?, segment, number: 0 });
                continue;
            };
            let Some(text) = open.text()? else {
                self.open = None;
                continue;
            };
            let opened = whole(&text).and_then(|bare| line::open(self.sum.as_deref(), bare));
            let Some((line, sum)) = opened else {
                // the end of the newest file may be torn: nobody was told that it is written
                let broken = open.broken();
                let last = self.files.as_slice().is_empty() && open.text()?.is_none();
                return if last { Ok(None) } else { Err(broken) };
            };
            self.sum = Some(sum);
            if line.n > self.after {
                return Ok(Some(line));
            }
        }
    }
}

impl Iterator for Lines {
    type Item = Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("after", &self.after).finish_non_exhaustive()
    }
}
