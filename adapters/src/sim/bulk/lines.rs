//! Rows of a file, one JSON object a line, read page by page: the file may be larger than the memory.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom},
    path::Path,
    sync::{Mutex, PoisonError},
};

use super::{BulkOptions, Night, respell};
use crate::{os_error::about, sim::members::Members};

/// A file's lines, and what nights do to them.
#[derive(Debug)]
pub(super) struct Lines {
    file: Mutex<File>,
    /// Where each begins and how long it is, in bytes.
    places: Vec<(u64, usize)>,
    touch: Option<String>,
    change: Option<String>,
}

impl Lines {
    /// Finds the lines of a file; empty ones are none.
    pub(super) fn open(path: &Path, options: &BulkOptions) -> io::Result<Self> {
        let unreadable = |error: io::Error| about(&error, &format!("读不到 {}", path.display()));
        let file = File::open(path).map_err(unreadable)?;
        let most = if options.records == 0 { u64::MAX } else { options.records };
        let places = places(&file, usize::try_from(most).unwrap_or(usize::MAX)).map_err(unreadable)?;
        let (touch, change) = (options.touch.clone(), options.change.clone());
        Ok(Self { file: Mutex::new(file), places, touch, change })
    }

    pub(super) fn count(&self) -> u64 {
        u64::try_from(self.places.len()).unwrap_or(u64::MAX)
    }

    /// Writes lines `[from, to)` as they are tonight, with commas between.
    pub(super) fn write(&self, out: &mut String, from: u64, to: u64, night: &Night) -> io::Result<()> {
        let place = |index: u64| usize::try_from(index).unwrap_or(usize::MAX);
        let Some(places) = self.places.get(place(from)..place(to)) else { return Ok(()) };
        let (Some(first), Some(last)) = (places.first(), places.last()) else { return Ok(()) };
        let bytes = self.read(first.0, last.0 + u64::try_from(last.1).unwrap_or(0))?;
        for (index, (offset, length)) in (from..to).zip(places) {
            let start = place(offset - first.0);
            let line = bytes.get(start..start + length).unwrap_or_default();
            if index > from {
                out.push(',');
            }
            out.push_str(&self.tonight(&String::from_utf8_lossy(line), index, night));
        }
        Ok(())
    }

    fn read(&self, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(to - from).unwrap_or(0)];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// The row as it is tonight; one without the column stays as it is.
    fn tonight(&self, line: &str, index: u64, night: &Night) -> String {
        let changes = self.change.as_deref().filter(|_| night.changes(index));
        let touch = self.touch.as_deref().filter(|_| night.number > 1);
        if changes.is_none() && touch.is_none() {
            return line.to_owned();
        }
        let Some(mut row) = Members::read(line) else { return line.to_owned() };
        if let Some(column) = changes {
            let text = format!("{}（第{}夜复核）", row.text_of(column), night.number);
            row.set(column, &text);
        }
        if let Some(column) = touch {
            let text = respell::now(&row.text_of(column), night.at);
            row.set(column, &text);
        }
        serde_json::to_string(&row).unwrap_or_else(|_| line.to_owned())
    }
}

fn places(file: &File, most: usize) -> io::Result<Vec<(u64, usize)>> {
    let (mut places, mut at, mut line) = (Vec::new(), 0, Vec::new());
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut number = 0_u64;
    while places.len() < most && reader.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        let text = line.trim_ascii();
        if !text.is_empty() {
            let object = std::str::from_utf8(text).is_ok_and(|text| Members::read(text).is_some());
            if !object {
                return Err(io::Error::other(format!("第 {number} 行不是一个 JSON 对象")));
            }
            places.push((at, line.trim_ascii_end().len()));
        }
        at += u64::try_from(line.len()).unwrap_or(0);
        line.clear();
    }
    Ok(places)
}
