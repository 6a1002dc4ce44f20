//! Rows as text for spreadsheet programs (RFC 4180, UTF-8 with a byte order mark, CRLF), in which nothing becomes a formula
//! and no digit is lost. Leaves what stands in them to whoever asks.

use std::{
    borrow::Cow,
    io::{self, Write},
};

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
