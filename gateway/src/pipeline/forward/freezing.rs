//! Due rows become a batch: parents first, the destination's own demands, one payload, frozen before anything is sent.

use std::collections::HashSet;

use adapters::{Destination, WireRecord};
use mappings::{Key, Outlet, Rulebook};

use super::Turn;
use crate::{
    pipeline::{Result, StepError},
    store::{
        Write,
        batches::Open,
        dispatch::{Due, NewBatch},
    },
};

/// Due rows looked at for one batch: those that must wait are many when a parent is late.
const LOOK: u32 = 500;

/// What a dispatch came to.
pub(super) enum Dispatched {
    /// There was nothing to do.
    Nothing,
    /// Rows moved, but there is no batch yet.
    Moved,
    /// A batch is frozen.
    Frozen(Box<Open>),
}

/// The next batch, if `wanted` and there is one.
pub(super) async fn ahead<D: Destination>(
    turn: &Turn<'_>,
    adapter: &D,
    wanted: bool,
) -> Result<Option<Open>> {
    match if wanted { dispatch(turn, adapter).await? } else { Dispatched::Nothing } {
        Dispatched::Frozen(open) => Ok(Some(*open)),
        Dispatched::Moved | Dispatched::Nothing => Ok(None),
    }
}

/// Turns the log and freezes one batch.
pub(super) async fn dispatch<D: Destination>(turn: &Turn<'_>, adapter: &D) -> Result<Dispatched> {
    let name = &turn.destination.name;
    let (now, lease) = (turn.context.now(), turn.lease());
    if !turn.context.store.has_work(name, turn.pinned.no, now).await? {
        return Ok(Dispatched::Nothing);
    }
    let write = turn.context.store.write("dispatch").await?;
    let no = write.numbers(1).await?;
    write.fence(&lease).await?;
    let mut moved = write.served_under(name, turn.pinned.no, now).await?;
    moved |= write.turn_log(name, now).await?;
    let mut frozen = None;
    for outlet in outlets(turn) {
        let due = write.due(name, outlet.kind(), now, LOOK.max(turn.destination.send.batch)).await?;
        if !due.is_empty() {
            moved = true;
            frozen = freeze(turn, adapter, &write, outlet, no, due).await?;
        }
        if frozen.is_some() {
            break;
        }
    }
    if !moved {
        // what is due is of a kind that this destination no longer takes
        return Ok(Dispatched::Nothing);
    }
    write.commit().await?;
    turn.context.keep(&lease);
    Ok(frozen.map_or(Dispatched::Moved, |open| Dispatched::Frozen(Box::new(open))))
}

fn outlets<'a>(turn: &Turn<'a>) -> impl Iterator<Item = &'a Outlet> {
    let wanted = turn.destination.send.kinds.as_ref();
    let outlets = turn.pinned.rules.rulebook.outlets(&turn.destination.name);
    outlets.filter(move |outlet| wanted.is_none_or(|wanted| wanted.iter().any(|kind| kind == outlet.kind())))
}

async fn freeze<D: Destination>(
    turn: &Turn<'_>,
    adapter: &D,
    write: &Write,
    outlet: &Outlet,
    no: i64,
    due: Vec<Due>,
) -> Result<Option<Open>> {
    let name = &turn.destination.name;
    let (ready, waiting) = sort(turn, write, due).await?;
    write.wait(name, &waiting, turn.now).await?;
    let mut refused = Vec::new();
    let mut members = Vec::new();
    let batch = usize::try_from(turn.destination.send.batch).unwrap_or(usize::MAX);
    for due in &ready {
        if members.len() >= batch {
            break;
        }
        match outlet.encode(&due.key, &due.content, &due.parents) {
            Ok(body) => members.push((due, WireRecord { id: outlet.wire_id(&due.key), body })),
            Err(issues) => {
                let reasons: Vec<String> =
                    issues.into_iter().map(|issue| format!("{}：{}", issue.field, issue.message)).collect();
                refused.push((due.record, reasons.join("；")));
            }
        }
    }
    write.refuse_here(name, &refused, turn.now).await?;
    let (members, records): (Vec<_>, Vec<_>) =
        members.into_iter().map(|(due, record)| ((due, record.id.clone()), record)).unzip();
    if members.is_empty() {
        return Ok(None);
    }
    let payload = adapter.encode(&records).map_err(|error| StepError::Config(error.to_string()))?;
    let new = NewBatch {
        destination: name,
        kind: outlet.kind(),
        path: outlet.path(),
        revision: turn.pinned.no,
        payload: payload.bytes,
        members,
    };
    write.freeze(no, new, turn.context.now()).await.map(Some).map_err(Into::into)
}

/// Those whose parents are confirmed here, and those that wait, each with the first parent it waits for.
async fn sort(turn: &Turn<'_>, write: &Write, due: Vec<Due>) -> Result<(Vec<Due>, Vec<(i64, String)>)> {
    let taken: HashSet<&str> = outlets(turn).map(Outlet::kind).collect();
    let rules = &turn.pinned.rules.rulebook;
    let needs = |due: &Due| needed(rules, &taken, due);
    let keys: HashSet<Key> = due.iter().flat_map(&needs).collect();
    let keys: Vec<Key> = keys.into_iter().collect();
    let confirmed = write.confirmed(&turn.destination.name, &keys).await?;
    let (mut ready, mut waiting) = (Vec::new(), Vec::new());
    for due in due {
        match needs(&due).into_iter().find(|key| !confirmed.contains(key)) {
            Some(missing) => waiting.push((due.record, missing.to_string())),
            None => ready.push(due),
        }
    }
    Ok((ready, waiting))
}

/// The parents that must be confirmed here: of kinds this destination takes and that we send.
fn needed(rules: &Rulebook, taken: &HashSet<&str>, due: &Due) -> Vec<Key> {
    due.parents
        .iter()
        .filter(|parent| taken.contains(parent.kind.as_str()))
        .filter(|parent| rules.kind(&parent.kind).is_some_and(|kind| !kind.origin_elsewhere()))
        .map(mappings::Parent::key)
        .collect()
}
