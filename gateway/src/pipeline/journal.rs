//! The steps' side of the journal: a batch is in it, synced, before it is sent; what landed and what was answered is in it
//! after the ledger has it. A context without a journal keeps none. Leaves making things again to `recover`.

use std::{
    collections::{BTreeSet, HashSet},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use adapters::Document;
use chrono::{DateTime, Utc};

use super::{Context, Result, StepError};
use crate::{
    proof::{
        Journal, ProofError, checkpoints,
        facts::{Contents, Other, OutcomeFacts, ReceiptFacts, RevisionFacts},
        journal::{BatchLine, Fact, Line, Lines, pack},
    },
    store::{
        self, StoreError, Write,
        batches::{Attempt, Open},
        documents::Origin,
        settle::Outcome,
    },
};

/// A journal, and what this process has put into it already.
#[derive(Debug)]
pub(super) struct Journaling {
    journal: Arc<Journal>,
    batches: Mutex<HashSet<String>>,
    revisions: Mutex<HashSet<i64>>,
}

/// Batches remembered as being in the journal: one that is forgotten is only written again.
const REMEMBERED: usize = 4_096;
/// Lines looked up in the ledger at once.
const CHUNK: usize = 500;

/// What a journal speaks of and the ledger does not have: it was restored to an earlier state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Older {
    /// The journal's node.
    pub node: String,
    /// When the first such line was written.
    pub since: DateTime<Utc>,
    /// Batches that were sent.
    pub batches: u64,
    /// Batches that were answered.
    pub answers: u64,
    /// Documents that had landed.
    pub documents: u64,
}

/// What a journal says after a line that the ledger knows.
#[derive(Debug, Default)]
pub(super) struct ReadAfter {
    /// What of it the ledger lacks.
    pub(super) older: Option<Older>,
    /// Its first line.
    pub(super) first: Option<i64>,
    /// Its last line.
    pub(super) last: i64,
    /// The highest of the ledger's numbers in it: whatever a batch carries was numbered before it.
    pub(super) highest: i64,
}

impl Older {
    /// Older than what `node` wrote at `since`, whatever that was.
    fn than(node: &str, since: DateTime<Utc>) -> Self {
        Self { node: node.to_owned(), since, batches: 0, answers: 0, documents: 0 }
    }
}

impl Journaling {
    pub(super) fn new(journal: Arc<Journal>) -> Self {
        Self { journal, batches: Mutex::default(), revisions: Mutex::default() }
    }
}

impl Context {
    /// This node's journal, where it keeps one.
    #[must_use]
    pub fn journal(&self) -> Option<&Arc<Journal>> {
        self.journaling.as_ref().map(|journaling| &journaling.journal)
    }

    /// Has a batch on disk before it is sent; once for each process, since it stays the same.
    pub(super) async fn journal_batch(&self, open: &Open) -> Result<()> {
        let Some(journaling) = &self.journaling else { return Ok(()) };
        if journaling.batches.lock().unwrap_or_else(PoisonError::into_inner).contains(&open.id) {
            return Ok(());
        }
        let (facts, contents) = self.store.batch_facts(&open.id).await?;
        let mut facts_of_rules = Vec::new();
        for no in revisions(facts.revision, &contents) {
            let known = journaling.revisions.lock().unwrap_or_else(PoisonError::into_inner).contains(&no);
            if !known {
                facts_of_rules.push(self.store.revision_facts(no).await?);
            }
        }
        let (journal, payload, now) = (Arc::clone(&journaling.journal), open.payload.clone(), self.now());
        self.store.reaching("journal");
        let said = blocking(move || {
            let said: Vec<i64> = facts_of_rules.iter().map(|rules| rules.no).collect();
            for rules in facts_of_rules {
                journal.append(Fact::Revision(packed(rules)?), now, false)?;
            }
            let contents_json = serde_json::to_vec(&contents)
                .map_err(|error| ProofError::unwritable(journal.folder(), error))?;
            let pack =
                |bytes: &[u8]| pack(bytes).map_err(|error| ProofError::unwritable(journal.folder(), error));
            let line = BatchLine {
                size: contents.members.len(),
                digest: store::digest(&payload),
                payload: pack(&payload)?,
                contents: pack(&contents_json)?,
                facts,
            };
            journal.append(Fact::Batch(line), now, true)?;
            Ok(said)
        });
        let said = said.await?;
        self.store.passed("journal");
        journaling.revisions.lock().unwrap_or_else(PoisonError::into_inner).extend(said);
        let mut batches = journaling.batches.lock().unwrap_or_else(PoisonError::into_inner);
        if batches.len() >= REMEMBERED {
            batches.clear();
        }
        batches.insert(open.id.clone());
        Ok(())
    }

