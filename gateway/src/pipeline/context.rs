//! What every step stands on: the ledger, the clock, this node's leases and the revisions it has compiled.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use adapters::Clock;
use chrono::{DateTime, TimeDelta, Utc};

use super::{Result, Step, StepError, journal::Journaling, sharing::Sharing};
use crate::{
    config::{Compiled, Revision},
    proof::Journal,
    store::{Lease, Store, StoreError, lease::LEASE},
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
        }
    }

    /// The same, with every batch in a journal before it is sent.
    #[must_use]
    pub fn with_journal(mut self, journal: Arc<Journal>) -> Self {
        self.journaling = Some(Journaling::new(journal));
        self
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

    /// The active revision.
    ///
    /// # Errors
    /// When there is none or it no longer loads.
    pub async fn active(&self) -> Result<Arc<Pinned>> {
        let no = self.store.active_number().await?.ok_or(StepError::NoRevision)?;
        self.numbered(no).await
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

    /// The leases this node holds now, its own name's and the night's apart.
    pub(super) fn held(&self, now: DateTime<Utc>) -> Vec<String> {
        let leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
        let held = leases.values().filter(|lease| lease.until > now && lease.name != "retention");
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
