//! Whether a document has more rejected records than its service allows, found before its first record is judged: every
//! record is decoded and mapped, counted, and let go of again, so that memory does not grow with the document.

use std::collections::{HashMap, HashSet};

use adapters::Decode as _;
use mappings::{Issue, Level, Outcome};
use rayon::prelude::*;

use super::{Work, scan::decoder};
use crate::{
    config::ErrorLimit,
    pipeline::{
        Pinned, Result,
        reading::{self, Seen},
    },
    store::{
        limits::{ERROR_LIMIT, OverLimit},
        parts::Pending,
    },
};

/// Documents of a group that are held whole, with what was found; and whether that was found just now.
pub(super) type Overs = HashMap<i64, (OverLimit, bool)>;

/// What must be asked of the ledger before counting.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Held whole since their first part.
    known: Overs,
    /// Documents whose first part is here, each with all its parts and what it is allowed.
    whole: Vec<(ErrorLimit, Vec<Pending>)>,
}

/// Looks what is known of the documents of these parts. What a first part decided holds for all later ones, under
/// whatever revision they are judged, so that a document is taken or held whole.
pub(super) async fn asked(work: &Work<'_>, parts: &[Pending]) -> Result<Asked> {
    let firsts: HashSet<i64> = parts.iter().filter(|part| part.part == 0).map(|part| part.document).collect();
    let mut later: Vec<i64> =
        parts.iter().map(|part| part.document).filter(|no| !firsts.contains(no)).collect();
    later.dedup();
    let store = &work.context.store;
    let known = store.held_whole(&later).await?.into_iter().map(|(no, over)| (no, (over, false))).collect();
    let last = parts.last().map(|part| part.document);
    let mut whole = Vec::new();
    for first in parts.iter().filter(|part| part.part == 0) {
        let Some(limit) = limit_of(&work.pinned, work.source, &first.service) else { continue };
        let own = if Some(first.document) == last {
            store.parts_of(first.document).await?
        } else {
            parts.iter().filter(|part| part.document == first.document).cloned().collect()
        };
        whole.push((limit, own));
    }
    Ok(Asked { known, whole })
}

fn limit_of(rules: &Pinned, source: &str, service: &str) -> Option<ErrorLimit> {
    let file = rules.rules.source(source)?;
    file.services.iter().find(|own| own.name == service)?.error_limit
}

impl Asked {
    /// The documents that are held whole.
    pub(super) fn over(self, rules: &Pinned, source: &str, documents: &HashMap<String, Vec<u8>>) -> Overs {
        let mut over = self.known;
        for (limit, parts) in self.whole {
            let Some(first) = parts.first() else { continue };
            let (found, rejected) = counted(rules, source, &parts, documents);
            if limit.is_over(found, rejected) {
                let told =
                    OverLimit { service: first.service.clone(), found, rejected, allowed: limit.words() };
                over.insert(first.document, (told, true));
            }
        }
        over
    }
}

/// Records found in these parts, and those of them that would be rejected.
fn counted(
    rules: &Pinned,
    source: &str,
    parts: &[Pending],
    documents: &HashMap<String, Vec<u8>>,
) -> (u64, u64) {
    let of = |part: &Pending| {
        let Some(mapping) = rules.rules.rulebook.mapping(source, &part.service) else { return (0, 0) };
        let document = documents.get(&part.blob).map(Vec::as_slice).unwrap_or_default();
        let bytes = reading::part(document, part.from, part.to, part.first);
        let mut counts = (0, 0);
        for record in decoder(rules, source).decode(&bytes) {
            let good = record
                .is_ok_and(|record| mapping.map(&Seen(&record), part.received_at).outcome != Outcome::Reject);
            counts = (counts.0 + 1, counts.1 + u64::from(!good));
        }
        counts
    };
    parts.par_iter().map(of).reduce(|| (0, 0), |one, other| (one.0 + other.0, one.1 + other.1))
}

/// What stands on every record of such a document, good ones too.
pub(super) fn issue(document: i64, over: &OverLimit) -> Issue {
    let OverLimit { found, rejected, allowed, .. } = over;
    Issue {
        code: ERROR_LIMIT.to_owned(),
        level: Level::Hold,
        field: String::new(),
        value: format!("{rejected}/{found}"),
        place: String::new(),
        message: format!("这一批 {found} 条里有 {rejected} 条不合格，超过上限（{allowed}），整批待定"),
        advice: format!(
            "请来源改正后重发，新的一批会取代它；确认可以收下时运行 lianwang held release {document} --why 理由"
        ),
    }
}
