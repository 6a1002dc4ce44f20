//! One record against its key's newest state: the verdict, pure. Everything that order means is decided here; what more
//! than one source says of a key, in `shared`.

pub mod shared;

use chrono::{DateTime, Utc};
use mappings::{Issue, Kind, Level, Mapped, Outcome, Version};

use crate::store::heads::Head;

/// What a record comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// A new version, with what was noted about it.
    Accepted(Box<Version>, Vec<Issue>),
    /// No version needed; a stale update says so.
    Unchanged(Option<Issue>),
    /// Its sender must mend it.
    Rejected(Vec<Issue>),
    /// Somebody here must decide.
    Held(Vec<Issue>),
    /// More than one source speaks of its key: what each says now, and what that comes to.
    Settled(Box<shared::Settled>),
}

/// A record about to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its source.
    pub source: &'a str,
    /// What that says for its key, where an alias joins it to that; else empty.
    pub said: &'a str,
    /// Its place in time.
    pub place: (i64, u32),
    /// Digest of the source record, hex.
    pub digest: &'a str,
}

/// Judges a record whose key is known. `map` is called only when bytes and order leave it open.
pub fn decide(
    candidate: &Candidate<'_>,
    kind: &Kind,
    head: Option<&Head>,
    map: impl FnOnce() -> Mapped,
) -> Decision {
    if let Some(head) = head.filter(|head| head.source == candidate.source)
        && (head.source_digest == candidate.digest || candidate.place < head.place)
    {
        return Decision::Unchanged(None);
    }
    let Mapped { contribution, mut issues, outcome, .. } = map();
    if outcome == Outcome::Reject {
        return Decision::Rejected(issues);
    }
    if let Some(head) = head.filter(|head| head.source != candidate.source) {
        issues.push(second_source(&head.source));
        return Decision::Held(issues);
    }
    if outcome == Outcome::Hold {
        return Decision::Held(issues);
    }
    match contribution.and_then(|contribution| mappings::merge(kind, contribution)) {
        Some(version) => against(head, version, issues),
        None => Decision::Rejected(issues),
    }
}

fn against(head: Option<&Head>, version: Version, issues: Vec<Issue>) -> Decision {
    let Some(head) = head else { return Decision::Accepted(Box::new(version), issues) };
    if head.content_digest == crate::store::hex(&version.content_digest) {
        return Decision::Unchanged(None);
    }
    match (head.as_of, version.as_of) {
        (Some(newest), Some(own)) if own.timestamp_millis() < newest => {
            Decision::Unchanged(Some(stale(version.as_of, newest)))
        }
        _ => Decision::Accepted(Box::new(version), issues),
    }
}

/// That a record waits, since nobody has said whose word counts.
pub(super) fn second_source(owner: &str) -> Issue {
    Issue {
        code: "second-source".into(),
        level: Level::Hold,
        field: String::new(),
        value: owner.to_owned(),
        place: String::new(),
        message: format!("这条记录的主键已由来源 {owner} 上报"),
        advice:
            "请确认以哪个来源为准：在两个来源的 source.toml 里写 priority（大者为准）；在此之前本条不上报"
                .into(),
    }
}

fn stale(own: Option<DateTime<Utc>>, newest: i64) -> Issue {
    let newest = DateTime::from_timestamp_millis(newest).unwrap_or_default();
    Issue {
        code: "stale-update".into(),
        level: Level::Warn,
        field: String::new(),
        value: own.map(|at| at.to_rfc3339()).unwrap_or_default(),
        place: String::new(),
        message: format!("更新时间早于已接收的状态（{}），按旧数据处理，没有采用", newest.to_rfc3339()),
        advice: "若确有改动，请让系统写入真实的更新时间后重发".into(),
    }
}

#[cfg(test)]
mod tests;
