//! When to try again: a schedule of waits whose last step repeats. Waiting is never for ever, giving up never automatic.

use std::time::Duration;

use chrono::TimeDelta;

/// Waits after the first, second, … failure in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule<'a>(&'a [Duration]);

impl<'a> Schedule<'a> {
    /// For reading a source.
    pub const PULL: Schedule<'static> = Schedule(&[
        Duration::from_secs(10),
        Duration::from_mins(1),
        Duration::from_mins(5),
        Duration::from_mins(30),
    ]);

    /// A schedule of the configuration; empty means one minute.
    #[must_use]
    pub const fn of(waits: &'a [Duration]) -> Self {
        Self(waits)
    }

    /// The wait after `failures` failures in a row, counted from 1.
    #[must_use]
    pub fn wait(&self, failures: u32) -> TimeDelta {
        let step = usize::try_from(failures.max(1) - 1).unwrap_or(usize::MAX);
        let wait = self.0.get(step).or(self.0.last()).copied();
        delta(wait.unwrap_or(Duration::from_mins(1)))
    }
}

/// A wait as the calendar counts it; longer than it can count is its longest.
#[must_use]
pub fn delta(wait: Duration) -> TimeDelta {
    TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(365))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_repeats() {
        let waits = [Duration::from_secs(1), Duration::from_secs(5)];
        let schedule = Schedule::of(&waits);
        let seconds: Vec<i64> =
            [0, 1, 2, 3, u32::MAX].iter().map(|n| schedule.wait(*n).num_seconds()).collect();
        assert_eq!(seconds, [1, 1, 5, 5, 5]);
    }

    #[test]
    fn an_empty_schedule_still_waits() {
        assert_eq!(Schedule::of(&[]).wait(1).num_seconds(), 60);
    }
}
