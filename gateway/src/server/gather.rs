//! The page's figures, gathered from the ledger and the active configuration. Reads only.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use adapters::{Clock, Resume};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::sync::Mutex;

use super::{
    Figures,
    model::{
        Broken, Deliveries, DestinationStatus, Equations, Failure, Found, IssueLine, KindDeliveries,
        OverLimitLine, Progress, Readiness, ServiceStatus, SourceStatus, Status, SweepLine,
    },
};
use crate::{
    config::{Compiled, DestinationFile, ServiceFile, SourceFile},
    ledger::{self, Audit},
    pipeline::{InForce, room},
    scheduler,
    store::{Result, Store, cursors::Cursor, limits::Over, status::ServiceFigures, sweeps::Sweep},
};

/// Issues listed on the page.
const ISSUES: u32 = 30;

/// A recount is reused for this many times what it cost: however large the ledger, watching it stays cheap.
const REUSE: u32 = 10;

/// The last recount.
#[derive(Debug, Default)]
struct Recount(Mutex<Option<Recounted>>);

#[derive(Debug)]
struct Recounted {
    made: Instant,
    cost: Duration,
    counted: Counted,
}

/// What only a look at every record tells.
#[derive(Debug, Clone)]
struct Counted {
    at: DateTime<Utc>,
    audit: Audit,
    /// Identifiers that the roster does not know, and the records that name them.
    owners: (i64, i64),
}

impl Recount {
    async fn read(&self, store: &Store, now: DateTime<Utc>) -> Result<Counted> {
        let mut last = self.0.lock().await;
        if let Some(known) = last.as_ref().filter(|known| known.made.elapsed() < known.cost * REUSE) {
            return Ok(known.counted.clone());
        }
        let begun = Instant::now();
        let audit = store.audit().await?;
        let counted = Counted { at: now, audit, owners: store.count_open_owners().await? };
        *last = Some(Recounted { made: Instant::now(), cost: begun.elapsed(), counted: counted.clone() });
        Ok(counted)
    }
}

type Services = BTreeMap<(String, String), ServiceFigures>;

/// Figures read anew from the ledger for every request.
#[must_use]
pub fn figures(store: Store, in_force: InForce, node: &str, clock: Arc<dyn Clock>) -> Figures {
    let node = node.to_owned();
    let ready = store.clone();
    let recount = Arc::new(Recount::default());
    Figures::new(
        move || {
            let (store, in_force, node, now) = (store.clone(), in_force.clone(), node.clone(), clock.now());
            let recount = Arc::clone(&recount);
            Box::pin(async move {
                let counted = recount.read(&store, now).await.map_err(|error| error.to_string())?;
                let pinned = in_force.pinned().ok_or("还没有生效的配置")?;
                let status = status(&store, &pinned.rules, &node, now, counted).await;
                let unfit = in_force.unfit().map(|unfit| unfit.to_string());
                Ok(Status { unfit, ..status.map_err(|error| error.to_string())? })
            })
        },
        move || {
            let store = ready.clone();
            Box::pin(async move { Ok(readiness(&store).await) })
        },
    )
}

async fn readiness(store: &Store) -> Readiness {
    match tables_and_revision(store).await {
        Ok((pending_migrations, revision)) => Readiness { database: None, pending_migrations, revision },
        Err(error) => Readiness { database: Some(error.to_string()), ..Readiness::default() },
    }
}

async fn tables_and_revision(store: &Store) -> Result<(u32, bool)> {
    let pending = u32::try_from(store.pending_migrations().await?).unwrap_or(u32::MAX);
    // before its table is made there is no revision to ask for
    Ok((pending, pending == 0 && store.active_number().await?.is_some()))
}

