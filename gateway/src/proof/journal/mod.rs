//! A node's journal: what it received and what it is about to send, on disk before anybody is told. Lines are only ever
//! added, each bound to the one before; files begin anew by day and size, old ones are compressed and go by age. Several
//! processes of one node write to it in turn. Leaves what is in a line to whoever writes it.

mod line;
mod merged;
mod segment;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

pub use line::{BatchLine, Fact, Line, pack, unpack};
pub use merged::Merged;
pub use segment::Lines;
use segment::{Reach, Segment};

use super::{ProofError, Result};

/// A file that has grown to this is followed by another, in bytes.
const LARGE: u64 = 64 << 20;

/// One node's journal.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    node: String,
    keep: TimeDelta,
    large: u64,
    lock: File,
    tail: Mutex<Tail>,
}

/// The end of it, as far as this process knows.
#[derive(Debug, Default)]
struct Tail {
    at: Option<(Segment, File)>,
    reach: Reach,
}

impl Journal {
    /// Opens the journal in `folder`, making it if need be; a line that a crash broke off is cut away and said. Files
    /// older than `keep_days` go when a new one begins, where as many days with lines follow.
    ///
    /// # Errors
    /// When the folder cannot be made or read, or a line other than the last is broken.
    pub fn open(folder: &Path, node: &str, keep_days: u32) -> Result<Self> {
        fs::create_dir_all(folder).map_err(|error| ProofError::unwritable(folder, error))?;
        let path = folder.join("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let journal = Self {
            folder: folder.to_owned(),
            node: node.to_owned(),
            keep: TimeDelta::days(i64::from(keep_days)),
            large: LARGE,
            lock: lock.map_err(|error| ProofError::unwritable(&path, error))?,
            tail: Mutex::default(),
        };
        let mut tail = journal.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let torn = journal.locked(|| journal.catch_up(&mut tail))?;
        drop(tail);
        if torn > 0 {
            tracing::warn!(folder = %folder.display(), bytes = torn, "接收日志的最后一行没有写完（断电、被杀或磁盘满），已截去；它所说的事当时没有做");
        }
        Ok(journal)
    }

