//! Dispatch, deliver, settle: new versions become rows, due rows a frozen batch, its answer an outcome of each member.
//! A batch that may have arrived goes again as the same batch.

mod freezing;
pub(super) mod queues;

use std::sync::Arc;

use adapters::{AdapterError, Answer, Batch, Blame, Certainty, Destination, Receipt, Retry};
use chrono::{DateTime, TimeDelta, Utc};

use freezing::Dispatched;

use super::{
    Context, Pinned, Result, Step,
    receipt::{self, Next},
};
use crate::{
    config::DestinationFile,
    retry::{Schedule, delta},
    store::{
        Lease,
        batches::{Attempt, Open},
        settle::Outcome,
    },
};

/// From so many attempts on, a batch lets new ones go first: it must not block its destination.
const PATIENCE: u32 = 3;

/// New batches sent in one step: enough that freezing ahead pays, few enough that a new revision is not kept waiting.
const BATCHES: u32 = 8;

/// So many batches whose fate is unknown mean that the receiver is ill, not one batch.
const ILL: i64 = 3;

/// Sends an open batch, else new ones; the next is frozen while one is delivered.
///
/// # Errors
/// When the ledger fails or the configuration lacks the destination. What the receiver does wrong is a
/// [`Step::Failed`], committed.
pub async fn step<D: Destination>(
    context: &Context,
    pinned: &Arc<Pinned>,
    destination: &DestinationFile,
    adapter: &D,
) -> Result<Step> {
    let name = format!("forward:{}", destination.name);
    let lease = match context.lease_unless_wished(&name, destination.longest_exchange()).await? {
        Ok(lease) => lease,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let turn = Turn { context, pinned, destination, lease, now: context.now() };
    if turn.lease.fresh {
        adapter.remember_sent(turn.now);
    }
    let standing = context.store.standing(&destination.name).await?;
    if let Some(moment) =
        standing.and_then(|standing| standing.not_before).filter(|moment| *moment > turn.now)
    {
        return Ok(Step::Later(moment));
    }
    let open = context.store.open_batch(&destination.name, turn.now).await?;
    context.noting(match open {
        Some(open) if open.attempts < PATIENCE || open.overdue(turn.now) => {
            again(&turn, adapter, &open).await
        }
        tired => fresh(&turn, adapter, tired).await,
    })
}

struct Turn<'a> {
    context: &'a Context,
    pinned: &'a Arc<Pinned>,
    destination: &'a DestinationFile,
    lease: Lease,
    now: DateTime<Utc>,
}

impl Turn<'_> {
    /// The lease as a write of now extends it: enough for the exchange after it.
    fn lease(&self) -> Lease {
        self.context.prolonged(&self.lease, self.destination.longest_exchange())
    }

    /// How long rows wait that a receiver refused because it is ill.
    fn longest_wait(&self) -> TimeDelta {
        Schedule::of(&self.destination.send.retry).wait(u32::MAX)
    }
}

/// New batches if anything is due, else the tired one.
async fn fresh<D: Destination>(turn: &Turn<'_>, adapter: &D, tired: Option<Open>) -> Result<Step> {
    match freezing::dispatch(turn, adapter).await? {
        Dispatched::Frozen(open) => stream(turn, adapter, *open).await,
        Dispatched::Moved => Ok(Step::Did(0)),
        Dispatched::Nothing => match tired {
            Some(tired) => again(turn, adapter, &tired).await,
            None => match parentless(turn).await? {
                0 => idle(turn).await,
                ended => Ok(Step::Did(ended)),
            },
        },
    }
}

/// Delivers a new batch and those after it, until one does not end well; what is frozen then goes in a later step.
async fn stream<D: Destination>(turn: &Turn<'_>, adapter: &D, first: Open) -> Result<Step> {
    let (mut next, mut sent) = (Some(first), 0);
    for left in (0..BATCHES).rev() {
        let Some(open) = next.take() else { break };
        let (delivered, ahead) =
            tokio::join!(deliver(turn, adapter, &open), freezing::ahead(turn, adapter, left > 0));
        match conclude(turn, adapter, &open, delivered?).await? {
            Step::Did(settled) => sent += settled,
            other => return Ok(other),
        }
        next = ahead?;
    }
    Ok(Step::Did(sent))
}

