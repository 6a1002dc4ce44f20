//! Plan, fetch, land: one page of one service of one source, and the cursor with it.

mod resting;

use adapters::{AdapterError, Ask, Mark, Page, Resume, Retry, Source, Window};
use chrono::{DateTime, TimeDelta, Utc};

use super::{Context, Pinned, Result, Step, StepError, room};
use crate::{
    config::{ServiceFile, SourceFile},
    retry::Schedule,
    store::{
        Lease,
        cursors::{Cursor, Pass},
        documents::Origin,
    },
};

/// How often a pass by page number begins again because the total moved under it.
pub const AGAIN: u32 = 3;

/// Until the disk is looked at again.
const ROOM: TimeDelta = TimeDelta::seconds(30);

/// What a run is asked for by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// The scheduled moment; none: a person asks.
    pub fired: Option<DateTime<Utc>>,
    /// Read from the beginning.
    pub full: bool,
}

/// Asks for a run of some services of a source: each is read once, from where it stands or from the beginning.
///
/// # Errors
/// When the ledger fails.
pub async fn ask_for_run(
    context: &Context,
    source: &SourceFile,
    services: &[&ServiceFile],
    asked: Asked,
) -> Result<Step> {
    ask(context, source, services, |was| wanted(was, asked)).await
}

/// Notes that a scheduled run was missed and is not made.
///
/// # Errors
/// When the ledger fails.
pub async fn pass_over(
    context: &Context,
    source: &SourceFile,
    service: &ServiceFile,
    missed: Asked,
) -> Result<Step> {
    ask(context, source, &[service], |was| {
        if missed.full {
            Cursor { full_for: missed.fired.or(was.full_for), ..was.clone() }
        } else {
            Cursor { ran_for: missed.fired.or(was.ran_for), ..was.clone() }
        }
    })
    .await
}

async fn ask(
    context: &Context,
    source: &SourceFile,
    services: &[&ServiceFile],
    to: impl Fn(&Cursor) -> Cursor,
) -> Result<Step> {
    let lease =
        match context.lease_unless_wished(&lease_name(&source.name), source.longest_exchange()).await? {
            Ok(lease) => lease,
            Err(elsewhere) => return Ok(elsewhere),
        };
    for service in services {
        let was = context.store.cursor(&source.name, &service.name).await?;
        let to = to(&was);
        if to != was {
            let write = context.store.write("ask").await?;
            write.move_cursor(&lease, &source.name, &service.name, &was, &to).await?;
            write.commit().await?;
        }
    }
    context.keep(&lease);
    Ok(Step::Did(0))
}

/// A person's asking goes at once; a schedule's leaves a wait after a failure as it is.
fn wanted(was: &Cursor, asked: Asked) -> Cursor {
    let not_before = if asked.fired.is_some() { was.not_before } else { None };
    let to = Cursor { due: true, not_before, ..was.clone() };
    if asked.full {
        return Cursor { full_due: true, pass: None, full_for: asked.fired.or(was.full_for), ..to };
    }
    Cursor { ran_for: asked.fired.or(was.ran_for), ..to }
}

/// Reads one page, if a run is asked for and something is left to read.
///
/// # Errors
/// When the ledger fails. What the source does wrong is a [`Step::Failed`], committed.
pub async fn step<S: Source>(
    context: &Context,
    pinned: &Pinned,
    source: &SourceFile,
    adapter: &S,
) -> Result<Step> {
    if let Some(why) = room::lacking(&context.store, &pinned.rules.hub.disk) {
        tracing::error!(source = source.name, why, "nothing is read");
        return Ok(Step::Later(context.now() + ROOM));
    }
    let lease =
        match context.lease_unless_wished(&lease_name(&source.name), source.longest_exchange()).await? {
            Ok(lease) => lease,
            Err(elsewhere) => return Ok(elsewhere),
        };
    let now = context.now();
    let mut later: Option<DateTime<Utc>> = None;
    for service in &source.services {
        let cursor = context.store.cursor(&source.name, &service.name).await?;
        if !cursor.due {
            continue;
        }
        if let Some(moment) = cursor.not_before.filter(|moment| *moment > now) {
            later = Some(later.map_or(moment, |other| other.min(moment)));
        } else {
            if let Some(until) = resting::until(context, source).await? {
                return Ok(Step::Paced(until));
            }
            let turn = Turn { context, pinned, source, service, lease, now };
            return context.noting(page(&turn, adapter, cursor).await);
        }
    }
    Ok(later.map_or(Step::Idle, Step::Later))
}

