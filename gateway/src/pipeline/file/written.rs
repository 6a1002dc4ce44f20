//! The document that is made of a file: bytes that the source's decoder reads, in parts. Text stays as it is; the rows of a
//! table are written as a list. Leaves landing to `take`.

use adapters::{
    AnyDecoder, Decode as _, Extent, Form, Part,
    codec::{
        json::{Listing, locate},
        xlsx::{Row, Sheet},
    },
};

use super::{MARK, Opened, Table, parts};
use crate::pipeline::rejections::words::Beside;

/// Lines of one part, and bytes.
const PART_LINES: u32 = 5_000;
const PART_BYTES: u64 = 4 << 20;

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// Its bytes.
    pub(crate) bytes: Vec<u8>,
    /// Where its records lie.
    pub(crate) parts: Vec<Extent>,
}

impl Written {
    /// How many records.
    pub(crate) fn count(&self) -> u64 {
        self.parts.iter().map(|part| u64::from(part.count)).sum()
    }
}

/// Writes a document.
///
/// # Errors
/// When there is no record list in it, in Chinese.
pub(crate) fn written(opened: &Opened<'_>) -> Result<Written, String> {
    match opened {
        Opened::Table(table) => list(table),
        Opened::Text { bytes, decoder, list, .. } => {
            opened.records()?;
            let parts = extents(bytes, *decoder, list.as_deref());
            Ok(Written { bytes: bytes.to_vec(), parts })
        }
    }
}

/// A table as a list of objects, a row each.
fn list(table: &Table) -> Result<Written, String> {
    let none = Beside::default();
    let mut text = String::from("[");
    for (at, row) in table.sheet.rows.iter().enumerate() {
        text.push_str(if at == 0 { "\n" } else { ",\n" });
        let beside = table.beside.get(at).unwrap_or(&none);
        match &beside.raw {
            Some(raw) => text.push_str(&unread(raw)),
            None => text.push_str(&object(&table.sheet, row)),
        }
    }
    text.push_str("\n]\n");
    let bytes = text.into_bytes();
    let parts = located(&bytes, "").ok_or("表里的行写不成记录")?;
    Ok(Written { bytes, parts })
}

/// What could not be read, in a list that can be.
fn unread(raw: &str) -> String {
    let is_value = serde_json::from_str::<serde::de::IgnoredAny>(raw).is_ok();
    if is_value { raw.trim().to_owned() } else { quoted(raw) }
}

fn object(sheet: &Sheet, row: &Row) -> String {
    let fields = row.cells.iter().filter_map(|(column, text, form)| {
        let word = sheet.header.get(*column).filter(|word| !word.is_empty())?;
        Some(format!("{}:{}", quoted(word), value(text, *form)))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

/// A cell as it was written, where that can stand in JSON.
fn value(text: &str, form: Form) -> String {
    let bare = match form {
        Form::Text => None,
        Form::Null => Some("null"),
        Form::Number | Form::Bool | Form::Nested => {
            Some(text).filter(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
        }
    };
    bare.map_or_else(|| quoted(text), str::to_owned)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The parts of a record list; none where there is no list at that path.
fn located(bytes: &[u8], path: &str) -> Option<Vec<Extent>> {
    match locate(bytes, path, &[]).ok()?.listing {
        Listing::Found(found) => Some(found.parts),
        _ => None,
    }
}

fn extents(bytes: &[u8], decoder: AnyDecoder, list: Option<&str>) -> Vec<Extent> {
    if let Some(parts) = list.into_iter().chain([""]).find_map(|path| located(bytes, path)) {
        return parts;
    }
    let skipped = if bytes.starts_with(MARK) { MARK.len() } else { 0 };
    let mut extents: Vec<Extent> = Vec::new();
    let mut may_grow = false;
    for line in parts(bytes, skipped) {
        let (found, is_whole) = counted(decoder, &line);
        let to = line.offset + line.bytes.len() as u64;
        let next = extents.last().map_or(0, |before| before.first + before.count);
        match extents.last_mut().filter(|_| may_grow && is_whole || found == 0) {
            // a broken line costs only itself: it is a part of its own
            Some(grown) if grown.count + found <= PART_LINES && to - grown.from <= PART_BYTES => {
                (grown.count, grown.to) = (grown.count + found, to);
            }
            _ if found == 0 => {}
            _ => {
                extents.push(Extent { first: next, count: found, from: line.offset, to });
                may_grow = is_whole;
            }
        }
    }
    extents
}

/// How many records a line holds, and whether all of them can be read.
fn counted(decoder: AnyDecoder, line: &Part<'_>) -> (u32, bool) {
    decoder.decode(line).fold((0, true), |(found, whole), record| (found + 1, whole && record.is_ok()))
}
