//! The revision this process works by: the ledger's active one as soon as it can be built here, until then the one before.
//! Leaves reading the ledger to `context`, and what it takes to build one to whoever has the adapters.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use super::Pinned;
use crate::config::Compiled;

/// How long a revision that cannot be built here is left alone before it is tried again: a file may have come.
const AGAIN: TimeDelta = TimeDelta::seconds(10);

/// The revision this process works by; clones share it.
#[derive(Debug, Clone, Default)]
pub struct InForce(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    pinned: Option<Arc<Pinned>>,
    unfit: Option<Unfit>,
}

/// The active revision, where it cannot be built in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// Its number.
    pub no: i64,
    /// Why, in words.
    pub why: String,
    /// When it was tried last.
    pub at: DateTime<Utc>,
    /// Whether another process works by it already: then this one stands still, or the two would undo each other's work.
    pub is_idle: bool,
}

impl std::fmt::Display for Unfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { no, why, is_idle, .. } = self;
        let so = if *is_idle {
            "别的节点已按它运行，本节点停着"
        } else {
            "仍按原来的配置运行"
        };
        write!(f, "第 {no} 号配置在本节点用不了，{so}：{why}")
    }
}

/// Says what keeps a revision from working in this process.
pub(super) struct Fit(pub(super) Box<Keeping>);

/// What keeps a revision from working here, in words.
type Keeping = dyn Fn(&Compiled) -> Result<(), String> + Send + Sync;

impl std::fmt::Debug for Fit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fit").finish_non_exhaustive()
    }
}

impl InForce {
    /// One that is in force whatever the ledger says.
    #[must_use]
    pub fn of(pinned: Arc<Pinned>) -> Self {
        Self(Arc::new(Mutex::new(State { pinned: Some(pinned), unfit: None })))
    }

    /// What this process works by; none before its first step.
    #[must_use]
    pub fn pinned(&self) -> Option<Arc<Pinned>> {
        self.lock().pinned.clone()
    }

    /// Why this process does not work by the active revision, where it does not.
    #[must_use]
    pub fn unfit(&self) -> Option<Unfit> {
        self.lock().unfit.clone()
    }

    pub(super) fn put(&self, pinned: &Arc<Pinned>) {
        *self.lock() = State { pinned: Some(Arc::clone(pinned)), unfit: None };
    }

    /// Notes that the active revision cannot be built here; true when that is news.
    pub(super) fn refuse(&self, unfit: Unfit) -> bool {
        let mut state = self.lock();
        let known = state.unfit.as_ref().is_some_and(|known| known.no == unfit.no && known.why == unfit.why);
        state.unfit = Some(unfit);
        !known
    }

    /// Whether a revision was found unfit a moment ago.
    pub(super) fn refused_lately(&self, no: i64, now: DateTime<Utc>) -> Option<Unfit> {
        self.unfit().filter(|unfit| unfit.no == no && now - unfit.at < AGAIN)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
