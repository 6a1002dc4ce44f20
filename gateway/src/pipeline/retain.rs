//! What age takes by the active configuration's rules: one range of numbers a step. Leaves what must stay to the store.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Context, Result, Step};
use crate::{
    config::Retention,
    store::retention::{Gone, Range, Rule, What},
};

/// Longest that rewriting a partition may take: its lease lasts as long.
const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// What goes by a configuration, as of `now`; more days than the calendar has back from there are for ever.
#[must_use]
pub fn rules(retention: &Retention, now: DateTime<Utc>) -> Vec<Rule> {
    let wanted = [
        (What::Raw, retention.raw_days),
        (What::Versions, retention.version_days),
        (What::Issues, retention.issue_days),
    ];
    let rule = |(what, days): (What, Option<u32>)| {
        let days = days?;
        Some(Rule { what, days, older_than: now.checked_sub_signed(TimeDelta::days(days.into()))? })
    };
    wanted.into_iter().filter_map(rule).collect()
}

/// What would go now, range by range.
///
/// # Errors
/// When the ledger does not answer.
pub async fn planned(context: &Context, rules: &[Rule]) -> Result<Vec<(Rule, Range, Gone)>> {
    let mut planned = Vec::new();
    for rule in rules {
        for range in context.store.retention_ranges(rule.what).await? {
            let gone = context.store.would_drop(rule, &range).await?;
            if gone.rows > 0 {
                planned.push((*rule, range, gone));
            }
        }
    }
    Ok(planned)
}

/// Drops what goes of one range; [`Step::Idle`] where it is too little to be worth it or readers would not let go.
///
/// # Errors
/// When the ledger fails.
pub async fn step(context: &Context, revision: i64, rule: &Rule, range: &Range) -> Result<(Step, Gone)> {
    let lease = match context.lease("retention", LONGEST).await? {
        Ok(lease) => lease,
        Err(elsewhere) => return Ok((elsewhere, Gone::default())),
    };
    let now = context.now();
    let mut gone = Gone::default();
    let dropped = context.store.drop_range(rule, range, &lease, revision, now).await;
    let step = dropped.map_err(Into::into).map(|dropped| {
        gone = dropped.unwrap_or_default();
        if gone.rows > 0 { Step::Did(u64::try_from(gone.rows).unwrap_or_default()) } else { Step::Idle }
    });
    let step = context.noting(step)?;
    context.keep(&lease);
    Ok((step, gone))
}

/// Drops everything that goes, and gives the space back; what went, by rule. Stops early where `ends` says so, or where
/// another node is at it.
///
/// # Errors
/// When the ledger fails.
pub async fn all(
    context: &Context,
    revision: i64,
    rules: &[Rule],
    ends: &(dyn Fn() -> bool + Send + Sync),
) -> Result<Vec<(Rule, Gone)>> {
    let mut went = Vec::new();
    for rule in rules {
        let mut sum = Gone::default();
        for range in context.store.retention_ranges(rule.what).await? {
            if ends() {
                return Ok(went);
            }
            let (step, gone) = step(context, revision, rule, &range).await?;
            if let Step::Elsewhere(..) = step {
                return Ok(went);
            }
            sum.rows += gone.rows;
            sum.bytes += gone.bytes;
        }
        went.push((*rule, sum));
    }
    context.store.shrink().await?;
    Ok(went)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_days_than_the_calendar_has_are_for_ever() {
        let now: DateTime<Utc> = "2026-11-26T00:00:00Z".parse().unwrap();
        let retention =
            Retention { raw_days: Some(u32::MAX), version_days: Some(100_000), issue_days: Some(1) };
        let days: Vec<u32> = rules(&retention, now).iter().map(|rule| rule.days).collect();
        assert_eq!(days, [100_000, 1]);
    }
}
