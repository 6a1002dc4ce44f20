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
mod tests {
    use super::*;

    const NAMES: Names = Names { id: "id", time: "t", time_format: "%Y%m%d%H%M%S" };

    fn shelf(rows: &[(&str, &str)]) -> Shelf {
        let rows = rows.iter().map(|(id, t)| Row::new(format!(r#"{{"id":"{id}","t":"{t}"}}"#), NAMES));
        Shelf::new("s", NAMES, rows.collect())
    }

    fn ids(cut: &Cut) -> Vec<&str> {
        cut.rows.iter().map(|row| row.id.as_str()).collect()
    }

    #[test]
    fn changes_come_in_the_order_of_time_and_id_and_go_on_behind_the_mark() {
        let shelf = shelf(&[("c", "2"), ("a", "2"), ("b", "1"), ("d", "3")]);
        let first = shelf.changes(Since { until: Some("2"), ..Since::default() }, 2);
        assert_eq!((first.total, ids(&first)), (3, vec!["b", "a"]));
        let rest = shelf.changes(Since { until: Some("2"), after: Some(("2", "a")), from: Some("1") }, 9);
        assert_eq!((rest.total, ids(&rest)), (1, vec!["c"]));
    }

    #[test]
    fn the_same_row_twice_is_one_place_of_a_keyset_and_two_of_a_list() {
        let shelf = shelf(&[("a", "1"), ("a", "1")]);
        assert_eq!(shelf.changes(Since::default(), 9).total, 1);
        assert_eq!(shelf.page(0, 9).total, 2);
        assert_eq!(shelf.page(2, 9), Cut { total: 2, rows: vec![] });
    }

    #[test]
    fn the_second_pass_finds_touched_rows_and_the_late_one() {
        let mut shelf = shelf(&[("a", "1"), ("b", "1")]);
        shelf.rows[1].from_pass = 2;
        let night = NaiveDateTime::parse_from_str("20240701000000", NAMES.time_format).unwrap();
        shelf.begin_pass(Some(night));
        assert_eq!((ids(&shelf.page(0, 9)), shelf.page(0, 9).rows[0].time.as_str()), (vec!["a"], "1"));
        shelf.begin_pass(Some(night));
        let page = shelf.page(0, 9);
        assert_eq!((ids(&page), page.rows[0].time.as_str()), (vec!["a", "b"], "20240701000000"));
    }

    #[test]
    fn a_night_is_inside_the_window_that_is_asked_for() {
        let shelf = shelf(&[]);
        let now = NaiveDateTime::parse_from_str("20240701000010", NAMES.time_format).unwrap();
        let night = |until| shelf.night(until, now).format(NAMES.time_format).to_string();
        assert_eq!(night(Some("20240701000010")), "20240701000009");
        assert_eq!(night(Some("20250101000000")), "20240701000010");
        assert_eq!(night(Some("no time")), "20240701000010");
        assert_eq!(night(None), "20240701000010");
    }

    #[test]
    fn a_put_row_replaces_the_row_of_its_key_in_any_spelling() {
        let mut shelf = shelf(&[("AB-1", "1"), ("x", "1")]);
        shelf.put(r#"{"id":"ab1","t":"9"}"#.to_owned());
        shelf.put(r#"{"t":"3"}"#.to_owned());
        assert_eq!(ids(&shelf.page(0, 9)), ["ab1", "x", ""]);
    }

    #[test]
    fn what_was_served_is_counted_once_per_key() {
        let mut shelf = shelf(&[("A", "1"), ("a", "1")]);
        let rows = shelf.page(0, 9).rows;
        let before = shelf.served_digest();
        shelf.count(&rows);
        assert_eq!((shelf.served, shelf.served_ids.len()), (2, 1));
        assert_ne!(shelf.served_digest(), before);
    }
}
