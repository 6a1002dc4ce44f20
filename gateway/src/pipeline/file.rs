//! A file opened as the hub would open it: the answer of a source, a list, lines of JSON, a table (a workbook, a rejection
//! sheet in any of its forms); its records, and where each value stands. Leaves reading tables to `table`, the document that
//! is made of it to `written`, judging to `pipeline::inspect`.

#[cfg(fuzzing)]
pub(crate) mod door;
mod table;
mod written;

use std::borrow::Cow;

use adapters::{
    AnyDecoder, Decode as _, Part, Raw, SourceRecord, Undecodable,
    codec::{
        json::{Listing, locate},
        xlsx::{self, cell_name},
    },
};
use mappings::Kind;

pub(crate) use table::{Form as TableForm, Table, services};
pub(crate) use written::{Written, written};

/// A byte order mark.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A file's records with their places.
pub(crate) enum Opened<'f> {
    /// Text: the bytes and the first byte of each line.
    Text { bytes: &'f [u8], lines: Vec<usize>, decoder: AnyDecoder, list: Option<String> },
    /// A table, its header in the words the mapping reads.
    Table(Table),
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Line and column, from 1; columns count characters.
    Text(usize, usize),
    /// Sheet and cell; no column: the whole line.
    Cell(String, String),
}

/// What of a file is to be opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// What reads text.
    pub(crate) decoder: AnyDecoder,
    /// Where the source keeps its record list.
    pub(crate) list: Option<&'a str>,
    /// The service, after which a sheet of a workbook may be named; else the first is taken.
    pub(crate) service: &'a str,
}

impl<'f> Opened<'f> {
    /// Opens bytes. Of a workbook the header's labels become `kind`'s names where `by_name` says that the mapping reads
    /// names; a rejection sheet is read as its sender's records were.
    pub(crate) fn of(bytes: &'f [u8], wanted: &Wanted<'_>, by_name: Option<&Kind>) -> Result<Self, String> {
        let Wanted { decoder, list, service } = *wanted;
        let Some(mut table) = table::read(bytes, service)? else {
            let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
            let (lines, list) = (std::iter::once(0).chain(ends).collect(), list.map(str::to_owned));
            return Ok(Self::Text { bytes, lines, decoder, list });
        };
        for word in &mut table.sheet.header {
            let named = by_name.and_then(|kind| kind.fields().iter().find(|field| field.label() == word));
            if let Some(field) = named {
                field.name().clone_into(word);
            }
        }
        Ok(Self::Table(table))
    }

    /// Its records in order, good or not.
    pub(crate) fn records(&self) -> Result<Vec<Result<SourceRecord<'_>, Undecodable>>, String> {
        match self {
            Self::Text { bytes, decoder, list, .. } => text_records(bytes, *decoder, list.as_deref()),
            Self::Table(Table { sheet, .. }) => {
                Ok((0..).zip(&sheet.rows).map(|(place, row)| Ok(record(sheet, place, row))).collect())
            }
        }
    }

    /// Where a record begins.
    pub(crate) fn begins(&self, offset: u64) -> Place {
        match self {
            Self::Text { bytes, lines, .. } => {
                line_column(bytes, lines, usize::try_from(offset).unwrap_or(usize::MAX))
            }
            Self::Table(table) => table.line(offset),
        }
    }

    /// Where the value of a path stands; where the record begins if it says nothing there.
    pub(crate) fn stands(&self, record: &SourceRecord<'_>, path: &str) -> Place {
        let value = record.fields.iter().rev().find(|(known, _)| known == path).map(|(_, raw)| &raw.text);
        match self {
            Self::Text { bytes, lines, .. } => match value.and_then(|text| inside(bytes, text)) {
                Some(at) => line_column(bytes, lines, at),
                None => self.begins(record.offset),
            },
            Self::Table(table) => match table.sheet.header.iter().position(|word| word == path) {
                Some(column) if table.form != TableForm::Json => {
                    let row = u32::try_from(record.offset).unwrap_or_default();
                    Place::Cell(table.sheet.name.clone(), cell_name(column, row))
                }
                _ => table.line(record.offset),
            },
        }
    }

    /// The words of a workbook's first line; empty for text.
    pub(crate) fn header(&self) -> &[String] {
        match self {
            Self::Text { .. } => &[],
            Self::Table(table) => &table.sheet.header,
        }
    }
}

/// The document that a file makes, whatever reads it: text as it is.
pub(crate) fn document(bytes: &[u8], service: &str) -> Result<Vec<u8>, String> {
    let wanted = Wanted { decoder: AnyDecoder::default(), list: None, service };
    match Opened::of(bytes, &wanted, None)? {
        Opened::Text { bytes, .. } => Ok(bytes.to_vec()),
        table @ Opened::Table(_) => Ok(written(&table)?.bytes),
    }
}

