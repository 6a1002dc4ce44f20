//! Decode, map, judge: held records that another revision may help, then parts that were not judged, in landing order.

mod scan;
mod verdicts;

use std::{collections::HashMap, sync::Arc};

use chrono::TimeDelta;

use super::{Context, Pinned, Result, Step, StepError};
use crate::store::{
    Lease, StoreError,
    held::Held,
    parts::Pending,
    verdicts::{Judgement, Under},
};
pub(super) use scan::decoder;
use scan::{Found, Taken};

/// Records judged in one transaction, unless one part holds more.
const RECORDS: u32 = 5_000;
/// Bytes judged in one transaction, unless one part holds more.
const BYTES: u64 = 4 << 20;
/// Held records judged again in one transaction.
const HELD: u32 = 1_000;

/// Judges a source's held records under a new revision, or its oldest parts.
///
/// # Errors
/// When the ledger fails or there is no revision.
pub async fn step(context: &Context, source: &str) -> Result<Step> {
    let lease = match context.lease(&format!("refine:{source}"), TimeDelta::zero()).await? {
        Ok(lease) => lease,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let pinned = context.active().await?;
    // held ones first: they are older than any part that waits, and their keys must be known before it is judged
    let held = context.store.held_under_other(source, pinned.no, HELD).await?;
    if !held.is_empty() {
        let taken = take_held(context, &pinned, source, held).await?;
        return context.noting(judge(context, pinned, lease, source, taken).await);
    }
    let parts = context.store.pending_parts(source, RECORDS, BYTES).await?;
    if parts.is_empty() {
        return Ok(Step::Idle);
    }
    let taken = take_parts(context, &pinned, source, parts).await?;
    context.noting(judge(context, pinned, lease, source, taken).await)
}

async fn judge(
    context: &Context,
    pinned: Arc<Pinned>,
    lease: Lease,
    source: &str,
    taken: Taken,
) -> Result<Step> {
    let keys: Vec<_> = taken.found.iter().filter_map(Found::key).collect();
    let heads = context.store.heads(&keys).await?;
    let heads = keys.into_iter().cloned().zip(heads).filter_map(|(key, head)| Some((key, head?))).collect();
    let held = context.store.newest_held(source).await?;
    let (rules, name) = (Arc::clone(&pinned), source.to_owned());
    let work = move || {
        let count = taken.found.len();
        (verdicts::judge(&rules, &name, &taken, heads, held), count)
    };
    let (judgement, count) = off_the_runtime(work).await?;
    write(context, &pinned, lease, source, &judgement).await?;
    Ok(Step::Did(u64::try_from(count).unwrap_or(u64::MAX)))
}

async fn write(
    context: &Context,
    pinned: &Pinned,
    lease: Lease,
    source: &str,
    judgement: &Judgement,
) -> Result<()> {
    let write = context.store.write("judge").await?;
    write
        .judge(&Under { source, revision: pinned.no, at: context.now().timestamp_millis() }, judgement)
        .await?;
    write.fence(&lease).await?;
    write.commit().await?;
    context.keep(&lease);
    Ok(())
}

async fn take_parts(
    context: &Context,
    pinned: &Arc<Pinned>,
    source: &str,
    parts: Vec<Pending>,
) -> Result<Taken> {
    let documents = documents(context, parts.iter().map(|part| part.blob.as_str())).await?;
    let (rules, name) = (Arc::clone(pinned), source.to_owned());
    off_the_runtime(move || scan::parts(&rules, &name, &parts, documents)).await
}

async fn take_held(context: &Context, pinned: &Arc<Pinned>, source: &str, held: Vec<Held>) -> Result<Taken> {
    let documents = documents(context, held.iter().map(|held| held.blob.as_str())).await?;
    let (rules, name) = (Arc::clone(pinned), source.to_owned());
    off_the_runtime(move || scan::held(&rules, &name, held, documents)).await
}

async fn documents(
    context: &Context,
    digests: impl Iterator<Item = &str>,
) -> Result<HashMap<String, Vec<u8>>> {
    let mut documents = HashMap::new();
    for digest in digests {
        if !documents.contains_key(digest) {
            documents.insert(digest.to_owned(), context.store.blob(digest).await?);
        }
    }
    Ok(documents)
}

/// Runs what only computes on the threads for that, so that the runtime goes on answering.
async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StepError::Store(StoreError::Corrupt(error.to_string())))
}
