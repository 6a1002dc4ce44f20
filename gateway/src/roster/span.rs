//! From a day to a day, as moments: what a row of the roster is true of.

use chrono::{DateTime, Days, NaiveDate, TimeZone};
use chrono_tz::Tz;

/// The first moment of the year 1: since ever.
const ALWAYS: i64 = -62_135_596_800_000;
/// The first moment of the year 10000: for ever.
const FOREVER: i64 = 253_402_300_800_000;

/// From its first moment up to the one before `to`, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first moment.
    pub from: i64,
    /// The first moment after.
    pub to: i64,
}

impl Span {
    /// Since ever and for ever.
    pub const EVER: Self = Self { from: ALWAYS, to: FOREVER };

    /// From the beginning of a day to the end of a day, both in `zone`; open where there is none.
    #[must_use]
    pub fn days(from: Option<NaiveDate>, to: Option<NaiveDate>, zone: Tz) -> Self {
        let begins = |day: NaiveDate| {
            let midnight = day.and_hms_opt(0, 0, 0)?;
            Some(zone.from_local_datetime(&midnight).earliest()?.timestamp_millis())
        };
        Self {
            from: from.and_then(begins).unwrap_or(ALWAYS),
            to: to.and_then(|day| begins(day.checked_add_days(Days::new(1))?)).unwrap_or(FOREVER),
        }
    }

    /// Whether a moment lies in it.
    #[must_use]
    pub const fn covers(&self, at: i64) -> bool {
        self.from <= at && at < self.to
    }

    /// Whether both have a moment in common.
    #[must_use]
    pub const fn meets(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to
    }

    /// Whether it ends.
    #[must_use]
    pub const fn ends(&self) -> bool {
        self.to < FOREVER
    }

    /// What is left of it without another: what comes before, what comes after.
    #[must_use]
    pub fn without(&self, other: &Self) -> Vec<Self> {
        if !self.meets(other) {
            return vec![*self];
        }
        let before = Self { from: self.from, to: other.from };
        let after = Self { from: other.to, to: self.to };
        [before, after].into_iter().filter(|left| left.from < left.to).collect()
    }

    /// The same for people: `2024-01-01 起`, `2024-01-01 至 2024-12-31`; nothing where it is open on both sides.
    #[must_use]
    pub fn shown(&self, zone: Tz) -> String {
        let day = |ms| DateTime::from_timestamp_millis(ms).map(|at| at.with_timezone(&zone).date_naive());
        let first = (self.from > ALWAYS).then(|| day(self.from)).flatten();
        let last = self.ends().then(|| day(self.to - 1)).flatten();
        match (first, last) {
            (None, None) => String::new(),
            (Some(first), None) => format!("{first} 起"),
            (None, Some(last)) => format!("至 {last}"),
            (Some(first), Some(last)) => format!("{first} 至 {last}"),
        }
    }
}

/// Spans that meet or touch as one, in order.
#[must_use]
pub fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut all: Vec<Span> = Vec::new();
    for span in spans {
        match all.last_mut() {
            Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
            _ => all.push(span),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: Tz = chrono_tz::Asia::Shanghai;

    fn day(text: &str) -> Option<NaiveDate> {
        text.parse().ok()
    }

    fn ms(text: &str) -> i64 {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    #[test]
    fn the_last_day_belongs_to_it_to_its_end() {
        let span = Span::days(day("2024-01-01"), day("2024-12-31"), ZONE);
        assert!(span.covers(ms("2024-01-01T00:00:00+08:00")) && span.covers(ms("2024-12-31T23:59:59+08:00")));
        assert!(
            !span.covers(ms("2023-12-31T23:59:59+08:00")) && !span.covers(ms("2025-01-01T00:00:00+08:00"))
        );
        assert!(Span::days(None, None, ZONE) == Span::EVER && Span::EVER.covers(0));
    }

    #[test]
    fn it_is_shown_as_it_was_written() {
        let shown = |from, to| Span::days(day(from), day(to), ZONE).shown(ZONE);
        assert_eq!(shown("", ""), "");
        assert_eq!(shown("2024-01-01", ""), "2024-01-01 起");
        assert_eq!(shown("", "2024-12-31"), "至 2024-12-31");
        assert_eq!(shown("2024-01-01", "2024-12-31"), "2024-01-01 至 2024-12-31");
    }

    #[test]
    fn what_is_taken_out_leaves_both_sides() {
        let span = |from, to| Span { from, to };
        assert_eq!(span(0, 10).without(&span(3, 5)), [span(0, 3), span(5, 10)]);
        assert_eq!(span(0, 10).without(&span(0, 5)), [span(5, 10)]);
        assert_eq!(span(0, 10).without(&span(-1, 20)), []);
        assert_eq!(span(0, 10).without(&span(10, 20)), [span(0, 10)], "they touch and do not meet");
        assert_eq!(joined(vec![span(5, 8), span(0, 5), span(9, 10)]), [span(0, 8), span(9, 10)]);
    }
}
