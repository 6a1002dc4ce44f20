//! Credentials that are fetched: `[connect.auth] kind = "login"`, what it says and what can be wrong with it. Leaves the
//! values and their digests to [`values`], one login's exchange to [`exchange`] and when to log in to [`session`].

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{
    auth,
    connect::{self, ConnectProblem},
    paging::More,
    success::{SuccessRule, Text},
};
use crate::{reference::Reference, source::Method};

mod exchange;
mod session;
mod values;

pub(crate) use session::{Session, Ticket};
pub use values::{Derived, Transform, ValueConfig};

use values::{fill_json, holes};

/// The value that stands for the token in what goes with every request.
const TOKEN: &str = "token";

/// `[connect.auth]` with `kind = "login"`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginConfig {
    /// The path below `base_url`.
    pub path: String,
    /// The method.
    #[serde(default = "post")]
    pub method: Method,
    /// Query parameters: name → text with `{value}` in it.
    #[serde(default)]
    pub query: BTreeMap<String, Text>,
    /// A JSON body. POST only, not beside `form`.
    pub body: Option<BTreeMap<String, Value>>,
    /// A form body. POST only, not beside `body`.
    pub form: Option<BTreeMap<String, Text>>,
    /// When the login succeeded; that of `[connect]` unless given.
    pub success: Option<SuccessRule>,
    /// Path of the token in the answer.
    pub token: String,
    /// How long a token is good for, in seconds, where the answer does not say.
    pub lifetime_s: Option<u32>,
    /// Where the answer says how long it is good for.
    pub lifetime: Option<Lifetime>,
    /// What goes with every request.
    #[serde(default)]
    pub put: Put,
    /// The words by which an answer says that the token is good no more; HTTP 401 says so without words.
    pub expired: Option<More>,
    /// What the texts may name: settings, and texts made of them.
    #[serde(default)]
    pub values: BTreeMap<String, ValueConfig>,
}

/// `lifetime = { at = "data.expires_in", unit = "s" }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifetime {
    /// Path of the number.
    pub at: String,
    /// What it counts.
    #[serde(default)]
    pub unit: LifetimeUnit,
}

/// What a lifetime counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LifetimeUnit {
    /// Seconds from now (`expires_in` of RFC 6749 §5.1).
    #[default]
    S,
    /// Milliseconds from now.
    Ms,
    /// Minutes from now.
    Min,
    /// A moment, in seconds since 1970 UTC.
    EpochS,
    /// A moment, in milliseconds since 1970 UTC.
    EpochMs,
}

/// `[connect.auth.put]`: what goes with every request; `{token}` is the token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Put {
    /// Headers: name → text.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Query parameters: name → text.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
}

impl Default for Put {
    /// `Authorization: Bearer …` (RFC 6750 §2.1)
    fn default() -> Self {
        let headers = BTreeMap::from([("Authorization".to_owned(), "Bearer {token}".to_owned())]);
        Self { headers, query: BTreeMap::new() }
    }
}

const fn post() -> Method {
    Method::Post
}

impl LoginConfig {
    /// What is wrong with it, whatever stands behind its references.
    #[must_use]
    pub fn problems(&self) -> Vec<ConnectProblem> {
        let mut problems = self.shape();
        problems.extend(self.values.iter().flat_map(|(name, value)| value_problems(name, value)));
        let known = |name: &str| self.values.contains_key(name) || values::is_given(name);
        let unknown = |name: &str| {
            let near = crate::http::login::values::known_names(&self.values);
            format!("没有名为 {{{name}}} 的值；可用的有 {near}")
        };
        for (key, name) in self.named_in_login() {
            if self.needs_token(&name) {
                let message = format!("{{{name}}} 要用到令牌，登录时还没有令牌");
                problems.push(ConnectProblem::fatal(&["auth", key], message));
            } else if !known(&name) {
                problems.push(ConnectProblem::fatal(&["auth", key], unknown(&name)));
            }
        }
        for name in self.named_in_put().filter(|name| name != TOKEN && !known(name)) {
            problems.push(ConnectProblem::fatal(&["auth", "put"], unknown(&name)));
        }
        for (value, name) in self.named_in_values() {
            if name != TOKEN && !values::is_given(&name) && !self.is_setting(&name) {
                let message = format!("{value} 里的 {{{name}}} 应是直接写出的值或引用");
                problems.push(ConnectProblem::fatal(&["auth", "values", &value], message));
            }
        }
        problems
    }