/// A batch frozen in an earlier step: only for who still has the lease, or two would send it at once.
async fn again<D: Destination>(turn: &Turn<'_>, adapter: &D, open: &Open) -> Result<Step> {
    turn.context.renewed(&turn.lease, turn.destination.longest_exchange()).await?;
    let delivered = deliver(turn, adapter, open).await?;
    conclude(turn, adapter, open, delivered).await
}

/// Ends the waiting of those whose parent did not come in the time the destination allows. How many.
async fn parentless(turn: &Turn<'_>) -> Result<u64> {
    let name = &turn.destination.name;
    let Some(wait) = turn.destination.send.parent_wait else { return Ok(0) };
    let accepted = turn.now - delta(wait);
    if !turn.context.store.waits_since(name, accepted).await? {
        return Ok(0);
    }
    let write = turn.context.store.write("give-up").await?;
    write.numbers(0).await?;
    let lease = turn.lease();
    write.fence(&lease).await?;
    let ended = write.give_up(name, accepted, turn.now).await?;
    write.commit().await?;
    turn.context.keep(&lease);
    Ok(ended)
}

async fn idle(turn: &Turn<'_>) -> Result<Step> {
    let next = turn.context.store.next_due(&turn.destination.name, turn.now).await?;
    Ok(next.map_or(Step::Idle, Step::Later))
}

fn batch<'a>(open: &'a Open, members: &'a [String]) -> Batch<'a> {
    Batch {
        id: &open.id,
        kind: &open.kind,
        path: &open.path,
        group: &open.group,
        members,
        payload: &open.payload,
    }
}

fn wire_ids(open: &Open) -> Vec<String> {
    open.members.iter().map(|(_, _, wire_id)| wire_id.clone()).collect()
}

/// What came of sending a batch; an error: it could not be written down, so it was not sent.
async fn deliver<D: Destination>(
    turn: &Turn<'_>,
    adapter: &D,
    open: &Open,
) -> Result<std::result::Result<Answer, AdapterError>> {
    turn.context.journal_batch(open).await?;
    // a disk may have stood still meanwhile: who has the lease by now has sent this, and what is newer after it
    turn.context.holds(&turn.lease, turn.destination.longest_exchange()).await?;
    turn.context.store.reaching("deliver");
    let delivered = adapter.deliver(&batch(open, &wire_ids(open))).await;
    turn.context.store.passed("deliver");
    Ok(delivered)
}

async fn conclude<D: Destination>(
    turn: &Turn<'_>,
    adapter: &D,
    open: &Open,
    delivered: std::result::Result<Answer, AdapterError>,
) -> Result<Step> {
    match delivered {
        Ok(answer) => {
            let receipt = read(turn, adapter, open, &answer).await?;
            answered(turn, open, answer, receipt).await
        }
        Err(AdapterError { retry: Retry::Paced(wait), .. }) => Ok(Step::Paced(turn.context.now() + wait)),
        Err(error) => failed(turn, open, error).await,
    }
}

/// Reads an answer by the rules of the revision that froze the batch; where those say nothing, or no longer load, by the
/// active ones: a rule added since is how an unknown answer is ever understood.
async fn read<D: Destination>(turn: &Turn<'_>, adapter: &D, open: &Open, answer: &Answer) -> Result<Receipt> {
    let members = wire_ids(open);
    let batch = &batch(open, &members);
    if open.revision == turn.pinned.no {
        return Ok(adapter.read(batch, answer));
    }
    let then = turn.context.numbered(open.revision).await.ok();
    let pinned = then.as_ref().and_then(|then| then.rules.destination(&turn.destination.name));
    let pinned = pinned.and_then(|destination| destination.adapter().reader().ok());
    Ok(match pinned.map(|reader| reader.read(batch, answer)) {
        None | Some(Receipt::Unknown { .. }) => adapter.read(batch, answer),
        Some(receipt) => receipt,
    })
}