    /// Notes in a transaction how far the journal has got: its lines speak of what was committed before.
    pub(super) async fn note_journal(&self, write: &Write) -> Result<()> {
        let Some(journal) = self.journal() else { return Ok(()) };
        Ok(write.note_journal(journal.node(), journal.position(), self.now()).await?)
    }

    /// Says what became of a batch, after the ledger has it. It is on disk with the next batch at the latest: until then
    /// the batch counts as one that may have arrived.
    pub(super) async fn journal_outcome(&self, open: &Open, made: &Attempt, outcomes: &[Outcome]) {
        let facts = OutcomeFacts {
            batch: open.id.clone(),
            status: made.status,
            read: made.outcome.to_owned(),
            sent_digest: made.sent_digest.clone(),
            sent_with: made.sent_with.clone(),
            others: outcomes.iter().enumerate().filter_map(other).collect(),
        };
        self.say(vec![Fact::Outcome(facts)]).await;
    }

    /// Says what landed, after the ledger has it: a ledger that lacks it later was restored.
    pub(super) async fn journal_landed(&self, origin: &Origin<'_>, first: i64, documents: &[Document]) {
        let facts = (first..).zip(documents).map(|(no, document)| {
            Fact::Document(ReceiptFacts {
                no,
                source: origin.source.to_owned(),
                service: origin.service.to_owned(),
                digest: store::digest(&document.bytes),
                length: document.bytes.len() as u64,
            })
        });
        self.say(facts.collect()).await;
    }

    /// What nothing has to wait for: the ledger has it, and losing the line costs a detail, not a record.
    async fn say(&self, facts: Vec<Fact>) {
        let Some(journal) = self.journal().map(Arc::clone) else { return };
        let now = self.now();
        let said = blocking(move || {
            facts.into_iter().try_for_each(|fact| journal.append(fact, now, false).map(drop))
        });
        if let Err(error) = said.await {
            tracing::warn!(%error, "journal line lost");
        }
    }

    /// Whether the ledger lacks what this node's journal, or its checkpoints, speak of.
    ///
    /// # Errors
    /// When the ledger does not answer or a file cannot be read.
    pub async fn older(&self) -> Result<Option<Older>> {
        let Some(journal) = self.journal().map(Arc::clone) else { return Ok(None) };
        let position = self.store.journal_position(journal.node()).await?;
        if journal.position() < position {
            tracing::warn!(folder = %journal.folder().display(), position, "接收日志比账目短：日志丢过或换了地方。从账目所知的行号接着记，缺的行补不回来");
            journal.go_on_after(position);
        }
        let read = self.read_after(journal.node(), journal.folder(), position).await?;
        if read.older.is_some() {
            return Ok(read.older);
        }
        if self.store.open_recovery().await?.is_some()
            || self.covered().await? > self.store.last_number().await?
        {
            return Ok(Some(Older::than(journal.node(), self.now())));
        }
        Ok(None)
    }

    /// The last number that this node's checkpoints cover.
    async fn covered(&self) -> Result<i64> {
        let Some(path) = self.checkpoints().map(Path::to_owned) else { return Ok(0) };
        blocking(move || checkpoints::reach(&path)).await
    }

