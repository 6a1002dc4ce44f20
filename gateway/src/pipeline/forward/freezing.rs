//! Due rows become a batch: parents first, the destination's own demands, one payload, frozen before anything is sent.

use std::collections::{BTreeMap, HashSet};

use adapters::{Destination, WireRecord};
use mappings::{Key, Outlet, Rulebook};

use super::Turn;
use crate::{
    pipeline::{Result, StepError},
    store::{
        Write,
        batches::Open,
        dispatch::{After, Due, NewBatch},
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
    let queues = &turn.context.queues;
    let (now, lease) = (turn.context.now(), turn.lease());
    if !queues.look(name) && !turn.context.store.has_work(name, turn.pinned.no, now).await? {
        return Ok(Dispatched::Nothing);
    }
    let write = turn.context.store.write("dispatch").await?;
    let no = write.numbers(1).await?;
    write.fence(&lease).await?;
    let mut moved = write.served_under(name, turn.pinned.no, now).await?;
    moved |= write.turn_log(name, now).await?;
    let mut taken = take(turn, adapter, &write, no).await?;
    if matches!(taken, Dispatched::Nothing) && queues.forget(name) {
        taken = take(turn, adapter, &write, no).await?;
    }
    if matches!(taken, Dispatched::Nothing) {
        // what is due, if anything, is of a kind that this destination no longer takes
        queues.forget(name);
        if !moved {
            return Ok(Dispatched::Nothing);
        }
        taken = Dispatched::Moved;
    }
    write.commit().await?;
    turn.context.keep(&lease);
    Ok(taken)
}

/// Goes through the kinds, parents first, until a batch is frozen.
async fn take<D: Destination>(turn: &Turn<'_>, adapter: &D, write: &Write, no: i64) -> Result<Dispatched> {
    let name = &turn.destination.name;
    let queues = &turn.context.queues;
    let (now, limit) = (turn.context.now(), LOOK.max(turn.destination.send.batch));
    let mut taken = Dispatched::Nothing;
    for outlet in outlets(turn) {
        let Some(place) = queues.place(name, outlet.kind()) else { continue };
        let due = write.due(name, outlet.kind(), &place, now, limit).await?;
        let mut left = due.last().map(|due| After { group: due.group.clone(), version: due.version });
        if !due.is_empty() {
            taken = Dispatched::Moved;
        }
        let frozen =
            if due.is_empty() { None } else { freeze(turn, adapter, write, outlet, no, due).await? };
        if let (Some(open), Some(left)) = (&frozen, &mut left) {
            // what did not fit in stays due
            left.version = open.members.last().map_or(left.version, |(_, version, _)| *version);
        }
        queues.leave(name, outlet.kind(), left);
        if let Some(open) = frozen {
            return Ok(Dispatched::Frozen(Box::new(open)));
        }
    }
    Ok(taken)
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
    let split = due.first().and_then(|due| due.split.clone());
    let (ready, waiting) = sort(turn, write, due).await?;
    write.wait(name, &waiting, turn.now).await?;
    let Encoded { members, refused } = encoded(turn, write, outlet, &ready).await?;
    write.refuse_here(name, &refused, turn.now).await?;
    if let Some(split) = split.filter(|_| !(waiting.is_empty() && refused.is_empty())) {
        write.revive_split(name, &split, turn.longest_wait(), turn.now).await?;
    }
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

/// What goes in a batch, and what this destination's own demands refuse.
#[derive(Default)]
struct Encoded<'d> {
    members: Vec<(&'d Due, WireRecord)>,
    refused: Vec<(i64, String)>,
}

/// As many records as a batch may hold, in number and in bytes.
async fn encoded<'d>(
    turn: &Turn<'_>,
    write: &Write,
    outlet: &Outlet,
    ready: &'d [Due],
) -> Result<Encoded<'d>> {
    let send = &turn.destination.send;
    let (most, most_mb) = (usize::try_from(send.batch).unwrap_or(usize::MAX), send.max_batch_mb);
    let mut room = usize::try_from(most_mb).unwrap_or(usize::MAX).saturating_mul(1 << 20);
    let mut encoded = Encoded::default();
    for due in ready {
        if encoded.members.len() >= most {
            break;
        }
        match body(write, outlet, due).await? {
            Ok(body) if body.len() <= room => {
                room -= body.len();
                encoded.members.push((due, WireRecord { id: outlet.wire_id(&due.key), body }));
            }
            Ok(_) if !encoded.members.is_empty() => break,
            Ok(body) => {
                let size = body.len().div_ceil(1 << 20);
                let why = format!("这一条有 {size} MB，超过一批的上限 {most_mb} MB（[send] max_batch_mb）");
                encoded.refused.push((due.record, why));
            }
            Err(why) => encoded.refused.push((due.record, why)),
        }
    }
    Ok(encoded)
}

/// A record in the receiver's words, its images back in it; or why it cannot go.
async fn body(write: &Write, outlet: &Outlet, due: &Due) -> Result<std::result::Result<String, String>> {
    let mut images = BTreeMap::new();
    for digest in outlet.images(&due.content) {
        match write.image(digest).await? {
            Ok(bytes) => drop(images.insert(digest.to_owned(), bytes)),
            Err(why) => return Ok(Err(format!("图片拿不到了：{why}"))),
        }
    }
    let content = outlet.filled(&due.content, &images);
    drop(images);
    Ok(outlet.encode(&due.key, &content, &due.parents).map_err(|issues| {
        let reasons = issues.into_iter().map(|issue| format!("{}：{}", issue.field, issue.message));
        reasons.collect::<Vec<String>>().join("；")
    }))
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
