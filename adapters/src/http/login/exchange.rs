//! One login: its request, and the token in its answer. Pure. The answer is never kept nor quoted but for the platform's
//! own message: it holds the token. Leaves sending and when to log in to [`super::session`].

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{
    Request, Url,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue},
};
use secrecy::SecretString;
use serde_json::Value;

use super::{
    LifetimeUnit, LoginConfig,
    values::{Filled, fill_json},
};
use crate::{
    codec::json::locate,
    error::{AdapterError, Blame, Certainty, Retry},
    http::{
        Reply, retry_after,
        success::{SuccessRule, Text},
    },
    source::{Method, below},
};

/// The longest token taken, in bytes: it goes into a header of every request.
const LONGEST: usize = 8_192;

/// A token as the answer gave it.
pub(super) struct Given {
    pub text: SecretString,
    /// When it ends, where somebody says so.
    pub ends: Option<DateTime<Utc>>,
}

/// Why there is no token.
pub(super) enum NoToken {
    /// The platform does not want these credentials: trying again soon may lock the account.
    Refused(AdapterError),
    /// Anything else, which may pass.
    Failed(AdapterError),
}

/// The request of a login; its values are secret, so it is shown by method and path alone.
pub(super) fn request(config: &LoginConfig, base: &Url, values: &Filled<'_>) -> Request {
    let mut url = below(base, &config.path);
    if !config.query.is_empty() {
        url.query_pairs_mut().extend_pairs(pairs(&config.query, values));
    }
    let method = match config.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
    };
    let body = body(config, &url, values);
    let mut request = Request::new(method, url);
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    if let Some((kind, text)) = body {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        *request.body_mut() = Some(text.into());
    }
    request
}

fn body(config: &LoginConfig, url: &Url, values: &Filled<'_>) -> Option<(&'static str, String)> {
    if let Some(form) = &config.form {
        let mut scratch = url.clone();
        scratch.query_pairs_mut().clear().extend_pairs(pairs(form, values));
        return Some(("application/x-www-form-urlencoded", scratch.query().unwrap_or_default().to_owned()));
    }
    let members = config.body.as_ref()?;
    let object = Value::Object(members.iter().map(|(name, value)| (name.clone(), value.clone())).collect());
    let filled = fill_json(&object, &|text| values.fill(text))?;
    Some(("application/json", filled.to_string()))
}

fn pairs(table: &BTreeMap<String, Text>, values: &Filled<'_>) -> Vec<(String, String)> {
    table.iter().filter_map(|(name, text)| Some((name.clone(), values.fill(&text.written())?))).collect()
}

/// The token of an answer.
///
/// # Errors
/// Why there is none, without the answer's bytes.
pub(super) fn token(
    config: &LoginConfig,
    success: Option<&SuccessRule>,
    reply: &Reply,
    now: DateTime<Utc>,
) -> Result<Given, NoToken> {
    status(reply, now)?;
    let paths = [
        config.token.as_str(),
        config.lifetime.as_ref().map_or("", |lifetime| &lifetime.at),
        success.map_or("", |rule| &rule.at),
        success.and_then(|rule| rule.message.as_deref()).unwrap_or_default(),
    ];
    let envelope = locate(&reply.body, "", &paths).map_err(|error| failed(error.to_string()))?;
    let mut found =
        envelope.values.iter().zip(paths).map(|(value, path)| value.as_deref().filter(|_| !path.is_empty()));
    let mut next = || found.next().flatten();
    let (text, lifetime, told, message) = (next(), next(), next(), next());
    if let Some(what) = success.and_then(|rule| rule.failure(told, message)) {
        return Err(refused(&what));
    }
    let text = text
        .filter(|text| !text.is_empty())
        .ok_or_else(|| failed(format!("应答里 {} 没有令牌，请检查 [connect.auth] token", config.token)))?;
    if text.len() > LONGEST {
        return Err(failed(format!("令牌超过 {LONGEST} 字节")));
    }
    Ok(Given { text: SecretString::from(text), ends: ends(config, lifetime, now) })
}

fn ends(config: &LoginConfig, told: Option<&str>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Some(seconds) = config.lifetime_s {
        return now.checked_add_signed(TimeDelta::seconds(i64::from(seconds)));
    }
    let number: i64 = told?.trim().parse().ok()?;
    let after = |duration: Option<TimeDelta>| now.checked_add_signed(duration?);
    match config.lifetime.as_ref()?.unit {
        LifetimeUnit::S => after(TimeDelta::try_seconds(number)),
        LifetimeUnit::Ms => after(TimeDelta::try_milliseconds(number)),
        LifetimeUnit::Min => after(TimeDelta::try_minutes(number)),
        LifetimeUnit::EpochS => DateTime::from_timestamp(number, 0),
        LifetimeUnit::EpochMs => DateTime::from_timestamp_millis(number),
    }
}

fn status(reply: &Reply, now: DateTime<Utc>) -> Result<(), NoToken> {
    let status = reply.status;
    match status {
        200..=299 => Ok(()),
        400 | 401 | 403 | 422 | 423 => Err(refused(&format!("HTTP {status}"))),
        404 | 405 => {
            Err(failed(format!("HTTP {status}：对方没有这个登录接口，请检查 [connect.auth] path 与 method")))
        }
        _ => {
            let wait = reply.retry_after().and_then(|text| retry_after(text, now));
            let error = remote(format!("HTTP {status}"));
            Err(NoToken::Failed(error.with_retry(wait.map_or(Retry::Later, Retry::After))))
        }
    }
}

fn refused(what: &str) -> NoToken {
    NoToken::Refused(AdapterError {
        blame: Blame::Config, ..remote(format!("{what}。请检查用户名与口令"))
    })
}

fn failed(what: String) -> NoToken {
    NoToken::Failed(remote(what))
}

fn remote(what: String) -> AdapterError {
    AdapterError::remote(what, Certainty::Received)
}