async fn status(
    store: &Store,
    rules: &Compiled,
    node: &str,
    now: DateTime<Utc>,
    Counted { at: checked, audit, owners }: Counted,
) -> Result<Status> {
    let services = store.service_figures().await?;
    let mut sources = Vec::new();
    let mut progress = Vec::new();
    let over = store.over_limit(false).await?;
    let held = store.held_sweeps().await?;
    for file in &rules.sources {
        let one = source(store, rules, file, (&services, &over), now, &mut progress).await?;
        let held_sweeps = held.iter().filter(|held| held.source == file.name).map(sweep).collect();
        sources.push(SourceStatus { held_sweeps, ..one });
    }
    let mut destinations = Vec::new();
    for file in &rules.destinations {
        destinations.push(destination(store, rules, file, &audit, now, &mut progress).await?);
    }
    let found = found(services.values());
    if found.unjudged > 0 {
        progress.push(Progress {
            what: "研判".into(),
            done: found.found,
            total: Some(found.found + found.unjudged),
        });
    }
    Ok(Status {
        node: node.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        zone: rules.hub.zone.to_string(),
        now,
        revision: Some(rules.revision.hash.clone()),
        found,
        sources,
        destinations,
        issues: issues(store, rules).await?,
        progress,
        equations: Equations { checked: Some(checked), broken: audit.broken.iter().map(broken).collect() },
        look_alikes: count(store.open_pairs().await?),
        unknown_owners: count(owners.0),
        unattributed: count(owners.1),
        stopped: room::lacking(store, &rules.hub.disk),
        unfit: None,
    })
}

fn found<'a>(services: impl Iterator<Item = &'a ServiceFigures>) -> Found {
    let mut sum = ledger::Found::default();
    let mut unjudged = 0;
    for service in services {
        sum.add(&service.found);
        unjudged += service.unjudged;
    }
    Found {
        found: count(sum.found),
        accepted: count(sum.accepted),
        unchanged: count(sum.unchanged),
        rejected: count(sum.rejected),
        held: count(sum.held),
        unjudged: count(unjudged),
    }
}

async fn source(
    store: &Store,
    rules: &Compiled,
    file: &SourceFile,
    (services, over): (&Services, &[Over]),
    now: DateTime<Utc>,
    progress: &mut Vec<Progress>,
) -> Result<SourceStatus> {
    let cursors: BTreeMap<String, Cursor> = store.cursors(&file.name).await?.into_iter().collect();
    progress.extend(file.services.iter().filter_map(|service| {
        let pass = cursors.get(&service.name).filter(|cursor| cursor.due)?.pass.as_ref()?;
        Some(Progress {
            what: format!("读取 {} · {}", file.title, service.title),
            done: pass.read,
            total: pass.announced,
        })
    }));
    let own = services.iter().filter(|((source, _), _)| source == &file.name);
    let failed =
        cursors.values().filter_map(|cursor| Some((cursor.last_error_at?, cursor.last_error.clone()?))).max();
    Ok(SourceStatus {
        name: file.name.clone(),
        title: file.title.clone(),
        found: found(own.map(|(_, figures)| figures)),
        running: cursors.values().any(|cursor| cursor.due),
        last_run: cursors.values().filter_map(|cursor| cursor.last_whole_at).max(),
        next_run: scheduler::next_run(file, now),
        last_error: failed.map(|(at, what)| Failure { at, what }),
        services: file.services.iter().map(|own| service(rules, file, own, &cursors, services)).collect(),
        over_limit: over.iter().filter(|over| over.source == file.name).map(over_limit).collect(),
        held_sweeps: Vec::new(),
    })
}

fn sweep(held: &Sweep) -> SweepLine {
    SweepLine {
        no: held.no,
        service: held.service.clone(),
        at: held.at,
        standing: held.count.standing,
        missing: held.count.missing,
        cap_percent: held.count.cap,
    }
}

fn over_limit(over: &Over) -> OverLimitLine {
    OverLimitLine {
        document: over.document,
        service: over.limit.service.clone(),
        found: over.limit.found,
        rejected: over.limit.rejected,
        allowed: over.limit.allowed.clone(),
        left: over.left,
    }
}

fn service(
    rules: &Compiled,
    file: &SourceFile,
    service: &ServiceFile,
    cursors: &BTreeMap<String, Cursor>,
    services: &Services,
) -> ServiceStatus {
    let mapping = rules.rulebook.mapping(&file.name, &service.name);
    let figures = services.get(&(file.name.clone(), service.name.clone())).copied().unwrap_or_default();
    ServiceStatus {
        name: service.name.clone(),
        title: service.title.clone(),
        kind: mapping.map(|mapping| mapping.kind().to_owned()).unwrap_or_default(),
        cursor: cursors.get(&service.name).and_then(|cursor| place(cursor, file.zone)),
        found: count(figures.found.found + figures.unjudged),
        unknown_fields: count(figures.unknown_fields),
    }
}

