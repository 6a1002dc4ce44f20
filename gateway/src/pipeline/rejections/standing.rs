//! Which bad records still count: of each key the newest judging. A record that was rejected, and then came again as it had
//! once been accepted, left no row when it was found unchanged; so what came later of such keys is looked for in the bytes.

use std::collections::{HashMap, HashSet};

use adapters::Decode as _;
use chrono::{DateTime, Utc};
use mappings::Key;

use super::{
    Asked, Context, Pinned, Result,
    returned::{self, Returned},
};
use crate::{
    pipeline::{
        reading::{self, Seen},
        refine::{self, replay::short},
    },
    store::{
        parts::Pending,
        rejections::{Bad, Mark, Reason},
        verdicts::Verdict,
    },
};

/// Rows of the ledger read at a time.
const PAGE: u32 = 2_000;

/// A bad record that counts: all that is kept of it in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) verdict: Verdict,
    /// Whether it has a key.
    pub(super) keyed: bool,
    /// Which of the services.
    pub(super) service: u16,
    pub(super) at: (i64, u32),
    pub(super) received_at: DateTime<Utc>,
    pub(super) times: u64,
    pub(super) issue: i64,
}

/// What counts, and what does not any more.
#[derive(Debug, Default)]
pub(super) struct Standing {
    pub(super) services: Vec<String>,
    pub(super) entries: Vec<Entry>,
    /// Rejected sightings that no longer count.
    pub(super) later: u64,
    /// All rejected sightings that are remembered.
    pub(super) remembered: u64,
    /// What accepted records were given back for, by the numbers of their entries.
    pub(super) returned: HashMap<i64, Reason>,
}

/// What is known of one key.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    pub(super) rejected: Option<Entry>,
    pub(super) held: Option<Entry>,
    pub(super) head: Option<(i64, u32)>,
}

impl Known {
    /// The newest sighting counts, and how often the key was seen so.
    fn take(&mut self, entry: Entry, head: Option<(i64, u32)>) {
        self.head = self.head.max(head);
        let of = if entry.verdict == Verdict::Held { &mut self.held } else { &mut self.rejected };
        *of = Some(match *of {
            Some(known) if known.at > entry.at => Entry { times: known.times + entry.times, ..known },
            Some(known) => Entry { times: known.times + entry.times, ..entry },
            None => entry,
        });
    }

    /// The rejection, unless something that left a row came after it.
    fn open(&self) -> Option<Entry> {
        let newer = [self.head, self.held.map(|held| held.at)].into_iter().flatten().max();
        self.rejected.filter(|rejected| newer.is_none_or(|newer| newer < rejected.at))
    }

    /// A rejection after which the key may have been found unchanged: only what has a state, or waits for one, can be.
    fn doubtful(&self) -> Option<Entry> {
        self.open().filter(|_| self.head.is_some() || self.held.is_some())
    }

    /// What the key stands at. `unchanged`: it was found so after its rejection.
    pub(super) fn newest(&self, unchanged: bool) -> Option<Entry> {
        self.open()
            .filter(|_| !unchanged)
            .or(self.held.filter(|held| self.head.is_none_or(|head| head < held.at)))
    }
}

/// Reads what the ledger remembers of a source.
pub(super) async fn standing(context: &Context, pinned: &Pinned, asked: &Asked<'_>) -> Result<Standing> {
    let mut gathered = Gathered::default();
    let mut mark = Mark::default();
    while let Some((next, page)) = context.store.rejected(asked.source, &mark, PAGE).await? {
        mark = next;
        gathered.take(page, Verdict::Rejected);
    }
    let mut place = (i64::MIN, 0);
    loop {
        let page = context.store.waiting_for_somebody(asked.source, place, PAGE).await?;
        let Some(last) = page.last() else { break };
        place = last.at;
        gathered.take(page, Verdict::Held);
    }
    let unchanged = unchanged(context, pinned, asked.source, &gathered.keys).await?;
    let returned = returned::open(context, asked).await?;
    let newest = |key: &Key| {
        let known = gathered.keys.get(&short(key))?;
        Some(known.newest(unchanged.contains(&short(key)))?.at)
    };
    let returned = returned.into_iter().filter(|row| newest(&row.key).is_none_or(|at| at < row.at)).collect();
    Ok(gathered.concluded(asked, &unchanged).with(returned))
}

impl Standing {
    fn with(mut self, returned: Vec<Returned>) -> Self {
        for row in returned {
            let service = service_in(&mut self.services, row.service);
            self.entries.push(Entry {
                verdict: Verdict::Accepted,
                keyed: true,
                service,
                at: row.at,
                received_at: row.received_at,
                times: 1,
                issue: row.no,
            });
            self.returned.insert(row.no, row.reason);
        }
        self
    }
}

