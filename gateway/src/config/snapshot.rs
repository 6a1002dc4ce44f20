//! `snapshot` and `sweep_cap_percent` of a service: whether a whole pass names everything there is, and what makes that
//! untrue. Leaves looking for what is missing to `refine`.

use adapters::{http::paging::PagingConfig, source::RequestConfig};
use mappings::{Kind, Problem, RuleFile, Severity};
use toml::Spanned;

use super::quote;

/// Of a hundred that stand, so many may be missing unless the file says otherwise.
const CAP_PERCENT: u8 = 5;

/// What is done with what a whole pass does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    /// Of a hundred records that stand: more missing than this, and a person must let them go.
    pub cap_percent: u8,
}

impl Snapshot {
    /// As the file says; none: nothing is taken for gone.
    pub(super) fn of(snapshot: Option<&Spanned<bool>>, cap: Option<&Spanned<i64>>) -> Option<Self> {
        let cap_percent = cap.and_then(|cap| u8::try_from(*cap.get_ref()).ok()).unwrap_or(CAP_PERCENT);
        snapshot.filter(|snapshot| *snapshot.get_ref()).map(|_| Self { cap_percent })
    }

    /// Whether so many missing of those that stand are too many to be deleted unseen.
    #[must_use]
    pub fn is_over(&self, standing: u64, missing: u64) -> bool {
        u128::from(missing) * 100 > u128::from(self.cap_percent) * u128::from(standing)
    }
}

/// What a service says, and what it is read by.
pub(super) struct Written<'a> {
    pub(super) snapshot: Option<&'a Spanned<bool>>,
    pub(super) cap: Option<&'a Spanned<i64>>,
    pub(super) request: &'a RequestConfig,
    pub(super) has_full_read: bool,
}

/// What is wrong with it is added to `problems`.
pub(super) fn check(written: &Written<'_>, file: &RuleFile, problems: &mut Vec<Problem>) {
    let mut say = |span, severity, message: &str, hint: &str| {
        problems.push(quote::at(file, Some(span), severity, message.to_owned(), Some(hint.to_owned())));
    };
    if let Some(cap) = written.cap {
        if !(0..=100).contains(cap.get_ref()) {
            let hint = "5 是百分之五：缺少的超过在册的百分之五，就等人放行";
            say(cap.span(), Severity::Error, "sweep_cap_percent 应当是 0 到 100 的整数", hint);
        }
        if !written.snapshot.is_some_and(|snapshot| *snapshot.get_ref()) {
            let hint = "这个服务每次给全量的话，加一行 snapshot = true";
            say(cap.span(), Severity::Warning, "没有 snapshot = true，sweep_cap_percent 不起作用", hint);
        }
    }
    let Some(snapshot) = written.snapshot.filter(|snapshot| *snapshot.get_ref()) else { return };
    for (message, hint) in unsure(written) {
        say(snapshot.span(), Severity::Error, message, hint);
    }
}

/// Why a pass to its end may not have named everything.
fn unsure(written: &Written<'_>) -> Vec<(&'static str, &'static str)> {
    let request = written.request;
    let mut why = Vec::new();
    match request.paging {
        PagingConfig::Keyset { .. } if !written.has_full_read => why.push((
            "按时间续读的服务只读新的，不是快照：snapshot 要有从头读的计划",
            "在文件开头加 full_read，例如 full_read = \"0 3 * * 0\"（每周日三点从头读一遍）",
        )),
        PagingConfig::Page { .. } | PagingConfig::Offset { .. } if request.total.is_none() => why.push((
            "按页读而没有总数，读的中途少了一条也看不出来：snapshot 要有 total",
            "在 [services.request] 里写 total，指向答复里的总数",
        )),
        _ => {}
    }
    if request.is_bounded() {
        why.push((
            "请求里有 {until}，读的中途改动的记录会漏读，被当成已经没有",
            "去掉请求里的 {until}，或不写 snapshot",
        ));
    }
    why
}

/// A kind whose records cannot say that they are deleted.
pub(super) fn no_mark(file: &RuleFile, snapshot: &Spanned<bool>, kind: &Kind) -> Problem {
    let message = format!("{}（{}）没有说明已删除的字段，缺少的记录无从标记", kind.label(), kind.name());
    let hint = format!("在 kinds/{}.toml 里给一个代码字段写 gone = \"代码\"，或不写 snapshot", kind.name());
    quote::at(file, Some(snapshot.span()), Severity::Error, message, Some(hint))
}

#[cfg(test)]
mod tests;
