//! A sender's own rows back: the records of a source that are rejected, or held, by their newest judging, each with the
//! bytes it came as. Walks document by document, so that memory does not grow with what stands in the rows. Leaves which
//! records still count to `standing`, reading bytes to `bytes`, columns and files to the command.

pub(super) mod bytes;
mod mended;
mod returned;
mod standing;
pub(crate) mod words;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::ControlFlow,
    sync::Arc,
};

use adapters::SourceRecord;
use chrono::{DateTime, Utc};
use mappings::{Issue, Mapping};

use super::{Context, Pinned, Result};
use crate::store::{rejections::Reason, verdicts::Verdict};
use bytes::Found;
use mended::Mended;
use standing::{Entry, Standing};

/// Rows whose issues are read at a time.
const CHUNK: usize = 2_000;
/// Most columns of a list beside those that its mapping reads.
const MOST_COLUMNS: usize = 1_000;

/// Whose rows, and which.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The source.
    pub source: &'a str,
    /// One of its lists; none: all.
    pub service: Option<&'a str>,
    /// Only what was seen since.
    pub since: Option<DateTime<Utc>>,
    /// Also what is held.
    pub held: bool,
}

/// What there is to give back.
#[derive(Debug)]
pub struct Listed {
    source: String,
    pinned: Arc<Pinned>,
    /// By service; those without a row are left out.
    pub lists: Vec<List>,
    /// The newest judged document and when it was received.
    pub until: Option<(i64, DateTime<Utc>)>,
    /// Records that landed and are not judged yet.
    pub unjudged: u64,
    /// Sightings that no longer count, since something newer of the same key was judged otherwise.
    pub later: u64,
    /// Sightings of which age took what was noted.
    pub forgotten: u64,
    /// What accepted records were given back for, by the numbers of their entries.
    returned: HashMap<i64, Reason>,
}

/// The rows of one service.
#[derive(Debug)]
pub struct List {
    /// The service.
    pub service: String,
    /// The columns: what its mapping reads, then what its rows have beside, in order of appearance.
    pub columns: Vec<Column>,
    /// Characters that the widest first line of each column's values is wide.
    pub widths: Vec<u16>,
    /// Whether a row has more columns than are listed.
    pub has_more: bool,
    /// Whether one of its rows cannot be read.
    pub has_unreadable: bool,
    entries: Vec<Entry>,
}

/// A column: a path, and which of its values where a record says it several times.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Column {
    /// The sender's word.
    pub path: String,
    /// 1, unless the record says it again.
    pub nth: u32,
}

/// A row.
#[derive(Debug)]
pub struct Row<'r> {
    /// Rejected or held; accepted, where a person gave it back all the same.
    pub verdict: Verdict,
    /// Document and place where it was seen last.
    pub at: (i64, u32),
    /// When that document was received.
    pub received_at: DateTime<Utc>,
    /// How often it was seen so.
    pub times: u64,
    /// Its key's id as it is known; empty where there is none.
    pub id: &'r str,
    /// What is wrong, each with what that rests on; values are masked where personal.
    pub issues: Vec<(&'r Issue, Option<String>)>,
    /// What it came as.
    pub body: Body<'r>,
}

/// What a row came as.
#[derive(Debug)]
pub enum Body<'r> {
    /// A record.
    Record(&'r SourceRecord<'r>),
    /// Bytes that are none.
    Unreadable(&'r [u8]),
    /// Nobody can say any more: why.
    Gone(&'r str),
}

impl List {
    /// A list without rows: what is tested of columns needs none.
    #[cfg(test)]
    pub(crate) fn of(service: &str, columns: Vec<Column>) -> Self {
        let service = service.to_owned();
        let widths = vec![0; columns.len()];
        Self { service, columns, widths, has_more: false, has_unreadable: false, entries: Vec::new() }
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        u64::try_from(self.entries.len()).unwrap_or(u64::MAX)
    }

    /// How many rows of a verdict, and how often they were seen.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> (u64, u64) {
        let of = self.entries.iter().filter(|entry| entry.verdict == verdict);
        of.fold((0, 0), |(rows, times), entry| (rows + 1, times + entry.times))
    }
}

