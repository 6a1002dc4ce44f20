//! When a schedule's runs begin: each firing, put off by a little so that a province's parks do not all call at two; and which of
//! those that nobody was there for are still made. Leaves the crontab to [`super::dialect`] and the asking to the timetable.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::dialect::Schedule;

/// Longest that a run may be put off, in seconds.
pub const LONGEST_JITTER_S: u32 = 6 * 3_600;

/// A run that could not begin within so long of its moment was missed.
pub const PUNCTUAL: TimeDelta = TimeDelta::minutes(10);

/// Runs missed longer ago are made up for by none.
pub const FORGOTTEN: TimeDelta = TimeDelta::days(31);

/// A run was never for a moment this far ahead: two nodes' clocks may differ by twice as much as each may be off.
const AHEAD: TimeDelta = TimeDelta::seconds(10);

/// What becomes of runs that nobody was there for: the hub was down, or a run before them took longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missed {
    /// None of them is made; the next is the next.
    Skip,
    /// However many, one is made, at once.
    #[default]
    Once,
    /// Each is made, one after the other, the oldest first, as far back as [`FORGOTTEN`].
    Each,
}

/// How a source's schedules are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Keeping {
    /// Runs are put off by up to so many seconds.
    pub jitter_s: u32,
    /// What becomes of runs missed.
    pub missed: Missed,
}

/// What a schedule says now. The moment is the firing's, as the crontab has it, whenever its run begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Nothing is to be done.
    No,
    /// A run for this firing.
    Run(DateTime<Utc>),
    /// This firing, and those before it, were missed and are not made up for.
    Passed(DateTime<Utc>),
}

/// One schedule of one source.
#[derive(Debug, Clone, Copy)]
pub struct Runs<'a> {
    /// The crontab line.
    pub schedule: &'a Schedule,
    /// How it is kept.
    pub keeping: Keeping,
    /// Whose it is: two names are put off by different times.
    pub name: &'a str,
}

impl Runs<'_> {
    /// What is to be done, when the last run was for the firing at `last`; none: there never was one, and one is due.
    #[must_use]
    pub fn due(&self, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Due {
        // a last run in the future was made by a clock that has been set right since
        let Some(last) = last.filter(|last| *last <= now + AHEAD) else { return Due::Run(now) };
        let Some(newest) = self.begun(now).filter(|fired| *fired > last) else { return Due::No };
        match self.keeping.missed {
            Missed::Skip if now - self.begins(newest) > PUNCTUAL => Due::Passed(newest),
            Missed::Once | Missed::Skip => Due::Run(newest),
            Missed::Each => {
                let oldest = self.schedule.next_after(last.max(now - FORGOTTEN));
                Due::Run(oldest.map_or(newest, |oldest| oldest.min(newest)))
            }
        }
    }

    /// When the next run begins.
    #[must_use]
    pub fn next_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let fired = self.fired(now, |_| true).map(|fired| self.begins(fired)).filter(|begins| *begins > now);
        fired.or_else(|| self.schedule.next_after(now).map(|fires| self.begins(fires)))
    }

    /// When the next `count` runs begin.
    #[must_use]
    pub fn upcoming(&self, now: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        std::iter::successors(self.next_after(now), |last| self.next_after(*last)).take(count).collect()
    }

    /// When the run of a firing begins: always at the same moment, and before the next firing.
    fn begins(&self, fires: DateTime<Utc>) -> DateTime<Utc> {
        let room = self.schedule.next_after(fires).map_or(i64::MAX, |next| (next - fires).num_seconds());
        let most = u64::try_from(i64::from(self.keeping.jitter_s).min(room - 1)).unwrap_or_default();
        let digest = Sha256::digest(format!("{} {}", self.name, fires.timestamp()));
        let dice = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let off = i64::try_from(dice % (most + 1)).unwrap_or_default();
        fires + TimeDelta::seconds(off)
    }

    /// The newest firing whose run has begun by `now`.
    fn begun(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.fired(now, |fired| self.begins(fired) <= now)
    }

    /// The newest firing up to `now` of which `holds` is true. A crontab counts forwards only, so ever longer stretches before
    /// `now` are looked through: some sixty firings each, or what a line crowds into one day.
    fn fired(&self, now: DateTime<Utc>, holds: impl Fn(DateTime<Utc>) -> bool) -> Option<DateTime<Utc>> {
        STRETCHES.iter().find_map(|stretch| {
            self.schedule
                .firings(now - *stretch)
                .take_while(|fired| *fired <= now)
                .filter(|fired| holds(*fired))
                .last()
        })
    }
}

const STRETCHES: [TimeDelta; 5] = [
    TimeDelta::minutes(1),
    TimeDelta::hours(1),
    TimeDelta::days(1),
    TimeDelta::days(32),
    TimeDelta::days(5 * 366),
];

#[cfg(test)]
mod tests;
