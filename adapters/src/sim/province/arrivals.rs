//! When requests arrived: the most in any one second, to check a sender's rate by.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

/// Arrival times of the last second and the most there ever were.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    last_second: VecDeque<DateTime<Utc>>,
    pub(super) most: usize,
}

impl Arrivals {
    /// Counts one arrival.
    pub(super) fn at(&mut self, now: DateTime<Utc>) {
        self.last_second.retain(|earlier| now - *earlier < TimeDelta::seconds(1));
        self.last_second.push_back(now);
        self.most = self.most.max(self.last_second.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_second_counts_wherever_it_begins() {
        let mut arrivals = Arrivals::default();
        let mut most = Vec::new();
        for ms in [0, 900, 1_000, 1_100, 1_899, 1_900, 5_000] {
            arrivals.at(DateTime::from_timestamp_millis(ms).unwrap());
            most.push(arrivals.most);
        }
        assert_eq!(most, [1, 2, 2, 3, 4, 4, 4]);
    }
}
