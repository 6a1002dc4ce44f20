//! Three reconcilers: pull, refine, forward; and a fourth beside them, look-alikes. Each looks at the database, does a bounded amount of work, commits
//! and says what it did; none takes any other input, so a crash anywhere is the same as a pause.
//! Sees adapters only as their traits; leaves tables to `store` and timing to `scheduler`.

pub mod activate;
mod against;
mod checkpoint;
mod context;
mod deep;
pub mod explain;
pub(crate) mod file;
pub mod fixes;
#[cfg(fuzzing)]
pub use file::door::{Placed, placed};
pub mod forward;
mod in_force;
pub mod inbox;
pub mod inspect;
mod journal;
pub mod judge;
pub mod look_alikes;
mod one_field;
pub mod owners;
pub mod pull;
mod reading;
mod receipt;
mod recover;
pub mod refine;
pub mod rejections;
pub mod retain;
mod retire;
pub mod room;
mod sharing;
pub mod take;
mod wish;

pub use against::{Against, Apart, against};
pub use checkpoint::checkpoint;
pub use context::{Context, Pinned};
pub use deep::{Damaged, Deep, Difference, deep};
pub use in_force::{InForce, Unfit};
pub use journal::Older;
pub use one_field::{OneField, one_field};
pub use recover::{Recovered, Restored, recover, restored};

use chrono::{DateTime, Utc};

use crate::store::StoreError;

/// What one step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It committed; there may be more to do. Records it handled.
    Did(u64),
    /// Nothing to do.
    Idle,
    /// Nothing to do before this moment: something failed and is to be tried again then.
    Later(DateTime<Utc>),
    /// More to do, but our own limit allows it only from this moment.
    Paced(DateTime<Utc>),
    /// The other system failed; committed as such, to be tried again by itself or at the next run.
    Failed(String),
    /// Another replica works on this until then.
    Elsewhere(String, DateTime<Utc>),
}

/// Why a step could not be made.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The ledger failed: nothing of this step was committed, or all of it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no configuration to work by.
    #[error("还没有启用过任何配置")]
    NoRevision,
    /// The stored configuration no longer loads.
    #[error("第 {0} 号配置无法载入：{1}")]
    Revision(i64, String),
    /// Others work by a configuration that cannot be built here: this process stands still.
    #[error("别的节点已按第 {0} 号配置运行，本节点用不了它，所以停着：{1}")]
    Unfit(i64, String),
    /// The configuration lacks something this step needs.
    #[error("{0}")]
    Config(String),
    /// The files of the proof could not be written or read: what they were to say was not done.
    #[error(transparent)]
    Proof(#[from] crate::proof::ProofError),
}

/// Shorthand of this module.
pub type Result<T> = std::result::Result<T, StepError>;
