//! What every step stands on: the ledger, the clock, this node's leases and the revisions it has compiled.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use adapters::Clock;
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Result, Step, StepError,
    forward::queues::Queues,
    in_force::{Fit, InForce, Unfit},
    journal::Journaling,
    sharing::Sharing,
};
use crate::{
    config::{Compiled, Revision},
    proof::Journal,
    roster::Crosswalk,
    store::{Lease, Store, StoreError, lease::LEASE, revisions::Activation, share::is_spread},
};

/// A compiled revision and the number that everything it produced carries.
#[derive(Debug)]
pub struct Pinned {
    /// Its number.
    pub no: i64,
    /// Its rules and settings.
    pub rules: Compiled,
}

/// What every step stands on.
#[derive(Debug)]
pub struct Context {
    /// The ledger.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    node: String,
    leases: Mutex<HashMap<String, Lease>>,
    pub(super) sharing: Sharing,
    compiled: Mutex<HashMap<i64, Arc<Pinned>>>,
    pub(super) journaling: Option<Journaling>,
    checkpoints: Option<PathBuf>,
    pub(super) queues: Queues,
    in_force: InForce,
    fit: OnceLock<Fit>,
    crosswalk: Mutex<Arc<Crosswalk>>,
    /// Under which revision and taking of its lease all that stands of a source follows.
    following: Mutex<HashMap<String, (i64, i64)>>,
}

/// A lease is renewed from this long before its end, so that no write of a step finds it run out.
const MARGIN: TimeDelta = TimeDelta::seconds(20);

/// Compiled revisions kept; an older one is compiled again when something pinned to it comes up.
const KEPT: usize = 8;

