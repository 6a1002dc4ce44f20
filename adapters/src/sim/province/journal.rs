//! The receiver's ledger file: one line per request, on the disk before the answer goes out.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use super::memory::Entry;

/// An append-only file of entries.
#[derive(Debug)]
pub(super) struct Journal(File);

impl Journal {
    /// Opens or makes the file and gives every entry in it to `learn`. A last line that a kill cut off is removed.
    pub(super) fn open(path: &Path, mut learn: impl FnMut(Entry)) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let mut whole = 0_u64;
        for line in text.split_inclusive('\n') {
            let Ok(entry) = serde_json::from_str(line) else { break };
            if !line.ends_with('\n') {
                break;
            }
            whole += u64::try_from(line.len()).unwrap_or(0);
            learn(entry);
        }
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self(file))
    }

    /// Writes one entry and waits for the disk.
    pub(super) fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry).map_err(io::Error::other)?;
        line.push(b'\n');
        self.0.write_all(&line)?;
        self.0.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(batch: &str) -> Entry {
        Entry {
            path: "p".to_owned(),
            batch: batch.to_owned(),
            received: 1,
            taken: vec![],
            refused: vec!["a".to_owned()],
            orphans: 0,
        }
    }

    fn read(path: &Path) -> (Journal, Vec<String>) {
        let mut seen = Vec::new();
        let journal = Journal::open(path, |entry| seen.push(entry.batch)).unwrap();
        (journal, seen)
    }

    #[test]
    fn what_was_written_is_read_again_and_a_cut_line_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.ndjson");
        let (mut journal, seen) = read(&path);
        assert!(seen.is_empty());
        journal.write(&entry("one")).unwrap();
        journal.write(&entry("two")).unwrap();
        drop(journal);

        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 3]).unwrap();
        let (mut journal, seen) = read(&path);
        assert_eq!(seen, ["one"]);
        journal.write(&entry("three")).unwrap();
        drop(journal);
        assert_eq!(read(&path).1, ["one", "three"]);
    }
}
