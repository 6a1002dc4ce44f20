//! The tables as they stand: what a request may see of them, how nights change them, what was served so far.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};
use sha2::{Digest as _, Sha256};

use super::row::{Names, Row};

/// One service: its rows and what it has served.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) name: String,
    names: Names,
    rows: Vec<Row>,
    /// First pages asked for so far.
    pub(super) passes: u32,
    pub(super) requests: u64,
    pub(super) served: u64,
    pub(super) served_ids: BTreeSet<String>,
    chain: Sha256,
}

/// A run of rows with the total the platform announces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) total: usize,
    pub(super) rows: Vec<Row>,
}

/// A keyset question; texts compare as written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Since<'q> {
    pub(super) from: Option<&'q str>,
    pub(super) until: Option<&'q str>,
    pub(super) after: Option<(&'q str, &'q str)>,
}

impl Shelf {
    pub(super) fn new(name: &str, names: Names, rows: Vec<Row>) -> Self {
        Self {
            name: name.to_owned(),
            names,
            rows,
            passes: 0,
            requests: 0,
            served: 0,
            served_ids: BTreeSet::new(),
            chain: Sha256::new(),
        }
    }

    /// A first page is asked for: after the first pass, a night has gone by and touched every row.
    pub(super) fn begin_pass(&mut self, touched_at: Option<NaiveDateTime>) {
        self.passes = self.passes.saturating_add(1);
        if let Some(at) = touched_at.filter(|_| self.passes > 1) {
            self.touch(at);
        }
    }

    /// Writes the time of change of every row.
    pub(super) fn touch(&mut self, at: NaiveDateTime) {
        let text = at.format(self.names.time_format).to_string();
        for row in &mut self.rows {
            row.touch(self.names, &text);
        }
    }

    /// Rows `[start, start + size)` in table order.
    pub(super) fn page(&self, start: usize, size: usize) -> Cut {
        let visible: Vec<&Row> = self.visible().collect();
        let rows = visible.iter().skip(start).take(size).map(|row| (*row).clone()).collect();
        Cut { total: visible.len(), rows }
    }

    /// At most `limit` rows of a window in the order (time, id), the rest of the window announced.
    pub(super) fn changes(&self, since: Since<'_>, limit: usize) -> Cut {
        let mut found: Vec<&Row> = self.visible().filter(|row| since.includes(row)).collect();
        found.sort_by(|a, b| a.place().cmp(&b.place()));
        found.dedup_by(|a, b| a.place() == b.place());
        Cut { total: found.len(), rows: found.iter().take(limit).map(|row| (*row).clone()).collect() }
    }

    /// Adds a row, or replaces the first row of the same key.
    pub(super) fn put(&mut self, text: String) {
        let row = Row::new(text, self.names);
        let key = row.key();
        let place = self.rows.iter().position(|old| !key.is_empty() && old.key() == key);
        match place.and_then(|place| self.rows.get_mut(place)) {
            Some(old) => *old = row,
            None => self.rows.push(row),
        }
    }

    /// Counts what an answer carries away.
    pub(super) fn count(&mut self, rows: &[Row]) {
        self.served = self.served.saturating_add(u64::try_from(rows.len()).unwrap_or(u64::MAX));
        for row in rows {
            self.chain.update(row.digest());
            if !row.id.is_empty() {
                self.served_ids.insert(row.key());
            }
        }
    }

    /// Rows on offer now.
    pub(super) fn visible(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.from_pass <= self.passes.max(1))
    }

    /// SHA-256 over the hex digests of all rows served, in the order served.
    pub(super) fn served_digest(&self) -> String {
        super::super::reply::hex(&self.chain.clone().finalize())
    }

    /// When the night before a request touched the rows: just before the end of the window it asks for, if it names
    /// one, so that the touched rows are in the window; else now.
    pub(super) fn night(&self, until: Option<&str>, now: NaiveDateTime) -> NaiveDateTime {
        until
            .and_then(|text| NaiveDateTime::parse_from_str(text, self.names.time_format).ok())
            .map_or(now, |until| (until - TimeDelta::seconds(1)).min(now))
    }
}

impl Row {
    fn place(&self) -> (&str, &str) {
        (&self.time, &self.id)
    }
}

impl Since<'_> {
    fn includes(&self, row: &Row) -> bool {
        let time = row.time.as_str();
        self.from.is_none_or(|from| time >= from)
            && self.until.is_none_or(|until| time <= until)
            && self.after.is_none_or(|after| row.place() > after)
    }
}

#[cfg(test)]
mod tests;