impl Context {
    /// A context for the node of this name.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, node: &str) -> Self {
        Self {
            store,
            clock,
            node: node.to_owned(),
            leases: Mutex::default(),
            sharing: Sharing::default(),
            compiled: Mutex::default(),
            journaling: None,
            checkpoints: None,
            queues: Queues::default(),
            in_force: InForce::default(),
            fit: OnceLock::new(),
            crosswalk: Mutex::default(),
            following: Mutex::default(),
        }
    }

    /// The same, with every batch in a journal before it is sent.
    #[must_use]
    pub fn with_journal(mut self, journal: Arc<Journal>) -> Self {
        self.journaling = Some(Journaling::new(journal));
        self
    }

    /// The same, with its journal's node's checkpoints in the file at `path`.
    #[must_use]
    pub fn with_checkpoints(mut self, path: PathBuf) -> Self {
        self.checkpoints = Some(path);
        self
    }

    /// The file of this node's checkpoints, where it keeps one.
    #[must_use]
    pub fn checkpoints(&self) -> Option<&Path> {
        self.checkpoints.as_deref()
    }

    /// Has a revision that takes the place of another asked first whether it can work in this process: `fit` says what
    /// keeps it from that. The first one is not asked, since a command needs no more than its own part.
    pub fn fitting(
        &self,
        fit: impl Fn(&Compiled) -> std::result::Result<(), String> + Send + Sync + 'static,
    ) {
        // said once, by who has the adapters
        let _ = self.fit.set(Fit(Box::new(fit)));
    }

    /// What this process works by, for whoever shows it.
    #[must_use]
    pub fn in_force(&self) -> InForce {
        self.in_force.clone()
    }

    /// This node's name.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.node
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The revision to work by: the ledger's active one, unless it cannot be built in this process. Then the one before
    /// stays in force here, until another process works by the new one.
    ///
    /// # Errors
    /// When there is none or it no longer loads; [`StepError::Unfit`] when this process has to stand still.
    pub async fn active(&self) -> Result<Arc<Pinned>> {
        let active = self.store.active_activation().await?.ok_or(StepError::NoRevision)?;
        let before = self.in_force.pinned();
        if let Some(pinned) = before.as_ref().filter(|pinned| pinned.no == active.revision) {
            if self.in_force.unfit().is_some() {
                self.in_force.put(pinned);
            }
            return Ok(Arc::clone(pinned));
        }
        let Some(before) = before else {
            let pinned = self.numbered(active.revision).await?;
            self.in_force.put(&pinned);
            return Ok(pinned);
        };
        match self.fitted(&active).await? {
            Ok(pinned) => {
                tracing::info!(revision = pinned.no, "works by another configuration from now on");
                self.in_force.put(&pinned);
                Ok(pinned)
            }
            Err(why) => self.stay(before, &active, why),
        }
    }

    /// The revision of an activation, if it can be built here; else why not.
    async fn fitted(&self, active: &Activation) -> Result<std::result::Result<Arc<Pinned>, String>> {
        if let Some(unfit) = self.in_force.refused_lately(active.revision, self.now()) {
            return Ok(Err(unfit.why));
        }
        match self.numbered(active.revision).await {
            Ok(pinned) => {
                let fits = self.fit.get().map_or(Ok(()), |Fit(fit)| fit(&pinned.rules));
                Ok(fits.map(|()| pinned))
            }
            Err(StepError::Store(error)) => Err(error.into()),
            Err(error) => Ok(Err(error.to_string())),
        }
    }

    fn stay(&self, before: Arc<Pinned>, active: &Activation, why: String) -> Result<Arc<Pinned>> {
        let (no, is_idle) = (active.revision, active.served.is_some());
        let tried = self.in_force.refused_lately(no, self.now());
        let at = tried.map_or_else(|| self.now(), |unfit| unfit.at);
        if self.in_force.refuse(Unfit { no, why: why.clone(), at, is_idle }) {
            tracing::error!(
                revision = no,
                stays = before.no,
                why,
                "the active configuration does not work here"
            );
        }
        if is_idle { Err(StepError::Unfit(no, why)) } else { Ok(before) }
    }

    /// The revision of a number, compiled once.
    ///
    /// # Errors
    /// When there is none or it no longer loads.
    pub async fn numbered(&self, no: i64) -> Result<Arc<Pinned>> {
        let known = self.compiled.lock().unwrap_or_else(PoisonError::into_inner).get(&no).map(Arc::clone);
        if let Some(pinned) = known {
            return Ok(pinned);
        }
        let pinned = Arc::new(Pinned { no, rules: self.load(no).await? });
        let mut compiled = self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if compiled.len() >= KEPT {
            compiled.clear();
        }
        compiled.insert(no, Arc::clone(&pinned));
        Ok(pinned)
    }

    /// The identifiers that stand now, read once for each number of the roster: some hundred bytes each.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn crosswalk(&self) -> Result<Arc<Crosswalk>> {
        let number = self.store.roster_number().await?;
        let known = Arc::clone(&self.crosswalk.lock().unwrap_or_else(PoisonError::into_inner));
        if known.number == number {
            return Ok(known);
        }
        let read = Arc::new(self.store.crosswalk(number).await?);
        *self.crosswalk.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&read);
        Ok(read)
    }

    /// Whether all that stands of a source follows already, under this revision and taking of its lease.
    pub(super) fn is_following(&self, source: &str, under: (i64, i64)) -> bool {
        let following = self.following.lock().unwrap_or_else(PoisonError::into_inner);
        following.get(source) == Some(&under)
    }

    /// Nobody knows any more what of a source follows.
    pub(super) fn follows_no_more(&self, source: &str) {
        let mut following = self.following.lock().unwrap_or_else(PoisonError::into_inner);
        following.remove(source);
    }

    /// All that stands of a source follows.
    pub(super) fn follows(&self, source: &str, under: (i64, i64)) {
        let mut following = self.following.lock().unwrap_or_else(PoisonError::into_inner);
        following.insert(source.to_owned(), under);
    }

    async fn load(&self, no: i64) -> Result<Compiled> {
        let stored = self.store.revision(no).await?;
        let revision = Revision::from_bytes(&stored.files)
            .map_err(|error| StepError::Revision(no, error.to_string()))?;
        let (compiled, problems) = crate::config::compile(revision);
        compiled.ok_or_else(|| {
            let first = problems.iter().find(|problem| problem.severity == mappings::Severity::Error);
            let first = first.map(ToString::to_string).unwrap_or_default();
            StepError::Revision(no, first)
        })
    }

    /// This node's lease on `name`, to last a step whose exchange may take `work`; or who has it. One that is held already
    /// is renewed as it is, even run out, as long as nobody else has taken it: only a taking is a takeover.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lease(&self, name: &str, work: TimeDelta) -> Result<std::result::Result<Lease, Step>> {
        let now = self.now();
        if let Some(elsewhere) = self.leaves(name, now).await? {
            return Ok(Err(elsewhere));
        }
        let lasts = LEASE.max(work + MARGIN);
        let held = self.leases.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        if let Some(held) = held {
            let lease = held.extended(now, lasts);
            if held.until - now > work.max(MARGIN) {
                return Ok(Ok(lease));
            }
            if self.store.renew(&lease).await? {
                self.keep(&lease);
                return Ok(Ok(lease));
            }
        }
        if let Some(lease) = self.store.lease(name, &self.node, now, lasts).await? {
            self.keep(&lease);
            return Ok(Ok(lease));
        }
        let (holder, until) = self.store.holder(name, now).await?.unwrap_or_default();
        Ok(Err(Step::Elsewhere(holder, until)))
    }

    /// A lease as a write of now extends it, for work of so long after it.
    #[must_use]
    pub fn prolonged(&self, lease: &Lease, work: TimeDelta) -> Lease {
        lease.extended(self.now(), LEASE.max(work + MARGIN))
    }

    /// Renews a lease that must still be ours, for work of so long after it.
    ///
    /// # Errors
    /// [`StoreError::LostLease`] when another has taken it.
    pub(super) async fn renewed(&self, lease: &Lease, work: TimeDelta) -> Result<()> {
        let lease = self.prolonged(lease, work);
        if !self.store.renew(&lease).await? {
            return Err(StoreError::LostLease(lease.name).into());
        }
        self.keep(&lease);
        Ok(())
    }

    /// Sees to it that a lease of ours lasts for work of so long: renews it only where too little of it is left.
    ///
    /// # Errors
    /// As [`Context::renewed`].
    pub(super) async fn holds(&self, lease: &Lease, work: TimeDelta) -> Result<()> {
        let last = self.now() + work;
        let held = self.leases.lock().unwrap_or_else(PoisonError::into_inner).get(&lease.name).cloned();
        if held.is_some_and(|held| held.epoch == lease.epoch && held.until > last) {
            return Ok(());
        }
        self.renewed(lease, work).await
    }

    /// The leases this node holds now, those that are not spread apart.
    pub(super) fn held(&self, now: DateTime<Utc>) -> Vec<String> {
        let leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
        let held = leases.values().filter(|lease| lease.until > now && is_spread(&lease.name));
        held.map(|lease| lease.name.clone()).collect()
    }

    /// Forgets a lease that is held.
    pub(super) fn forget(&self, name: &str) -> Option<Lease> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner).remove(name)
    }

    /// Remembers a lease as it stands after a commit that extended it.
    pub fn keep(&self, lease: &Lease) {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner).insert(lease.name.clone(), lease.clone());
    }

    /// Passes a step's result on. A lease that its write found lost is forgotten, so that the next step asks again; rows
    /// that moved under it are no failure: it committed nothing, and the next step reads them as they are.
    pub(super) fn noting(&self, result: Result<Step>) -> Result<Step> {
        match result {
            Err(StepError::Store(StoreError::LostLease(name))) => {
                self.leases.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
                Err(StoreError::LostLease(name).into())
            }
            Err(StepError::Store(StoreError::Moved(what))) => {
                tracing::debug!(what, "rows moved, the step is made again");
                Ok(Step::Did(0))
            }
            other => other,
        }
    }
}
