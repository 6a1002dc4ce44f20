//! What the receiver knows: the records it took, by id in one spelling, and counts to compare with.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{arrivals::Arrivals, judge::normal};

/// What one request did. Ids and digests, nothing personal: this is what the ledger file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) path: String,
    /// SHA-256 (hex) of the opened payload.
    pub(super) batch: String,
    pub(super) received: u64,
    pub(super) taken: Vec<TakenRecord>,
    /// Ids refused, as spelled.
    pub(super) refused: Vec<String>,
    /// Records that came before their parent.
    pub(super) orphans: u64,
}

/// One record taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TakenRecord {
    /// Id as spelled.
    pub(super) id: String,
    /// SHA-256 (hex) of the record's JSON text.
    pub(super) digest: String,
    /// Where a hazard stands (`0`, `1`, `9`).
    #[serde(rename = "dangerState", default, skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<String>,
}

/// Everything taken, and counts.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) arrivals: Arrivals,
    /// Requests that posted, whatever became of them.
    pub(super) requests: u64,
    batches: BTreeSet<String>,
    paths: BTreeMap<String, Counts>,
    records: BTreeMap<(String, String), Held>,
    orphans: u64,
}

#[derive(Debug, Default)]
struct Counts {
    received: u64,
    refused: u64,
}

#[derive(Debug)]
struct Held {
    last: TakenRecord,
    seen: u64,
    spellings: BTreeSet<String>,
}

impl Memory {
    /// Whether a record of this id, in one spelling, was taken at this path.
    pub(super) fn knows(&self, path: &str, id: &str) -> bool {
        self.records.contains_key(&(path.to_owned(), id.to_owned()))
    }

    /// Learns an entry of an earlier life from the ledger file.
    pub(super) fn remember(&mut self, entry: Entry) {
        self.requests = self.requests.saturating_add(1);
        self.learn(entry);
    }

    /// Learns what a request did; the request itself is counted where it arrives.
    pub(super) fn learn(&mut self, entry: Entry) {
        let counts = self.paths.entry(entry.path.clone()).or_default();
        counts.received += entry.received;
        counts.refused += u64::try_from(entry.refused.len()).unwrap_or(u64::MAX);
        self.orphans += entry.orphans;
        self.batches.insert(entry.batch);
        for taken in entry.taken {
            self.take(&entry.path, taken);
        }
    }

    /// The ledger, with every record if `full`.
    pub(super) fn ledger(&self, full: bool) -> Value {
        let received: u64 = self.paths.values().map(|counts| counts.received).sum();
        let mut ledger = json!({
            "requests": self.requests,
            "batches": self.batches.len(),
            "records_received": received,
            "kinds": self.paths.iter().map(|(path, counts)| (path.clone(), self.kind(path, counts))).collect::<BTreeMap<_, _>>(),
            "distinct": self.records.len(),
            "two_spellings": self.records.values().filter(|held| held.spellings.len() > 1).count(),
            "out_of_order_parents": self.orphans,
            "max_in_any_second": self.arrivals.most,
        });
        if let Some(members) = ledger.as_object_mut().filter(|_| full) {
            members.insert("last".to_owned(), self.last());
        }
        ledger
    }

    fn take(&mut self, path: &str, taken: TakenRecord) {
        let key = (path.to_owned(), normal(&taken.id));
        let held = self.records.entry(key).or_insert_with(|| Held {
            last: taken.clone(),
            seen: 0,
            spellings: BTreeSet::new(),
        });
        held.seen += 1;
        held.spellings.insert(taken.id.clone());
        held.last = taken;
    }

    fn kind(&self, path: &str, counts: &Counts) -> Value {
        let distinct = self.records.keys().filter(|(at, _)| at == path).count();
        json!({ "distinct": distinct, "received": counts.received, "refused": counts.refused })
    }

    fn last(&self) -> Value {
        let records = self.records.iter().map(|((path, id), held)| {
            let mut last = json!({ "path": path, "digest": held.last.digest, "seen": held.seen });
            if let (Some(members), Some(state)) = (last.as_object_mut(), &held.last.state) {
                members.insert("dangerState".to_owned(), state.clone().into());
            }
            (id.clone(), last)
        });
        Value::Object(records.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(batch: &str, taken: &[(&str, &str)], refused: &[&str]) -> Entry {
        let record = |(id, digest): &(&str, &str)| TakenRecord {
            id: (*id).to_owned(),
            digest: (*digest).to_owned(),
            state: (*digest == "d9").then(|| "9".to_owned()),
        };
        Entry {
            path: "p".to_owned(),
            batch: batch.to_owned(),
            received: u64::try_from(taken.len() + refused.len()).unwrap(),
            taken: taken.iter().map(record).collect(),
            refused: refused.iter().map(|id| (*id).to_owned()).collect(),
            orphans: 1,
        }
    }

    #[test]
    fn an_id_in_two_spellings_is_one_record_and_is_told() {
        let mut memory = Memory::default();
        memory.learn(entry("b1", &[("AB-1", "d1"), ("c2", "d2")], &["x"]));
        memory.learn(entry("b1", &[("AB-1", "d1")], &[]));
        memory.learn(entry("b2", &[("ab1", "d9")], &[]));
        let ledger = memory.ledger(true);
        assert_eq!(
            ledger,
            json!({
                "requests": 0, "batches": 2, "records_received": 5, "distinct": 2, "two_spellings": 1,
                "out_of_order_parents": 3, "max_in_any_second": 0,
                "kinds": { "p": { "distinct": 2, "received": 5, "refused": 1 } },
                "last": {
                    "ab1": { "path": "p", "digest": "d9", "seen": 3, "dangerState": "9" },
                    "c2": { "path": "p", "digest": "d2", "seen": 1 },
                },
            })
        );
        assert!(memory.knows("p", "ab1") && !memory.knows("q", "ab1"));
    }

    #[test]
    fn an_earlier_life_counts_its_requests_and_a_new_one_only_learns() {
        let mut memory = Memory::default();
        memory.remember(entry("b1", &[("a", "d")], &[]));
        memory.remember(entry("b1", &[("a", "d")], &[]));
        memory.learn(entry("b2", &[], &["b"]));
        let ledger = memory.ledger(false);
        assert_eq!((&ledger["requests"], &ledger["batches"]), (&json!(2), &json!(2)));
        assert_eq!(ledger.get("last"), None, "records are told only when asked for");
    }

    #[test]
    fn an_entry_of_the_file_reads_as_it_was_written() {
        let entry = entry("b", &[("A-1", "d9"), ("c", "d")], &["x", ""]);
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(
            text,
            r#"{"path":"p","batch":"b","received":4,"taken":[{"id":"A-1","digest":"d9","dangerState":"9"},{"id":"c","digest":"d"}],"refused":["x",""],"orphans":1}"#
        );
        assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry);
    }

    #[test]
    fn the_same_id_at_two_paths_is_two_records() {
        let mut memory = Memory::default();
        memory.learn(entry("b1", &[("a", "d")], &[]));
        memory.learn(Entry { path: "q".to_owned(), ..entry("b2", &[("a", "d")], &[]) });
        let ledger = memory.ledger(false);
        assert_eq!((&ledger["distinct"], &ledger["two_spellings"]), (&json!(2), &json!(0)));
        assert_eq!(
            (&ledger["kinds"]["p"]["distinct"], &ledger["kinds"]["q"]["distinct"]),
            (&json!(1), &json!(1))
        );
    }
}
