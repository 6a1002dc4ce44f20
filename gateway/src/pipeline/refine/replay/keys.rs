//! A walk of a few keys only. Where something of them was rejected since what stands, everything since is walked as a replay does it:
//! a later record that said again what stands left no other trace. Else what made their states is enough.

use std::{collections::HashSet, sync::Arc};

use chrono::TimeDelta;
use mappings::Key;

use super::{Begun, derived::derived, off_the_runtime, scan, there, write};
use crate::{
    pipeline::{Result, refine::Work},
    store::parts::Pending,
};

/// Derives the records of these keys again; how many states it wrote. What age took stays as it is.
pub(in crate::pipeline::refine) async fn keys(work: &Work<'_>, keys: &[Key]) -> Result<u64> {
    let store = &work.context.store;
    let wanted: Arc<HashSet<Key>> = Arc::new(keys.iter().cloned().collect());
    let since = store.rejected_since(work.source, keys).await?;
    let mut begun = Begun {
        revision: work.pinned.no,
        epoch: work.lease.epoch,
        last: (i64::MAX, i64::MAX),
        oldest: since.unwrap_or(i64::MAX),
        left: i64::MAX,
        done: HashSet::new(),
        rejected: HashSet::new(),
        held: store.held_places(work.source).await?,
    };
    let mut written = 0;
    loop {
        let parts = begun.next(work.context, work.source, None).await?;
        if parts.is_empty() {
            break;
        }
        // a long look back must not lose the lease
        work.context.holds(&work.lease, TimeDelta::zero()).await?;
        written += look(work, &mut begun, parts, &wanted).await?;
    }
    let parts = store.parts_of_heads(work.source, keys).await?;
    Ok(written + look(work, &mut begun, parts, &wanted).await?)
}

async fn look(
    work: &Work<'_>,
    begun: &mut Begun,
    parts: Vec<Pending>,
    wanted: &Arc<HashSet<Key>>,
) -> Result<u64> {
    let damaged =
        |error| tracing::warn!(source = work.source, %error, "a fixed record cannot be derived again");
    let documents = there(work.context, &parts, damaged).await?;
    let (rules, name, wanted) = (Arc::clone(&work.pinned), work.source.to_owned(), Arc::clone(wanted));
    let scanned = move || {
        let there: Vec<_> = parts.into_iter().filter(|part| documents.contains_key(&part.blob)).collect();
        let mut taken = scan::parts(&rules, &name, &there, documents, false);
        taken.found.retain(|found| found.key().is_some_and(|key| wanted.contains(key)));
        taken
    };
    let taken = off_the_runtime(scanned).await?;
    let derived = derived(work.context, &work.pinned, work.source, taken, begun).await?;
    let refused = write(work, &derived).await?;
    let written = u64::try_from(derived.versions.len()).unwrap_or_default() - refused;
    begun.take(derived);
    Ok(written)
}
