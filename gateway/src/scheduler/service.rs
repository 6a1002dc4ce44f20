//! The tasks of a running hub: one loop each for reading, judging and forwarding every source and destination.
//! A loop runs its step while there is work, then waits for a hint, its next moment, or the slow repair.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{nightly, node::Node, once::sleep_until, sharing, skew, timetable};
use crate::{
    config::SourceFile,
    pipeline::{Pinned, Result, Step, StepError, forward, pull, refine},
};

/// Hints between loops: losing one costs a repair interval, nothing else.
#[derive(Debug)]
struct Hints {
    refine: HashMap<String, Notify>,
    forward: HashMap<String, Notify>,
}

/// What every loop shares.
struct Shared {
    node: Arc<Node>,
    hints: Hints,
    stop: CancellationToken,
    repair: Duration,
}

/// Wait after a step that the ledger failed: it is the same for everybody and passes by itself or not at all.
const LEDGER_WAIT: TimeDelta = TimeDelta::seconds(5);

/// Longest that a step may take, whatever it waits for: the last of all limits. Ended, it is as after a crash.
const LONGEST_STEP: Duration = Duration::from_mins(90);

/// Runs the hub's loops until `stop`; steps in hand are finished.
///
/// # Errors
/// When there is no active revision to run by.
pub async fn run(node: Arc<Node>, stop: CancellationToken) -> Result<()> {
    let pinned = node.context.active().await?;
    let tasks = TaskTracker::new();
    let judged = judged_sources(&node, &pinned).await?;
    let shared = Arc::new(Shared {
        hints: Hints {
            refine: judged.iter().map(|name| (name.clone(), Notify::new())).collect(),
            forward: pinned
                .rules
                .destinations
                .iter()
                .map(|file| (file.name.clone(), Notify::new()))
                .collect(),
        },
        repair: Duration::from_secs(u64::from(pinned.rules.hub.repair_s)),
        node,
        stop,
    });
    for source in &pinned.rules.sources {
        let work = Pulling(Arc::clone(&shared), source.name.clone(), Mutex::new(Some(source.clone())));
        tasks.spawn(repeat(work));
    }
    for name in judged {
        tasks.spawn(repeat(Refining(Arc::clone(&shared), name)));
    }
    for destination in &pinned.rules.destinations {
        tasks.spawn(repeat(Forwarding(Arc::clone(&shared), destination.name.clone())));
    }
    tasks.spawn(sharing::pulse(Arc::clone(&shared.node), shared.stop.clone(), shared.repair));
    tasks.spawn(skew::watch(Arc::clone(&shared.node), shared.stop.clone()));
    tasks.spawn(nightly::run(Arc::clone(&shared.node), shared.stop.clone()));
    tasks.close();
    tasks.wait().await;
    Ok(())
}

/// Configured sources, and those that are not configured any more but left something to judge.
async fn judged_sources(node: &Node, pinned: &Pinned) -> Result<Vec<String>> {
    let mut names: Vec<String> = pinned.rules.sources.iter().map(|source| source.name.clone()).collect();
    names.extend(node.context.store.sources_with_pending().await?);
    names.sort();
    names.dedup();
    Ok(names)
}

/// One loop's work.
trait Work {
    /// For the log.
    fn what(&self) -> String;
    /// Does a bounded amount.
    fn step(&self) -> impl Future<Output = Result<Step>> + Send;
    /// What wakes it early.
    fn hinted(&self) -> Option<&Notify>;
    /// When it has something to do by itself.
    fn next(&self) -> Option<DateTime<Utc>>;
    /// What it stands on.
    fn shared(&self) -> &Shared;
}

/// With the source as last read: its schedules say when to look again.
struct Pulling(Arc<Shared>, String, Mutex<Option<SourceFile>>);
struct Refining(Arc<Shared>, String);
struct Forwarding(Arc<Shared>, String);

impl Work for Pulling {
    fn what(&self) -> String {
        format!("pull {}", self.1)
    }