    /// What a journal says after a line, held against the ledger.
    pub(super) async fn read_after(&self, node: &str, folder: &Path, position: i64) -> Result<ReadAfter> {
        let mut read = ReadAfter::default();
        let mut lines = Lines::after(folder, position)?;
        loop {
            let (rest, chunk) = blocking(move || {
                let chunk: Vec<Line> = lines.by_ref().take(CHUNK).collect::<crate::proof::Result<_>>()?;
                Ok((lines, chunk))
            })
            .await?;
            let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else { return Ok(read) };
            (read.first, read.last) = (read.first.or(Some(first.n)), last.n);
            let numbers = chunk.iter().filter_map(|line| number_of(&line.fact));
            read.highest = numbers.fold(read.highest, i64::max);
            self.compare(node, &chunk, &mut read.older).await?;
            lines = rest;
        }
    }

    async fn compare(&self, node: &str, lines: &[Line], older: &mut Option<Older>) -> Result<()> {
        let ids: Vec<String> = lines.iter().filter_map(|line| batch_of(&line.fact)).collect();
        let numbers = lines
            .iter()
            .filter_map(|line| document_of(&line.fact))
            .map(|receipt| receipt.no)
            .collect::<Vec<_>>();
        let batches = self.store.batches_here(&ids).await?;
        let documents = self.store.documents_here(&numbers).await?;
        for line in lines {
            let (batch, answer, document) = match &line.fact {
                Fact::Batch(batch) => {
                    let here = batches.get(&batch.facts.id).is_some_and(|here| here.payload == batch.digest);
                    (!here, false, false)
                }
                Fact::Outcome(outcome) => {
                    (false, !batches.get(&outcome.batch).is_some_and(|here| here.settled), false)
                }
                Fact::Document(receipt) => {
                    (false, false, !documents.contains(&(receipt.no, receipt.digest.clone())))
                }
                Fact::Segment { .. } | Fact::Torn { .. } | Fact::Revision(_) => continue,
            };
            if batch || answer || document {
                let older = older.get_or_insert_with(|| Older::than(node, line.at));
                older.batches += u64::from(batch);
                older.answers += u64::from(answer);
                older.documents += u64::from(document);
            }
        }
        Ok(())
    }
}

fn batch_of(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Batch(batch) => Some(batch.facts.id.clone()),
        Fact::Outcome(outcome) => Some(outcome.batch.clone()),
        _ => None,
    }
}

/// The number in the ledger of what a line speaks of.
const fn number_of(fact: &Fact) -> Option<i64> {
    match fact {
        Fact::Batch(batch) => Some(batch.facts.no),
        Fact::Document(receipt) => Some(receipt.no),
        _ => None,
    }
}

const fn document_of(fact: &Fact) -> Option<&ReceiptFacts> {
    if let Fact::Document(receipt) = fact { Some(receipt) } else { None }
}

/// Every revision a batch's line refers to.
fn revisions(own: i64, contents: &Contents) -> BTreeSet<i64> {
    let members = contents.members.iter().map(|member| member.revision);
    members.chain(contents.documents.iter().map(|document| document.revision)).chain([own]).collect()
}

fn packed(rules: RevisionFacts) -> crate::proof::Result<RevisionFacts> {
    let files = pack(rules.files.as_bytes());
    let files = files.map_err(|error| ProofError::Place(error.to_string()))?;
    Ok(RevisionFacts { files, ..rules })
}

fn other((ord, outcome): (usize, &Outcome)) -> Option<Other> {
    match outcome {
        Outcome::Confirmed => None,
        Outcome::Refused { reason, split } => {
            Some(Other { ord, refused: Some(reason.clone()), split: split.clone() })
        }
        Outcome::Again(split) => Some(Other { ord, refused: None, split: split.clone() }),
    }
}

/// Runs what waits for a disk on the threads for that, so that the runtime goes on answering.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> crate::proof::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| StepError::Store(StoreError::Corrupt(error.to_string())))?;
    Ok(done?)
}
