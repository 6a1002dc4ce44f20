//! Makes a configuration the active one and brings what hangs on it in step: destinations and their scope.

use std::sync::Arc;

use super::{Context, Pinned, Result, StepError};
use crate::{
    config::{Compiled, DestinationFile, Revision},
    store::destinations::Declared,
};

/// Activates `revision` unless it is active already. It must have been checked.
///
/// # Errors
/// When the ledger fails; the old revision then stays active.
pub async fn activate(context: &Context, revision: &Revision, why: &str) -> Result<Arc<Pinned>> {
    if let Some(active) = context.store.active_revision().await?
        && active.hash == revision.hash
    {
        return context.numbered(active.no).await;
    }
    let (compiled, problems) = crate::config::compile(revision.clone());
    let compiled = compiled.ok_or_else(|| {
        let first = problems.iter().find(|problem| problem.severity == mappings::Severity::Error);
        StepError::Config(first.map_or_else(|| "配置无法载入".to_owned(), ToString::to_string))
    })?;
    let now = context.now();
    let write = context.store.write("activate").await?;
    let no = write.activate(&revision.hash, mappings::ENGINE, &revision.to_bytes(), why, now).await?;
    let seq = write.numbers(1).await?;
    for destination in &compiled.destinations {
        write.declare(&declared(&compiled, destination), seq, now).await?;
    }
    let kept: Vec<&str> = compiled.destinations.iter().map(|destination| destination.name.as_str()).collect();
    write.retire_others(&kept, seq).await?;
    write.commit().await?;
    context.numbered(no).await
}

fn declared(compiled: &Compiled, destination: &DestinationFile) -> Declared {
    let kinds = compiled.rulebook.outlets(&destination.name).map(|outlet| outlet.kind().to_owned());
    let wanted = destination.send.kinds.as_ref();
    Declared {
        name: destination.name.clone(),
        kinds: kinds.filter(|kind| wanted.is_none_or(|wanted| wanted.contains(kind))).collect(),
        grouped: destination.send.group_by.is_some(),
        takes_test: destination.send.takes_test,
    }
}
