//! Records that are held for their documents keep their places until a person lets those go, or a newer one of their key comes:
//! so the key they wait under follows the aliases, too. Other held records are judged again by every revision.

use std::{collections::HashMap, sync::Arc};

use chrono::TimeDelta;

use super::super::{HELD, Work, off_the_runtime, scan};
use crate::pipeline::Result;

/// Has what waits of a kind wait under the keys that the active aliases make.
pub(super) async fn follow(work: &Work<'_>, kind: &str) -> Result<()> {
    let store = &work.context.store;
    let mut after = (0, 0);
    loop {
        let held = store.held_for_documents(work.source, kind, after, HELD).await?;
        let Some(last) = held.last() else { return Ok(()) };
        after = (last.document, last.place);
        let packed = store.packed(held.iter().map(|held| held.blob.as_str())).await?;
        let (rules, source) = (Arc::clone(&work.pinned), work.source.to_owned());
        // of what can no longer be read nobody knows another key
        let look = move || {
            let there: HashMap<_, _> = packed.into_iter().filter_map(|packed| packed.opened().ok()).collect();
            scan::held(&rules, &source, held, there)
        };
        let taken = off_the_runtime(look).await?;
        let keys: Vec<_> = taken.found.iter().filter_map(|found| Some((&found.spot, found.key()?))).collect();
        let write = store.write("alias").await?;
        write.hold_under(&keys).await?;
        let lease = work.context.prolonged(&work.lease, TimeDelta::zero());
        write.fence(&lease).await?;
        write.commit().await?;
        work.context.keep(&lease);
    }
}
