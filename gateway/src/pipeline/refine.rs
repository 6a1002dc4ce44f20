//! Decode, map, judge: what stands follows the aliases and the fixes, then held records that another revision may help, then parts that were
//! not judged, in landing order. While one group is written, the next is read, looked at and mapped. Between them: what a
//! whole pass no longer named.

mod ahead;
mod fixing;
mod joining;
mod known;
mod limit;
mod named;
mod owners;
mod poison;
pub mod replay;
mod scan;
mod shared;
mod sweeping;
mod verdicts;

use std::sync::Arc;

use chrono::TimeDelta;

use super::{Context, Pinned, Result, Step, StepError};
use crate::store::{
    Lease, StoreError,
    verdicts::{Judgement, Under},
};
use ahead::Ready;
pub(super) use fixing::not_fixed;
use known::Known;
use owners::Owners;
use poison::Poison;
pub(super) use scan::decoder;
use verdicts::Given;

/// Stands for the digest of what records follow while they are made to: it is no digest.
const UNDER_WAY: &str = "under way";
/// Records judged in one transaction, unless one part holds more.
const RECORDS: u32 = 5_000;
/// Bytes judged in one transaction, unless one part holds more.
const BYTES: u64 = 4 << 20;
/// Held records judged again in one transaction.
const HELD: u32 = 1_000;
/// Groups judged in one step: enough that reading ahead pays, few enough that a new revision is not kept waiting.
const GROUPS: u32 = 8;

/// Judges a source's held records under a new revision, or its oldest parts.
///
/// # Errors
/// When the ledger fails or there is no revision.
pub async fn step(context: &Context, source: &str) -> Result<Step> {
    let lease = match context.lease_unless_wished(&format!("refine:{source}"), TimeDelta::zero()).await? {
        Ok(lease) => lease,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let pinned = context.active().await?;
    let work = Work { context, pinned, lease, source };
    match following(&work).await {
        Ok(None) => {}
        Ok(Some(step)) => return Ok(step),
        Err(error) => return context.noting(Err(error)),
    }
    // held ones first: they are older than any part that waits, and their keys must be known before it is judged
    let group = match ahead::held(&work).await? {
        Some(held) => Some(held),
        None => match sweeping::due(&work).await? {
            Some(sweep) => return context.noting(sweeping::sweep(&work, sweep).await),
            None => ahead::parts(&work, None, false).await?,
        },
    };
    context.noting(work.through(group).await)
}

/// Configured sources of which something stands that does not follow the aliases or the fixes yet.
///
/// # Errors
/// When the ledger fails or there is no revision.
pub async fn not_following(context: &Context) -> Result<Vec<String>> {
    let pinned = context.active().await?;
    let mut due = Vec::new();
    for source in &pinned.rules.sources {
        let name = &source.name;
        if joining::due(context, &pinned, name).await?.is_some()
            || !fixing::not_fixed(context, &pinned, name).await?.is_empty()
        {
            due.push(name.clone());
        }
    }
    Ok(due)
}

/// Before anything is judged, what stands must stand where the aliases say, and say what the fixes say. Only another revision
/// asks for more of that, or somebody who had the source meanwhile.
async fn following(work: &Work<'_>) -> Result<Option<Step>> {
    let under = (work.pinned.no, work.lease.epoch);
    if work.context.is_following(work.source, under) {
        return Ok(None);
    }
    // what fails half way must be looked for again, whichever revision is active then
    work.context.follows_no_more(work.source);
    if let Some(step) = joining::step(work).await? {
        return Ok(Some(step));
    }
    let fixed = fixing::step(work).await?;
    if fixed.is_none() {
        work.context.follows(work.source, under);
    }
    Ok(fixed)
}

/// What one step works with from its start to its end.
struct Work<'a> {
    context: &'a Context,
    pinned: Arc<Pinned>,
    lease: Lease,
    source: &'a str,
}

impl Work<'_> {
    async fn through(&self, mut next: Option<Ready>) -> Result<Step> {
        let (mut judged, mut known) = (0, Known::default());
        for left in (0..GROUPS).rev() {
            let Some(ready) = next.take() else { break };
            let taken = &ready.0.taken;
            judged += taken.found.len();
            let last = taken.parts.last().copied().filter(|_| left > 0);
            let mapping = ready.0.is_mostly_new();
            let (settled, ahead) = tokio::join!(self.settled(ready, known), self.ahead(last, mapping));
            known = settled?;
            next = ahead?;
        }
        Ok(if judged == 0 { Step::Idle } else { Step::Did(u64::try_from(judged).unwrap_or(u64::MAX)) })
    }

    async fn ahead(&self, last: Option<(i64, i64)>, mapping: bool) -> Result<Option<Ready>> {
        if last.is_some() { ahead::parts(self, last, mapping).await } else { Ok(None) }
    }

    /// Judges and writes a group; what the database will not store is rejected. Returns what is known after it.
    async fn settled(&self, ready: Ready, before: Known) -> Result<Known> {
        let group = Arc::clone(&ready.0);
        let again = group.taken.parts.is_empty();
        let owners = Owners::asked(self.context, &self.pinned, self.source, again).await?;
        let given = Arc::new(Given { before, poison: Poison::new(), owners: owners.clone() });
        let (judgement, known) = self.judged(ready, &given).await?;
        let refused = match self.write(&judgement, &owners).await {
            Ok(first) => return Ok(known.numbered(first, &judgement)),
            Err(error) => error,
        };
        let poison = match &refused {
            StepError::Store(error) if error.unstorable().is_some() => {
                poison::found(self, &judgement).await?
            }
            _ => return Err(refused),
        };
        let Some(Given { before, .. }) = Arc::into_inner(given).filter(|_| !poison.is_empty()) else {
            return Err(refused);
        };
        let anew = group.taken.found.iter().map(|_| None).collect();
        let given = Given { before, poison, owners: owners.clone() };
        let (judgement, known) = self.judged((group, anew), &Arc::new(given)).await?;
        Ok(known.numbered(self.write(&judgement, &owners).await?, &judgement))
    }

    async fn judged(&self, ready: Ready, given: &Arc<Given>) -> Result<(Judgement, Known)> {
        let (rules, name, given) = (Arc::clone(&self.pinned), self.source.to_owned(), Arc::clone(given));
        off_the_runtime(move || verdicts::judge(&rules, &name, ready, &given)).await
    }

    /// Returns the number of the first version.
    async fn write(&self, judgement: &Judgement, owners: &Owners) -> Result<i64> {
        let write = self.context.store.write("judge").await?;
        let at = self.context.now().timestamp_millis();
        let (revision, roster) = (self.pinned.no, owners.number);
        let under = Under { source: self.source, revision, roster, at, again: false };
        let first = write.judge(&under, judgement).await?;
        owners.fence(&write).await?;
        let lease = self.context.prolonged(&self.lease, TimeDelta::zero());
        write.fence(&lease).await?;
        write.commit().await?;
        self.context.keep(&lease);
        Ok(first)
    }
}

/// Runs what only computes on the threads for that, so that the runtime goes on answering.
pub(super) async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StepError::Store(StoreError::Corrupt(error.to_string())))
}
