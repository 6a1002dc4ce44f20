//! One record of a key that more than one source speaks of: whose word stands, and what the record itself comes to. Pure;
//! who said what before is given.

use mappings::{Contribution, Digest, Input, Issue, Kind, Level, Mapped, Outcome, Version};

use super::{Candidate, Decision, second_source, stale};
use crate::store::{contributions::Said, heads::Head};

/// A shared key after one of its sources spoke.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// What each source says now, in order of arrival.
    pub said: Vec<Said>,
    /// Which of them stands.
    pub winner: usize,
    /// The new state; none: it stands as it is.
    pub version: Option<Version>,
    /// When what stands was true, ms.
    pub as_of: Option<i64>,
    /// What was noted.
    pub notes: Vec<Issue>,
}

/// What is known of a shared key.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// What each source said last, in order of arrival.
    pub said: &'a [Said],
    /// What stands.
    pub head: &'a Head,
}

/// Judges a record of a shared key. `priority` is what a source declares; `keep` makes of its contribution what is kept.
pub fn settle(
    candidate: &Candidate<'_>,
    kind: &Kind,
    before: Before<'_>,
    priority: impl Fn(&str) -> Option<i64>,
    keep: impl FnOnce(Contribution) -> Said,
    map: impl FnOnce() -> Mapped,
) -> Decision {
    let (own, others): (Vec<&Said>, Vec<&Said>) = before.said.iter().partition(|said| candidate.speaks(said));
    let own = own.first();
    if own.is_some_and(|own| own.source_digest == candidate.digest || candidate.place < own.place()) {
        return Decision::Unchanged(None);
    }
    let Mapped { contribution, mut issues, outcome, .. } = map();
    if outcome == Outcome::Reject {
        return Decision::Rejected(issues);
    }
    if let Some(other) = unweighed(before.said, candidate.source, &priority) {
        issues.push(second_source(other));
        return Decision::Held(issues);
    }
    if outcome == Outcome::Hold {
        return Decision::Held(issues);
    }
    let Some(contribution) = contribution else { return Decision::Rejected(issues) };
    // in other words of ours, but nothing new of its own: no arrival
    if own.is_some_and(|own| says(kind, &own.contribution) == says(kind, &contribution)) {
        return Decision::Unchanged(None);
    }
    let (was, is) = (own.and_then(|own| own.contribution.as_of), contribution.as_of);
    if let Some((newest, _)) = was.zip(is).filter(|(was, is)| is < was) {
        return Decision::Unchanged(Some(stale(is, newest.timestamp_millis())));
    }
    let said = in_order(&others, keep(contribution));
    let inputs = weighed(&said, priority);
    match mappings::settle(kind, inputs) {
        Some((version, winner)) => came_to(candidate, kind, before.head, said, (version, winner), issues),
        None => Decision::Rejected(issues),
    }
}

impl Candidate<'_> {
    fn speaks(&self, said: &Said) -> bool {
        said.contribution.source == self.source && said.contribution.said == self.said
    }
}

/// The other source that a source's word cannot be weighed against, since one of all has no priority. One source weighs as
/// much as itself, whatever it calls the thing.
pub fn unweighed<'s>(
    said: &'s [Said],
    source: &'s str,
    priority: impl Fn(&str) -> Option<i64>,
) -> Option<&'s str> {
    let sources = || said.iter().map(|said| said.contribution.source.as_str()).chain([source]);
    let other = sources().find(|own| *own != source)?;
    sources().any(|source| priority(source).is_none()).then_some(other)
}

/// The digest of what a contribution would be alone.
fn says(kind: &Kind, contribution: &Contribution) -> Option<Digest> {
    mappings::merge(kind, contribution.clone()).map(|version| version.content_digest)
}

fn in_order(others: &[&Said], new: Said) -> Vec<Said> {
    let mut said: Vec<Said> = others.iter().copied().cloned().chain([new]).collect();
    said.sort_by_key(Said::place);
    said
}

/// What each says with its weight; all have declared one, or are one source.
#[must_use]
pub fn weighed(said: &[Said], priority: impl Fn(&str) -> Option<i64>) -> Vec<Input> {
    let weigh = |said: &Said| {
        let contribution = said.contribution.clone();
        Input { priority: priority(&contribution.source).unwrap_or_default(), contribution }
    };
    said.iter().map(weigh).collect()
}

fn came_to(
    candidate: &Candidate<'_>,
    kind: &Kind,
    head: &Head,
    said: Vec<Said>,
    (version, winner): (Version, usize),
    mut notes: Vec<Issue>,
) -> Decision {
    if let Some(stands) = said.get(winner).filter(|said| !candidate.speaks(said)) {
        let own = said.iter().filter(|said| candidate.speaks(said));
        let differ = own.flat_map(|own| kind.differing(&own.contribution.content, &version.content));
        let differ: Vec<&str> = differ.map(mappings::Field::label).collect();
        if !differ.is_empty() {
            let own_other = stands.contribution.source == candidate.source;
            notes.push(outranked(stands, own_other, &differ));
        }
    }
    let as_of = version.as_of.map(|at| at.timestamp_millis());
    let is_new = head.content_digest != crate::store::hex(&version.content_digest);
    Decision::Settled(Box::new(Settled { said, winner, version: is_new.then_some(version), as_of, notes }))
}

fn outranked(stands: &Said, is_own: bool, differ: &[&str]) -> Issue {
    let Contribution { source, key, said, .. } = &stands.contribution;
    let (differ, said) = (differ.join("、"), key.as_said(said));
    let (value, by, advice) = if is_own {
        let said = format!("{}/{}", said.id_space, said.id);
        let by = format!("同一条以 {said} 所报为准");
        (said, by, "请与上报的人核对；两个主键若不是同一条，用 lianwang alias undo 分开")
    } else {
        let by = format!("同一主键以来源 {source} 为准");
        (source.clone(), by, "请与对方核对；本条更可信时，调整两个来源的 priority")
    };
    Issue {
        code: "outranked".into(),
        level: Level::Warn,
        field: String::new(),
        value,
        place: String::new(),
        message: format!("{by}，本条另存；不同的字段：{differ}"),
        advice: advice.into(),
    }
}

#[cfg(test)]
mod tests;
