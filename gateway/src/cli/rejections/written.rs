//! A rejection sheet in one of its three forms, row by row. Leaves what stands in a row to `layout`.

use std::io::{self, Write};

use adapters::{
    Form,
    codec::{csv::CsvRows, xlsx::Marked},
};
use mappings::Issue;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::{
    super::{arguments::SheetFormat, clause},
    layout::{Layout, Line},
};
use crate::pipeline::rejections::{Body, Row, each_column};

/// What is written.
pub(super) enum Sheets<W: Write + Send> {
    /// A workbook, written at its end.
    Xlsx(Box<Marked>, W),
    /// One list.
    Csv(Box<CsvRows<W>>),
    /// One list of all.
    Json { out: W, rows: u64 },
}

impl<W: Write + Send> Sheets<W> {
    pub(super) fn begin(format: SheetFormat, mut out: W) -> io::Result<Self> {
        Ok(match format {
            SheetFormat::Xlsx => Self::Xlsx(Box::default(), out),
            SheetFormat::Csv => Self::Csv(Box::new(CsvRows::begin(out)?)),
            SheetFormat::Json => {
                out.write_all(b"[")?;
                Self::Json { out, rows: 0 }
            }
        })
    }

    pub(super) fn list(&mut self, service: &str, layout: &Layout) -> io::Result<()> {
        match self {
            Self::Xlsx(book, _) => book.begin(service, &layout.heads()).map_err(io::Error::other),
            Self::Csv(csv) => csv.row(layout.heads().iter().map(|head| head.word.as_str())),
            Self::Json { .. } => Ok(()),
        }
    }

    pub(super) fn row(&mut self, service: &str, layout: &Layout, row: &Row<'_>) -> io::Result<()> {
        let line = layout.line(row);
        match self {
            Self::Xlsx(book, _) => book.row(&line.cells).map_err(io::Error::other),
            Self::Csv(csv) => csv.row(line.cells.iter().map(|cell| cell.text.as_str())),
            Self::Json { out, rows } => {
                out.write_all(if *rows == 0 { b"\n" } else { b",\n" })?;
                *rows += 1;
                serde_json::to_writer(out, &object(service, layout, row, line)).map_err(io::Error::from)
            }
        }
    }

    /// `lines`: what a workbook says of itself.
    pub(super) fn finish(self, lines: &[String]) -> io::Result<()> {
        match self {
            Self::Xlsx(book, out) => book.finish("说明", lines, out).map_err(io::Error::other),
            Self::Csv(csv) => csv.finish(),
            Self::Json { mut out, rows } => {
                out.write_all(if rows == 0 { b"]\n" } else { b"\n]\n" })?;
                out.flush()
            }
        }
    }
}

/// A row as an object.
#[derive(Serialize)]
struct Object<'r> {
    service: &'r str,
    verdict: &'static str,
    id: String,
    times: u64,
    /// RFC 3339.
    last: String,
    receipt: Receipt,
    /// Whether persons are masked: then it cannot be taken again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    masked: bool,
    record: Record,
    wrong: Vec<String>,
    issues: Vec<Told<'r>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    raw: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    gone: Option<&'r str>,
}

/// Document and place, from 0.
#[derive(Serialize)]
struct Receipt {
    document: i64,
    place: u32,
}

#[derive(Serialize)]
struct Told<'r> {
    #[serde(flatten)]
    issue: &'r Issue,
    #[serde(skip_serializing_if = "Option::is_none")]
    clause: Option<String>,
}

fn told<'r>(issue: &'r Issue, clause: Option<&str>) -> Told<'r> {
    Told { issue, clause: clause.map(clause::told) }
}

/// The sender's fields in their order, numbers and lists as they were written.
struct Record(Vec<(String, Box<RawValue>)>);

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(word, value)| (word, value)))
    }
}

fn object<'r>(service: &'r str, layout: &Layout, row: &'r Row<'_>, line: Line) -> Object<'r> {
    Object {
        service,
        verdict: row.verdict.word(),
        id: layout.id(row),
        times: row.times,
        last: row.received_at.to_rfc3339(),
        receipt: Receipt { document: row.at.0, place: row.at.1 },
        masked: layout.is_masked(),
        record: record(layout, row),
        wrong: line.wrong,
        issues: row.issues.iter().map(|(issue, clause)| told(issue, clause.as_deref())).collect(),
        raw: layout.raw(row),
        gone: if let Body::Gone(why) = row.body { Some(why) } else { None },
    }
}

fn record(layout: &Layout, row: &Row<'_>) -> Record {
    let mut fields = Vec::new();
    if let Body::Record(record) = row.body {
        each_column(record, &mut |column, number| {
            let Some((path, raw)) = record.fields.get(number) else { return };
            let word = layout.word(&column).map_or_else(|| column.path.clone(), str::to_owned);
            let shown = layout.shown(path, &raw.text);
            let as_written = match raw.form {
                Form::Text => None,
                Form::Null => RawValue::from_string("null".to_owned()).ok(),
                _ if layout.is_masked() => None,
                _ => RawValue::from_string(raw.text.to_string()).ok(),
            };
            fields.extend(as_written.or_else(|| to_raw_value(&shown).ok()).map(|value| (word, value)));
        });
    }
    Record(fields)
}

#[cfg(test)]
mod tests;
