//! The receiver's ledger file: one line per request, on the disk before the answer goes out.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

use super::memory::Entry;
use crate::os_error::about;

/// An append-only file of entries.
#[derive(Debug)]
pub(super) struct Journal(File);

impl Journal {
    /// Opens or makes the file and gives every entry in it to `learn`. A last line that a kill cut off is removed.
    ///
    /// # Errors
    /// What the file system says, with the path.
    pub(super) fn open(path: &Path, learn: impl FnMut(Entry)) -> io::Result<Self> {
        Self::read(path, learn)
            .map_err(|error| about(&error, &format!("用不了模拟省平台的账 {}", path.display())))
    }

    fn read(path: &Path, mut learn: impl FnMut(Entry)) -> io::Result<Self> {
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
mod tests;
