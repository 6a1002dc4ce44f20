//! A walk of a few keys only: what made their states, and what was rejected of them, wherever that lies.

use std::collections::{HashMap, HashSet};

use mappings::Key;

use super::{Begun, derived::derived, off_the_runtime, scan, write};
use crate::{
    pipeline::{Result, refine::Work},
    store::StoreError,
};

/// Derives the records of these keys again; how many states it wrote. What age took stays as it is.
pub(in crate::pipeline::refine) async fn keys(work: &Work<'_>, keys: &[Key]) -> Result<u64> {
    let store = &work.context.store;
    let parts = store.parts_with(work.source, keys).await?;
    if parts.is_empty() {
        return Ok(0);
    }
    let mut documents = HashMap::new();
    for packed in store.packed(parts.iter().map(|part| part.blob.as_str())).await? {
        match packed.opened() {
            Ok((digest, bytes)) => drop(documents.insert(digest, bytes)),
            Err(StoreError::Dropped { .. }) => {}
            Err(error) => {
                tracing::warn!(source = work.source, %error, "a fixed record cannot be derived again");
            }
        }
    }
    let begun = Begun {
        revision: work.pinned.no,
        epoch: work.lease.epoch,
        last: (i64::MAX, i64::MAX),
        left: 0,
        done: HashSet::new(),
        rejected: HashSet::new(),
        held: store.held_places(work.source).await?,
    };
    let (rules, name) = (std::sync::Arc::clone(&work.pinned), work.source.to_owned());
    let wanted: HashSet<Key> = keys.iter().cloned().collect();
    let look = move || {
        let there: Vec<_> = parts.into_iter().filter(|part| documents.contains_key(&part.blob)).collect();
        let mut taken = scan::parts(&rules, &name, &there, documents, false);
        taken.found.retain(|found| found.key().is_some_and(|key| wanted.contains(key)));
        taken
    };
    let taken = off_the_runtime(look).await?;
    let derived = derived(work.context, &work.pinned, work.source, taken, &begun).await?;
    let refused = write(work, &derived).await?;
    Ok(u64::try_from(derived.versions.len()).unwrap_or_default() - refused)
}
