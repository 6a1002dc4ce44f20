//! What `source.toml` says about reaching a source: the `[connect]` table and each service's `[services.request]`.
//! Every key is described in docs/add-a-source.md. Leaves titles and schedules to the gateway.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    codec::{AnyDecoder, JsonRecords},
    http::{
        auth::AuthConfig,
        client::{Limits, limits},
        connect::{self, ConnectProblem},
        moment::TimeFormat,
        paging::PagingConfig,
        setting::Setting,
        success::{SuccessRule, Text},
    },
    reference::Reference,
};

/// A source as `AnySource::build` takes it; the gateway puts it together from the file.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceConfig {
    /// The zone of moments that carry none: the file's `zone`.
    pub zone: Tz,
    /// How to reach it.
    pub connect: ConnectConfig,
    /// What it offers, in the order declared.
    pub services: Vec<ServiceConfig>,
}

/// One list a source offers.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceConfig {
    /// Its name, as `Ask::service` says it.
    pub name: String,
    /// How to ask for it.
    pub request: RequestConfig,
}

/// `[connect]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum ConnectConfig {
    /// JSON over HTTP.
    Rest(RestConnect),
}

impl ConnectConfig {
    /// What reads this source's documents, pure.
    #[must_use]
    pub fn decoder(&self) -> AnyDecoder {
        match self {
            Self::Rest(_) => AnyDecoder::Json(JsonRecords),
        }
    }

    /// What is wrong with the table, whatever stands behind its references; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<ConnectProblem> {
        match self {
            Self::Rest(connect) => connect.problems(),
        }
    }

    /// What the table refers to, each with its key.
    #[must_use]
    pub fn references(&self) -> Vec<(String, &Reference)> {
        match self {
            Self::Rest(connect) => connect.references(),
        }
    }
}

/// `[connect]` with `type = "rest"`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestConnect {
    /// Where paths begin, plainly or `env:NAME`.
    pub base_url: Setting,
    /// The credential.
    #[serde(default)]
    pub auth: AuthConfig,
    /// Headers of every request, plainly or `env:NAME`.
    #[serde(default)]
    pub headers: BTreeMap<String, Setting>,
    /// Requests a second to this host, over all services; two sources of one host share the lower of theirs.
    #[serde(default = "five")]
    pub requests_per_s: f64,
    /// Records a minute from this source, over all services: after a page the next waits as long as its records take.
    pub records_per_min: Option<f64>,
    /// For connecting, TLS included, in milliseconds.
    #[serde(default = "limits::connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// For silence while reading the answer, in milliseconds.
    #[serde(default = "limits::read_timeout_ms")]
    pub read_timeout_ms: u64,
    /// For the whole exchange, in milliseconds.
    #[serde(default = "limits::timeout_ms")]
    pub timeout_ms: u64,
    /// The longest answer taken, unpacked, in MB (2^20 bytes).
    #[serde(default = "limits::body_cap_mb")]
    pub body_cap_mb: u32,
    /// When an answer is a success, unless the service says its own.
    pub success: Option<SuccessRule>,
    /// How moments are written in requests and order records, unless the service says its own.
    #[serde(default)]
    pub time_format: TimeFormat,
}

const fn five() -> f64 {
    5.0
}

impl RestConnect {
    /// The limits of one exchange.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            connect_timeout_ms: self.connect_timeout_ms,
            read_timeout_ms: self.read_timeout_ms,
            timeout_ms: self.timeout_ms,
            body_cap_mb: self.body_cap_mb,
        }
    }

    fn problems(&self) -> Vec<ConnectProblem> {
        let mut problems = self.common().problems();
        problems.extend(self.auth.problems());
        problems
    }

    fn references(&self) -> Vec<(String, &Reference)> {
        self.common().references().into_iter().chain(self.auth.references()).collect()
    }

    fn common(&self) -> connect::Common<'_> {
        connect::Common {
            base_url: &self.base_url,
            headers: &self.headers,
            requests_per_s: self.requests_per_s,
            records_per_min: self.records_per_min,
            limits: self.limits(),
        }
    }
}

/// `[services.request]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestConfig {
    /// The method.
    #[serde(default)]
    pub method: Method,
    /// The path below `base_url`.
    pub path: String,
    /// Query parameters: name → template.
    #[serde(default)]
    pub query: BTreeMap<String, Text>,
    /// A JSON body: a table of templates. POST only, not beside `form`.
    pub body: Option<BTreeMap<String, Value>>,
    /// A form body: name → template. POST only, not beside `body`.
    pub form: Option<BTreeMap<String, Text>>,
    /// Path of the record list; empty when the answer is the list itself.
    pub list: String,
    /// Whether the source writes an empty list as `null`.
    #[serde(default)]
    pub null_list: bool,
    /// Path of the announced total, where the source announces one.
    pub total: Option<String>,
    /// When an answer is a success; that of `[connect]` unless given.
    pub success: Option<SuccessRule>,
    /// How moments are written; that of `[connect]` unless given.
    pub time_format: Option<TimeFormat>,
    /// How the list is read page by page.
    #[serde(default)]
    pub paging: PagingConfig,
}

/// The methods that read lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Method {
    /// Parameters in the query.
    #[default]
    #[serde(rename = "GET")]
    Get,
    /// Parameters in the body.
    #[serde(rename = "POST")]
    Post,
}

impl RequestConfig {
    /// What is wrong with the settings, in Chinese, each once; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        problems.extend(self.paging.check().err());
        if self.body.is_some() && self.form.is_some() {
            problems.push("body 与 form 只能写一个".to_owned());
        }
        if self.method == Method::Get && (self.body.is_some() || self.form.is_some()) {
            problems.push("GET 请求没有请求体：把参数写进 query，或用 method = \"POST\"".to_owned());
        }
        problems.extend(super::asking::problems(self));
        problems
    }

    /// Whether it asks for nothing that changed after the pass began (`{until}`).
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        super::asking::is_bounded(self)
    }
}

#[cfg(test)]
mod tests;