async fn answered(turn: &Turn<'_>, open: &Open, answer: Answer, receipt: Receipt) -> Result<Step> {
    let made = Attempt {
        status: Some(answer.status),
        sent_digest: answer.sent_digest,
        sent_with: answer.sent_with,
        answer: answer.body,
        outcome: word(&receipt),
        what: String::new(),
    };
    match receipt::next(open, receipt) {
        Next::Settle(outcomes) => settle(turn, open, &made, &outcomes).await,
        Next::Postpone { unknown, ill, after, what } => {
            // a receiver that fails itself, or answers several batches in words nobody knows, is ill as a whole
            let (open_unknown, _) = turn.context.store.batch_figures(&turn.destination.name).await?;
            let ill = ill || made.status.is_some_and(|status| status >= 500) || open_unknown >= ILL;
            let wait = Postponed { unknown, ill, after: after.map(delta), what };
            postpone(turn, open, Attempt { what: wait.what.clone(), ..made }, wait).await
        }
    }
}

async fn failed(turn: &Turn<'_>, open: &Open, error: AdapterError) -> Result<Step> {
    let sent = error
        .sent
        .map_or_else(|| adapters::Sent { digest: String::new(), with: String::new() }, |sent| *sent);
    let made = Attempt {
        status: error.status,
        sent_digest: sent.digest,
        sent_with: sent.with,
        answer: error.seen,
        outcome: "failed",
        what: error.what.clone(),
    };
    let after = if let Retry::After(wait) = error.retry { Some(delta(wait)) } else { None };
    // one group's credential says nothing of the others
    let ill = error.blame != Blame::Config || open.group.is_empty();
    let wait = Postponed { unknown: error.certainty != Certainty::NotReceived, ill, after, what: error.what };
    postpone(turn, open, made, wait).await
}

async fn settle(turn: &Turn<'_>, open: &Open, made: &Attempt, outcomes: &[Outcome]) -> Result<Step> {
    let (now, lease) = (turn.context.now(), turn.lease());
    let name = &turn.destination.name;
    let write = turn.context.store.write("settle").await?;
    // the counter's lock: activation may change what a row owes next, and must not do so in between
    write.numbers(0).await?;
    write.fence(&lease).await?;
    write.put_attempt(open, made, now).await?;
    let more = write.settle(name, open, outcomes, now).await?;
    write.destination_answered(name, now).await?;
    turn.context.note_journal(&write).await?;
    if let Some(split) = &open.split {
        write.revive_split(name, split, turn.longest_wait(), now).await?;
    }
    write.commit().await?;
    if more {
        turn.context.queues.forget(name);
    }
    turn.context.keep(&lease);
    turn.context.journal_outcome(open, made, outcomes).await;
    Ok(Step::Did(u64::try_from(outcomes.len()).unwrap_or(u64::MAX)))
}

struct Postponed {
    unknown: bool,
    ill: bool,
    after: Option<TimeDelta>,
    what: String,
}

async fn postpone(turn: &Turn<'_>, open: &Open, made: Attempt, wait: Postponed) -> Result<Step> {
    let (now, lease) = (turn.context.now(), turn.lease());
    let name = &turn.destination.name;
    let schedule = Schedule::of(&turn.destination.send.retry);
    let failures = turn.context.store.standing(name).await?.map_or(0, |standing| standing.failures);
    let at_least = wait.after.unwrap_or_default();
    let write = turn.context.store.write("postpone").await?;
    write.numbers(0).await?;
    write.fence(&lease).await?;
    write.put_attempt(open, &made, now).await?;
    turn.context.note_journal(&write).await?;
    write.postpone(open, wait.unknown, schedule.wait(open.attempts + 1).max(at_least), now).await?;
    if wait.ill {
        write.destination_failed(name, &wait.what, schedule.wait(failures + 1).max(at_least), now).await?;
    }
    write.commit().await?;
    turn.context.keep(&lease);
    Ok(Step::Failed(format!("{name}：{}", wait.what)))
}

const fn word(receipt: &Receipt) -> &'static str {
    match receipt {
        Receipt::Taken => "taken",
        Receipt::Named { .. } => "named",
        Receipt::Whole { .. } => "whole",
        Receipt::Busy { .. } => "busy",
        Receipt::Unknown { .. } => "unknown",
    }
}