    /// Whose it is.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.node
    }

    /// Where its files are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Number of its last line; 0: there is none.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner).reach.n
    }

    /// Lets numbers go on behind `n`, where the ledger knows of lines that are not here.
    pub fn go_on_after(&self, n: i64) {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        if tail.reach.n < n {
            *tail = Tail { at: None, reach: Reach { n, ..Reach::default() } };
        }
    }

    /// Adds a line, and with `synced` has it, and all before it, on disk when this returns. Returns its number.
    ///
    /// # Errors
    /// When it could not be written whole and synced: then it does not count, and what it says must not be done.
    pub fn append(&self, fact: Fact, at: DateTime<Utc>, synced: bool) -> Result<i64> {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let before = tail.reach.n;
        let done = self.locked(|| self.add(&mut tail, fact, at, synced));
        if done.is_err() {
            // nothing is known of the end any more: it is read anew; numbers that the ledger may know are not given again
            *tail = Tail { at: None, reach: Reach { n: before.max(tail.reach.n), ..Reach::default() } };
        }
        done
    }

    fn add(&self, tail: &mut Tail, fact: Fact, at: DateTime<Utc>, synced: bool) -> Result<i64> {
        let torn = self.catch_up(tail)?;
        self.begin(tail, at)?;
        if torn > 0 {
            self.put(tail, Fact::Torn { bytes: torn }, at)?;
        }
        let n = self.put(tail, fact, at)?;
        if synced { sync(tail) } else { Ok(()) }.map(|()| n)
    }

    /// No other process writes meanwhile.
    fn locked<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.lock.lock().map_err(|error| ProofError::unwritable(&self.folder, error))?;
        let done = work();
        // a lock that is not let go by this is let go by the process's end
        let _ = self.lock.unlock();
        done
    }

    /// Learns what other processes wrote; cuts a torn line away. Bytes cut.
    fn catch_up(&self, tail: &mut Tail) -> Result<u64> {
        let mut segments = segment::list(&self.folder)?;
        let Some(newest) = segments.pop() else {
            // a file that nobody can find any more is none
            tail.at = None;
            return Ok(0);
        };
        let known = tail.at.as_ref().is_some_and(|(at, _)| *at == newest);
        let from = if known { std::mem::take(&mut tail.reach) } else { Reach::default() };
        let mut reach = segment::reach(&newest, from)?;
        let torn = std::mem::take(&mut reach.torn);
        if reach.n == 0 {
            // without a whole line it was begun by somebody who died: its name says where it stands, those before it what
            // its first line is bound to
            reach.n = newest.first - 1;
            reach.sum = segment::end(&segments)?;
        }
        tail.reach = Reach { n: reach.n.max(tail.reach.n), ..reach };
        if !known {
            let file = OpenOptions::new().append(true).open(&newest.path);
            let file = file.map_err(|error| ProofError::unwritable(&newest.path, error))?;
            tail.at = Some((newest, file));
        }
        if let Some((at, file)) = tail.at.as_ref().filter(|_| torn > 0) {
            file.set_len(tail.reach.length).map_err(|error| ProofError::unwritable(&at.path, error))?;
        }
        Ok(torn)
    }

    /// Begins a file where there is none, or a day or enough bytes have passed.
    fn begin(&self, tail: &mut Tail, at: DateTime<Utc>) -> Result<()> {
        let day = at.date_naive();
        let fits = |(segment, _): &(Segment, File)| {
            !segment.packed && segment.day >= day && tail.reach.length < self.large && tail.reach.length > 0
        };
        if tail.at.as_ref().is_some_and(fits) {
            return Ok(());
        }
        sync(tail)?;
        let segment = Segment::new(&self.folder, tail.reach.n + 1, day);
        let unwritable = |error: io::Error| ProofError::unwritable(&segment.path, error);
        let file = OpenOptions::new().create(true).append(true).open(&segment.path).map_err(unwritable)?;
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(unwritable)?;
        let previous = tail.reach.sum.clone();
        tail.reach.length = 0;
        tail.at = Some((segment, file));
        let version = env!("CARGO_PKG_VERSION").to_owned();
        self.put(tail, Fact::Segment { node: self.node.clone(), previous, version }, at)?;
        self.tidy(day);
        Ok(())
    }

    fn put(&self, tail: &mut Tail, fact: Fact, at: DateTime<Utc>) -> Result<i64> {
        let Some((segment, file)) = tail.at.as_mut() else {
            return Err(ProofError::unwritable(&self.folder, "没有打开的文件"));
        };
        let unwritable = |error: io::Error| ProofError::unwritable(&segment.path, error);
        let n = tail.reach.n + 1;
        let sealed = line::seal(&tail.reach.sum, &Line { n, at, fact });
        let (text, sum) = sealed.map_err(|error| unwritable(error.into()))?;
        if let Err(error) = file.write_all(text.as_bytes()) {
            // what got through of it is cut away, now or by whoever writes next
            let _ = file.set_len(tail.reach.length);
            return Err(unwritable(error));
        }
        tail.reach = Reach { length: tail.reach.length + text.len() as u64, torn: 0, n, sum };
        Ok(n)
    }

    /// Compresses files that are complete and drops those that are too old. What fails here is tried again with the next
    /// file: nothing depends on it.
    fn tidy(&self, today: NaiveDate) {
        let Ok(mut segments) = segment::list(&self.folder) else { return };
        let old = self.old(&segments, today);
        segments.pop();
        for (at, segment) in segments.into_iter().enumerate() {
            let done = if at < old {
                fs::remove_file(&segment.path).map_err(|error| ProofError::unwritable(&segment.path, error))
            } else if segment.packed {
                Ok(())
            } else {
                segment.pack()
            };
            if let Err(error) = done {
                tracing::warn!(%error, "old journal file left as it is");
            }
        }
    }

    /// How many files, from the oldest on, are too old: by the clock, and because as many days as are kept have lines after
    /// them. A clock that is ahead makes every file look old, but only days that pass put lines behind it. None goes from
    /// between others: that would break the chain.
    fn old(&self, segments: &[Segment], today: NaiveDate) -> usize {
        let days_after = |at: usize, day: NaiveDate| {
            let later: BTreeSet<NaiveDate> = segments.iter().skip(at).map(|segment| segment.day).collect();
            i64::try_from(later.iter().filter(|later| **later != day).count()).unwrap_or(i64::MAX)
        };
        let gone = segments.iter().enumerate().take_while(|(at, segment)| {
            today - segment.day > self.keep && days_after(*at, segment.day) >= self.keep.num_days()
        });
        gone.count()
    }
}

fn sync(tail: &Tail) -> Result<()> {
    let Some((segment, file)) = tail.at.as_ref() else { return Ok(()) };
    file.sync_data().map_err(|error| ProofError::unwritable(&segment.path, error))
}