/// Looks for what there is to give back, and for the columns it needs.
///
/// # Errors
/// When the ledger fails or no revision is active.
pub async fn listed(context: &Context, asked: &Asked<'_>) -> Result<Listed> {
    let pinned = context.active().await?;
    let standing = standing::standing(context, &pinned, asked).await?;
    let Standing { services, entries, mut later, remembered, returned } = standing;
    let mended = Mended::of(context.store.judged_corrections(asked.source).await?);
    let mut by_service: BTreeMap<u16, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        by_service.entry(entry.service).or_default().push(entry);
    }
    let mut lists = Vec::new();
    for (service, entries) in by_service {
        let Some(service) = services.get(usize::from(service)) else { continue };
        let mapping = pinned.rules.rulebook.mapping(asked.source, service);
        let (list, closed) = surveyed(context, asked, service, mapping, entries, &mended).await?;
        later += closed;
        lists.extend((!list.entries.is_empty()).then_some(list));
    }
    lists.sort_by(|a, b| a.service.cmp(&b.service));
    let mut counted = 0;
    let mut unjudged = 0;
    for ((source, service), figures) in context.store.service_figures().await? {
        if source == asked.source && asked.service.is_none_or(|wanted| wanted == service) {
            counted += u64::try_from(figures.found.rejected).unwrap_or_default();
            unjudged += u64::try_from(figures.unjudged).unwrap_or_default();
        }
    }
    let until = context.store.judged_until(asked.source).await?;
    let forgotten = counted.saturating_sub(remembered);
    let source = asked.source.to_owned();
    Ok(Listed { source, pinned, lists, until, unjudged, later, forgotten, returned })
}

/// The columns of a list, and the sightings in it that a judged correction took the place of; rows without a key that are the
/// same bytes, judged under several revisions, become one.
async fn surveyed(
    context: &Context,
    asked: &Asked<'_>,
    service: &str,
    mapping: Option<&Mapping>,
    mut entries: Vec<Entry>,
    mended: &Mended,
) -> Result<(List, u64)> {
    entries.sort_unstable_by_key(|entry| entry.at);
    let mut survey = Survey::new(mapping);
    let mut closed = 0;
    let places: Vec<_> = entries.iter().map(|entry| entry.at).collect();
    bytes::visit(context, asked.source, &places, &mut |index, found| {
        let Some(entry) = entries.get_mut(index) else { return ControlFlow::Continue(()) };
        if entry.verdict == Verdict::Rejected && mended.closes(entry.at, found) {
            closed += std::mem::take(&mut entry.times);
        } else {
            survey.look(index, !entry.keyed, found);
        }
        ControlFlow::Continue(())
    })
    .await?;
    survey.merge(&mut entries);
    let recent = |entry: &Entry| {
        // what was given back waits for its sender, however long ago it came
        entry.verdict == Verdict::Accepted || asked.since.is_none_or(|since| entry.received_at >= since)
    };
    entries.retain(|entry| entry.times > 0 && recent(entry));
    let Survey { columns, widths, has_more, has_unreadable, .. } = survey;
    let service = service.to_owned();
    Ok((List { service, columns, widths, has_more, has_unreadable, entries }, closed))
}

#[derive(Default)]
struct Survey {
    columns: Vec<Column>,
    widths: Vec<u16>,
    known: HashMap<Column, usize>,
    has_more: bool,
    has_unreadable: bool,
    /// Of rows without a key: digest of the bytes and the rows that are these.
    same: HashMap<u128, Vec<usize>>,
}

impl Survey {
    fn new(mapping: Option<&Mapping>) -> Self {
        let paths = mapping.into_iter().flat_map(Mapping::paths);
        let columns: Vec<Column> = paths.map(|(path, _)| Column { path: path.to_owned(), nth: 1 }).collect();
        let known = columns.iter().cloned().zip(0..).collect();
        Self { known, widths: vec![0; columns.len()], columns, ..Self::default() }
    }

    fn look(&mut self, index: usize, keyless: bool, found: &Found<'_>) {
        let bytes = match found {
            Found::Record(record, bytes) => {
                each_column(record, &mut |column, number| {
                    let text =
                        record.fields.get(number).map(|(_, raw)| raw.text.as_ref()).unwrap_or_default();
                    self.column(column, width_of(text.lines().next().unwrap_or_default()));
                });
                *bytes
            }
            Found::Unreadable(bytes) => {
                self.has_unreadable = true;
                *bytes
            }
            Found::Gone(_) | Found::Absent => return,
        };
        if keyless {
            self.same.entry(bytes::short(bytes)).or_default().push(index);
        }
    }

    fn column(&mut self, column: Column, width: u16) {
        if let Some(widest) = self.known.get(&column).and_then(|at| self.widths.get_mut(*at)) {
            *widest = width.max(*widest);
        } else if self.columns.len() >= MOST_COLUMNS {
            self.has_more = true;
        } else {
            self.known.insert(column.clone(), self.columns.len());
            self.columns.push(column);
            self.widths.push(width);
        }
    }

