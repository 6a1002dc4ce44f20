//! The tasks of a running hub: one loop for each duty of the revision in force. When another revision comes into force, new
//! duties get their loop, those that are gone end after their step, all others go on under it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use chrono::TimeDelta;
use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    loops::{self, Bells, Duty, Post},
    nightly,
    node::Node,
    once::sleep_until,
    sharing, skew,
};
use crate::pipeline::{Pinned, Result, StepError, look_alikes};

/// How often the ledger is asked which revision is active. Every step asks by itself; this is for who has no loop yet.
const WATCH: TimeDelta = TimeDelta::seconds(1);

/// A duty's loop.
struct Running {
    end: CancellationToken,
    task: JoinHandle<()>,
}

/// All loops of this process.
struct Hub {
    node: Arc<Node>,
    bells: Arc<Bells>,
    stop: CancellationToken,
    tasks: TaskTracker,
    running: BTreeMap<Duty, Running>,
}

/// Runs the hub's loops until `stop`; steps in hand are finished.
///
/// # Errors
/// When there is no active revision to run by.
pub async fn run(node: Arc<Node>, stop: CancellationToken) -> Result<()> {
    let mut pinned = node.context.active().await?;
    let (bells, tasks) = (Arc::default(), TaskTracker::new());
    let mut hub = Hub { node, bells, stop, tasks, running: BTreeMap::new() };
    let mut wanted = hub.duties(&pinned).await?;
    hub.serve(&pinned).await;
    let repair = Duration::from_secs(u64::from(pinned.rules.hub.repair_s));
    hub.tasks.spawn(sharing::pulse(Arc::clone(&hub.node), hub.stop.clone(), repair));
    hub.tasks.spawn(skew::watch(Arc::clone(&hub.node), hub.stop.clone()));
    hub.tasks.spawn(nightly::run(Arc::clone(&hub.node), hub.stop.clone()));
    while !hub.stop.is_cancelled() {
        hub.follow(&wanted);
        hub.watch().await;
        match hub.changed(&pinned, &mut wanted).await {
            Ok(None) | Err(StepError::Unfit(..)) => {}
            Ok(Some(now)) => pinned = now,
            Err(error) => tracing::error!(%error, "the ledger does not say which configuration is active"),
        }
        hub.heed().await;
    }
    hub.tasks.close();
    hub.tasks.wait().await;
    Ok(())
}

impl Hub {
    /// What a revision has to be done: its sources read and judged, its destinations served, its kinds compared; judged is
    /// also what sources that are not configured any more left.
    async fn duties(&self, pinned: &Pinned) -> Result<BTreeSet<Duty>> {
        let left = self.node.context.store.sources_with_pending().await?.into_iter().map(Duty::Refine);
        let sources = pinned.rules.sources.iter().map(|file| file.name.clone());
        let destinations = pinned.rules.destinations.iter().map(|file| Duty::Forward(file.name.clone()));
        let read = sources.clone().map(Duty::Pull);
        let compared = look_alikes::wanted(pinned).then_some(Duty::LookAlikes);
        Ok(read.chain(sources.map(Duty::Refine)).chain(left).chain(destinations).chain(compared).collect())
    }

    /// Looks whether another revision came into force; then it is adopted and everybody told.
    async fn changed(&self, was: &Pinned, wanted: &mut BTreeSet<Duty>) -> Result<Option<Arc<Pinned>>> {
        let pinned = self.node.context.active().await?;
        if pinned.no == was.no {
            return Ok(None);
        }
        let duties = self.duties(&pinned).await?;
        // a page that a removed source was just sent is still to be judged: who judges goes on
        wanted.retain(|duty| matches!(duty, Duty::Refine(_)));
        wanted.extend(duties);
        self.node.adopt(&pinned.rules);
        self.serve(&pinned).await;
        self.bells.ring(|_| true);
        Ok(Some(pinned))
    }

    /// Says in the ledger that a service works by this revision. Said too late it costs nothing but a line.
    async fn serve(&self, pinned: &Pinned) {
        let context = &self.node.context;
        let said = match context.store.active_activation().await {
            Ok(Some(active)) if active.revision == pinned.no && active.served.is_none() => {
                context.store.serve(active.no, context.now()).await
            }
            other => other.map(drop),
        };
        if let Err(error) = said {
            tracing::warn!(%error, "could not note that the configuration is in force");
        }
    }

    /// Starts what is wanted and not running, ends what runs and is not wanted. A duty that is wanted again begins when
    /// its old loop has ended: two would work under one lease.
    fn follow(&mut self, wanted: &BTreeSet<Duty>) {
        self.running.retain(|duty, running| {
            if !wanted.contains(duty) {
                running.end.cancel();
            }
            !running.task.is_finished()
        });
        for duty in wanted.iter().filter(|duty| !self.running.contains_key(duty)).cloned().collect::<Vec<_>>()
        {
            let end = self.stop.child_token();
            let post = Post {
                node: Arc::clone(&self.node),
                bells: Arc::clone(&self.bells),
                bell: self.bells.of(&duty),
                duty: duty.clone(),
                end: end.clone(),
            };
            let task = self.tasks.spawn(loops::repeat(post));
            self.running.insert(duty, Running { end, task });
        }
    }

    /// Has the duties looked at whose leases somebody wishes for: they would find out by themselves, only later.
    async fn heed(&self) {
        match self.node.context.store.wished_for(self.node.context.now()).await {
            Ok(wished) => self.bells.ring(|duty| wished.contains(&duty.lease())),
            Err(error) => tracing::debug!(%error, "the ledger does not say what is wished for"),
        }
    }

    async fn watch(&self) {
        tokio::select! {
            () = sleep_until(&self.node, self.node.context.now() + WATCH) => {}
            () = self.stop.cancelled() => {}
        }
    }
}
