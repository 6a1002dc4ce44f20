//! A checkpoint: what was committed since the last one, into the node's file outside the ledger, synced; then the ledger
//! remembers that it is there.

use super::{Context, Result, StepError, journal::blocking};
use crate::{
    proof::{
        ProofError,
        checkpoints::{self, Head, Sealed, Tail},
    },
    store::checkpoints::Known,
};

/// Makes a checkpoint; none where nothing was committed since the last, or no file is kept.
///
/// # Errors
/// When the ledger does not answer, or the file cannot be written or is not what was written.
pub async fn checkpoint(context: &Context) -> Result<Option<Head>> {
    let (Some(path), Some(journal)) = (context.checkpoints(), context.journal()) else { return Ok(None) };
    let (path, node) = (path.to_owned(), journal.node().to_owned());
    let known = context.store.last_checkpoint(&node).await?;
    let upto_known = known.as_ref().map(|known| known.no);
    let tail = blocking(move || checkpoints::tail(&path, upto_known)).await?;
    let head = begun(&tail, known, node, context);
    let (leaves, upto) = context.store.leaves(head.after).await?;
    if upto < head.after {
        return Err(StepError::Proof(ProofError::Place(format!(
            "检查点文件记到第 {} 号，账目只到第 {upto} 号：数据库是从备份还原的，先运行 lianwang recover",
            head.after
        ))));
    }
    if leaves.is_empty() {
        return Ok(None);
    }
    context.store.reaching("checkpoint-file");
    let sealed: Sealed = blocking(move || tail.append(Head { upto, ..head }, &leaves)).await?;
    context.store.passed("checkpoint-file");
    context.store.remember_checkpoint(&sealed, context.now()).await?;
    Ok(Some(sealed.head))
}

/// The head that follows the last of the file. Where the file is lost, the chain goes on in a new one that covers
/// everything again.
fn begun(tail: &Tail, known: Option<Known>, node: String, context: &Context) -> Head {
    let written =
        tail.last.as_ref().map(|sealed| (sealed.head.checkpoint, sealed.head.upto, sealed.digest.clone()));
    let lost = known.map(|known| (known.no, 0, known.head));
    let (no, after, previous) = written.or(lost).unwrap_or_default();
    Head {
        checkpoint: no + 1,
        node,
        at: context.now(),
        after,
        upto: after,
        leaves: 0,
        root: String::new(),
        previous,
    }
}
