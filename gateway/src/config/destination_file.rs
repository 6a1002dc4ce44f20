//! `destinations/<name>/destination.toml`: a destination's names and how much goes when, and the adapter's part.
//! Leaves reaching it and reading its answers to `adapters`, `[wire]` and the outlets to the rules.

use std::time::Duration;

use adapters::{
    DestinationConfig,
    destination::{DestinationConnect, Reader, VerdictConfig},
};
use chrono::TimeDelta;
use mappings::{Problem, RuleFile, Rulebook, Severity};
use serde::{Deserialize, de::IgnoredAny};
use toml::Spanned;

use super::{connecting, quote, reading, source_file::LONGEST_EXCHANGE_MS, timing};

/// Most records a batch may hold.
const LARGEST_BATCH: u32 = 10_000;
/// Most MB a batch may hold: it is in memory some times over, enciphered and in the journal.
const LARGEST_BATCH_MB: u32 = 256;

/// A destination as configured.
#[derive(Debug, Clone, PartialEq)]
pub struct DestinationFile {
    /// Its folder's name.
    pub name: String,
    /// Its name for people; its folder's when none is written.
    pub title: String,
    /// How to reach it.
    pub connect: DestinationConnect,
    /// How to read its answers.
    pub verdicts: Vec<VerdictConfig>,
    /// How much goes when.
    pub send: Send,
}

impl DestinationFile {
    /// How long one exchange may take: a lease must last longer.
    #[must_use]
    pub fn longest_exchange(&self) -> TimeDelta {
        let DestinationConnect::Rest(connect) = &self.connect;
        TimeDelta::milliseconds(i64::try_from(connect.timeout_ms).unwrap_or(0).min(LONGEST_EXCHANGE_MS))
    }

    /// The adapter's part.
    #[must_use]
    pub fn adapter(&self) -> DestinationConfig {
        DestinationConfig { connect: self.connect.clone(), verdicts: self.verdicts.clone() }
    }

    /// Whether it takes a kind: `[send] kinds` names it, or names none.
    #[must_use]
    pub fn takes(&self, kind: &str) -> bool {
        self.send.kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|taken| taken == kind))
    }
}

/// `[send]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// Most records in one batch. Default 20.
    pub batch: u32,
    /// Most MB (2^20 bytes) of records in one batch, as they go out before any cipher. Default 32.
    pub max_batch_mb: u32,
    /// The field whose value a batch's records share (`companyCode`); none: any records of one kind together.
    pub group_by: Option<String>,
    /// How long to wait before each further attempt; the last step repeats. Default 10 s, 1 min, 5 min, 30 min.
    pub retry: Vec<Duration>,
    /// The kinds it takes; none: all that have an outlet.
    pub kinds: Option<Vec<String>>,
    /// Whether records marked as tests are in its scope. Default: no.
    pub takes_test: bool,
    /// The scheme of the identifier that says whose its records are, such as `chem`; none: whoever's.
    pub owner: Option<String>,
    /// How old a record may be that waits for its parent, before it counts as refused; none: it waits for ever.
    pub parent_wait: Option<Duration>,
}

