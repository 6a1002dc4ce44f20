//! A ledger restored to an earlier state, brought forward by what the journals outside say of the time since: batches that
//! were sent are made again with the same id and bytes; those that were answered are settled as they were, the others may
//! have arrived and go again as they are. What was only received is read again. Broken off anywhere, it is gone on with.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Context, Result, Step, StepError,
    journal::{Older, blocking},
};
use crate::{
    proof::{
        Folder, ProofError, checkpoints,
        facts::{Contents, OutcomeFacts},
        journal::{self, BatchLine, Fact, Line, Merged},
    },
    store::{Lease, StoreError, Write, batches::Attempt, recovery::Recovery, settle::Outcome},
};

/// Numbers left free behind the last that is known outside: those that only the lost ledger knew.
const MARGIN: i64 = 1_000_000;
/// Lines read at once: each may have a whole batch in it.
const CHUNK: usize = 16;
/// Longest that one batch may take to be made again.
const LONGEST: TimeDelta = TimeDelta::minutes(5);

/// What a ledger lacks, and where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Restored {
    /// What each journal has and the ledger lacks.
    pub older: Vec<Older>,
    /// Nodes that the ledger knows and whose journal is not here.
    pub absent: Vec<String>,
    /// Journals whose lines do not go back to the restored state, in words.
    pub gaps: Vec<String>,
    /// Whether a recovery that was broken off is gone on with.
    pub resumes: bool,
    /// The last number that is known outside.
    pub(crate) known: i64,
    /// Where it is written.
    pub(crate) journals: Vec<Place>,
}

impl Restored {
    /// What each journal has and the ledger lacks, in words.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |older: &Older| {
            let since = older.since.format("%Y-%m-%d %H:%M:%S UTC");
            let Older { node, batches, answers, documents, .. } = older;
            format!(
                "节点 {node}：{since} 起，账上没有已发批次 {batches} 个、已收应答 {answers} 个、已落库文档 {documents} 份"
            )
        };
        self.older.iter().map(line).collect()
    }
}

/// A node's journal, and the lines of it that the restored ledger does not know of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    node: String,
    folder: PathBuf,
    position: i64,
    last: i64,
}

/// What was brought forward.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovered {
    /// Batches made again.
    pub batches: u64,
    /// Of all batches that were open, those settled as they had been answered.
    pub settled: u64,
    /// Those without an answer that do not go again as they were: a member is further by now, or is not owed here.
    pub overtaken: u64,
    /// Configurations put back, by number: used then, not active now.
    pub revisions: Vec<i64>,
    /// Batches to destinations that the restored ledger does not know, by destination: not made again.
    pub strangers: BTreeMap<String, Vec<String>>,
}

/// Whether the ledger is older than what is outside it; `None`: it lacks nothing.
///
/// # Errors
/// When the ledger does not answer or a file cannot be read.
pub async fn restored(context: &Context, folder: &Folder) -> Result<Option<Restored>> {
    let open = context.store.open_recovery().await?;
    let mut absent = context.store.journal_nodes().await?;
    let seen = folder.clone();
    let (places, reach) = blocking(move || Ok((journals(&seen)?, reach(&seen)?))).await?;
    let newest = context.store.last_number().await?;
    let (mut older, mut gaps, mut journals) = (Vec::new(), Vec::new(), Vec::new());
    let mut known = reach;
    for (node, path) in places {
        absent.retain(|name| *name != node);
        let position = context.store.journal_position(&node).await?;
        let read = context.read_after(&node, &path, position).await?;
        if read.first.is_some_and(|first| first > position + 1) {
            gaps.push(format!(
                "节点 {node} 的接收日志从第 {} 行才有，缺第 {} 行起的",
                read.first.unwrap_or_default(),
                position + 1
            ));
        }
        known = known.max(read.highest);
        older.extend(read.older);
        journals.push(Place { node, folder: path, position, last: read.last.max(position) });
    }
    if older.is_empty() && open.is_none() && reach <= newest {
        return Ok(None);
    }
    Ok(Some(Restored { older, absent, gaps, resumes: open.is_some(), known, journals }))
}

/// Every node's journal in the folder.
fn journals(folder: &Folder) -> crate::proof::Result<Vec<(String, PathBuf)>> {
    let at = folder.journals();
    let entries = std::fs::read_dir(&at).map_err(|error| ProofError::unreadable(&at, error))?;
    let mut journals = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| ProofError::unreadable(&at, error))?.path();
        let first = journal::Lines::after(&path, 0)?.next().transpose()?;
        if let Some(Line { fact: Fact::Segment { node, .. }, .. }) = first {
            journals.push((node, path));
        }
    }
    journals.sort();
    Ok(journals)
}

/// The last number that any checkpoint file of the folder covers.
fn reach(folder: &Folder) -> crate::proof::Result<i64> {
    let Ok(files) = std::fs::read_dir(folder.all_checkpoints()) else { return Ok(0) };
    files.flatten().try_fold(0, |reach, file| Ok(checkpoints::reach(&file.path())?.max(reach)))
}

