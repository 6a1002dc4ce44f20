//! The platform's answers, right and wrong: the envelope of a page and what each fault makes of it.

use axum::{http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        broken,
        fault::{FaultOrder, Kind},
        reply,
    },
    shelf::Cut,
};

/// What the platform can be told to do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkFault {
    /// The answer breaks off in the middle.
    Cut,
    /// A login page with status 200.
    Html,
    /// The record list stands under another name.
    RenameList,
    /// 401.
    RefuseCredential,
    /// The announced total is too large by three.
    LieTotal,
    /// The first page again, whatever page was asked for.
    RepeatPage,
    /// A whole and right answer of `bytes` (default 96 MiB).
    Huge,
    /// The right answer after `ms` (default 3,000).
    Slow,
    /// 429 with `Retry-After` of `ms` (default 1,000), rounded up to seconds.
    Busy,
    /// 503.
    Down,
    /// Status 200 with the platform's own code of failure.
    Fail,
    /// The answer ends with a stray brace.
    Malformed,
}

impl Kind for ParkFault {
    const WORDS: &'static [&'static str] = &[
        "cut",
        "html",
        "rename_list",
        "refuse_credential",
        "lie_total",
        "repeat_page",
        "huge",
        "slow",
        "busy",
        "down",
        "fail",
        "malformed",
    ];
}

/// A fault a request has met.
pub(super) type Met = Option<FaultOrder<ParkFault>>;

/// The answer in place of any rows, for faults that leave no page.
pub(super) fn instead(met: &Met) -> Option<Response> {
    let order = met.as_ref()?;
    let said = |fallback: &str| order.message.clone().unwrap_or_else(|| fallback.to_owned());
    match order.kind {
        ParkFault::Html => Some(reply::html()),
        ParkFault::RefuseCredential => {
            Some(reply::json(StatusCode::UNAUTHORIZED, failure("401", &said("令牌无效或已过期"))))
        }
        ParkFault::Busy => Some(reply::busy(failure("429", &said("请求过于频繁")), order.wait(1_000))),
        ParkFault::Down => {
            Some(reply::json(StatusCode::SERVICE_UNAVAILABLE, failure("503", &said("系统维护中"))))
        }
        ParkFault::Fail => Some(reply::json(StatusCode::OK, failure("500", &said("系统内部错误")))),
        _ => None,
    }
}

/// Whether the page is asked for in vain: the platform shows its first page again.
pub(super) fn repeats(met: &Met) -> bool {
    kind(met) == Some(ParkFault::RepeatPage)
}

/// Whether the answer carries its rows whole and under the right name.
pub(super) fn carries(met: &Met) -> bool {
    matches!(kind(met), None | Some(ParkFault::Slow | ParkFault::LieTotal | ParkFault::RepeatPage))
}

/// Whether the request counts as the beginning of a pass.
pub(super) fn undisturbed(met: &Met) -> bool {
    matches!(kind(met), None | Some(ParkFault::Slow))
}

/// The page as JSON, or what the fault makes of it.
pub(super) async fn page(cut: &Cut, met: &Met) -> Response {
    let Some(order) = met else { return whole(envelope("records", cut, 0)) };
    match order.kind {
        ParkFault::Cut => {
            let text = envelope("records", cut, 0);
            broken::cut_short(&text, text.len() / 2)
        }
        ParkFault::RenameList => whole(envelope("rows", cut, 0)),
        ParkFault::LieTotal => whole(envelope("records", cut, 3)),
        ParkFault::Huge => whole(padded(&envelope("records", cut, 0), order.bytes.unwrap_or(96 << 20))),
        ParkFault::Malformed => whole(envelope("records", cut, 0) + "}"),
        ParkFault::Slow => {
            reply::pause(order.wait(3_000)).await;
            whole(envelope("records", cut, 0))
        }
        _ => whole(envelope("records", cut, 0)),
    }
}

/// `{"code":…,"message":…,"data":null}`, the platform's word for failure.
pub(super) fn failure(code: &str, message: &str) -> String {
    serde_json::json!({ "code": code, "message": message, "data": null }).to_string()
}

fn kind(met: &Met) -> Option<ParkFault> {
    met.as_ref().map(|order| order.kind)
}

fn whole(text: String) -> Response {
    reply::json(StatusCode::OK, text)
}

fn envelope(list: &str, cut: &Cut, lie: usize) -> String {
    let rows: Vec<&str> = cut.rows.iter().map(|row| row.text.as_str()).collect();
    let total = cut.total + lie;
    format!(r#"{{"code":"0","message":"成功","data":{{"total":{total},"{list}":[{}]}}}}"#, rows.join(","))
}

/// White space in front of the last brace, up to so many bytes.
fn padded(text: &str, bytes: usize) -> String {
    let body = text.strip_suffix('}').unwrap_or(text);
    let mut padded = String::with_capacity(bytes.max(text.len()));
    padded.push_str(body);
    padded.extend(std::iter::repeat_n(' ', bytes.saturating_sub(text.len())));
    padded.push('}');
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_huge_answer_is_still_well_formed() {
        let text = padded(&envelope("records", &Cut { total: 0, rows: vec![] }, 0), 1_000);
        assert_eq!(text.len(), 1_000);
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
}