/// Where the record at a place of such a document stands in its file; none for text, whose document says it.
pub(crate) fn stands(bytes: &[u8], service: &str, place: u32) -> Option<String> {
    let table = table::read(bytes, service).ok()??;
    let row = table.sheet.rows.get(usize::try_from(place).ok()?)?;
    Some(table.line(row.number.into()).to_string())
}

/// A source's whole answer, a bare list, or records one after the other.
fn text_records<'f>(
    bytes: &'f [u8],
    decoder: AnyDecoder,
    list: Option<&str>,
) -> Result<Vec<Result<SourceRecord<'f>, Undecodable>>, String> {
    let skipped = if bytes.starts_with(MARK) { MARK.len() } else { 0 };
    for path in list.into_iter().chain([""]) {
        if let Ok(envelope) = locate(bytes, path, &[])
            && let Listing::Found(found) = envelope.listing
        {
            let parts = found.parts.iter().map(|extent| {
                let range = usize::try_from(extent.from).unwrap_or_default()
                    ..usize::try_from(extent.to).unwrap_or_default();
                Part { bytes: bytes.get(range).unwrap_or_default(), first: extent.first, offset: extent.from }
            });
            return Ok(parts.flat_map(|part| decoder.decode(&part).collect::<Vec<_>>()).collect());
        }
    }
    let first = bytes.get(skipped..).unwrap_or_default().iter().find(|byte| !byte.is_ascii_whitespace());
    match first {
        Some(b'{') => {}
        Some(b'[') => return Err(broken_list(bytes)),
        _ => return Err("不是 JSON、每行一个 JSON 对象（NDJSON），也不是 .xlsx 工作簿".to_owned()),
    }
    Ok(parts(bytes, skipped).flat_map(|part| decoder.decode(&part).collect::<Vec<_>>()).collect())
}

/// One part a line where every line is an object's, so that a broken one costs only itself; else one part.
fn parts(bytes: &[u8], skipped: usize) -> impl Iterator<Item = Part<'_>> {
    let rest = bytes.get(skipped..).unwrap_or_default();
    let each: Vec<&[u8]> = rest.split_inclusive(|byte| *byte == b'\n').collect();
    let begins =
        |line: &&[u8]| line.iter().find(|byte| !byte.is_ascii_whitespace()).is_none_or(|byte| *byte == b'{');
    let lines = if each.iter().all(begins) { each } else { vec![rest] };
    let mut at = u64::try_from(skipped).unwrap_or_default();
    (0_u32..).zip(lines).map(move |(first, bytes)| {
        let part = Part { bytes, first, offset: at };
        at += u64::try_from(bytes.len()).unwrap_or_default();
        part
    })
}

fn broken_list(bytes: &[u8]) -> String {
    match locate(bytes, "", &[]) {
        Err(error) => error.to_string(),
        Ok(_) => "最外层不是记录的列表".to_owned(),
    }
}

/// A line of a sheet as a record: its `offset` is the line's number.
fn record<'s>(sheet: &'s xlsx::Sheet, place: u32, row: &'s xlsx::Row) -> SourceRecord<'s> {
    let fields = row.cells.iter().map(|(column, text, form)| {
        let word = sheet.header.get(*column).map_or("", String::as_str);
        (Cow::Borrowed(word), Raw { text: Cow::Borrowed(text.as_str()), form: *form })
    });
    SourceRecord {
        place,
        offset: row.number.into(),
        length: 0,
        fields: fields.filter(|(word, _)| !word.is_empty()).collect(),
    }
}

/// Where a text lies in the bytes it was borrowed from; `None` for one that had to be unescaped and stands elsewhere.
fn inside(bytes: &[u8], text: &str) -> Option<usize> {
    let at = text.as_ptr().addr().checked_sub(bytes.as_ptr().addr())?;
    (at + text.len() <= bytes.len()).then_some(at)
}

fn line_column(bytes: &[u8], lines: &[usize], at: usize) -> Place {
    let line = lines.partition_point(|begin| *begin <= at).max(1);
    let begin = lines.get(line - 1).copied().unwrap_or_default();
    let before = bytes.get(begin..at.min(bytes.len())).unwrap_or_default();
    Place::Text(line, String::from_utf8_lossy(before).chars().filter(|c| *c != '\u{feff}').count() + 1)
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(line, column) => write!(f, "{line}:{column}"),
            Self::Cell(sheet, cell) => write!(f, "{sheet}!{cell}"),
        }
    }
}

#[cfg(test)]
mod tests;