/// The number of a service among those named so far.
fn service_in(services: &mut Vec<String>, name: String) -> u16 {
    let at = services.iter().position(|known| *known == name).unwrap_or_else(|| {
        services.push(name);
        services.len() - 1
    });
    u16::try_from(at).unwrap_or(u16::MAX)
}

#[derive(Default)]
struct Gathered {
    services: Vec<String>,
    keys: HashMap<u128, Known>,
    keyless: Vec<Entry>,
}

impl Gathered {
    fn take(&mut self, page: Vec<Bad>, verdict: Verdict) {
        for bad in page {
            self.one(bad, verdict);
        }
    }

    fn one(&mut self, bad: Bad, verdict: Verdict) {
        let Bad { service, key, at, received_at, times, issue, head } = bad;
        let service = service_in(&mut self.services, service);
        let entry = Entry { verdict, keyed: key.is_some(), service, at, received_at, times, issue };
        match key {
            Some(key) => self.keys.entry(short(&key)).or_default().take(entry, head),
            None => self.keyless.push(entry),
        }
    }

    fn concluded(self, asked: &Asked<'_>, unchanged: &HashSet<u128>) -> Standing {
        let Self { services, keys, keyless } = self;
        let is_asked = |entry: &Entry| match asked.service {
            Some(wanted) => services.get(usize::from(entry.service)).is_some_and(|name| name == wanted),
            None => true,
        };
        let (mut entries, mut later, mut remembered) = (Vec::new(), 0, 0);
        let newest = keys.into_iter().map(|(key, known)| (known.newest(unchanged.contains(&key)), known));
        let alone = |entry: Entry| {
            let rejected = Some(entry).filter(|entry| entry.verdict == Verdict::Rejected);
            (Some(entry), Known { rejected, ..Known::default() })
        };
        for (newest, known) in newest.chain(keyless.into_iter().map(alone)) {
            if let Some(rejected) = known.rejected.filter(is_asked) {
                remembered += rejected.times;
                let counts = newest.is_some_and(|newest| newest == rejected);
                later += if counts { 0 } else { rejected.times };
            }
            // of those without a key the same bytes may have been seen again: looked at later
            let recent =
                |entry: &Entry| !entry.keyed || asked.since.is_none_or(|since| entry.received_at >= since);
            let wanted = |entry: &Entry| entry.verdict == Verdict::Rejected || asked.held;
            entries.extend(newest.filter(|entry| is_asked(entry) && recent(entry) && wanted(entry)));
        }
        Standing { services, entries, later, remembered, returned: HashMap::new() }
    }
}

/// The doubtful keys that were seen again after their rejection: nothing of that was rejected, held or accepted, which would
/// have left a row, so it was found unchanged.
async fn unchanged(
    context: &Context,
    pinned: &Pinned,
    source: &str,
    keys: &HashMap<u128, Known>,
) -> Result<HashSet<u128>> {
    let doubtful: HashMap<u128, (i64, u32)> =
        keys.iter().filter_map(|(key, known)| Some((*key, known.doubtful()?.at))).collect();
    let mut seen = HashSet::new();
    let Some(first) = doubtful.values().min() else { return Ok(seen) };
    let mut after = (first.0, -1);
    loop {
        let parts = context.store.unchanged_after(source, after).await?;
        let Some(last) = parts.last() else { return Ok(seen) };
        after = (last.document, last.part);
        for part in &parts {
            let Ok(bytes) = context.store.original(&part.blob).await? else { continue };
            seen.extend(seen_again(pinned, source, part, &bytes, &doubtful));
        }
    }
}

fn seen_again(
    pinned: &Pinned,
    source: &str,
    part: &Pending,
    bytes: &[u8],
    doubtful: &HashMap<u128, (i64, u32)>,
) -> Vec<u128> {
    let Some(mapping) = pinned.rules.rulebook.mapping(source, &part.service) else { return Vec::new() };
    let decoder = refine::decoder(pinned, source);
    let part_bytes = reading::part(bytes, part.from, part.to, part.first);
    let again = decoder.decode(&part_bytes).flatten().filter_map(|record| {
        let key = short(&mapping.key(&Seen(&record)).ok()?);
        let rejected = doubtful.get(&key)?;
        ((part.document, record.place) > *rejected).then_some(key)
    });
    again.collect()
}

#[cfg(test)]
mod tests;
