//! Rows as text for spreadsheet programs (RFC 4180, UTF-8 with a byte order mark, CRLF), in which nothing becomes a formula
//! and no digit is lost. Leaves what stands in them to whoever asks.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use super::xlsx::{Row, Sheet, Unreadable};
use crate::record::Form;

/// Columns of the widest sheet there is.
const MOST_COLUMNS: usize = 16_384;

/// Digits from which on a spreadsheet program shows, and keeps, a number rounded.
const LONG_DIGITS: usize = 12;

/// Writes rows.
#[derive(Debug)]
pub struct CsvRows<W: Write>(::csv::Writer<W>);

impl<W: Write> CsvRows<W> {
    /// Begins with the byte order mark by which spreadsheet programs know UTF-8.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(b"\xef\xbb\xbf")?;
        Ok(Self(
            ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).flexible(true).from_writer(out),
        ))
    }

    /// One row, each cell [`guarded`].
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn row<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) -> io::Result<()> {
        let guarded: Vec<Cow<'_, str>> = cells.into_iter().map(guarded).collect();
        Ok(self.0.write_record(guarded.iter().map(|cell| cell.as_bytes()))?)
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The text with an apostrophe before it where a spreadsheet program would take it for a formula (`=`, `+`, `-`, `@`, a tab or
/// a line end in front), round it or drop its zeros (12 digits and more, a zero in front), or where it begins with an
/// apostrophe itself. One apostrophe taken off the front of each text that has one gives what was written; NUL is written `␀`.
#[must_use]
pub fn guarded(text: &str) -> Cow<'_, str> {
    let shown = if text.contains('\0') { Cow::Owned(text.replace('\0', "␀")) } else { Cow::Borrowed(text) };
    if needs_guard(&shown) { Cow::Owned(format!("'{shown}")) } else { shown }
}

/// Rows of text read back under the words of the first line, each cell as it was before [`guarded`]; a row's number is that
/// which a spreadsheet program shows. Blank cells and rows are left out.
///
/// # Errors
/// When it is no UTF-8, holds no line, or its first line has a word twice or more words than a sheet has columns.
pub fn read(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Unreadable("不是 UTF-8：请在表格软件里另存为“CSV UTF-8（逗号分隔）”".into()))?;
    let text = text.trim_start_matches('\u{feff}');
    let rows = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    let mut number = 0_u32;
    for record in rows.into_records() {
        let record = record.map_err(|error| Unreadable(format!("不是可读的 CSV：{error}")))?;
        number = number.saturating_add(blank_before(text, &record)).saturating_add(1);
        lines.push((number, record));
    }
    let mut lines = lines.into_iter();
    let (_, head) = lines.next().ok_or_else(|| Unreadable("一行都没有".into()))?;
    if head.len() > MOST_COLUMNS {
        return Err(Unreadable(format!("第 1 行超过 {MOST_COLUMNS} 列")));
    }
    let header: Vec<String> = head.iter().map(|word| unguarded(word).trim().to_owned()).collect();
    if let Some(twice) = twice(&header) {
        return Err(Unreadable(format!("第 1 行有两列都叫“{twice}”")));
    }
    let rows = lines.map(|(number, record)| Row { number, cells: cells(&record) });
    Ok(Sheet { name: "CSV".into(), header, rows: rows.filter(|row| !row.cells.is_empty()).collect() })
}

/// Blank lines between a record and the one before it: the reader passes over them, a spreadsheet program counts them.
fn blank_before(text: &str, record: &::csv::StringRecord) -> u32 {
    let from =
        record.position().and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or_default();
    let (before, rest) = text.split_at_checked(from).unwrap_or_default();
    // the second half of the line end before it
    let rest = if before.ends_with('\r') { rest.strip_prefix('\n').unwrap_or(rest) } else { rest };
    let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
    let ends = rest.get(..blank).unwrap_or_default().replace("\r\n", "\n").len();
    u32::try_from(ends).unwrap_or(u32::MAX)
}

fn twice(header: &[String]) -> Option<&String> {
    let mut words = header.iter().enumerate().filter(|(_, word)| !word.is_empty());
    words.find(|(at, word)| header.iter().take(*at).any(|other| other == *word)).map(|(_, word)| word)
}

fn cells(record: &::csv::StringRecord) -> Vec<(usize, String, Form)> {
    let written = record.iter().enumerate().filter(|(_, text)| !text.trim().is_empty());
    written.map(|(column, text)| (column, unguarded(text).to_owned(), Form::Text)).collect()
}

fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').unwrap_or(text)
}

fn needs_guard(text: &str) -> bool {
    let seen = text.trim_start_matches([' ', '\u{a0}', '\u{3000}', '\u{feff}']);
    let full_width = ['＝', '＋', '－', '＠'];
    if seen.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'']) || seen.starts_with(full_width) {
        return true;
    }
    let number = !seen.is_empty() && seen.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let digits = seen.bytes().filter(u8::is_ascii_digit).count();
    number && (digits >= LONG_DIGITS || (seen.starts_with('0') && digits > 1 && !seen.starts_with("0.")))
}

#[cfg(test)]
mod tests;
