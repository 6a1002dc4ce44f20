//! Deriving again under the active revision, from the stored bytes: for each key its newest record that counts, found by
//! walking a source's judged parts from the newest back. What differs from the newest version becomes a version beside it;
//! no verdict that was given is changed. Leaves what is said of it to `changes`.

mod changes;
mod derived;
mod keys;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use mappings::Key;

use super::{
    Work, off_the_runtime,
    owners::Owners,
    poison,
    scan::{self, Found, Taken},
    verdicts::place,
};
use crate::{
    pipeline::{Context, Pinned, Result, Step, StepError},
    store::{
        Lease, StoreError,
        parts::Pending,
        verdicts::{Judgement, NewIssues, NewVersion, Under},
    },
};
pub use changes::{Changes, Example, Tally, What};
pub(in crate::pipeline) use derived::short;
use derived::{Derived, derived};
pub(super) use keys::keys;

/// Records looked at together, unless one part holds more.
const RECORDS: u32 = 5_000;
/// Bytes looked at together, unless one part holds more.
const BYTES: u64 = 4 << 20;

/// One source's walk.
#[derive(Debug)]
pub struct Walk<'a> {
    source: &'a str,
    since: Option<DateTime<Utc>>,
    /// Whether it only looks.
    is_dry: bool,
    begun: Option<Begun>,
    /// What it found.
    pub changes: Changes,
}

/// Where a walk is, under one revision and one taking of the lease.
#[derive(Debug)]
struct Begun {
    revision: i64,
    epoch: i64,
    last: (i64, i64),
    /// No document before this one is looked at.
    oldest: i64,
    /// Records whose newest state was not met yet.
    left: i64,
    /// Keys that are done, by digest.
    done: HashSet<u128>,
    /// Documents that may hold a record which was rejected and no longer is.
    rejected: HashSet<i64>,
    held: HashSet<(i64, u32)>,
}

impl<'a> Walk<'a> {
    /// A walk over what was received since a moment.
    #[must_use]
    pub fn new(source: &'a str, since: Option<DateTime<Utc>>, is_dry: bool) -> Self {
        Self { source, since, is_dry, begun: None, changes: Changes::default() }
    }

    /// Judges what waits to be judged: it is newer than all that is walked.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn refine(&self, context: &Context) -> Result<Step> {
        match self.lease(context).await? {
            Ok(_) => super::step(context, self.source).await,
            Err(elsewhere) => Ok(elsewhere),
        }
    }

    /// Derives the next group; the walk begins anew where somebody else worked on the source meanwhile.
    ///
    /// # Errors
    /// When the ledger fails, or another revision became active.
    pub async fn step(&mut self, context: &Context) -> Result<Step> {
        let stepped = self.stepped(context).await;
        context.noting(stepped)
    }

    async fn stepped(&mut self, context: &Context) -> Result<Step> {
        let pinned = context.active().await?;
        let lease = match self.lease(context).await? {
            Ok(lease) => lease,
            Err(elsewhere) => return Ok(elsewhere),
        };
        let epoch = lease.as_ref().map_or(0, |lease| lease.epoch);
        let mut begun = match self.begun.take() {
            Some(begun) if begun.revision != pinned.no => {
                return Err(StepError::Config("重新推导时换了配置：请重新运行 lianwang replay".into()));
            }
            Some(begun) if begun.epoch == epoch => begun,
            _ => self.begin(context, pinned.no, epoch).await?,
        };
        let parts = begun.next(context, self.source, self.since).await?;
        if parts.is_empty() {
            self.changes.left = u64::try_from(begun.left).unwrap_or_default();
            return Ok(Step::Idle);
        }
        let taken = self.taken(context, &pinned, &parts).await?;
        let derived = derived(context, &pinned, self.source, taken, &begun).await?;
        let mut told = changes::of(context, &derived.versions, &derived.notes).await?;
        if let Some(lease) = lease {
            told.unstorable = write(&Work { context, pinned, lease, source: self.source }, &derived).await?;
            told.versions -= told.unstorable;
        }
        self.changes.add(told);
        self.changes.same += derived.same;
        begun.take(derived);
        self.begun = Some(begun);
        Ok(Step::Did(parts.iter().map(|part| u64::from(part.located)).sum()))
    }

    /// The lease that refining takes, so that neither interleaves with the other; none for who only looks. A hub at work
    /// keeps it for ever, so a wish is left beside, which it heeds.
    async fn lease(&self, context: &Context) -> Result<std::result::Result<Option<Lease>, Step>> {
        if self.is_dry {
            return Ok(Ok(None));
        }
        let name = format!("refine:{}", self.source);
        if let Some(elsewhere) = context.wished(&name).await? {
            return Ok(Err(elsewhere));
        }
        let lease = context.lease(&name, TimeDelta::zero()).await?;
        Ok(lease.map(Some).map_err(|elsewhere| context.soon(elsewhere)))
    }

    async fn begin(&mut self, context: &Context, revision: i64, epoch: i64) -> Result<Begun> {
        self.changes = Changes::default();
        let store = &context.store;
        Ok(Begun {
            revision,
            epoch,
            last: (i64::MAX, i64::MAX),
            oldest: i64::MIN,
            left: store.records_of(self.source).await?,
            done: HashSet::new(),
            rejected: store.last_rejected(self.source).await?,
            held: store.held_places(self.source).await?,
        })
    }

    /// The records of these parts; parts whose bytes are gone are counted.
    async fn taken(&mut self, context: &Context, pinned: &Arc<Pinned>, parts: &[Pending]) -> Result<Taken> {
        let documents = there(context, parts, |error| self.changes.damaged.push(error.to_string())).await?;
        let (there, gone): (Vec<_>, Vec<_>) =
            parts.iter().cloned().partition(|part| documents.contains_key(&part.blob));
        self.changes.gone += gone.iter().map(|part| u64::from(part.located)).sum::<u64>();
        let (rules, name) = (Arc::clone(pinned), self.source.to_owned());
        off_the_runtime(move || scan::parts(&rules, &name, &there, documents, false)).await
    }
}

