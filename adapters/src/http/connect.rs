//! What any `[connect]` table over HTTP can get wrong, found without the environment and without asking anybody.
//! Leaves what stands behind a reference to whoever builds the adapter, and where a key stands in its file to the gateway.

use std::collections::BTreeMap;

use reqwest::Url;

use super::{auth, client::Limits, setting::Setting};
use crate::{
    error::AdapterError,
    pace::{self, Records},
    reference::Reference,
};

/// What is wrong with one key of a `[connect]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectProblem {
    /// The key below `[connect]`, from the outside in: `["headers", "X-Token"]`.
    pub key: Vec<String>,
    /// What is wrong, in Chinese.
    pub message: String,
    /// Whether no adapter can be built from it; else it works, and somebody should look.
    pub is_fatal: bool,
}

impl ConnectProblem {
    pub(crate) fn fatal(key: &[&str], message: impl Into<String>) -> Self {
        let key = key.iter().map(|part| (*part).to_owned()).collect();
        Self { key, message: message.into(), is_fatal: true }
    }

    pub(crate) fn advice(key: &[&str], message: impl Into<String>) -> Self {
        Self { is_fatal: false, ..Self::fatal(key, message) }
    }
}

/// What every connection has, whatever it carries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Common<'c> {
    pub base_url: &'c Setting,
    pub headers: &'c BTreeMap<String, Setting>,
    pub requests_per_s: f64,
    pub records_per_min: Option<f64>,
    pub limits: Limits,
}

impl<'c> Common<'c> {
    pub(crate) fn problems(&self) -> Vec<ConnectProblem> {
        let mut problems = address(self.base_url);
        problems.extend(self.headers.iter().flat_map(|(name, value)| header(name, value)));
        let rate = pace::check_rate(self.requests_per_s).err();
        problems.extend(rate.map(|error| ConnectProblem::fatal(&["requests_per_s"], error.what)));
        let rate = self.records_per_min.and_then(|rate| Records::new(rate).err());
        problems.extend(rate.map(|error| ConnectProblem::fatal(&["records_per_min"], error.what)));
        problems.extend(limits(&self.limits));
        problems
    }

    /// What is referred to, each with its key.
    pub(crate) fn references(&self) -> Vec<(String, &'c Reference)> {
        let address = self.base_url.reference().map(|reference| ("base_url".to_owned(), reference));
        let header =
            |(name, value): (&String, &'c Setting)| Some((format!("headers.{name}"), value.reference()?));
        address.into_iter().chain(self.headers.iter().filter_map(header)).collect()
    }
}

/// An address that paths can follow.
///
/// # Errors
/// A configuration error when it is not `http://…` or `https://…`. The address is not repeated: it may hold a secret.
pub(crate) fn base_url(text: &str) -> Result<Url, AdapterError> {
    Url::parse(text.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| AdapterError::config("base_url 不是 http:// 或 https:// 开头的地址"))
}

fn address(setting: &Setting) -> Vec<ConnectProblem> {
    let Setting::Plain(text) = setting else { return Vec::new() };
    match base_url(text) {
        Err(error) => vec![ConnectProblem::fatal(&["base_url"], error.what)],
        Ok(url) if url.password().is_some() => {
            let message = "地址里有口令：机密请写成 env:变量名 或 file:路径";
            vec![ConnectProblem::advice(&["base_url"], message)]
        }
        Ok(_) => Vec::new(),
    }
}

fn header(name: &str, value: &Setting) -> Vec<ConnectProblem> {
    let key = ["headers", name];
    let mut problems = Vec::new();
    problems.extend(auth::header_name(name).err().map(|error| ConnectProblem::fatal(&key, error.what)));
    if let Setting::Plain(text) = value {
        let wrong = auth::header_value(text).err();
        problems.extend(wrong.map(|error| ConnectProblem::fatal(&key, error.what)));
        if carries_a_secret(name) {
            let message = format!("请求头 {name} 像是机密，不要明写：写成 env:变量名 或 file:路径");
            problems.push(ConnectProblem::advice(&key, message));
        }
    }
    problems
}

/// Parts of the names under which vendors ask for credentials.
const SECRET: [&str; 10] = [
    "authorization",
    "token",
    "secret",
    "passw",
    "cookie",
    "api-key",
    "apikey",
    "app-key",
    "appkey",
    "access-key",
];

/// Whether a name is one under which vendors ask for credentials.
#[must_use]
pub fn carries_a_secret(name: &str) -> bool {
    let name = name.to_lowercase().replace('_', "-");
    SECRET.iter().any(|part| name.contains(part))
}

/// A lease is held for as long as an exchange may take, and for an hour at most.
const LONGEST_EXCHANGE_MS: u64 = 3_600_000;

fn limits(limits: &Limits) -> Vec<ConnectProblem> {
    let nought = [
        ("connect_timeout_ms", limits.connect_timeout_ms == 0),
        ("read_timeout_ms", limits.read_timeout_ms == 0),
        ("timeout_ms", limits.timeout_ms == 0),
        ("body_cap_mb", limits.body_cap_mb == 0),
    ];
    let mut problems: Vec<ConnectProblem> = nought
        .into_iter()
        .filter(|(_, is_nought)| *is_nought)
        .map(|(key, _)| ConnectProblem::fatal(&[key], format!("{key} 必须大于 0")))
        .collect();
    if limits.timeout_ms > LONGEST_EXCHANGE_MS {
        let message = format!("timeout_ms 最多 {LONGEST_EXCHANGE_MS}（一小时）");
        problems.push(ConnectProblem::fatal(&["timeout_ms"], message));
    }
    problems
}

#[cfg(test)]
mod tests;
