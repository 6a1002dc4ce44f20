//! Which services of a source are to be read now, and when to look again.

use chrono::{DateTime, Utc};

use crate::{
    config::{ServiceFile, SourceFile},
    pipeline::{
        Context, Result,
        pull::{Asked, ask_for_run},
    },
};

/// Asks for the runs that their schedules say are due. Runs missed while nobody was here are one run, and so are those
/// missed while a run was under way: asked for again before its end, the first services would be read for ever and the
/// last never.
pub(super) async fn ask(context: &Context, source: &SourceFile) -> Result<()> {
    let now = context.now();
    let mut usual: Vec<&ServiceFile> = Vec::new();
    let mut full: Vec<&ServiceFile> = Vec::new();
    for service in &source.services {
        let cursor = context.store.cursor(&source.name, &service.name).await?;
        if cursor.due && cursor.not_before.is_none_or(|moment| moment <= now) {
            return Ok(());
        }
        if source.schedule_of(&service.name).is_some_and(|schedule| schedule.due(cursor.ran_for, now)) {
            usual.push(service);
        }
        // the very first read is from the beginning anyway
        let since = cursor.full_for.or(cursor.last_whole_at);
        if source.full_read.as_ref().is_some_and(|schedule| since.is_some() && schedule.due(since, now)) {
            full.push(service);
        }
    }
    if !usual.is_empty() {
        ask_for_run(context, source, &usual, Asked { fired: Some(now), full: false }).await?;
    }
    if !full.is_empty() {
        ask_for_run(context, source, &full, Asked { fired: Some(now), full: true }).await?;
    }
    Ok(())
}

/// The next firing of any of a source's schedules.
pub(crate) fn next(source: &SourceFile, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let services = source.services.iter().filter_map(|service| source.schedule_of(&service.name));
    services.chain(source.full_read.as_ref()).filter_map(|schedule| schedule.next_after(now)).min()
}