/// The documents of these parts that age left, by digest; what cannot be read is told.
async fn there(
    context: &Context,
    parts: &[Pending],
    mut damaged: impl FnMut(StoreError),
) -> Result<HashMap<String, Vec<u8>>> {
    let mut documents = HashMap::new();
    for packed in context.store.packed(parts.iter().map(|part| part.blob.as_str())).await? {
        match packed.opened() {
            Ok((digest, bytes)) => drop(documents.insert(digest, bytes)),
            Err(StoreError::Dropped { .. }) => {}
            Err(error) => damaged(error),
        }
    }
    Ok(documents)
}

impl Begun {
    /// The next parts back; once every record's newest state was met, only those where something rejected was seen last.
    async fn next(
        &mut self,
        context: &Context,
        source: &str,
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<Pending>> {
        let since = since.map_or(i64::MIN, |since| since.timestamp_millis());
        let (mut taken, mut records, mut bytes) = (Vec::new(), 0, 0);
        loop {
            let page = context.store.judged_before(source, self.last, since).await?;
            if page.is_empty() {
                return Ok(taken);
            }
            for part in page {
                if part.document < self.oldest {
                    return Ok(taken);
                }
                if self.left <= 0 && !self.rejected.contains(&part.document) {
                    self.last = (part.document, part.part);
                    continue;
                }
                records += part.located;
                bytes += part.to - part.from;
                if !taken.is_empty() && (records > RECORDS || bytes > BYTES) {
                    return Ok(taken);
                }
                self.last = (part.document, part.part);
                taken.push(part);
            }
        }
    }

    /// The key of a record that may say something: it is not done, and the record waits for nobody.
    fn wanted<'f>(&self, found: &'f Found) -> Option<&'f Key> {
        found.key().filter(|key| !self.done.contains(&short(key)) && !self.held.contains(&place(found)))
    }

    fn take(&mut self, derived: Derived) {
        self.left -= i64::try_from(derived.done.values().filter(|met| **met).count()).unwrap_or_default();
        self.done.extend(derived.done.into_keys());
    }
}

/// Returns how many versions the database will not store; those records stay as they are.
async fn write(work: &Work<'_>, derived: &Derived) -> Result<u64> {
    match put(work, &derived.owners, &derived.versions, &derived.notes).await {
        Err(StepError::Store(error)) if error.unstorable().is_some() => {
            let judgement = Judgement {
                versions: derived.versions.clone(),
                issues: derived.notes.clone(),
                ..Judgement::default()
            };
            let poison = poison::found(work, &judgement).await?;
            if poison.is_empty() {
                return Err(error.into());
            }
            let (versions, notes) = derived.without(&poison);
            put(work, &derived.owners, &versions, &notes).await?;
            Ok(u64::try_from(derived.versions.len() - versions.len()).unwrap_or_default())
        }
        other => other.map(|()| 0),
    }
}

async fn put(work: &Work<'_>, owners: &Owners, versions: &[NewVersion], notes: &[NewIssues]) -> Result<()> {
    if versions.is_empty() && notes.is_empty() {
        return Ok(());
    }
    let write = work.context.store.write("replay").await?;
    let at = work.context.now().timestamp_millis();
    let under =
        Under { source: work.source, revision: work.pinned.no, roster: owners.number, at, again: true };
    write.derive_again(&under, versions, &[], notes).await?;
    owners.fence(&write).await?;
    let lease = work.context.prolonged(&work.lease, TimeDelta::zero());
    write.fence(&lease).await?;
    write.commit().await?;
    work.context.keep(&lease);
    Ok(())
}
