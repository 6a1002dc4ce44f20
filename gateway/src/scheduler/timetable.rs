//! Which services of a source are to be read now, and when to look again.

use chrono::{DateTime, Utc};

use super::runs::Due;
use crate::{
    config::{ServiceFile, SourceFile},
    pipeline::{
        Context, Result,
        pull::{Asked, ask_for_run, pass_over},
    },
};

/// Asks for the runs that their schedules say are due. Runs missed while a run was under way are as those missed while
/// nobody was here: asked for before its end, the first services would be read for ever and the last never.
pub(super) async fn ask(context: &Context, source: &SourceFile) -> Result<()> {
    let now = context.now();
    let mut wanted: Vec<(&ServiceFile, Due, bool)> = Vec::new();
    for service in &source.services {
        let cursor = context.store.cursor(&source.name, &service.name).await?;
        if cursor.due && cursor.not_before.is_none_or(|moment| moment <= now) {
            return Ok(());
        }
        if let Some(runs) = source.runs_of(&service.name) {
            wanted.push((service, runs.due(cursor.ran_for, now), false));
        }
        // the very first read is from the beginning anyway
        let since = cursor.full_for.or(cursor.last_whole_at);
        if let Some(runs) = source.full_runs().filter(|_| since.is_some()) {
            wanted.push((service, runs.due(since, now), true));
        }
    }
    for (service, due, full) in wanted {
        match due {
            Due::No => {}
            Due::Run(fired) => {
                ask_for_run(context, source, &[service], Asked { fired: Some(fired), full }).await?;
            }
            Due::Passed(fired) => {
                tracing::warn!(source = source.name, service = service.name, %fired, full, "run missed and not made");
                pass_over(context, source, service, Asked { fired: Some(fired), full }).await?;
            }
        }
    }
    Ok(())
}

/// The next run by any of a source's schedules.
pub(crate) fn next(source: &SourceFile, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let services = source.services.iter().filter_map(|service| source.runs_of(&service.name));
    services.chain(source.full_runs()).filter_map(|runs| runs.next_after(now)).min()
}
