//! For what waits by itself: a clock that begins where a test says and then runs as the machine's, and waiting for a
//! condition with an end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use adapters::Clock;
use chrono::{DateTime, TimeDelta, Utc};

/// A clock that begins at a chosen moment and runs.
#[derive(Debug, Clone, Copy)]
pub struct RunningClock {
    start: DateTime<Utc>,
    begun: Instant,
}

impl RunningClock {
    /// A clock that shows `start` now.
    #[must_use]
    pub fn starting(start: DateTime<Utc>) -> Self {
        Self { start, begun: Instant::now() }
    }
}

impl Clock for RunningClock {
    fn now(&self) -> DateTime<Utc> {
        self.start + TimeDelta::from_std(self.begun.elapsed()).unwrap_or_default()
    }
}

/// A running clock that is set forward or back while it runs; clones are the same clock.
#[derive(Debug, Clone)]
pub struct JumpingClock {
    runs: RunningClock,
    off_ms: Arc<AtomicI64>,
}

impl JumpingClock {
    /// A clock that shows `start` now.
    #[must_use]
    pub fn starting(start: DateTime<Utc>) -> Self {
        Self { runs: RunningClock::starting(start), off_ms: Arc::default() }
    }

    /// Sets it forward, or back.
    pub fn jump(&self, by: TimeDelta) {
        self.off_ms.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for JumpingClock {
    fn now(&self) -> DateTime<Utc> {
        self.runs.now() + TimeDelta::milliseconds(self.off_ms.load(Ordering::SeqCst))
    }
}

/// Asks until the answer is yes, at most for two minutes.
pub async fn until(what: &str, yes: impl AsyncFn() -> bool) {
    let patience = Instant::now() + Duration::from_mins(2);
    let mut again = tokio::time::interval(Duration::from_millis(20));
    while !yes().await {
        assert!(Instant::now() < patience, "never came about: {what}");
        again.tick().await;
    }
}