struct Turn<'a> {
    context: &'a Context,
    pinned: &'a Pinned,
    source: &'a SourceFile,
    service: &'a ServiceFile,
    lease: Lease,
    now: DateTime<Utc>,
}

async fn page<S: Source>(turn: &Turn<'_>, adapter: &S, was: Cursor) -> Result<Step> {
    let pass = plan(&was, turn.lease.epoch, turn.pinned.no, turn.now);
    let ask = Ask {
        service: turn.service.name.clone(),
        window: pass.window.clone(),
        resume: pass.resume.clone(),
        read: pass.read,
        before: pass.before.clone(),
        now: turn.now,
    };
    turn.context.store.reaching("fetch");
    let fetched = adapter.fetch(&ask).await;
    turn.context.store.passed("fetch");
    match fetched {
        Ok(page) => land(turn, adapter, &was, pass, &page).await,
        Err(AdapterError { retry: Retry::Paced(wait), .. }) => Ok(Step::Paced(turn.now + wait)),
        Err(error) => fail(turn, &was, pass, &error).await,
    }
}

async fn land<S: Source>(
    turn: &Turn<'_>,
    adapter: &S,
    was: &Cursor,
    pass: Pass,
    page: &Page,
) -> Result<Step> {
    let write = turn.context.store.write("land").await?;
    let origin = origin(turn)?;
    let first = write.land(&origin, &page.documents).await?;
    let last = first + i64::try_from(page.documents.len()).unwrap_or_default() - 1;
    let pass = Pass { first: pass.first.or((pass.pages == 0 && first <= last).then_some(first)), ..pass };
    let (to, error) = advance(was, pass.clone(), page, turn.context.now());
    if let Some(named) = named(&pass, &to, error.as_ref()).filter(|_| turn.service.snapshot.is_some()) {
        write.note_pass(&origin, named, last).await?;
    }
    turn.context.note_journal(&write).await?;
    write.move_cursor(&turn.lease, &turn.source.name, &turn.service.name, was, &to).await?;
    write.commit().await?;
    turn.context.keep(&turn.lease);
    turn.context.journal_landed(&origin, first, &page.documents).await;
    if let Err(error) = adapter.landed(page).await {
        tracing::warn!(source = turn.source.name, service = turn.service.name, %error, "source not told of landing");
    }
    Ok(error.map_or(Step::Did(page.count), Step::Failed))
}

async fn fail(turn: &Turn<'_>, was: &Cursor, pass: Pass, error: &AdapterError) -> Result<Step> {
    let now = turn.context.now();
    let failures = was.failures.saturating_add(1);
    let wait = match error.retry {
        Retry::Never | Retry::Paced(_) => None,
        Retry::Later => Some(Schedule::PULL.wait(failures)),
        Retry::After(at_least) => Some(Schedule::PULL.wait(failures).max(crate::retry::delta(at_least))),
    };
    let to = Cursor {
        pass: Some(broken(pass)),
        due: wait.is_some(),
        failures,
        not_before: wait.map(|wait| now + wait),
        last_error: Some(error.what.clone()),
        last_error_at: Some(now),
        ..was.clone()
    };
    let write = turn.context.store.write("failed-fetch").await?;
    write.put_failed_fetch(&origin(turn)?, error).await?;
    write.move_cursor(&turn.lease, &turn.source.name, &turn.service.name, was, &to).await?;
    write.commit().await?;
    turn.context.keep(&turn.lease);
    Ok(Step::Failed(format!("{} · {}：{}", turn.source.name, turn.service.name, error.what)))
}

fn origin<'a>(turn: &Turn<'a>) -> Result<Origin<'a>> {
    let mapping = turn.pinned.rules.rulebook.mapping(&turn.source.name, &turn.service.name);
    let mapping = mapping.ok_or_else(|| {
        StepError::Config(format!("来源 {} 的服务 {} 没有映射", turn.source.name, turn.service.name))
    })?;
    Ok(Origin {
        source: &turn.source.name,
        service: &turn.service.name,
        kind: mapping.kind(),
        revision: turn.pinned.no,
        at: turn.context.now(),
    })
}