fn place(cursor: &Cursor, zone: Tz) -> Option<String> {
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string();
    match cursor.pass.as_ref().map(|pass| &pass.resume) {
        Some(Resume::Page(page)) => return Some(format!("第 {page} 页")),
        Some(Resume::After(mark)) => return Some(mark.time.clone()),
        Some(Resume::Offset(place)) => return Some(format!("第 {place} 条起")),
        Some(Resume::Next(next)) => return Some(format!("第 {} 页", next.pages.saturating_add(1))),
        Some(Resume::Start) | None => {}
    }
    let settled = cursor.settled.as_ref().and_then(|(at, _)| DateTime::from_timestamp_millis(*at));
    settled.or(cursor.last_whole_at).map(local)
}

async fn destination(
    store: &Store,
    rules: &Compiled,
    file: &DestinationFile,
    audit: &Audit,
    now: DateTime<Utc>,
    progress: &mut Vec<Progress>,
) -> Result<DestinationStatus> {
    let states = store.delivery_states().await?;
    let state = |kind: Option<&str>, wanted: &str| {
        let rows = states.iter().filter(|((destination, of, state), _)| {
            destination == &file.name && state == wanted && kind.is_none_or(|kind| kind == of)
        });
        rows.map(|(_, n)| n).sum::<i64>()
    };
    let figures = |kind: Option<&str>, owed: &ledger::Owed| deliveries(owed, state(kind, "sent"));
    let own = audit.destinations.get(&file.name).cloned().unwrap_or_default();
    let kinds = rules.rulebook.kinds().iter().filter_map(|kind| {
        let owed = own.kinds.get(kind.name())?;
        let deliveries = figures(Some(kind.name()), owed);
        (file.takes(kind.name()) && rules.rulebook.outlet(&file.name, kind.name()).is_some()).then(|| {
            KindDeliveries { kind: kind.name().to_owned(), label: kind.label().to_owned(), deliveries }
        })
    });
    let total = figures(None, &own.sum);
    if total.due + total.sent > 0 {
        let done = total.owed - total.pending;
        progress.push(Progress {
            what: format!("转发 {}", file.title),
            done,
            total: Some(total.owed - total.waiting),
        });
    }
    let (unknown, settled) = store.batch_figures(&file.name).await?;
    let failed = store.open_failure(&file.name).await?;
    Ok(DestinationStatus {
        name: file.name.clone(),
        title: file.title.clone(),
        total,
        kinds: kinds.collect(),
        unknown_batches: count(unknown),
        last_confirmed: settled,
        next_attempt: store.next_due(&file.name, now).await?,
        last_error: failed.map(|(at, what)| Failure { at, what }),
    })
}

fn deliveries(owed: &ledger::Owed, sent: i64) -> Deliveries {
    Deliveries {
        owed: count(owed.owed),
        confirmed: count(owed.confirmed),
        refused: count(owed.refused),
        superseded: count(owed.superseded),
        abandoned: count(owed.abandoned),
        pending: count(owed.pending),
        due: count(owed.pending - owed.waiting - sent),
        waiting: count(owed.waiting),
        sent: count(sent),
        excluded: count(owed.excluded),
    }
}

async fn issues(store: &Store, rules: &Compiled) -> Result<Vec<IssueLine>> {
    let mut lines = Vec::new();
    for noted in store.latest_issues(ISSUES).await? {
        let kind = rules.rulebook.kind(&noted.kind);
        for issue in noted.issues {
            let field = kind.and_then(|kind| kind.field(&issue.field)).map(|field| field.label().to_owned());
            lines.push(IssueLine {
                at: noted.at,
                source: noted.source.clone(),
                service: noted.service.clone(),
                kind: kind.map_or_else(|| noted.kind.clone(), |kind| kind.label().to_owned()),
                id: noted.id.clone(),
                code: issue.code,
                level: level(issue.level).to_owned(),
                field: field.unwrap_or(issue.field),
                value: issue.value,
                message: issue.message,
                advice: issue.advice,
            });
        }
    }
    lines.truncate(usize::try_from(ISSUES).unwrap_or(usize::MAX));
    Ok(lines)
}

const fn level(level: mappings::Level) -> &'static str {
    match level {
        mappings::Level::Warn => "warn",
        mappings::Level::Hold => "hold",
        mappings::Level::Reject => "reject",
    }
}

fn broken(broken: &ledger::Broken) -> Broken {
    let document = broken.document.map(|no| format!("文档 {no}"));
    Broken {
        equation: broken.equation.clone(),
        of: document.or_else(|| broken.destination.clone()).unwrap_or_default(),
        kind: broken.kind.clone(),
        left: count(broken.left),
        right: count(broken.right),
    }
}

fn count(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}