/// Brings the ledger forward; `progress` hears how many batches were looked at.
///
/// # Errors
/// When the ledger does not answer, a file cannot be read, or the ledger was worked on since it was restored.
pub async fn recover(
    context: &Context,
    restored: &Restored,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Recovered> {
    let lease = match context.lease("recover", LONGEST).await? {
        Ok(lease) => lease,
        Err(Step::Elsewhere(holder, _)) => {
            return Err(StepError::Config(format!("节点 {holder} 正在补账")));
        }
        Err(_) => return Err(StepError::Config("补账的租约拿不到".into())),
    };
    let mut work = Work {
        context,
        lease,
        destinations: context.store.destination_names().await?,
        recovered: Recovered::default(),
    };
    let recovery = match context.store.open_recovery().await? {
        Some(recovery) => recovery,
        None => work.begin(restored.known + MARGIN).await?,
    };
    let places = restored.journals.iter().map(|place| (place.folder.as_path(), place.position));
    let mut lines = Merged::after(places)?;
    let mut looked = 0;
    loop {
        let chunk: Vec<Line>;
        (lines, chunk) = blocking(move || {
            let chunk = lines.by_ref().take(CHUNK).collect::<crate::proof::Result<_>>()?;
            Ok((lines, chunk))
        })
        .await?;
        if chunk.is_empty() {
            break;
        }
        for line in chunk {
            looked += u64::from(matches!(line.fact, Fact::Batch(_)));
            work.line(recovery, line).await?;
            progress(looked);
        }
    }
    work.end(recovery, restored).await?;
    Ok(work.recovered)
}

struct Work<'a> {
    context: &'a Context,
    lease: Lease,
    destinations: Vec<String>,
    recovered: Recovered,
}

impl Work<'_> {
    /// A transaction under the numbers' lock and ours.
    async fn write(&mut self) -> Result<Write> {
        self.lease = self.context.prolonged(&self.lease, LONGEST);
        let write = self.context.store.write("recover").await?;
        write.numbers(0).await?;
        write.fence(&self.lease).await?;
        Ok(write)
    }

    async fn begin(&mut self, high: i64) -> Result<Recovery> {
        for name in self.destinations.clone() {
            loop {
                let write = self.write().await?;
                if !write.turn_log(&name, self.context.now()).await? {
                    break;
                }
                write.commit().await?;
            }
        }
        let write = self.write().await?;
        let recovery = write.begin_recovery(self.context.node(), high, self.context.now()).await?;
        write.commit().await?;
        Ok(recovery)
    }

    async fn line(&mut self, recovery: Recovery, line: Line) -> Result<()> {
        match line.fact {
            Fact::Revision(rules) => {
                let files = journal::unpack(&rules.files).map_err(|error| corrupt(&error))?;
                let write = self.write().await?;
                if write.revision_again(&rules, &files, line.at).await? {
                    write.commit().await?;
                    self.recovered.revisions.push(rules.no);
                }
                Ok(())
            }
            Fact::Batch(batch) => self.batch(recovery, batch).await,
            Fact::Outcome(outcome) => self.outcome(&outcome, line.at).await,
            Fact::Segment { .. } | Fact::Torn { .. } | Fact::Document(_) => Ok(()),
        }
    }

    async fn batch(&mut self, recovery: Recovery, batch: BatchLine) -> Result<()> {
        let here = self.context.store.batches_here(std::slice::from_ref(&batch.facts.id)).await?;
        if here.get(&batch.facts.id).is_some_and(|here| here.payload == batch.digest) {
            return Ok(());
        }
        if !self.destinations.contains(&batch.facts.destination) {
            let strangers = self.recovered.strangers.entry(batch.facts.destination).or_default();
            if !strangers.contains(&batch.facts.id) {
                strangers.push(batch.facts.id);
            }
            return Ok(());
        }
        let payload = journal::unpack(&batch.payload).map_err(|error| corrupt(&error))?;
        let contents = journal::unpack(&batch.contents).map_err(|error| corrupt(&error))?;
        let contents: Contents = serde_json::from_slice(&contents).map_err(|error| corrupt(&error))?;
        let now = self.context.now();
        let write = self.write().await?;
        write.batch_again(recovery, &batch.facts, &contents, &payload, now).await?;
        write.commit().await?;
        self.recovered.batches += 1;
        Ok(())
    }

    async fn outcome(&mut self, outcome: &OutcomeFacts, at: DateTime<Utc>) -> Result<()> {
        let here = self.context.store.batches_here(std::slice::from_ref(&outcome.batch)).await?;
        if here.get(&outcome.batch).is_none_or(|here| here.settled) {
            return Ok(());
        }
        let made = Attempt {
            status: outcome.status,
            sent_digest: outcome.sent_digest.clone(),
            sent_with: outcome.sent_with.clone(),
            answer: Vec::new(),
            outcome: word(&outcome.read),
            what: "还原后按接收日志补记，应答原文随还原丢失".into(),
        };
        let write = self.write().await?;
        write.settle_again(&outcome.batch, &made, |members| outcomes(outcome, members), at).await?;
        write.commit().await?;
        self.recovered.settled += 1;
        Ok(())
    }

    /// From here on the ledger knows of every line that was read.
    async fn end(&mut self, recovery: Recovery, restored: &Restored) -> Result<()> {
        let now = self.context.now();
        loop {
            let write = self.write().await?;
            if !write.settle_overtaken(now).await? {
                break;
            }
            write.commit().await?;
            self.recovered.overtaken += 1;
        }
        let write = self.write().await?;
        for place in &restored.journals {
            write.note_journal(&place.node, place.last, now).await?;
        }
        write.end_recovery(recovery, now).await?;
        write.commit().await?;
        Ok(())
    }
}

fn outcomes(outcome: &OutcomeFacts, members: usize) -> Vec<Outcome> {
    let mut outcomes = vec![Outcome::Confirmed; members];
    for other in &outcome.others {
        if let Some(slot) = outcomes.get_mut(other.ord) {
            *slot = match &other.refused {
                Some(reason) => Outcome::Refused { reason: reason.clone(), split: other.split.clone() },
                None => Outcome::Again(other.split.clone()),
            };
        }
    }
    outcomes
}

/// The words of an attempt that settles a batch.
fn word(read: &str) -> &'static str {
    match read {
        "named" => "named",
        "whole" => "whole",
        _ => "taken",
    }
}

fn corrupt(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("接收日志的一行解不开：{error}"))
}
