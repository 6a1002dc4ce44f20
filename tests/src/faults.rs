//! The fault switch: one count over all boundaries of a world (commits, requests to sources, deliveries), and one of
//! them broken. `Before`: it fails and did not happen; `After`: it happened and is reported failed.

use std::sync::{Arc, Mutex, PoisonError};

use adapters::{
    AdapterError, Answer, Ask, Batch, Certainty, Destination, EncodeError, Page, Payload, Receipt, Source,
    WireRecord,
};
use chrono::{DateTime, Utc};
use gateway::store::{Switch, Trip};

/// Breaks the `n`-th boundary once; clones share one count.
#[derive(Debug, Clone, Default)]
pub struct Breaker(Arc<Mutex<Count>>);

#[derive(Debug, Default)]
struct Count {
    passed: u64,
    target: Option<(u64, bool)>,
    broken: Option<&'static str>,
}

impl Breaker {
    /// A switch that breaks nothing and counts.
    #[must_use]
    pub fn counting() -> Self {
        Self::default()
    }

    /// Starts the count anew; the `n`-th boundary from here (from 1) breaks, after it happened if `after`.
    pub fn arm(&self, n: u64, after: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Count { passed: 0, target: Some((n, after)), broken: None };
    }

    /// Boundaries passed since the count began.
    #[must_use]
    pub fn passed(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).passed
    }

    /// The boundary that was broken, if it was reached.
    #[must_use]
    pub fn broken(&self) -> Option<&'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).broken
    }
}

impl Switch for Breaker {
    fn trip(&self, point: &'static str) -> Trip {
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        count.passed += 1;
        match count.target {
            Some((n, after)) if n == count.passed => {
                count.broken = Some(point);
                if after { Trip::After } else { Trip::Before }
            }
            _ => Trip::Pass,
        }
    }
}

/// A source whose requests and notices of landing are boundaries.
#[derive(Debug, Clone)]
pub struct FaultySource<S> {
    inner: S,
    breaker: Breaker,
}

/// A destination whose deliveries are boundaries.
#[derive(Debug, Clone)]
pub struct FaultyDestination<D> {
    inner: D,
    breaker: Breaker,
}

impl<S> FaultySource<S> {
    /// `inner` behind the switch.
    pub const fn new(inner: S, breaker: Breaker) -> Self {
        Self { inner, breaker }
    }
}

impl<D> FaultyDestination<D> {
    /// `inner` behind the switch.
    pub const fn new(inner: D, breaker: Breaker) -> Self {
        Self { inner, breaker }
    }
}

impl<S: Source + Sync> Source for FaultySource<S> {
    async fn fetch(&self, ask: &Ask) -> Result<Page, AdapterError> {
        match self.breaker.trip("fetch") {
            Trip::Pass => self.inner.fetch(ask).await,
            Trip::Before => Err(AdapterError::remote("故障开关：没有请求", Certainty::NotReceived)),
            Trip::After => {
                let _unseen = self.inner.fetch(ask).await;
                Err(AdapterError::remote("故障开关：应答丢了", Certainty::Unknown))
            }
        }
    }

    async fn landed(&self, page: &Page) -> Result<(), AdapterError> {
        match self.breaker.trip("landed") {
            Trip::Pass => self.inner.landed(page).await,
            Trip::Before => Err(AdapterError::remote("故障开关：没有告知", Certainty::NotReceived)),
            Trip::After => {
                self.inner.landed(page).await?;
                Err(AdapterError::remote("故障开关：告知后断线", Certainty::Unknown))
            }
        }
    }
}

impl<D: Destination + Sync> Destination for FaultyDestination<D> {
    fn encode(&self, records: &[WireRecord]) -> Result<Payload, EncodeError> {
        self.inner.encode(records)
    }

    async fn deliver(&self, batch: &Batch<'_>) -> Result<Answer, AdapterError> {
        match self.breaker.trip("deliver") {
            Trip::Pass => self.inner.deliver(batch).await,
            Trip::Before => Err(AdapterError::remote("故障开关：没有发出", Certainty::NotReceived)),
            Trip::After => {
                let _unseen = self.inner.deliver(batch).await;
                Err(AdapterError::remote("故障开关：应答丢了", Certainty::Unknown))
            }
        }
    }

    fn read(&self, batch: &Batch<'_>, answer: &Answer) -> Receipt {
        self.inner.read(batch, answer)
    }

    fn remember_sent(&self, last: DateTime<Utc>) {
        self.inner.remember_sent(last);
    }
}
