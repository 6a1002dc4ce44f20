//! Records a minute of a source: the next page is asked for when the time that the last one's records take is over. The ledger
//! remembers the last page, so a restart and another replica keep the limit too. Leaves requests a second to the adapter.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    config::SourceFile,
    pipeline::{Context, Result},
    retry::delta,
};

/// Longest wait before looking again: the lease is renewed meanwhile, or another replica would take the pass over and, read by
/// page number, begin it again for ever.
const LOOK: TimeDelta = TimeDelta::seconds(30);

/// Until when nothing may be asked of a source; none: now. A page of a later hour than now, when the clock was put back, counts
/// no more: its wait would last until the clock had caught up.
pub(super) async fn until(context: &Context, source: &SourceFile) -> Result<Option<DateTime<Utc>>> {
    let Some(records) = source.records_per_min() else { return Ok(None) };
    let now = context.now();
    let given = context.store.last_given(&source.name).await?.filter(|(at, _)| *at <= now);
    let over = given.map(|(at, count)| at + delta(records.take(count)));
    Ok(over.filter(|over| *over > now).map(|over| over.min(now + LOOK)))
}