/// The pass to go on with, or a new one up to now. A pass by page number that another holder began starts over:
/// nobody knows what moved in between. So does one that was begun under another revision: it may page otherwise.
fn plan(cursor: &Cursor, epoch: i64, revision: i64, now: DateTime<Utc>) -> Pass {
    match &cursor.pass {
        Some(pass) if pass.revision != revision => Pass { epoch, revision, ..restarted(pass) },
        Some(pass) if pass.epoch != epoch && pass.resume.begins_again() => Pass { epoch, ..restarted(pass) },
        Some(pass) => Pass { epoch, ..pass.clone() },
        None => {
            let settled = cursor.settled.as_ref().filter(|_| !cursor.full_due);
            let from = settled.map(|(at, _)| DateTime::from_timestamp_millis(*at).unwrap_or_default());
            Pass {
                window: Window { from, until: now },
                resume: Resume::Start,
                read: 0,
                pages: 0,
                before: None,
                announced: None,
                reached: None,
                again: 0,
                epoch,
                revision,
                first: None,
            }
        }
    }
}

fn restarted(pass: &Pass) -> Pass {
    Pass {
        resume: Resume::Start,
        read: 0,
        pages: 0,
        before: None,
        announced: None,
        first: None,
        ..pass.clone()
    }
}

/// A pass after a failure: by page number from its first page, by (time, id) from where it stood.
fn broken(pass: Pass) -> Pass {
    if pass.resume.begins_again() { restarted(&pass) } else { pass }
}

/// Where a whole page moves the cursor; with what went wrong, where a pass ended without being whole.
fn advance(was: &Cursor, pass: Pass, page: &Page, now: DateTime<Utc>) -> (Cursor, Option<String>) {
    let read = Pass {
        resume: page.to.clone(),
        read: pass.read + page.count,
        pages: pass.pages + 1,
        before: Some(page.digest.clone()),
        announced: if pass.pages == 0 { page.announced } else { pass.announced },
        reached: reached(&pass, page),
        ..pass
    };
    let calm =
        Cursor { failures: 0, not_before: None, last_page_at: Some(now), last_error: None, ..was.clone() };
    if page.more {
        return (Cursor { pass: Some(read), ..calm }, None);
    }
    match (read.announced, page.announced) {
        (Some(first), Some(last)) if first != last && by_page(&read) => {
            moved(calm, &read, (first, last), now)
        }
        _ => (settle(calm, read, now), None),
    }
}

/// The first document of a pass that named everything: it began at the beginning and came to its end.
fn named(pass: &Pass, to: &Cursor, error: Option<&String>) -> Option<i64> {
    pass.first.filter(|_| pass.window.from.is_none() && to.pass.is_none() && error.is_none())
}

fn by_page(pass: &Pass) -> bool {
    pass.resume.begins_again()
}

fn settle(cursor: Cursor, pass: Pass, now: DateTime<Utc>) -> Cursor {
    // never back: a source whose newest record vanished must not make us read less far
    let settled = cursor.settled.clone().max(pass.reached);
    Cursor { settled, pass: None, due: false, full_due: false, last_whole_at: Some(now), ..cursor }
}

fn moved(
    cursor: Cursor,
    pass: &Pass,
    (first, last): (u64, u64),
    now: DateTime<Utc>,
) -> (Cursor, Option<String>) {
    if pass.again + 1 < AGAIN {
        return (Cursor { pass: Some(Pass { again: pass.again + 1, ..restarted(pass) }), ..cursor }, None);
    }
    let what = format!("读了 {AGAIN} 遍，对方报的总数每遍都在变（开始 {first}，结束 {last}），本次不算读完");
    let stays =
        Cursor { pass: None, due: false, last_error: Some(what.clone()), last_error_at: Some(now), ..cursor };
    (stays, Some(what))
}

fn reached(pass: &Pass, page: &Page) -> Option<(i64, String)> {
    let id = match &page.to {
        Resume::After(Mark { id, .. }) => id.clone(),
        _ => String::new(),
    };
    pass.reached.clone().max(page.reached.map(|at| (at.timestamp_millis(), id)))
}

fn lease_name(source: &str) -> String {
    format!("pull:{source}")
}

#[cfg(test)]
mod tests;
