//! One row of a park's table: its JSON text as it is served, and the two columns the platform sorts by.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::SerializeMap as _,
};
use serde_json::value::RawValue;

use super::super::reply;

/// What a table calls its key and its time of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) id: &'static str,
    pub(super) time: &'static str,
    /// chrono format of the time column; texts in it sort as the moments do.
    pub(super) time_format: &'static str,
}

/// A row as served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) text: String,
    /// Its key as written; empty where it has none.
    pub(super) id: String,
    /// Its time of change as written; empty where it has none.
    pub(super) time: String,
    /// The pass of its service from which on it is served, counted from 1.
    pub(super) from_pass: u32,
}

impl Row {
    /// A row from its JSON text; what is no object has no key and no time.
    pub(super) fn new(text: String, names: Names) -> Self {
        let columns = Columns::read(&text).unwrap_or_default();
        let (id, time) = (columns.text_of(names.id), columns.text_of(names.time));
        Self { text, id, time, from_pass: 1 }
    }

    /// The same row served only from a later pass on.
    pub(super) fn served_from(mut self, pass: u32) -> Self {
        self.from_pass = pass;
        self
    }

    /// Writes another time of change, as a platform's nightly job does. Rows without the column stay as they are.
    pub(super) fn touch(&mut self, names: Names, time: &str) {
        let Some(mut columns) = Columns::read(&self.text) else { return };
        if columns.set(names.time, time)
            && let Ok(text) = serde_json::to_string(&columns)
        {
            self.text = text;
            time.clone_into(&mut self.time);
        }
    }

    /// The key in one spelling: lower-case, without hyphens.
    pub(super) fn key(&self) -> String {
        self.id.replace('-', "").to_lowercase()
    }

    /// SHA-256 (hex) of the text as served.
    pub(super) fn digest(&self) -> String {
        reply::digest(self.text.as_bytes())
    }
}

/// Columns in the order written, values as written.
#[derive(Debug, Default)]
struct Columns(Vec<(String, Box<RawValue>)>);

impl Columns {
    fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    fn text_of(&self, name: &str) -> String {
        let Some((_, value)) = self.0.iter().find(|(column, _)| column == name) else { return String::new() };
        serde_json::from_str::<String>(value.get()).unwrap_or_else(|_| match value.get() {
            "null" => String::new(),
            bare => bare.to_owned(),
        })
    }

    fn set(&mut self, name: &str, text: &str) -> bool {
        let Some((_, value)) = self.0.iter_mut().find(|(column, _)| column == name) else { return false };
        let Ok(raw) = serde_json::value::to_raw_value(text) else { return false };
        *value = raw;
        true
    }
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Columns;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Columns, A::Error> {
        let mut columns = Vec::new();
        while let Some(column) = map.next_entry()? {
            columns.push(column);
        }
        Ok(Columns(columns))
    }
}

#[cfg(test)]
mod tests;