    /// The newest of the same bytes stands for all; entries are in order of their places.
    fn merge(&mut self, entries: &mut [Entry]) {
        for same in self.same.values() {
            let Some((newest, older)) = same.split_last() else { continue };
            let mut times = 0;
            for index in older {
                if let Some(entry) = entries.get_mut(*index) {
                    times += std::mem::take(&mut entry.times);
                }
            }
            if let Some(entry) = entries.get_mut(*newest) {
                entry.times += times;
            }
        }
    }
}

/// Characters a text is wide: a Chinese one is as wide as two letters.
#[must_use]
pub fn width_of(text: &str) -> u16 {
    let wide: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    u16::try_from(wide).unwrap_or(u16::MAX)
}

/// A record's columns in order, each with the number of its field.
pub fn each_column(record: &SourceRecord<'_>, each: &mut dyn FnMut(Column, usize)) {
    let mut said: HashMap<&str, u32> = HashMap::with_capacity(record.fields.len());
    for (number, (path, _)) in record.fields.iter().enumerate() {
        let nth = said.entry(path.as_ref()).or_default();
        *nth += 1;
        each(Column { path: path.to_string(), nth: *nth }, number);
    }
}

impl Listed {
    /// What a list's rows are read by now, if it still has a mapping.
    #[must_use]
    pub fn mapping(&self, list: &List) -> Option<&Mapping> {
        self.pinned.rules.rulebook.mapping(&self.source, &list.service)
    }

    /// The zone of the hub.
    #[must_use]
    pub fn zone(&self) -> chrono_tz::Tz {
        self.pinned.rules.hub.zone
    }

    /// Gives the rows of a list, in landing order, until `each` has enough.
    ///
    /// # Errors
    /// When the ledger fails.
    pub async fn rows(
        &self,
        context: &Context,
        list: &List,
        each: &mut (dyn FnMut(Row<'_>) -> ControlFlow<()> + Send),
    ) -> Result<()> {
        for entries in list.entries.chunks(CHUNK) {
            let mut reasons = context.store.reasons(entries.iter().map(|entry| entry.issue)).await?;
            let returned = |entry: &Entry| Some((entry.issue, self.returned.get(&entry.issue)?.clone()));
            reasons.extend(entries.iter().filter_map(returned));
            let books = self.books(context, &reasons).await;
            let mut flow = ControlFlow::Continue(());
            let places: Vec<_> = entries.iter().map(|entry| entry.at).collect();
            bytes::visit(context, &self.source, &places, &mut |index, found| {
                let Some(entry) = entries.get(index) else { return ControlFlow::Continue(()) };
                flow = each(self.row(list, entry, reasons.get(&entry.issue), &books, found));
                flow
            })
            .await?;
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The revisions that judged these; one that no longer loads is left out.
    async fn books(&self, context: &Context, reasons: &HashMap<i64, Reason>) -> HashMap<i64, Arc<Pinned>> {
        let mut books = HashMap::new();
        let wanted: HashSet<i64> = reasons.values().map(|reason| reason.revision).collect();
        for no in wanted {
            if let Ok(pinned) = context.numbered(no).await {
                books.insert(no, pinned);
            }
        }
        books
    }

    fn row<'r>(
        &self,
        list: &List,
        entry: &Entry,
        reason: Option<&'r Reason>,
        books: &HashMap<i64, Arc<Pinned>>,
        found: &'r Found<'_>,
    ) -> Row<'r> {
        let book = reason.and_then(|reason| books.get(&reason.revision)).unwrap_or(&self.pinned);
        let mapping = book.rules.rulebook.mapping(&self.source, &list.service);
        let clause = |issue: &Issue| mapping.and_then(|mapping| mapping.clause(issue)).map(str::to_owned);
        let issues = reason.map(|reason| reason.issues.as_slice()).unwrap_or_default();
        Row {
            verdict: entry.verdict,
            at: entry.at,
            received_at: entry.received_at,
            times: entry.times,
            id: reason.map_or("", |reason| reason.id.as_str()),
            issues: issues.iter().map(|issue| (issue, clause(issue))).collect(),
            body: match found {
                Found::Record(record, _) => Body::Record(record),
                Found::Unreadable(bytes) => Body::Unreadable(bytes),
                Found::Gone(why) => Body::Gone(why),
                Found::Absent => Body::Gone("原文中没有这一条"),
            },
        }
    }
}
