//! Makes a configuration the active one and brings what hangs on it in step: destinations and their scope.

use std::sync::Arc;

use super::{Context, Pinned, Result, StepError};
use crate::{
    config::{Compiled, DestinationFile, Revision},
    store::{
        Write,
        destinations::Declared,
        revisions::{Activation, How, Reason},
    },
};

/// What an activation came to.
#[derive(Debug)]
pub struct Activated {
    /// The revision that is active now.
    pub no: i64,
    /// Whether it was another before.
    pub is_news: bool,
}

/// Activates `revision` at a start, unless it is active already, or the ledger leads: then what the ledger says stays.
/// It must have been checked.
///
/// # Errors
/// When the ledger fails; the old revision then stays active.
pub async fn activate(context: &Context, revision: &Revision, why: &str) -> Result<Arc<Pinned>> {
    let reason = Reason { how: How::Start, why, who: "" };
    let activated = activate_for(context, revision, &reason).await?;
    context.numbered(activated.no).await
}

/// Activates `revision` for a reason, unless it is active already. A start never takes the place of what was applied.
///
/// # Errors
/// When the revision does not load or the ledger fails; the old revision then stays active.
pub async fn activate_for(context: &Context, revision: &Revision, reason: &Reason<'_>) -> Result<Activated> {
    if let Some(active) = context.store.active_activation().await?
        && stays(&active, revision, reason.how)
    {
        return Ok(Activated { no: active.revision, is_news: false });
    }
    let compiled = compiled(revision)?;
    let now = context.now();
    let write = context.store.write("activate").await?;
    // the counter's lock: of two who activate at once the second looks again
    write.numbers(0).await?;
    if let Some(active) = write.active().await?
        && stays(&active, revision, reason.how)
    {
        return Ok(Activated { no: active.revision, is_news: false });
    }
    let no = write.activate(&revision.hash, mappings::ENGINE, &revision.to_bytes(), reason, now).await?;
    scope(&write, &compiled, now).await?;
    write.commit().await?;
    Ok(Activated { no, is_news: true })
}

/// The revision to go back to: the one before the active one, what was gone back from left out. Its files, for the engine
/// of this program.
///
/// # Errors
/// When there is none, it does not load, or the ledger fails.
pub async fn before(context: &Context) -> Result<Revision> {
    let history = context.store.activations().await?;
    let no = under(&history).ok_or_else(|| StepError::Config("现行配置之前没有别的配置，退不回去".into()))?;
    read(context, no).await
}

/// Where the program's engine is another than that of the active revision: the same files under this one, so that what
/// is pinned says by which engine it was made. Else nothing.
///
/// # Errors
/// When the files no longer load under this engine, or the ledger fails.
pub async fn keep_up(context: &Context) -> Result<()> {
    let Some(active) = context.store.active_activation().await? else { return Ok(()) };
    let revision = read(context, active.revision).await?;
    if revision.hash != active.hash && active.how != How::Start {
        let why = format!("程序升级：规则引擎 {}", mappings::ENGINE);
        activate_for(context, &revision, &Reason { how: How::Engine, why: &why, who: "" }).await?;
    }
    Ok(())
}

async fn read(context: &Context, no: i64) -> Result<Revision> {
    let stored = context.store.revision(no).await?;
    Revision::from_bytes(&stored.files).map_err(|error| StepError::Revision(no, error.to_string()))
}

fn stays(active: &Activation, revision: &Revision, how: How) -> bool {
    active.hash == revision.hash || (how == How::Start && active.how != How::Start)
}

/// The revision below the top when every going back takes one away and all else lays one on.
fn under(history: &[Activation]) -> Option<i64> {
    let mut stack: Vec<i64> = Vec::new();
    for line in history {
        match line.how {
            How::Back => {
                stack.pop();
                stack.pop();
            }
            How::Engine => {
                stack.pop();
            }
            How::Start | How::Apply => {}
        }
        stack.push(line.revision);
    }
    stack.pop();
    stack.pop()
}

fn compiled(revision: &Revision) -> Result<Compiled> {
    let (compiled, problems) = crate::config::compile(revision.clone());
    compiled.ok_or_else(|| {
        let first = problems.iter().find(|problem| problem.severity == mappings::Severity::Error);
        StepError::Config(first.map_or_else(|| "配置无法载入".to_owned(), ToString::to_string))
    })
}

async fn scope(write: &Write, compiled: &Compiled, now: chrono::DateTime<chrono::Utc>) -> Result<()> {
    let seq = write.numbers(1).await?;
    for destination in &compiled.destinations {
        write.declare(&declared(compiled, destination), seq, now).await?;
    }
    let kept: Vec<&str> = compiled.destinations.iter().map(|destination| destination.name.as_str()).collect();
    Ok(write.retire_others(&kept, seq).await?)
}

fn declared(compiled: &Compiled, destination: &DestinationFile) -> Declared {
    let kinds = compiled.rulebook.outlets(&destination.name).map(|outlet| outlet.kind().to_owned());
    let wanted = destination.send.kinds.as_ref();
    Declared {
        name: destination.name.clone(),
        kinds: kinds.filter(|kind| wanted.is_none_or(|wanted| wanted.contains(kind))).collect(),
        grouped: destination.send.group_by.is_some(),
        takes_test: destination.send.takes_test,
        owner_scheme: destination.send.owner.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn history(lines: &[(How, i64)]) -> Vec<Activation> {
        let line = |&(how, revision): &(How, i64)| Activation {
            no: 0,
            revision,
            hash: String::new(),
            how,
            why: String::new(),
            who: String::new(),
            at: chrono::DateTime::UNIX_EPOCH,
            served: None,
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn going_back_twice_goes_two_back_and_going_on_begins_from_there() {
        use How::{Apply, Back, Engine, Start};
        let mut lines = vec![(Start, 1), (Apply, 2), (Apply, 3)];
        assert_eq!(under(&history(&lines)), Some(2));
        lines.push((Back, 2));
        assert_eq!(under(&history(&lines)), Some(1));
        lines.push((Back, 1));
        assert_eq!(under(&history(&lines)), None, "nothing is before the first");
        lines.push((Apply, 4));
        assert_eq!(under(&history(&lines)), Some(1));
        lines.push((Engine, 5));
        assert_eq!(under(&history(&lines)), Some(1), "the same files under another engine are no step");
        assert_eq!(under(&[]), None);
    }

    proptest! {
        /// As an editor's undo: against a plain list of what is still there to go back to.
        #[test]
        fn a_history_of_any_length_goes_back_as_undo_does(applies in prop::collection::vec(any::<bool>(), 0..40)) {
            let (mut lines, mut there) = (Vec::new(), Vec::<i64>::new());
            for (n, is_apply) in (1..).zip(applies) {
                if is_apply || there.len() < 2 {
                    lines.push((How::Apply, n));
                    there.push(n);
                } else {
                    there.pop();
                    lines.push((How::Back, *there.last().unwrap()));
                }
                let wanted = there.len().checked_sub(2).map(|under| there[under]);
                prop_assert_eq!(under(&history(&lines)), wanted);
            }
        }
    }
}
