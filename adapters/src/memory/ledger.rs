//! What a receiver in memory has: every record once by its normal id, with every spelling it came in, and every batch
//! that arrived. Kept apart from our own ledger, to compare with.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// One record the receiver has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its latest state, as it came.
    pub body: String,
    /// Every spelling of its id that came.
    pub spellings: BTreeSet<String>,
    /// How often it was taken.
    pub taken: u64,
}

/// One batch that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The batch's own id.
    pub batch: String,
    /// The receiver's name for the kind.
    pub path: String,
    /// The group it came in.
    pub group: String,
    /// Its bytes.
    pub payload: Vec<u8>,
    /// The ids of its rows, as they came.
    pub ids: Vec<String>,
}

/// What a receiver has, and what arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// By path and normal id.
    pub entries: BTreeMap<(String, String), Entry>,
    /// In order.
    pub arrivals: Vec<Arrival>,
}

impl Ledger {
    /// The record known by an id in any spelling.
    #[must_use]
    pub fn entry(&self, path: &str, id: &str) -> Option<&Entry> {
        self.entries.get(&(path.to_owned(), normal(id)))
    }

    /// Records it has under a path.
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        self.entries.keys().filter(|(own, _)| own == path).count()
    }

    /// Records that came under more than one spelling of their id: one record as two things.
    #[must_use]
    pub fn doubled(&self) -> Vec<&(String, String)> {
        self.entries.iter().filter(|(_, entry)| entry.spellings.len() > 1).map(|(key, _)| key).collect()
    }

    /// Batches that came again with other bytes under the same id: never allowed.
    #[must_use]
    pub fn changed_batches(&self) -> Vec<&str> {
        let mut first: BTreeMap<&str, &[u8]> = BTreeMap::new();
        let mut changed = Vec::new();
        for arrival in &self.arrivals {
            if *first.entry(&arrival.batch).or_insert(&arrival.payload) != arrival.payload.as_slice() {
                changed.push(arrival.batch.as_str());
            }
        }
        changed
    }

    pub(super) fn take(&mut self, path: &str, id: &str, row: &Value) {
        let entry = self.entries.entry((path.to_owned(), normal(id))).or_insert_with(|| Entry {
            body: String::new(),
            spellings: BTreeSet::new(),
            taken: 0,
        });
        entry.body = row.to_string();
        entry.spellings.insert(id.to_owned());
        entry.taken += 1;
    }
}

/// The normal form under which spellings of one id are one: lower case, no hyphens.
pub(super) fn normal(id: &str) -> String {
    id.trim().chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect()
}
