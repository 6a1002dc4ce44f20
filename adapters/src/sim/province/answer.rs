//! The receiver's answers, right and wrong: the platform's envelope and what each fault makes of it.

use axum::{http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::{broken, fault::Kind, reply};

/// What the receiver can be told to do wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProvinceFault {
    /// Takes, and answers after `ms` (default 3,000).
    Slow,
    /// 429 with `Retry-After` of `ms` (default 1,000), rounded up to seconds; takes nothing.
    Busy,
    /// 503; takes nothing.
    Down,
    /// 401; takes nothing.
    RefuseCredential,
    /// Takes, then the line breaks before the answer is through.
    CutAfterTaking,
    /// The line breaks, nothing was taken.
    CutBeforeTaking,
    /// Takes, and answers with a login page.
    Garbage,
    /// Refuses the whole batch and names no record.
    RefuseWithoutNames,
    /// Takes all, and names an id that was never sent.
    NameStranger,
}

impl Kind for ProvinceFault {
    const WORDS: &'static [&'static str] = &[
        "slow",
        "busy",
        "down",
        "refuse_credential",
        "cut_after_taking",
        "cut_before_taking",
        "garbage",
        "refuse_without_names",
        "name_stranger",
    ];
}

/// What became of a batch, as the platform tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// All taken.
    Taken,
    /// Refused records by id, with reasons.
    Named(Vec<(String, String)>),
    /// Refused as a whole.
    Unnamed(String),
}

/// The platform's answer: HTTP 200 and `success: true` even when it refuses.
/// Source: transport.md §2 and 8.1 (YT).
pub(super) fn told(request: u64, told: &Told) -> String {
    let inner = match told {
        Told::Taken => json!({ "code": "200", "msg": "操作成功", "data": [] }),
        Told::Named(refused) => {
            let rows: Vec<Value> = refused.iter().map(|(id, msg)| json!({ "id": id, "msg": msg })).collect();
            json!({ "code": "500", "msg": "部分数据校验失败", "data": rows })
        }
        Told::Unnamed(reason) => json!({ "code": "500", "msg": reason, "data": [] }),
    };
    json!({ "requestId": request_id(request), "success": true, "code": 200, "state": 0, "data": inner })
        .to_string()
}

/// An answer without the platform's inner part: the request itself was at fault, or the platform is.
pub(super) fn failed(request: u64, status: StatusCode, code: u32, message: &str) -> Response {
    let text = json!({ "requestId": request_id(request), "success": false, "code": code, "msg": message });
    reply::json(status, text.to_string())
}

/// An answer that breaks off before its first byte of body.
pub(super) fn cut(text: &str) -> Response {
    broken::cut_short(text, 0)
}

fn request_id(request: u64) -> String {
    format!("{request:032x}")
}
