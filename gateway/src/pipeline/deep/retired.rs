//! Deletions of the hub's own, derived again: what the bytes said, and the mark. Leaves why they were made to `explain`.

use mappings::Key;

use super::Difference;
use crate::{
    pipeline::{Context, Result, explain::again},
    store::{deep::Lost, explain::Stored},
};

/// Deletions that come out otherwise. Those whose bytes age took cannot be compared; those whose bytes are damaged are told
/// with their documents.
pub(super) async fn differences(context: &Context) -> Result<Vec<Difference>> {
    let (mut differences, mut after) = (Vec::new(), 0);
    loop {
        let (page, last) = context.store.retirements(after).await?;
        for (key, stored) in &page {
            if !is_same(context, key, stored).await? {
                differences.push(Difference {
                    document: stored.document,
                    kind: key.kind.clone(),
                    what: "retired",
                    stored: 1,
                    derived: 0,
                });
            }
        }
        match last {
            Some(last) => after = last,
            None => return Ok(differences),
        }
    }
}

async fn is_same(context: &Context, key: &Key, stored: &Stored) -> Result<bool> {
    let Some(landed) = context.store.document(stored.document).await? else { return Ok(false) };
    match context.store.original(&landed.digest).await? {
        Ok(bytes) => {
            let then = context.numbered(stored.revision).await?;
            Ok(again(context, &then, &landed, stored, &bytes, key).await?.1)
        }
        Err(Lost::Dropped(_) | Lost::Damaged(_)) => Ok(true),
    }
}
