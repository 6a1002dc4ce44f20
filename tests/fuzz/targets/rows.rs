//! Rows given back as CSV: never a panic; a reader of CSV finds the cells that were written, each behind one apostrophe at
//! most, and ours finds them as they were. The input is cells between bytes 2 and rows between bytes 1.
#![no_main]

use adapters::codec::csv::{self as ours, CsvRows};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let rows: Vec<Vec<&str>> = text.split('\x01').map(|row| row.split('\x02').collect()).collect();
    let mut out = Vec::new();
    let mut csv = CsvRows::begin(&mut out).unwrap();
    for row in &rows {
        csv.row(row.iter().copied()).unwrap();
    }
    csv.finish().unwrap();
    // the mark of UTF-8 is the reader's to take off
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(out.as_slice());
    let read: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(read.len(), rows.len());
    for (read, written) in read.iter().zip(&rows) {
        assert_eq!(read.len(), written.len());
        for (read, written) in read.iter().zip(written) {
            assert_eq!(read.strip_prefix('\'').unwrap_or(read), written.replace('\0', "␀"));
        }
    }
    let Ok(sheet) = ours::read(&out) else { return };
    for row in &sheet.rows {
        for (column, text, _) in &row.cells {
            assert_eq!(*text, rows[usize::try_from(row.number).unwrap() - 1][*column].replace('\0', "␀"));
        }
    }
});
