//! Requests per second: one limiter per host, shaped to burst 1, on our own clock. It never waits, it says how long to.
//! Leaves the waiting to the caller, and what the last request was before a restart to who remembers it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use governor::{
    Quota, RateLimiter,
    clock::{self as ticks, Reference as _},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{InMemoryState, NotKeyed},
};

use crate::{clock::Clock, error::AdapterError};

type Limiter = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Nanos>>;

/// Lets one request through every `1 / rate` seconds.
/// In any window `w` at most `rate × w + 1` pass (measured: governor's default burst lets 19 through at 10/s).
#[derive(Debug)]
pub struct Pace {
    ticks: Ticks,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    limiter: Limiter,
    period: Duration,
    /// Set by a request we know of from before this limiter existed.
    not_before: Nanos,
    last: Option<Nanos>,
}

impl Pace {
    /// `rate` requests a second, e.g. 0.5; `last`: the moment of the last request known, e.g. before a restart.
    ///
    /// # Errors
    /// A configuration error when the rate is not above 0 and at most 1,000,000.
    pub fn new(clock: Arc<dyn Clock>, rate: f64, last: Option<DateTime<Utc>>) -> Result<Self, AdapterError> {
        let (period, quota) = quota(rate)?;
        let ticks = Ticks::starting(clock);
        let limiter = RateLimiter::direct_with_clock(quota, ticks.clone());
        let state = State { limiter, period, not_before: Nanos::new(0), last: None };
        let pace = Self { ticks, state: Mutex::new(state) };
        if let Some(last) = last {
            pace.remember(last);
        }
        Ok(pace)
    }

    /// Takes the next place.
    ///
    /// # Errors
    /// How long to wait before asking again; no place was taken.
    pub fn check(&self) -> Result<(), Duration> {
        let now = self.ticks.tick();
        let mut state = self.lock();
        if now < state.not_before {
            return Err(state.not_before.duration_since(now).into());
        }
        state.limiter.check().map_err(|early| early.wait_time_from(now))?;
        state.last = Some(now);
        Ok(())
    }

    /// Counts a request that somebody else made at `last`: the next passes one period later.
    pub fn remember(&self, last: DateTime<Utc>) {
        let now = self.ticks.tick();
        let age = (self.ticks.clock.now() - last).to_std().unwrap_or_default();
        let mut state = self.lock();
        let wait = state.period.saturating_sub(age);
        state.not_before = state.not_before.max(now + wait);
    }

    /// Lets nothing pass for so long from now.
    pub fn rest(&self, wait: Duration) {
        let now = self.ticks.tick();
        let mut state = self.lock();
        state.not_before = state.not_before.max(now + Nanos::from(wait));
    }

    /// Lowers the rate to `rate` where it is higher now; what has passed already counts.
    ///
    /// # Errors
    /// As [`Pace::new`].
    pub fn slow_to(&self, rate: f64) -> Result<(), AdapterError> {
        self.change(rate, |new, old| new > old)
    }

    /// Makes `rate` the rate, higher or lower; what has passed already counts.
    ///
    /// # Errors
    /// As [`Pace::new`].
    pub fn change_to(&self, rate: f64) -> Result<(), AdapterError> {
        self.change(rate, |new, old| new != old)
    }

