//! What deriving again changes, told by kind and field, with a few examples.

use std::collections::{BTreeMap, BTreeSet};

use mappings::{Content, Key};

use crate::{
    pipeline::{Context, Result},
    store::verdicts::{NewIssues, NewVersion, Verdict},
};

/// Examples kept of each change.
const EXAMPLES: usize = 3;

/// What a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A field says something else.
    Field,
    /// A record that has no accepted state yet gets one.
    New,
    /// It would be held now; the accepted state stays.
    Held,
    /// It would be rejected now; the accepted state stays.
    Rejected,
}

/// One record's part in a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// `id_space/id`.
    pub key: String,
    /// The text before; empty where there was none.
    pub old: String,
    /// The text now.
    pub new: String,
}

/// How many records, and some of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Records.
    pub records: u64,
    /// The first few.
    pub examples: Vec<Example>,
}

/// What deriving again changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// By kind, what, and the field, or code and field of the issue.
    pub by: BTreeMap<(String, What, String), Tally>,
    /// Versions to write.
    pub versions: u64,
    /// Versions that the database would not store: their records stay as they are.
    pub unstorable: u64,
    /// Records that come out as they are.
    pub same: u64,
    /// Records whose newest state was not met: its bytes are gone, or it is older than asked for.
    pub left: u64,
    /// Records in documents whose bytes age took.
    pub gone: u64,
    /// Originals that can no longer be read, in words.
    pub damaged: Vec<String>,
}

impl Changes {
    /// Adds another group's.
    pub(super) fn add(&mut self, other: Self) {
        self.versions += other.versions;
        self.unstorable += other.unstorable;
        for (what, tally) in other.by {
            let own = self.by.entry(what).or_default();
            own.records += tally.records;
            own.examples.extend(tally.examples);
            own.examples.truncate(EXAMPLES);
        }
    }

    fn count(&mut self, key: &Key, what: What, name: &str, old: &str, new: &str) {
        let tally = self.by.entry((key.kind.clone(), what, name.to_owned())).or_default();
        tally.records += 1;
        if tally.examples.len() < EXAMPLES {
            let key = format!("{}/{}", key.id_space, key.id);
            tally.examples.push(Example { key, old: old.to_owned(), new: new.to_owned() });
        }
    }
}

/// What these would change, against the newest versions in the ledger.
pub(super) async fn of(context: &Context, versions: &[NewVersion], notes: &[NewIssues]) -> Result<Changes> {
    let old = context.store.contents(versions.iter().filter_map(|new| new.record)).await?;
    let mut changes =
        Changes { versions: u64::try_from(versions.len()).unwrap_or_default(), ..Changes::default() };
    for NewVersion { record, version, .. } in versions {
        match record.and_then(|record| Content::from_json(old.get(&record)?)) {
            Some(old) => compared(&mut changes, &version.key, &old, &version.content),
            None => changes.count(&version.key, What::New, "", "", ""),
        }
    }
    for note in notes {
        let what = match note.verdict {
            Verdict::Held => What::Held,
            Verdict::Rejected => What::Rejected,
            Verdict::Accepted | Verdict::Unchanged => continue,
        };
        for (key, issue) in note.key.iter().zip(note.issues.first()) {
            changes.count(key, what, format!("{} {}", issue.code, issue.field).trim_end(), "", &issue.value);
        }
    }
    Ok(changes)
}

fn compared(changes: &mut Changes, key: &Key, old: &Content, new: &Content) {
    let fields: BTreeSet<&str> = old.iter().chain(new.iter()).map(|(field, _)| field).collect();
    let texts = |field| (old.get(field).unwrap_or_default(), new.get(field).unwrap_or_default());
    let mut differs = fields.into_iter().filter(|field| old.get(field) != new.get(field)).peekable();
    if differs.peek().is_none() {
        // the spaces of references are part of what a state says, and of no field
        return changes.count(key, What::Field, "", "", "");
    }
    for field in differs {
        let (old, new) = texts(field);
        changes.count(key, What::Field, field, old, new);
    }
}
