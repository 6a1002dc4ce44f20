//! Looking into a simulator's own ledger, to compare it with the hub's.

use reqwest::{Method, Request, Url};
use serde_json::Value;

use crate::{
    error::{AdapterError, Certainty},
    http::{Client, client::Limits},
};

const LIMITS: Limits =
    Limits { connect_timeout_ms: 2_000, read_timeout_ms: 5_000, timeout_ms: 10_000, body_cap_mb: 64 };

/// What the simulator at `base` says it has (`GET /ledger`).
///
/// # Errors
/// When it does not answer or not with JSON.
pub async fn ledger(base: &str) -> Result<Value, AdapterError> {
    let url = Url::parse(base).and_then(|base| base.join("/ledger"));
    let url = url.map_err(|error| AdapterError::config(format!("模拟器地址 {base}：{error}")))?;
    let reply = Client::build(LIMITS)?.send(Request::new(Method::GET, url)).await?;
    serde_json::from_slice(&reply.body)
        .map_err(|error| AdapterError::remote(format!("模拟器的账读不懂：{error}"), Certainty::Received))
}
