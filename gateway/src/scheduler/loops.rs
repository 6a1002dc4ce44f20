//! One duty's loop: its step while there is work, then a wait for a hint, its next moment, or the slow repair.
//! Leaves which duties there are to `service`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{node::Node, once::sleep_until, timetable};
use crate::pipeline::{Result, Step, StepError, forward, look_alikes, pull, refine};

/// Wait after a step that the ledger failed: it is the same for everybody and passes by itself or not at all.
const LEDGER_WAIT: TimeDelta = TimeDelta::seconds(5);

/// Longest that a step may take, whatever it waits for: the last of all limits. Ended, it is as after a crash.
const LONGEST_STEP: Duration = Duration::from_mins(90);

/// What a loop does, for whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Duty {
    /// Reads a source.
    Pull(String),
    /// Judges what came from a source.
    Refine(String),
    /// Sends to a destination.
    Forward(String),
    /// Flags records that look like one registered twice.
    LookAlikes,
}

impl Duty {
    /// The lease it works under.
    pub(super) fn lease(&self) -> String {
        match self {
            Self::Pull(name) => format!("pull:{name}"),
            Self::Refine(name) => format!("refine:{name}"),
            Self::Forward(name) => format!("forward:{name}"),
            Self::LookAlikes => look_alikes::LEASE.to_owned(),
        }
    }
}

/// Hints between loops: losing one costs a repair interval, nothing else.
#[derive(Debug, Default)]
pub(super) struct Bells(Mutex<HashMap<Duty, Arc<Notify>>>);

impl Bells {
    /// The bell of a duty.
    pub(super) fn of(&self, duty: &Duty) -> Arc<Notify> {
        let mut bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(bells.entry(duty.clone()).or_default())
    }

    /// Rings for the duties that `whom` picks.
    pub(super) fn ring(&self, whom: impl Fn(&Duty) -> bool) {
        let bells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bells.iter().filter(|(duty, _)| whom(duty)).for_each(|(_, bell)| bell.notify_one());
    }
}

/// A loop's place: its duty and what it works with.
pub(super) struct Post {
    pub(super) node: Arc<Node>,
    pub(super) bells: Arc<Bells>,
    pub(super) bell: Arc<Notify>,
    pub(super) duty: Duty,
    pub(super) end: CancellationToken,
}

/// Repeats a duty's step until its end.
pub(super) async fn repeat(post: Post) {
    while !post.end.is_cancelled() {
        let looked = post.node.context.now();
        let until = match limited(post.step()).await {
            Ok(Step::Did(_)) => continue,
            Ok(Step::Paced(until)) => Some(until),
            Ok(Step::Later(until) | Step::Elsewhere(_, until)) => {
                Some(post.next(looked).map_or(until, |fires| fires.min(until)))
            }
            Ok(Step::Idle) => post.next(looked),
            Ok(Step::Failed(why)) => {
                tracing::warn!(what = post.what(), why, "the other system failed");
                continue;
            }
            // said once, when it was found out
            Err(StepError::Unfit(..)) => Some(post.node.context.now() + LEDGER_WAIT),
            Err(error) => {
                tracing::error!(what = post.what(), %error, "step not made");
                Some(post.node.context.now() + LEDGER_WAIT)
            }
        };
        post.pause(until).await;
    }
}

async fn limited(step: impl Future<Output = Result<Step>>) -> Result<Step> {
    let ended = tokio::time::timeout(LONGEST_STEP, step).await;
    ended.unwrap_or_else(|_| {
        Err(StepError::Config(format!("一步做了 {} 分钟还没有完，放弃重来", LONGEST_STEP.as_secs() / 60)))
    })
}

impl Post {
    /// For the log.
    fn what(&self) -> String {
        self.duty.lease().replacen(':', " ", 1)
    }

    /// Does a bounded amount, by one revision from beginning to end.
    async fn step(&self) -> Result<Step> {
        match &self.duty {
            Duty::Pull(name) => self.pull(name).await,
            Duty::Refine(name) => self.refine(name).await,
            Duty::Forward(name) => self.forward(name).await,
            Duty::LookAlikes => look_alikes::step(&self.node.context).await,
        }
    }

    async fn pull(&self, name: &str) -> Result<Step> {
        let pinned = self.node.context.active().await?;
        let Some(source) = pinned.rules.source(name) else { return Ok(Step::Idle) };
        timetable::ask(&self.node.context, source).await?;
        let adapter = self.node.source(source).map_err(|error| StepError::Config(error.what))?;
        let step = pull::step(&self.node.context, &pinned, source, &*adapter).await?;
        if matches!(step, Step::Did(_) | Step::Failed(_)) {
            self.bells.ring(|duty| matches!(duty, Duty::Refine(judged) if judged == name));
        }
        Ok(step)
    }

    async fn refine(&self, name: &str) -> Result<Step> {
        let step = refine::step(&self.node.context, name).await?;
        if matches!(step, Step::Did(_)) {
            self.bells.ring(|duty| matches!(duty, Duty::Forward(_) | Duty::LookAlikes));
        }
        Ok(step)
    }

    async fn forward(&self, name: &str) -> Result<Step> {
        let pinned = self.node.context.active().await?;
        let Some(file) = pinned.rules.destination(name) else { return Ok(Step::Idle) };
        let adapter = self.node.destination(file).map_err(|error| StepError::Config(error.what))?;
        forward::step(&self.node.context, &pinned, file, &*adapter).await
    }

    /// When it has something to do by itself: a source's next run after it was `looked` at, by the revision in force.
    /// What fires between that moment and the step's end is to be looked at, too, and at once.
    fn next(&self, looked: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Duty::Pull(name) = &self.duty else { return None };
        let pinned = self.node.context.in_force().pinned()?;
        timetable::next(pinned.rules.source(name)?, looked)
    }

    /// Waits for the first of: the moment, a hint, the slow repair, the end.
    async fn pause(&self, until: Option<DateTime<Utc>>) {
        let repair = self.node.context.now() + self.repair();
        let until = until.map_or(repair, |until| until.min(repair));
        tokio::select! {
            () = sleep_until(&self.node, until) => {}
            () = self.bell.notified() => {}
            () = self.end.cancelled() => {}
        }
    }

    fn repair(&self) -> Duration {
        let pinned = self.node.context.in_force().pinned();
        Duration::from_secs(pinned.map_or(1, |pinned| u64::from(pinned.rules.hub.repair_s)))
    }
}