    async fn step(&self) -> Result<Step> {
        let Self(shared, name, latest) = self;
        let pinned = shared.node.context.active().await?;
        let source = pinned.rules.source(name);
        *latest.lock().unwrap_or_else(PoisonError::into_inner) = source.cloned();
        let Some(source) = source else { return Ok(Step::Idle) };
        timetable::ask(&shared.node.context, source).await?;
        let adapter = shared.node.source(source).map_err(|error| StepError::Config(error.what))?;
        let step = pull::step(&shared.node.context, &pinned, source, &*adapter).await?;
        if matches!(step, Step::Did(_) | Step::Failed(_)) {
            hint(&shared.hints.refine);
        }
        Ok(step)
    }

    fn hinted(&self) -> Option<&Notify> {
        None
    }

    fn next(&self) -> Option<DateTime<Utc>> {
        let latest = self.2.lock().unwrap_or_else(PoisonError::into_inner);
        timetable::next(latest.as_ref()?, self.0.node.context.now())
    }

    fn shared(&self) -> &Shared {
        &self.0
    }
}

impl Work for Refining {
    fn what(&self) -> String {
        format!("refine {}", self.1)
    }

    async fn step(&self) -> Result<Step> {
        let step = refine::step(&self.0.node.context, &self.1).await?;
        if matches!(step, Step::Did(_)) {
            hint(&self.0.hints.forward);
        }
        Ok(step)
    }

    fn hinted(&self) -> Option<&Notify> {
        self.0.hints.refine.get(&self.1)
    }

    fn next(&self) -> Option<DateTime<Utc>> {
        None
    }

    fn shared(&self) -> &Shared {
        &self.0
    }
}

impl Work for Forwarding {
    fn what(&self) -> String {
        format!("forward {}", self.1)
    }

    async fn step(&self) -> Result<Step> {
        let Self(shared, name) = self;
        let pinned = shared.node.context.active().await?;
        let Some(file) = pinned.rules.destination(name) else { return Ok(Step::Idle) };
        let adapter = shared.node.destination(file).map_err(|error| StepError::Config(error.what))?;
        forward::step(&shared.node.context, &pinned, file, &*adapter).await
    }

    fn hinted(&self) -> Option<&Notify> {
        self.0.hints.forward.get(&self.1)
    }

    fn next(&self) -> Option<DateTime<Utc>> {
        None
    }

    fn shared(&self) -> &Shared {
        &self.0
    }
}

fn hint(to: &HashMap<String, Notify>) {
    to.values().for_each(Notify::notify_one);
}

async fn repeat(work: impl Work) {
    let shared = work.shared();
    while !shared.stop.is_cancelled() {
        let until = match limited(work.step()).await {
            Ok(Step::Did(_)) => continue,
            Ok(Step::Paced(until)) => Some(until),
            Ok(Step::Later(until) | Step::Elsewhere(_, until)) => {
                Some(work.next().map_or(until, |fires| fires.min(until)))
            }
            Ok(Step::Idle) => work.next(),
            Ok(Step::Failed(why)) => {
                tracing::warn!(what = work.what(), why, "the other system failed");
                continue;
            }
            Err(error) => {
                tracing::error!(what = work.what(), %error, "step not made");
                Some(shared.node.context.now() + LEDGER_WAIT)
            }
        };
        pause(shared, work.hinted(), until).await;
    }
}

async fn limited(step: impl Future<Output = Result<Step>>) -> Result<Step> {
    let ended = tokio::time::timeout(LONGEST_STEP, step).await;
    ended.unwrap_or_else(|_| {
        Err(StepError::Config(format!("一步做了 {} 分钟还没有完，放弃重来", LONGEST_STEP.as_secs() / 60)))
    })
}

/// Waits for the first of: the moment, a hint, the slow repair, the word to stop.
async fn pause(shared: &Shared, hinted: Option<&Notify>, until: Option<DateTime<Utc>>) {
    let repair = shared.node.context.now() + shared.repair;
    let until = until.map_or(repair, |until| until.min(repair));
    let hint = async {
        match hinted {
            Some(hinted) => hinted.notified().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = sleep_until(&shared.node, until) => {}
        () = hint => {}
        () = shared.stop.cancelled() => {}
    }
}
