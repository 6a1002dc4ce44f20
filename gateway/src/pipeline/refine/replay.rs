//! Deriving again under the active revision, from the stored bytes: for each key its newest record that counts, found by
//! walking a source's judged parts from the newest back. What differs from the newest version becomes a version beside it;
//! no verdict that was given is changed. Leaves what is said of it to `changes`.

mod changes;

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use mappings::{Issue, Key, Mapped, Outcome, Version};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::{
    Work, off_the_runtime,
    poison::{self, Poison},
    scan::{self, Found, Look, Taken},
    verdicts::{map, place},
};
use crate::{
    pipeline::{Context, Pinned, Result, Step, StepError},
    store::{
        Lease, StoreError,
        heads::{Asked, Head, Standing},
        parts::Pending,
        verdicts::{Judgement, NewIssues, NewVersion, Spot, Under, Verdict},
    },
};
pub use changes::{Changes, Example, Tally, What};

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
    /// Records whose newest state was not met yet.
    left: i64,
    /// Keys that are done, by digest.
    done: HashSet<u128>,
    /// Documents that may hold a record which was rejected and no longer is.
    rejected: HashSet<i64>,
    held: HashSet<(i64, u32)>,
}

/// What one look at a group came to; nothing of it counts before it is written.
#[derive(Default)]
struct Derived {
    /// Keys that are done, and whether their newest state was met.
    done: HashMap<u128, bool>,
    versions: Vec<NewVersion>,
    notes: Vec<NewIssues>,
    same: u64,
}

impl<'a> Walk<'a> {
    /// A walk over what was received since a moment.
    #[must_use]
    pub fn new(source: &'a str, since: Option<DateTime<Utc>>, is_dry: bool) -> Self {
        Self { source, since, is_dry, begun: None, changes: Changes::default() }
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
        let told = changes::of(context, &derived.versions, &derived.notes).await?;
        if let Some(lease) = lease {
            write(&Work { context, pinned, lease, source: self.source }, &derived).await?;
        }
        self.changes.add(told);
        self.changes.same += derived.same;
        begun.take(derived);
        self.begun = Some(begun);
        Ok(Step::Did(parts.iter().map(|part| u64::from(part.located)).sum()))
    }

    /// The lease that refining takes, so that neither interleaves with the other; none for who only looks.
    async fn lease(&self, context: &Context) -> Result<std::result::Result<Option<Lease>, Step>> {
        if self.is_dry {
            return Ok(Ok(None));
        }
        Ok(context.lease(&format!("refine:{}", self.source), TimeDelta::zero()).await?.map(Some))
    }

    async fn begin(&mut self, context: &Context, revision: i64, epoch: i64) -> Result<Begun> {
        self.changes = Changes::default();
        let store = &context.store;
        Ok(Begun {
            revision,
            epoch,
            last: (i64::MAX, i64::MAX),
            left: store.records_of(self.source).await?,
            done: HashSet::new(),
            rejected: store.last_rejected(self.source).await?,
            held: store.held_places(self.source).await?,
        })
    }