    fn change(&self, rate: f64, wanted: impl Fn(Duration, Duration) -> bool) -> Result<(), AdapterError> {
        let (period, quota) = quota(rate)?;
        let mut state = self.lock();
        if wanted(period, state.period) {
            state.limiter = RateLimiter::direct_with_clock(quota, self.ticks.clone());
            state.period = period;
            if let Some(last) = state.last {
                state.not_before = state.not_before.max(last + period);
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a rate can be kept.
///
/// # Errors
/// As [`Pace::new`].
pub(crate) fn check_rate(rate: f64) -> Result<(), AdapterError> {
    quota(rate).map(|_| ())
}

fn quota(rate: f64) -> Result<(Duration, Quota), AdapterError> {
    let wrong = || AdapterError::config(format!("requests_per_s = {rate} 不对：应大于 0，最多 1000000"));
    if !(rate > 0.0 && rate <= 1e6) {
        return Err(wrong());
    }
    let period = Duration::try_from_secs_f64(1.0 / rate).map_err(|_| wrong())?.min(LONGEST_PERIOD);
    Quota::with_period(period).map(|quota| (period, quota)).ok_or_else(wrong)
}

/// Slower than one request a month is as good as none.
const LONGEST_PERIOD: Duration = Duration::from_hours(24 * 31);

/// Records a minute: who got `n` of them asks or sends again after the time that `n` take. So in any window `w` at most
/// `rate × w` records pass, and those of one exchange.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Records(f64);

/// However many records came at once, their wait is no longer.
const LONGEST_REST: Duration = Duration::from_hours(24);

impl Records {
    /// `rate` records a minute.
    ///
    /// # Errors
    /// A configuration error when the rate is not at least 1 and at most 60,000,000.
    pub fn new(rate: f64) -> Result<Self, AdapterError> {
        let wrong = || AdapterError::config(format!("records_per_min = {rate} 不对：至少 1，最多 60000000"));
        if (1.0..=6e7).contains(&rate) { Ok(Self(rate)) } else { Err(wrong()) }
    }

    /// How long `n` records take.
    #[must_use]
    pub fn take(self, n: u64) -> Duration {
        let n = f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        Duration::try_from_secs_f64(n * 60.0 / self.0).unwrap_or(LONGEST_REST).min(LONGEST_REST)
    }
}

/// Our clock as governor wants it: nanoseconds that never run backwards. A clock put back stands still here until the
/// next tick forward, so that nobody waits an hour because the machine's time was corrected by one.
#[derive(Debug, Clone)]
struct Ticks {
    clock: Arc<dyn Clock>,
    seen: Arc<Mutex<DateTime<Utc>>>,
    passed_ns: Arc<AtomicU64>,
}

impl Ticks {
    fn starting(clock: Arc<dyn Clock>) -> Self {
        let now = clock.now();
        Self { clock, seen: Arc::new(Mutex::new(now)), passed_ns: Arc::new(AtomicU64::new(0)) }
    }

    fn tick(&self) -> Nanos {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let step = (now - *seen).to_std().unwrap_or_default();
        *seen = now;
        let step = u64::try_from(step.as_nanos()).unwrap_or_default();
        Nanos::new(self.passed_ns.fetch_add(step, Ordering::SeqCst).saturating_add(step))
    }
}

impl ticks::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.tick()
    }
}

/// One limiter per host, shared by all sources of a process.
#[derive(Debug, Clone)]
pub struct Hosts {
    clock: Arc<dyn Clock>,
    paces: Arc<Mutex<BTreeMap<String, Arc<Pace>>>>,
}

impl Hosts {
    /// No host is known yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, paces: Arc::default() }
    }

    /// The limiter of `host`; where several name a rate, the lowest holds for all, from then on.
    ///
    /// # Errors
    /// As [`Pace::new`].
    pub fn pace(&self, host: &str, rate: f64) -> Result<Arc<Pace>, AdapterError> {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pace) = paces.get(host) {
            pace.slow_to(rate)?;
            return Ok(Arc::clone(pace));
        }
        let pace = Arc::new(Pace::new(Arc::clone(&self.clock), rate, None)?);
        paces.insert(host.to_owned(), Arc::clone(&pace));
        Ok(pace)
    }

    /// Makes these the rates of the hosts known here, whatever was named before: another configuration names others.
    /// A host that nobody names any more keeps its rate.
    ///
    /// # Errors
    /// As [`Pace::new`]; the other hosts' rates are changed all the same.
    pub fn change_to(&self, rates: &BTreeMap<String, f64>) -> Result<(), AdapterError> {
        let paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = rates.iter().filter_map(|(host, rate)| Some(paces.get(host)?.change_to(*rate)));
        changed.fold(Ok(()), Result::and)
    }
}

#[cfg(test)]
mod tests;