impl Default for Send {
    fn default() -> Self {
        let retry = [10, 60, 300, 1_800].map(Duration::from_secs).to_vec();
        Self {
            batch: 20,
            max_batch_mb: 32,
            group_by: None,
            retry,
            kinds: None,
            takes_test: false,
            owner: None,
            parent_wait: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    title: Option<String>,
    connect: DestinationConnect,
    #[serde(default)]
    verdict: Vec<Spanned<VerdictConfig>>,
    #[serde(default)]
    send: WrittenSend,
    #[serde(rename = "wire")]
    _wire: Option<IgnoredAny>,
}

/// `[send]` read by itself: it is checked even where the rest of the file is wrong.
#[derive(Default, Deserialize)]
struct OnlySend {
    #[serde(default)]
    send: WrittenSend,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSend {
    batch: Option<Spanned<u32>>,
    max_batch_mb: Option<Spanned<u32>>,
    group_by: Option<Spanned<String>>,
    retry: Option<Spanned<Vec<Spanned<String>>>>,
    kinds: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    takes_test: bool,
    owner: Option<Spanned<String>>,
    parent_wait: Option<Spanned<String>>,
}

/// The destination a `destination.toml` describes; what is wrong is added to `problems`.
pub(super) fn read(name: &str, file: &RuleFile, problems: &mut Vec<Problem>) -> Option<DestinationFile> {
    let OnlySend { send } = toml::from_str(&file.text).unwrap_or_default();
    let (batch, retry) =
        (batch(file, send.batch.as_ref(), problems), retry(file, send.retry.as_ref(), problems));
    let max_batch_mb = max_batch_mb(file, send.max_batch_mb.as_ref(), problems);
    let parent_wait = parent_wait(file, send.parent_wait.as_ref(), problems);
    connecting::check(file, DestinationConnect::problems, problems);
    let written: Written = reading::read(file, problems)?;
    let send = Send {
        batch,
        max_batch_mb,
        retry,
        group_by: written.send.group_by.map(Spanned::into_inner),
        kinds: written.send.kinds.map(|kinds| kinds.into_iter().map(Spanned::into_inner).collect()),
        takes_test: written.send.takes_test,
        owner: written.send.owner.map(Spanned::into_inner),
        parent_wait,
    };
    minute(file, &written.connect, batch, problems);
    for rule in &written.verdict {
        if let Err(wrong) = Reader::new(std::slice::from_ref(rule.get_ref())) {
            problems.push(quote::at(file, Some(rule.span()), Severity::Error, wrong.what, None));
        }
    }
    let verdicts: Vec<VerdictConfig> = written.verdict.into_iter().map(Spanned::into_inner).collect();
    if verdicts.is_empty() {
        let hint = "至少写一条 [[verdict]]，说明什么样的回答算收下了";
        let message = "没有判定规则：所有回答都会是“结果未知”，批次会一直重发".to_owned();
        problems.push(quote::at(file, None, Severity::Warning, message, Some(hint.to_owned())));
    }
    let title = written.title.unwrap_or_else(|| name.to_owned());
    Some(DestinationFile { name: name.to_owned(), title, connect: written.connect, verdicts, send })
}

/// What `[send]` says of kinds and fields, held against the rules.
pub(super) fn against(
    destination: &DestinationFile,
    file: &RuleFile,
    rules: &Rulebook,
    problems: &mut Vec<Problem>,
) {
    let taken: Vec<&str> = rules.outlets(&destination.name).map(mappings::Outlet::kind).collect();
    if taken.is_empty() {
        let message = format!("目的地 {} 没有任何出口，什么也不会送", destination.name);
        let hint =
            format!("在 destinations/{}/ 里给每种要送的对象加一个文件，写 kind 和 path", destination.name);
        problems.push(quote::at(file, None, Severity::Warning, message, Some(hint)));
    }
    let Ok(Written { send, .. }) = toml::from_str(&file.text) else { return };
    for kind in send.kinds.iter().flatten().filter(|kind| !taken.contains(&kind.get_ref().as_str())) {
        let message = format!("kinds 里的 {} 在这个目的地没有出口", kind.get_ref());
        let hint = reading::suggestion(kind.get_ref(), &taken);
        problems.push(quote::at(file, Some(kind.span()), Severity::Error, message, hint));
    }
    if let Some(owner) = &send.owner {
        ownerless(destination, file, rules, owner, problems);
    }
    if let Some(group) = &send.group_by {
        let lacking =
            |kind: &&&str| rules.kind(kind).is_some_and(|kind| kind.field(group.get_ref()).is_none());
        if let Some(kind) = taken.iter().filter(|kind| destination.takes(kind)).find(lacking) {
            let message = format!("group_by：对象 {kind} 没有字段 {}", group.get_ref());
            problems.push(quote::at(file, Some(group.span()), Severity::Error, message, None));
        }
    }
}

fn parent_wait(
    file: &RuleFile,
    written: Option<&Spanned<String>>,
    problems: &mut Vec<Problem>,
) -> Option<Duration> {
    let written = written?;
    let told = |wrong: String| {
        let message = format!("parent_wait：{wrong}");
        problems.push(quote::at(file, Some(written.span()), Severity::Error, message, None));
    };
    timing::age(written.get_ref()).map_err(told).ok()
}

/// A scheme that no kind it takes has: everything would be outside its scope.
fn ownerless(
    destination: &DestinationFile,
    file: &RuleFile,
    rules: &Rulebook,
    owner: &Spanned<String>,
    problems: &mut Vec<Problem>,
) {
    let taken = rules.outlets(&destination.name).filter_map(|outlet| rules.kind(outlet.kind()));
    let mut schemes: Vec<&str> =
        taken.flat_map(|kind| kind.fields().iter().filter_map(mappings::Field::owner)).collect();
    schemes.sort_unstable();
    schemes.dedup();
    if !schemes.contains(&owner.get_ref().as_str()) {
        let message = format!("owner：没有对象带企业标识 {}，什么都不会送", owner.get_ref());
        let hint = format!("可用：{}", schemes.join("、"));
        problems.push(quote::at(file, Some(owner.span()), Severity::Error, message, Some(hint)));
    }
}

/// After a start nobody knows how many records went last; a minute is enough only if no batch is larger than a minute's.
fn minute(file: &RuleFile, connect: &DestinationConnect, batch: u32, problems: &mut Vec<Problem>) {
    let DestinationConnect::Rest(connect) = connect;
    let Some(most) = connect.records_per_min.filter(|most| f64::from(batch) > *most) else { return };
    let message = format!("一批 {batch} 条，比每分钟 {most} 条还多");
    let hint = "把 [send] 里的 batch 改小，不大于 records_per_min".to_owned();
    problems.push(quote::at(file, None, Severity::Error, message, Some(hint)));
}

fn max_batch_mb(file: &RuleFile, written: Option<&Spanned<u32>>, problems: &mut Vec<Problem>) -> u32 {
    let Some(written) = written else { return Send::default().max_batch_mb };
    if !(1..=LARGEST_BATCH_MB).contains(written.get_ref()) {
        let message = format!("max_batch_mb 要在 1 到 {LARGEST_BATCH_MB} 之间");
        problems.push(quote::at(file, Some(written.span()), Severity::Error, message, None));
    }
    *written.get_ref()
}

fn batch(file: &RuleFile, written: Option<&Spanned<u32>>, problems: &mut Vec<Problem>) -> u32 {
    let Some(written) = written else { return Send::default().batch };
    if !(1..=LARGEST_BATCH).contains(written.get_ref()) {
        let message = format!("batch 要在 1 到 {LARGEST_BATCH} 之间");
        problems.push(quote::at(file, Some(written.span()), Severity::Error, message, None));
    }
    *written.get_ref()
}

fn retry(
    file: &RuleFile,
    written: Option<&Spanned<Vec<Spanned<String>>>>,
    problems: &mut Vec<Problem>,
) -> Vec<Duration> {
    let Some(written) = written else { return Send::default().retry };
    if written.get_ref().is_empty() {
        let message = "retry 不能是空的".to_owned();
        let hint = "例如 retry = [\"10s\", \"1m\", \"5m\", \"30m\"]；最后一步会重复".to_owned();
        problems.push(quote::at(file, Some(written.span()), Severity::Error, message, Some(hint)));
    }
    let mut steps = Vec::new();
    for step in written.get_ref() {
        match timing::duration(step.get_ref()) {
            Ok(wait) => steps.push(wait),
            Err(wrong) => problems.push(quote::at(file, Some(step.span()), Severity::Error, wrong, None)),
        }
    }
    steps
}

#[cfg(test)]
mod tests;
