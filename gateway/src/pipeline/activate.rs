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
        StepError::Config(problems.first().map(ToString::to_string).unwrap_or_else(|| "配置无法载入".to_owned()))
    })?;
    let now = context.now();
    let write = context.store.write("activate").await?;
    let no = write.activate(&revision.hash, mappings::ENGINE, &revision.to_bytes(), why, now).await?;
    for destination in &compiled.destinations {
        let seq = write.numbers(1).await?;
        write.declare(&declared(&compiled, destination), seq, now).await?;
    }
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
