//! What nobody sends any more: records that stand from a list and that its whole pass did not name are deleted, unless too
//! many are missing or the pass cannot be told. A crash anywhere leaves the rest to be found again. Leaves keys to `named`.

use chrono::TimeDelta;

use super::{
    Work,
    named::{List, Named},
};
use crate::{
    config::Snapshot,
    pipeline::{Result, Step, retire::deletions},
    store::{
        retire::{Because, Retired},
        standing::Of,
        sweeps::{Count, State, Sweep},
    },
};

/// Records deleted in one transaction.
const RECORDS: usize = 1_000;

/// What the active revision says of a sweep.
struct Terms {
    snapshot: Snapshot,
    /// The lists of the source whose records are of the same kind, its own among them.
    lists: Vec<List>,
    /// The kind's field and code of deletion.
    gone: (String, String),
}

/// The oldest sweep that can be made now: no other list of its kind is being read, where what is missing may have gone to.
pub(super) async fn due(work: &Work<'_>) -> Result<Option<Sweep>> {
    let Some(sweep) = work.context.store.due_sweep(work.source).await? else { return Ok(None) };
    let reading = work.context.store.cursors(work.source).await?;
    let is_read = |service: &str| reading.iter().any(|(own, cursor)| own == service && cursor.due);
    let others = of_kind(work, &sweep.kind).into_iter().filter(|service| *service != sweep.service);
    Ok(if others.into_iter().any(is_read) { None } else { Some(sweep) })
}

/// Makes a sweep, or says why not.
pub(super) async fn sweep(work: &Work<'_>, was: Sweep) -> Result<Step> {
    let Some(terms) = terms(work, &was).await? else {
        return settle(work, &was, State::Superseded, was.count).await;
    };
    let named = Named::by(work, &was, &terms.lists).await?;
    let told =
        Count { cap: terms.snapshot.cap_percent, unsure: named.unsure, unread: named.unread, ..was.count };
    if told.unsure + told.unread > 0 {
        return settle(work, &was, State::Unsure, told).await;
    }
    let (standing, missing) = missing(work, &was, &terms, &named).await?;
    drop(named);
    // what was begun is gone on with: fewer stand by now, and as many were allowed
    let count = match was.state {
        State::Going => was.count,
        _ => Count { standing, missing: u64::try_from(missing.len()).unwrap_or(u64::MAX), ..told },
    };
    // a person let go what was shown, not what came to stand since
    let is_asked = was.released_at.is_none() || count.missing > was.count.missing;
    if was.state == State::Due && is_asked && terms.snapshot.is_over(count.standing, count.missing) {
        return settle(work, &was, State::Held, count).await;
    }
    retire(work, was, count, &missing).await
}

fn of_kind<'w>(work: &'w Work<'_>, kind: &str) -> Vec<&'w str> {
    let rules = &work.pinned.rules;
    let services = rules.source(work.source).map(|source| source.services.as_slice()).unwrap_or_default();
    let is_of_kind = |service: &&str| {
        rules.rulebook.mapping(work.source, service).is_some_and(|mapping| mapping.kind() == kind)
    };
    services.iter().map(|service| service.name.as_str()).filter(is_of_kind).collect()
}

/// None where the active revision takes the list for no snapshot of this kind any more.
async fn terms(work: &Work<'_>, sweep: &Sweep) -> Result<Option<Terms>> {
    let rules = &work.pinned.rules;
    let snapshot = |service: &str| {
        let source = rules.source(work.source)?;
        source.services.iter().find(|own| own.name == service)?.snapshot
    };
    let gone = rules.rulebook.kind(&sweep.kind).and_then(|kind| kind.gone());
    let Some((snapshot_of_own, (field, code))) = snapshot(&sweep.service).zip(gone) else { return Ok(None) };
    let mut lists = Vec::new();
    for service in of_kind(work, &sweep.kind) {
        let pass = if service == sweep.service {
            Some((sweep.first, sweep.last))
        } else if snapshot(service).is_some() {
            let newest = work.context.store.newest_sweep(work.source, service).await?;
            newest.map(|newest| (newest.first, newest.last))
        } else {
            None
        };
        lists.push(List { service: service.to_owned(), pass });
    }
    let is_own = lists.iter().any(|list| list.service == sweep.service);
    let terms = Terms { snapshot: snapshot_of_own, lists, gone: (field.to_owned(), code.to_owned()) };
    Ok(Some(terms).filter(|_| is_own))
}

/// How many records stand, and the numbers of those that the pass did not name.
async fn missing(work: &Work<'_>, sweep: &Sweep, terms: &Terms, named: &Named) -> Result<(u64, Vec<i64>)> {
    let of = Of {
        source: work.source,
        service: &sweep.service,
        kind: &sweep.kind,
        gone: (&terms.gone.0, &terms.gone.1),
    };
    let (mut standing, mut missing, mut after) = (0, Vec::new(), 0);
    loop {
        work.context.holds(&work.lease, TimeDelta::zero()).await?;
        let (page, last) = work.context.store.standing_of(&of, after).await?;
        standing += u64::try_from(page.len()).unwrap_or_default();
        let gone = page.iter().filter(|own| own.document < sweep.first && !named.has(&own.key));
        missing.extend(gone.map(|own| own.record));
        match last {
            Some(last) => after = last,
            None => return Ok((standing, missing)),
        }
    }
}

async fn settle(work: &Work<'_>, was: &Sweep, state: State, count: Count) -> Result<Step> {
    tracing::info!(
        source = was.source,
        service = was.service,
        state = state.word(),
        missing = count.missing,
        unsure = count.unsure,
        "a whole pass was compared with what stands"
    );
    write(work, was, &Sweep { state, count, ..was.clone() }, &[]).await?;
    Ok(Step::Did(0))
}

/// Deletes them in order, so many in a transaction; the last one says that it is done.
async fn retire(work: &Work<'_>, mut was: Sweep, count: Count, missing: &[i64]) -> Result<Step> {
    let mut chunks = missing.chunks(RECORDS).peekable();
    while let Some(chunk) = chunks.next() {
        let state = if chunks.peek().is_some() { State::Going } else { State::Done };
        let last = work.context.store.last_states(chunk).await?;
        let retired = deletions(work.context, &work.pinned, &last).await?;
        let to = Sweep { state, count, ..was.clone() };
        write(work, &was, &to, &retired).await?;
        was = to;
    }
    if missing.is_empty() {
        return settle(work, &was, State::Done, count).await;
    }
    Ok(Step::Did(u64::try_from(missing.len()).unwrap_or(u64::MAX)))
}

async fn write(work: &Work<'_>, was: &Sweep, to: &Sweep, retired: &[Retired]) -> Result<()> {
    let at = work.context.now().timestamp_millis();
    let write = work.context.store.write("sweep").await?;
    write.note_sweep(was, to, retired.len(), at).await?;
    write.retire(&Because { mark: &was.mark(), heard: was.last, at }, retired).await?;
    let lease = work.context.prolonged(&work.lease, TimeDelta::zero());
    write.fence(&lease).await?;
    write.commit().await?;
    work.context.keep(&lease);
    Ok(())
}
