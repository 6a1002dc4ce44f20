//! What a whole pass named: its documents decoded once more for their keys alone, each kept in sixteen bytes. Leaves what
//! follows from it to `sweeping`.

use std::{collections::HashMap, sync::Arc};

use adapters::Decode as _;
use chrono::TimeDelta;
use mappings::Key;
use rayon::prelude::*;

use super::{Work, off_the_runtime, replay::short, scan::decoder};
use crate::{
    pipeline::{
        Pinned, Result,
        reading::{self, Seen},
    },
    store::{StoreError, blobs::Packed, parts::Pending, sweeps::Sweep},
};

/// Records looked at together, unless one part holds more.
const RECORDS: u32 = 20_000;
/// Bytes looked at together, unless one part holds more.
const BYTES: u64 = 16 << 20;

/// Keys that were named.
#[derive(Debug, Default)]
pub(super) struct Named {
    keys: Vec<u128>,
    /// Records of the passes whose key cannot be made.
    pub(super) unsure: u64,
    /// Parts of the passes whose bytes cannot be read any more.
    pub(super) unread: u64,
}

/// A list of the source whose records are of the kind that is swept.
#[derive(Debug)]
pub(super) struct List {
    pub(super) service: String,
    /// The documents of its newest whole pass, where it is a snapshot.
    pub(super) pass: Option<(i64, i64)>,
}

/// What a part's records say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It is of a whole pass: every record must be told.
    Whole,
    /// It came since: what it names is there.
    Since,
}

impl Named {
    /// Everything named by a sweep's pass, by the newest whole passes of other lists of its kind, and by whatever came since.
    pub(super) async fn by(work: &Work<'_>, sweep: &Sweep, lists: &[List]) -> Result<Self> {
        let mut named = Self::default();
        let firsts = lists.iter().filter_map(|list| Some(list.pass?.0));
        let begin = firsts.fold(sweep.first, i64::min);
        let mut after = (begin, -1);
        loop {
            let page = work.context.store.parts_after(work.source, after).await?;
            let Some(last) = page.last() else { break };
            after = (last.document, last.part);
            let of = |part: &Pending| role(part, sweep, lists);
            let wanted: Vec<(Pending, Role)> =
                page.into_iter().filter_map(|part| of(&part).map(|role| (part, role))).collect();
            for group in groups(&wanted) {
                work.context.holds(&work.lease, TimeDelta::zero()).await?;
                named.take(work, group).await?;
            }
        }
        named.keys.par_sort_unstable();
        named.keys.dedup();
        Ok(named)
    }

    /// Whether a key was named.
    pub(super) fn has(&self, key: &Key) -> bool {
        self.keys.binary_search(&short(key)).is_ok()
    }

    async fn take(&mut self, work: &Work<'_>, group: &[(Pending, Role)]) -> Result<()> {
        let wanted = group.iter().map(|(part, _)| part.blob.as_str());
        let packed = match work.context.store.packed(wanted).await {
            Err(StoreError::Corrupt(_)) => Vec::new(),
            packed => packed?,
        };
        let (rules, source, group) = (Arc::clone(&work.pinned), work.source.to_owned(), group.to_vec());
        let look = move || -> Result<Vec<Told>> {
            let documents = opened(packed)?;
            Ok(group.par_iter().map(|(part, role)| told(&rules, &source, part, *role, &documents)).collect())
        };
        for told in off_the_runtime(look).await?? {
            self.keys.extend(told.keys);
            self.unsure += told.unsure;
            self.unread += told.unread;
        }
        Ok(())
    }
}

/// What one part says.
#[derive(Debug, Default)]
struct Told {
    keys: Vec<u128>,
    unsure: u64,
    unread: u64,
}

fn told(
    rules: &Pinned,
    source: &str,
    part: &Pending,
    role: Role,
    documents: &HashMap<String, Vec<u8>>,
) -> Told {
    let whole = u64::from(role == Role::Whole);
    let Some(document) = documents.get(&part.blob) else { return Told { unread: whole, ..Told::default() } };
    let Some(mapping) = rules.rules.rulebook.mapping(source, &part.service) else {
        return Told { unsure: whole * u64::from(part.located), ..Told::default() };
    };
    let bytes = reading::part(document, part.from, part.to, part.first);
    let mut told = Told::default();
    for record in decoder(rules, source).decode(&bytes) {
        match record.ok().and_then(|record| mapping.key(&Seen(&record)).ok()) {
            Some(key) => told.keys.push(short(&key)),
            None => told.unsure += whole,
        }
    }
    told
}

/// The documents that can still be read.
fn opened(packed: Vec<Packed>) -> Result<HashMap<String, Vec<u8>>> {
    let readable = packed.into_par_iter().filter_map(|packed| match packed.opened() {
        Ok(document) => Some(Ok(document)),
        Err(StoreError::Corrupt(_) | StoreError::Dropped { .. } | StoreError::Lost { .. }) => None,
        Err(error) => Some(Err(error.into())),
    });
    readable.collect()
}

fn role(part: &Pending, sweep: &Sweep, lists: &[List]) -> Option<Role> {
    let list = lists.iter().find(|list| list.service == part.service)?;
    let is_within = |(first, last): (i64, i64)| (first..=last).contains(&part.document);
    if list.pass.is_some_and(is_within) {
        return Some(Role::Whole);
    }
    (part.document >= sweep.first).then_some(Role::Since)
}

/// Parts to be looked at together.
fn groups(parts: &[(Pending, Role)]) -> Vec<&[(Pending, Role)]> {
    let mut groups = Vec::new();
    let (mut begin, mut records, mut bytes) = (0, 0_u32, 0_u64);
    for (at, (part, _)) in parts.iter().enumerate() {
        let (more, longer) = (records.saturating_add(part.located), bytes + (part.to - part.from));
        if at > begin && (more > RECORDS || longer > BYTES) {
            groups.extend(parts.get(begin..at));
            (begin, records, bytes) = (at, part.located, part.to - part.from);
        } else {
            (records, bytes) = (more, longer);
        }
    }
    groups.extend(parts.get(begin..).filter(|rest| !rest.is_empty()));
    groups
}