    /// The records of these parts; parts whose bytes are gone are counted.
    async fn taken(&mut self, context: &Context, pinned: &Arc<Pinned>, parts: &[Pending]) -> Result<Taken> {
        let mut documents = HashMap::new();
        for packed in context.store.packed(parts.iter().map(|part| part.blob.as_str())).await? {
            match packed.opened() {
                Ok((digest, bytes)) => drop(documents.insert(digest, bytes)),
                Err(StoreError::Dropped { .. }) => {}
                Err(error) => self.changes.damaged.push(error.to_string()),
            }
        }
        let (there, gone): (Vec<_>, Vec<_>) =
            parts.iter().cloned().partition(|part| documents.contains_key(&part.blob));
        self.changes.gone += gone.iter().map(|part| u64::from(part.located)).sum::<u64>();
        let (rules, name) = (Arc::clone(pinned), self.source.to_owned());
        off_the_runtime(move || scan::parts(&rules, &name, &there, documents, false)).await
    }
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

/// What these records come to, the newest first.
async fn derived(
    context: &Context,
    pinned: &Arc<Pinned>,
    source: &str,
    taken: Taken,
    begun: &Begun,
) -> Result<Derived> {
    let asked: Vec<Asked<'_>> = taken
        .found
        .iter()
        .filter_map(|found| begun.wanted(found))
        .map(|key| Asked { key, digest: "" })
        .collect();
    let mut standings = context.store.standings(source, &asked).await?.into_iter();
    let standings: Vec<Option<Standing>> =
        taken.found.iter().map(|found| begun.wanted(found).and_then(|_| standings.next())).collect();
    let (rules, name) = (Arc::clone(pinned), source.to_owned());
    off_the_runtime(move || {
        let wanted = taken.found.par_iter().zip(standings);
        let mut mapped: Vec<_> = wanted
            .filter_map(|(found, standing)| {
                let head = head_of(&name, found, standing?)?;
                Some((found, head, map(&rules, &name, &taken, found)?))
            })
            .collect();
        mapped.sort_unstable_by_key(|(found, ..)| Reverse(place(found)));
        let mut derived = Derived::default();
        for (found, head, mapped) in mapped {
            derived.settle(&rules, found, head.as_ref(), mapped);
        }
        derived
    })
    .await
}

/// The newest state that a record may take the place of; none: there is nothing it may say.
#[expect(clippy::option_option, reason = "no state yet is not the same as nothing to say")]
fn head_of(source: &str, found: &Found, standing: Standing) -> Option<Option<Head>> {
    match standing {
        Standing::Other(head) if head.source == source && head.place <= place(found) => Some(Some(head)),
        Standing::Other(_) | Standing::Same => None,
        Standing::New => Some(None),
    }
}

impl Derived {
    /// The first that counts is the newest: one that is good and not stale, or that made the state we have.
    fn settle(&mut self, rules: &Pinned, found: &Found, head: Option<&Head>, mapped: Mapped) {
        let Look::Keyed(key, digest) = &found.look else { return };
        let key_digest = short(key);
        if self.done.contains_key(&key_digest) {
            return;
        }
        let is_state = head.is_some_and(|head| head.place == place(found));
        let Mapped { contribution, issues, outcome, .. } = mapped;
        let kind = rules.rules.rulebook.kind(&key.kind);
        let good = contribution.filter(|_| outcome == Outcome::Good).zip(kind);
        match good.and_then(|(contribution, kind)| mappings::merge(kind, vec![contribution])) {
            Some(version) if is_state || !is_stale(head, &version) => {
                self.accept(found, digest, head, version, issues);
            }
            None if is_state => {
                let verdict = if outcome == Outcome::Hold { Verdict::Held } else { Verdict::Rejected };
                self.note(found, digest, verdict, issues);
            }
            _ => return,
        }
        self.done.insert(key_digest, head.is_some());
    }

    fn accept(
        &mut self,
        found: &Found,
        digest: &str,
        head: Option<&Head>,
        version: Version,
        notes: Vec<Issue>,
    ) {
        let content_digest = crate::store::hex(&version.content_digest);
        if head.is_some_and(|head| head.content_digest == content_digest) {
            self.same += 1;
            return;
        }
        if !notes.is_empty() {
            self.note(found, digest, Verdict::Accepted, notes);
        }
        self.versions.push(NewVersion {
            record: head.map(|head| head.record),
            spot: found.spot,
            version,
            source_digest: digest.to_owned(),
            content_digest,
            seen_at: None,
        });
    }

    fn note(&mut self, found: &Found, digest: &str, verdict: Verdict, issues: Vec<Issue>) {
        self.notes.push(NewIssues {
            spot: found.spot,
            service: found.origin.service.clone(),
            kind: found.origin.kind.clone(),
            key: found.key().cloned(),
            verdict,
            issues,
            digest: digest.to_owned(),
        });
    }

    /// The same without the records that the database will not store; those are noted in its words.
    fn without(&self, poison: &Poison) -> (Vec<NewVersion>, Vec<NewIssues>) {
        let is_good = |spot: &Spot| !poison.contains_key(&(spot.document, spot.place));
        let versions = self.versions.iter().filter(|new| is_good(&new.spot)).cloned().collect();
        (versions, self.notes.iter().filter(|new| is_good(&new.spot)).cloned().collect())
    }
}

fn is_stale(head: Option<&Head>, version: &Version) -> bool {
    let newest = head.and_then(|head| head.as_of);
    newest.zip(version.as_of).is_some_and(|(newest, own)| own.timestamp_millis() < newest)
}

async fn write(work: &Work<'_>, derived: &Derived) -> Result<()> {
    match put(work, &derived.versions, &derived.notes).await {
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
            put(work, &versions, &notes).await
        }
        other => other,
    }
}

async fn put(work: &Work<'_>, versions: &[NewVersion], notes: &[NewIssues]) -> Result<()> {
    if versions.is_empty() && notes.is_empty() {
        return Ok(());
    }
    let write = work.context.store.write("replay").await?;
    let at = work.context.now().timestamp_millis();
    let under = Under { source: work.source, revision: work.pinned.no, at, again: true };
    write.derive_again(&under, versions, notes).await?;
    let lease = work.context.prolonged(&work.lease, TimeDelta::zero());
    write.fence(&lease).await?;
    write.commit().await?;
    work.context.keep(&lease);
    Ok(())
}

/// A key in 16 bytes: millions of them are remembered.
fn short(key: &Key) -> u128 {
    let digest = Sha256::digest(key.to_string());
    digest.first_chunk().map_or(0, |first| u128::from_be_bytes(*first))
}
