//! One row of a park's table: its JSON text as it is served, and the two members the platform sorts by.

use super::super::{members::Members, reply};

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
        let members = Members::read(&text).unwrap_or_default();
        let (id, time) = (members.text_of(names.id), members.text_of(names.time));
        Self { text, id, time, from_pass: 1 }
    }

    /// The same row served only from a later pass on.
    pub(super) fn served_from(mut self, pass: u32) -> Self {
        self.from_pass = pass;
        self
    }

    /// Writes another time of change, as a platform's nightly job does. Rows without the column stay as they are.
    pub(super) fn touch(&mut self, names: Names, time: &str) {
        let Some(mut members) = Members::read(&self.text) else { return };
        if members.set(names.time, time)
            && let Ok(text) = serde_json::to_string(&members)
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

#[cfg(test)]
mod tests;
