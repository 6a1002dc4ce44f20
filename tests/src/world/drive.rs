//! Driving a world: the reconcilers in turn until nothing is left to do now or later, in a bounded number of rounds.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use gateway::pipeline::{Context, Pinned, Step, activate::activate};

use super::{Stepped, World, is_fault};
use crate::Files;

/// Rounds after which a world that is still busy is ill.
const ROUNDS: usize = 3_000;

/// How a run came to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// Steps that committed something.
    pub did: u64,
    /// What the other systems did wrong, in order.
    pub failed: Vec<String>,
    /// Steps the fault switch broke.
    pub faults: u64,
}

/// One step's share in a round.
enum Share {
    Did,
    Idle,
    Later(DateTime<Utc>),
}

impl World {
    /// Reads every source once and runs all reconcilers until none has anything to do.
    pub async fn run(&mut self) -> Ended {
        let names: Vec<String> = self.sources.keys().cloned().collect();
        let mut faults = 0;
        for name in names {
            while let Err(error) = self.ask(&name).await {
                assert!(is_fault(&error), "{error}");
                faults += 1;
            }
        }
        let mut ended = self.until_idle().await;
        ended.faults += faults;
        ended
    }

    /// Runs all reconcilers until none has anything to do, moving the clock where they say later.
    pub async fn until_idle(&mut self) -> Ended {
        let mut ended = Ended::default();
        for _ in 0..ROUNDS {
            let faults = ended.faults;
            let share = self.round(&mut ended).await;
            if self.restarts && ended.faults > faults {
                self.restart();
            }
            match share {
                Share::Did => {}
                Share::Idle => return ended,
                Share::Later(moment) => {
                    self.clock.advance((moment - self.context.now()).max(TimeDelta::milliseconds(1)));
                }
            }
        }
        panic!("not idle after {ROUNDS} rounds; last: {:?}", ended.failed.last());
    }

    async fn round(&self, ended: &mut Ended) -> Share {
        let mut all = Share::Idle;
        for source in self.pinned.rules.sources.iter().map(|source| source.name.as_str()) {
            all = all.and(note(self.pull(source).await, ended));
            all = all.and(note(self.refine(source).await, ended));
        }
        all = all.and(note(self.look_alikes().await, ended));
        for destination in &self.pinned.rules.destinations {
            all = all.and(note(self.forward(&destination.name).await, ended));
        }
        all
    }

    /// Lands everything a source has without judging it.
    pub async fn land_all(&self, source: &str) -> Ended {
        self.ask(source).await.unwrap();
        self.repeat(async || self.pull(source).await).await
    }

    /// Judges everything landed from a source.
    pub async fn refine_all(&self, source: &str) -> Ended {
        self.repeat(async || self.refine(source).await).await
    }

    /// Sends everything due at a destination.
    pub async fn forward_all(&self, destination: &str) -> Ended {
        self.repeat(async || self.forward(destination).await).await
    }

    async fn repeat(&self, step: impl AsyncFn() -> Stepped) -> Ended {
        let mut ended = Ended::default();
        for _ in 0..ROUNDS {
            match note(step().await, &mut ended) {
                Share::Did => {}
                Share::Idle => return ended,
                Share::Later(moment) => self.clock.advance(moment - self.context.now()),
            }
        }
        panic!("not idle after {ROUNDS} steps; last: {:?}", ended.failed.last());
    }
}

impl Share {
    /// What two shares come to: work first, then the earlier moment.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Did, _) | (_, Self::Did) => Self::Did,
            (Self::Later(a), Self::Later(b)) => Self::Later(a.min(b)),
            (Self::Later(a), Self::Idle) | (Self::Idle, Self::Later(a)) => Self::Later(a),
            (Self::Idle, Self::Idle) => Self::Idle,
        }
    }
}

fn note(stepped: Stepped, ended: &mut Ended) -> Share {
    match stepped {
        Ok(Step::Did(_)) => ended.did += 1,
        Ok(Step::Failed(what)) => ended.failed.push(what),
        Ok(Step::Idle) => return Share::Idle,
        Ok(Step::Later(moment) | Step::Paced(moment) | Step::Elsewhere(_, moment)) => {
            return Share::Later(moment);
        }
        Err(error) if is_fault(&error) => ended.faults += 1,
        Err(error) => panic!("a step could not be made: {error}"),
    }
    Share::Did
}

/// Makes files the active revision, again where the fault switch broke it.
pub(super) async fn activated(context: &Context, files: &Files) -> Arc<Pinned> {
    let revision = files.revision();
    for _ in 0..3 {
        match activate(context, &revision, "测试").await {
            Ok(pinned) => return pinned,
            Err(error) => assert!(is_fault(&error), "{error}"),
        }
    }
    panic!("the fault switch breaks once");
}
