//! Judges the figures, so that a person need not: the headline, and a state for each source and destination.
//! Leaves reading the figures to the store and drawing to the page.

use serde::Serialize;

use super::model::{DestinationStatus, SourceStatus, Status};

/// What `/status.json` carries.
#[derive(Debug, Serialize)]
pub(super) struct View<'s> {
    headline: State,
    source_states: Vec<State>,
    destination_states: Vec<State>,
    #[serde(flatten)]
    status: &'s Status,
}

/// How something is, in one word and one colour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct State {
    /// How grave it is.
    pub tone: Tone,
    /// In a few words.
    pub text: String,
}

/// The colours of the page, gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tone {
    /// Nothing to see yet.
    Quiet,
    /// As it should be.
    Good,
    /// Working.
    Busy,
    /// A person should look.
    Attention,
    /// The ledger is wrong or a system fails.
    Bad,
}

fn state(tone: Tone, text: impl Into<String>) -> State {
    State { tone, text: text.into() }
}

/// The figures with what they mean.
pub(super) fn view(status: &Status) -> View<'_> {
    let source_states: Vec<State> = status.sources.iter().map(source_state).collect();
    let destination_states: Vec<State> = status.destinations.iter().map(destination_state).collect();
    let headline = headline(status, &source_states, &destination_states);
    View { headline, source_states, destination_states, status }
}

fn headline(status: &Status, sources: &[State], destinations: &[State]) -> State {
    if !status.equations.broken.is_empty() {
        return state(Tone::Bad, format!("账不平：{} 处", status.equations.broken.len()));
    }
    if status.sources.is_empty() {
        return state(Tone::Quiet, "还没有配置来源");
    }
    if let Some(why) = &status.stopped {
        return state(Tone::Bad, why.as_str());
    }
    if let Some(why) = &status.unfit {
        return state(Tone::Bad, why.as_str());
    }
    let failing = sources.iter().chain(destinations).filter(|state| state.tone == Tone::Bad).count();
    if failing > 0 {
        return state(Tone::Bad, format!("{failing} 个系统出错"));
    }
    let refused: u64 = status.destinations.iter().map(|destination| destination.total.refused).sum();
    match status.found.held + refused {
        0 if !status.progress.is_empty() => state(Tone::Busy, "正在工作"),
        0 => state(Tone::Good, "运行正常"),
        open => state(Tone::Attention, format!("{open} 条待人处理")),
    }
}

fn source_state(source: &SourceStatus) -> State {
    let whole = source.over_limit.len();
    if whole > 0 && source.last_error.is_none() {
        return state(Tone::Attention, format!("{whole} 批出错太多，整批待定"));
    }
    let missing: u64 = source.held_sweeps.iter().map(|held| held.missing).sum();
    if missing > 0 && source.last_error.is_none() {
        return state(Tone::Attention, format!("{missing} 条没有再报，等人放行"));
    }
    match (&source.last_error, source.running, source.last_run) {
        (Some(_), _, _) => state(Tone::Bad, "读取出错"),
        (None, true, _) => state(Tone::Busy, "正在读取"),
        (None, false, Some(_)) => state(Tone::Good, "正常"),
        (None, false, None) if source.next_run.is_none() => state(Tone::Quiet, "没有计划"),
        (None, false, None) => state(Tone::Quiet, "还没有读过"),
    }
}

fn destination_state(destination: &DestinationStatus) -> State {
    let total = &destination.total;
    if destination.last_error.is_some() {
        return state(Tone::Bad, "发送出错");
    }
    if destination.unknown_batches > 0 {
        return state(Tone::Attention, format!("{} 批结果未知", destination.unknown_batches));
    }
    if total.sent > 0 || total.due > 0 {
        return state(Tone::Busy, "正在发送");
    }
    match (total.refused, total.waiting, total.owed) {
        (0, 0, 0) => state(Tone::Quiet, "还没有要送的"),
        (0, 0, _) => state(Tone::Good, "全部送达"),
        (0, waiting, _) => state(Tone::Good, format!("其余送达，{waiting} 条等上级记录")),
        (refused, ..) => state(Tone::Attention, format!("{refused} 条被拒")),
    }
}

#[cfg(test)]
mod tests;
