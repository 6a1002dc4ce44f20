//! From newest states to deletions: what a record says once the hub takes it for gone. Leaves who is gone to the callers,
//! writing to the store.

use mappings::{Content, Digest, Kind, Parent};

use super::{Context, Pinned, Result, StepError};
use crate::store::{
    StoreError,
    retire::{Last, Retired},
};

/// The deletions of these states, each in the words of the revision that made the state, so that the same revision derives
/// it again from the same bytes; in the active one's where the kind had no mark of deletion then.
///
/// # Errors
/// When the ledger fails, a state cannot be read, or a kind has no such mark now either.
pub(super) async fn deletions(context: &Context, active: &Pinned, last: &[Last]) -> Result<Vec<Retired>> {
    let mut retired = Vec::with_capacity(last.len());
    for last in last {
        let then = match context.numbered(last.revision).await {
            Ok(then) => marked(&then, last)?,
            Err(StepError::Revision(..)) => None,
            Err(error) => return Err(error),
        };
        let (revision, (deleted, digest)) = match then {
            Some(then) => (last.revision, then),
            None => (active.no, marked(active, last)?.ok_or_else(|| no_mark(last))?),
        };
        retired.push(Retired {
            record: last.record,
            was: last.seq,
            revision,
            content: deleted.to_json(),
            content_digest: crate::store::hex(&digest),
            inputs: last.inputs.clone(),
        });
    }
    Ok(retired)
}

fn marked(rules: &Pinned, last: &Last) -> Result<Option<(Content, Digest)>> {
    let unreadable = || StoreError::Corrupt(format!("第 {} 号版本的内容读不懂", last.seq));
    let content = Content::from_json(&last.content).ok_or_else(unreadable)?;
    let parents: Vec<Parent> = serde_json::from_str(&last.parents).map_err(|_| unreadable())?;
    let of = |kind: &Kind| mappings::retired(kind, &last.key, &content, &parents);
    Ok(rules.rules.rulebook.kind(&last.key.kind).and_then(of))
}

fn no_mark(last: &Last) -> StepError {
    StepError::Config(format!("种类 {} 没有说明已删除的字段（gone），无从标记 {}", last.key.kind, last.key))
}
