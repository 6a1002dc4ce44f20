//! Due rows become a batch: parents first, the destination's own demands, one payload, frozen before anything is sent.

use std::collections::HashSet;

use adapters::{Destination, WireRecord};
use mappings::{Key, Outlet, Rulebook};

use super::Turn;
use crate::{
    pipeline::{Result, StepError},
    store::{
        Write,
        dispatch::{Due, NewBatch},
    },
};

/// Due rows looked at for one batch: those that must wait are many when a parent is late.
const LOOK: u32 = 500;

/// Turns the log and freezes one batch. `None`: there was nothing to do; `Some(0)`: rows moved, no batch yet.
pub(super) async fn dispatch<D: Destination>(turn: &Turn<'_>, adapter: &D) -> Result<Option<usize>> {
    let name = &turn.destination.name;
    if !turn.context.store.has_work(name, turn.pinned.no, turn.now).await? {
        return Ok(None);
    }
    let write = turn.context.store.write("dispatch").await?;
    let no = write.numbers(1).await?;
    write.fence(&turn.lease).await?;
    let mut moved = write.served_under(name, turn.pinned.no, turn.now).await?;
    moved |= write.turn_log(name, turn.now).await?;
    let mut frozen = 0;
    for outlet in outlets(turn) {
        let due = write.due(name, outlet.kind(), turn.now, LOOK.max(turn.destination.send.batch)).await?;
        if !due.is_empty() {
            moved = true;
            frozen = freeze(turn, adapter, &write, outlet, no, due).await?;
        }
        if frozen > 0 {
            break;
        }
    }
    if !moved {
        // what is due is of a kind that this destination no longer takes
        return Ok(None);
    }
    write.commit().await?;
    turn.context.keep(&turn.lease);
    Ok(Some(frozen))
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
) -> Result<usize> {
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
        return Ok(0);
    }
    let payload = adapter.encode(&records).map_err(|error| StepError::Config(error.to_string()))?;
    let new = NewBatch {
        destination: name,
        kind: outlet.kind(),
        path: outlet.path(),
        revision: turn.pinned.no,
        payload: &payload.bytes,
        members: &members,
    };
    write.freeze(no, &new, turn.now).await?;
    Ok(members.len())
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
