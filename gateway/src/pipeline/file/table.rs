//! Tables that people bring: a workbook's sheet, and a rejection sheet as text or JSON, as the rows their sender sent.
//! Leaves what the words mean to `rejections::words`, writing the document to `written`.

use adapters::{
    Form as Written,
    codec::{
        csv,
        xlsx::{self, Row, Sheet},
    },
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::Place;
use crate::pipeline::rejections::words::{Beside, MASKED, as_sent, said_again};

/// Most rows of a table.
const MOST_ROWS: usize = 1_000_000;

/// What a table came as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A sheet of a workbook.
    Workbook,
    /// Lines of text.
    Csv,
    /// A list of objects.
    Json,
}

/// A table, its rows as their sender sent them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// What it came as.
    pub(crate) form: Form,
    /// Its rows; a row's number is that of its line, or of its object, from 1.
    pub(crate) sheet: Sheet,
    /// Of a rejection sheet: what stands beside each row.
    pub(crate) beside: Vec<Beside>,
}

/// The table in these bytes; `service` names its sheet, or its objects. `None`: no table.
pub(super) fn read(bytes: &[u8], service: &str) -> Result<Option<Table>, String> {
    let table = if xlsx::is_workbook(bytes) {
        workbook(xlsx::read_sheet(bytes, service).map_err(|error| error.to_string())?, Form::Workbook)
    } else if let Some(given) = given_back(bytes) {
        listed(given, service)
    } else if begins(bytes).is_some_and(|byte| byte != b'{' && byte != b'[') {
        let table = workbook(csv::read(bytes).map_err(|error| error.to_string())?, Form::Csv);
        if table.beside.is_empty() {
            return Ok(None);
        }
        table
    } else {
        return Ok(None);
    };
    if table.sheet.rows.len() > MOST_ROWS {
        return Err(format!("有 {} 行，一次最多 {MOST_ROWS} 行：请分成几个文件", table.sheet.rows.len()));
    }
    Ok(Some(table))
}

/// The services, of those known, that a rejection sheet has rows of; none where it does not say.
pub(crate) fn services(bytes: &[u8], known: &[&str]) -> Vec<String> {
    let mut said: Vec<String> = if xlsx::is_workbook(bytes) {
        let sheets = xlsx::sheet_names(bytes).unwrap_or_default();
        let is_there = |service: &&&str| sheets.iter().any(|sheet| *sheet == xlsx::sheet_name(service));
        known.iter().filter(is_there).map(|service| (*service).to_owned()).collect()
    } else {
        given_back(bytes).unwrap_or_default().into_iter().map(|given| given.service).collect()
    };
    said.sort_unstable();
    said.dedup();
    said
}

fn workbook(mut sheet: Sheet, form: Form) -> Table {
    let beside = as_sent(&mut sheet).unwrap_or_default();
    Table { form, sheet, beside }
}

impl Table {
    /// Where a row stands.
    pub(super) fn line(&self, number: u64) -> Place {
        let unit = if self.form == Form::Json { "条" } else { "行" };
        Place::Cell(self.sheet.name.clone(), format!("第 {number} {unit}"))
    }
}

/// An object of a rejection sheet.
#[derive(Deserialize)]
struct Given<'b> {
    service: String,
    receipt: Receipt,
    #[serde(borrow)]
    record: Fields<'b>,
    #[serde(default)]
    masked: bool,
    #[serde(default)]
    raw: Option<String>,
}

#[derive(Deserialize)]
struct Receipt {
    document: i64,
    place: u32,
}

/// Fields in their order, values as written.
struct Fields<'b>(Vec<(String, &'b RawValue)>);

impl<'de: 'b, 'b> Deserialize<'de> for Fields<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// The objects of a rejection sheet written as JSON; none where the bytes are anything else.
fn given_back(bytes: &[u8]) -> Option<Vec<Given<'_>>> {
    let text = bytes.strip_prefix(super::MARK).unwrap_or(bytes);
    let given: Vec<Given<'_>> =
        begins(bytes).filter(|byte| *byte == b'[').and_then(|_| serde_json::from_slice(text).ok())?;
    (!given.is_empty()).then_some(given)
}

/// The first byte that says something.
fn begins(bytes: &[u8]) -> Option<u8> {
    let text = bytes.strip_prefix(super::MARK).unwrap_or(bytes);
    text.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

fn listed(given: Vec<Given<'_>>, service: &str) -> Table {
    let mut sheet = Sheet { name: service.to_owned(), header: Vec::new(), rows: Vec::new() };
    let mut beside = Vec::new();
    for (number, given) in
        (1..).zip(given).filter(|(_, given)| service.is_empty() || given.service == service)
    {
        let mut cells = Vec::new();
        for (word, value) in given.record.0 {
            // columns of one row never meet: a path that was said again has one of its own
            let column = sheet.header.iter().position(|known| *known == word).unwrap_or_else(|| {
                sheet.header.push(word);
                sheet.header.len() - 1
            });
            let (text, form) = cell(value);
            cells.push((column, text, form));
        }
        beside.push(Beside {
            receipt: if given.masked {
                MASKED.to_owned()
            } else {
                format!("{}/{}", given.receipt.document, given.receipt.place)
            },
            raw: given.raw.filter(|_| cells.is_empty()),
        });
        sheet.rows.push(Row { number, cells });
    }
    for word in &mut sheet.header {
        if let Some(path) = said_again(word) {
            *word = path;
        }
    }
    Table { form: Form::Json, sheet, beside }
}

fn cell(value: &RawValue) -> (String, Written) {
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'"') => (serde_json::from_str(text).unwrap_or_default(), Written::Text),
        Some(b'n') => (String::new(), Written::Null),
        Some(b't' | b'f') => (text.to_owned(), Written::Bool),
        Some(b'[' | b'{') => (text.to_owned(), Written::Nested),
        _ => (text.to_owned(), Written::Number),
    }
}