    /// What it refers to, each with its key.
    #[must_use]
    pub fn references(&self) -> Vec<(String, &Reference)> {
        self.values
            .iter()
            .flat_map(|(name, value)| value.references(&format!("auth.values.{name}")))
            .collect()
    }

    fn shape(&self) -> Vec<ConnectProblem> {
        let mut problems = Vec::new();
        let mut say = |key: &str, message: &str| {
            problems.push(ConnectProblem::fatal(&["auth", key], message.to_owned()));
        };
        if self.path.contains(['?', '#']) {
            say("path", "path 里不能有 ? 或 #：参数写进 query");
        }
        if self.token.trim().is_empty() {
            say("token", "token 要写出令牌在应答里的位置，例如 data.token");
        }
        if self.body.is_some() && self.form.is_some() {
            say("form", "body 与 form 只能写一个");
        }
        if self.method == Method::Get && (self.body.is_some() || self.form.is_some()) {
            say("method", "GET 请求没有请求体：把参数写进 query，或去掉 method");
        }
        if self.lifetime_s.is_some() && self.lifetime.is_some() {
            say("lifetime_s", "lifetime_s 与 lifetime 只能写一个");
        }
        if self.lifetime_s == Some(0) {
            say("lifetime_s", "lifetime_s 必须大于 0");
        }
        if !self.named_in_put().any(|name| name == TOKEN || self.needs_token(&name)) {
            say("put", "put 里没有 {token}：登录得到的令牌没有放进请求");
        }
        let wrong = self.put.headers.keys().filter_map(|name| auth::header_name(name).err());
        problems.extend(wrong.map(|error| ConnectProblem::fatal(&["auth", "put"], error.what)));
        problems
    }

    fn is_setting(&self, name: &str) -> bool {
        matches!(self.values.get(name), Some(ValueConfig::Setting(_)))
    }

    /// Whether it is the token, or a value made of it.
    fn needs_token(&self, name: &str) -> bool {
        let made_of = |derived: &Derived| holes(&derived.text).iter().any(|name| name == TOKEN);
        name == TOKEN
            || matches!(self.values.get(name), Some(ValueConfig::Derived(derived)) if made_of(derived))
    }

    fn named_in_login(&self) -> Vec<(&'static str, String)> {
        let mut named = Vec::new();
        let texts = |table: &BTreeMap<String, Text>| {
            table.values().flat_map(|text| holes(&text.written())).collect::<Vec<_>>()
        };
        named.extend(texts(&self.query).into_iter().map(|name| ("query", name)));
        named.extend(self.form.iter().flat_map(texts).map(|name| ("form", name)));
        for value in self.body.iter().flat_map(BTreeMap::values) {
            let found = std::cell::RefCell::new(Vec::new());
            fill_json(value, &|text| {
                found.borrow_mut().extend(holes(text));
                Some(String::new())
            });
            named.extend(found.into_inner().into_iter().map(|name| ("body", name)));
        }
        named
    }

    fn named_in_put(&self) -> impl Iterator<Item = String> {
        self.put.headers.values().chain(self.put.query.values()).flat_map(|text| holes(text))
    }

    fn named_in_values(&self) -> Vec<(String, String)> {
        let derived = self.values.iter().filter_map(|(name, value)| match value {
            ValueConfig::Derived(derived) => Some((name, derived)),
            ValueConfig::Setting(_) => None,
        });
        derived
            .flat_map(|(name, derived)| {
                holes(&derived.text).into_iter().map(move |hole| (name.clone(), hole))
            })
            .collect()
    }
}

fn value_problems(name: &str, value: &ValueConfig) -> Vec<ConnectProblem> {
    let key = ["auth", "values", name];
    let mut problems = Vec::new();
    if name == TOKEN || values::is_given(name) {
        problems.push(ConnectProblem::fatal(&key, format!("{name} 是现成的名字，请换一个")));
    }
    if !values::can_be_named(name) {
        problems.push(ConnectProblem::fatal(&key, "值的名字只能用小写英文字母和下划线".to_owned()));
    }
    match value {
        ValueConfig::Setting(setting) if !setting.is_reference() && connect::carries_a_secret(name) => {
            let message = format!("{name} 像是机密，不要明写：写成 env:变量名 或 file:路径");
            problems.push(ConnectProblem::advice(&key, message));
        }
        ValueConfig::Setting(_) => {}
        ValueConfig::Derived(derived) => {
            let wrong = derived.problem();
            problems.extend(wrong.map(|message| ConnectProblem::fatal(&key, message)));
        }
    }
    problems
}

#[cfg(test)]
mod tests;
