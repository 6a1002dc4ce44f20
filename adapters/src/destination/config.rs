//! What `destination.toml` says about reaching a receiver and reading its answers: `[connect]` and `[[verdict]]`.
//! Every key is described in docs/add-a-source.md. Leaves `[wire]` to the mappings and `[send]` to the gateway.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Encoder, Reader};
use crate::{
    error::AdapterError,
    http::{
        auth::{header_name, user_name},
        client::{Limits, limits},
        connect::{self, ConnectProblem},
        setting::Setting,
        success::Texts,
    },
    reference::Reference,
};

/// A destination as `AnyDestination::build` takes it; the gateway puts it together from the file.
#[derive(Debug, Clone, PartialEq)]
pub struct DestinationConfig {
    /// How to reach it.
    pub connect: DestinationConnect,
    /// How to read its answers: the first rule that matches holds, none means unknown.
    pub verdicts: Vec<VerdictConfig>,
}

impl DestinationConfig {
    /// What puts records in this destination's form, pure.
    #[must_use]
    pub fn encoder(&self) -> Encoder {
        match self.connect {
            DestinationConnect::Rest(_) => Encoder,
        }
    }

    /// What reads its answers, pure.
    ///
    /// # Errors
    /// A configuration error naming the rule and what is wrong with it.
    pub fn reader(&self) -> Result<Reader, AdapterError> {
        Reader::new(&self.verdicts)
    }
}

/// `[connect]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum DestinationConnect {
    /// JSON by POST.
    Rest(RestDestinationConnect),
}

impl DestinationConnect {
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
pub struct RestDestinationConnect {
    /// Where an outlet's path begins, plainly or `env:NAME`.
    pub base_url: Setting,
    /// The credential.
    #[serde(default)]
    pub auth: GroupAuth,
    /// Headers of every request, plainly or `env:NAME`.
    #[serde(default)]
    pub headers: BTreeMap<String, Setting>,
    /// Requests a second, never more.
    #[serde(default = "one")]
    pub requests_per_s: f64,
    /// Records a minute, never more: after a batch the next waits as long as its records take.
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
    /// What is put around the records; the bare JSON array unless given.
    pub envelope: Option<Envelope>,
}

const fn one() -> f64 {
    1.0
}

impl RestDestinationConnect {
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
        let auth = self.auth.problem().map(|what| ConnectProblem::fatal(&["auth"], what));
        let envelope = self.envelope.as_ref().and_then(Envelope::problem);
        let envelope = envelope.map(|what| ConnectProblem::fatal(&["envelope"], what));
        self.common().problems().into_iter().chain(auth).chain(envelope).collect()
    }

    fn references(&self) -> Vec<(String, &Reference)> {
        let envelope = self.envelope.iter().flat_map(Envelope::references);
        let own = self.auth.references().into_iter().chain(envelope);
        let own = own.map(|(key, reference)| (key.to_owned(), reference));
        self.common().references().into_iter().chain(own).collect()
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

/// `envelope = { field = "datas", cipher = "aes-128-cbc", key = "env:…", iv = "env:…" }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// The one member of the body, whose value the records are.
    pub field: String,
    /// How the records are enciphered; as they are unless given.
    pub cipher: Option<CipherName>,
    /// Where the key is: sixteen bytes of text.
    pub key: Option<Reference>,
    /// Where the initial vector is: sixteen bytes of text.
    pub iv: Option<Reference>,
}

impl Envelope {
    /// What is wrong with it, in Chinese, whatever stands behind its references.
    pub(super) fn problem(&self) -> Option<String> {
        let said = [self.cipher.is_some(), self.key.is_some(), self.iv.is_some()];
        let half = said.iter().any(|one| *one) && !said.iter().all(|one| *one);
        half.then(|| "envelope 的 cipher、key、iv 要么都写，要么都不写".to_owned())
    }

    fn references(&self) -> impl Iterator<Item = (&'static str, &Reference)> {
        let key = self.key.iter().map(|key| ("envelope.key", key));
        key.chain(self.iv.iter().map(|iv| ("envelope.iv", iv)))
    }
}

/// Ciphers by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum CipherName {
    /// AES-128-CBC, PKCS7 padding, Base64.
    #[serde(rename = "aes-128-cbc")]
    Aes128Cbc,
}

/// `auth = { kind = … }` where the credential may depend on the batch's group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum GroupAuth {
    /// No credential.
    #[default]
    None,
    /// HTTP Basic (RFC 7617, UTF-8).
    Basic {
        /// The user name; `{group}` stands for the batch's group, e.g. its companyCode.
        user: Setting,
        /// Where the one password is.
        password: Option<Reference>,
        /// Where a password for each group is: lines of `group,password`, or a TOML table when the file ends so.
        passwords: Option<Reference>,
    },
    /// `Authorization: Bearer …`
    Bearer {
        /// Where the token is.
        token: Reference,
    },
    /// A header of the receiver's.
    Header {
        /// The header's name.
        name: String,
        /// Where its value is.
        value: Reference,
    },
}

impl GroupAuth {
    /// What is wrong with it, in Chinese, whatever stands behind its references.
    pub(super) fn problem(&self) -> Option<String> {
        match self {
            Self::Basic { password, passwords, .. } if password.is_some() == passwords.is_some() => {
                Some("auth 的 password 与 passwords 必须写一个，且只写一个".to_owned())
            }
            Self::Basic { user: Setting::Plain(user), .. } => user_name(user).err().map(|error| error.what),
            Self::Header { name, .. } => header_name(name).err().map(|error| error.what),
            Self::None | Self::Bearer { .. } | Self::Basic { .. } => None,
        }
    }

    fn references(&self) -> Vec<(&'static str, &Reference)> {
        match self {
            Self::None => Vec::new(),
            Self::Basic { user, password, passwords } => [
                user.reference().map(|user| ("auth.user", user)),
                password.as_ref().map(|one| ("auth.password", one)),
                passwords.as_ref().map(|file| ("auth.passwords", file)),
            ]
            .into_iter()
            .flatten()
            .collect(),
            Self::Bearer { token } => vec![("auth.token", token)],
            Self::Header { value, .. } => vec![("auth.value", value)],
        }
    }
}

/// One `[[verdict]]`: all conditions hold → the outcome.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictConfig {
    /// What the rule is for, for people.
    pub name: Option<String>,
    /// The HTTP status is one of these; any unless given.
    #[serde(default)]
    pub status: Vec<u16>,
    /// Headers of the answer.
    #[serde(default)]
    pub header: Vec<HeaderCondition>,
    /// Values of the body; with any of these the body must be JSON.
    #[serde(default)]
    pub body: Vec<Condition>,
    /// What became of the batch.
    pub outcome: Outcome,
    /// Where the refused rows are named. The rule matches only when at least one is.
    pub named: Option<Named>,
    /// What became of the rows that a refusal does not name.
    #[serde(default)]
    pub unnamed: Unnamed,
    /// What a refusal that names no row speaks of.
    #[serde(default)]
    pub class: RefusalClass,
    /// Path of the receiver's own words.
    pub message: Option<String>,
    /// Whether our configuration is to blame (a refused credential): said as an error, tried again later.
    #[serde(default)]
    pub config_to_blame: bool,
}

/// A header of the answer; exactly one of `is`, `not`, `matches`, `present`, `absent`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderCondition {
    /// The header's name.
    pub name: String,
    /// It is one of these.
    pub is: Option<Words>,
    /// It is absent or none of these.
    pub not: Option<Words>,
    /// It matches this regular expression somewhere.
    pub matches: Option<String>,
    /// It is there.
    #[serde(default)]
    pub present: bool,
    /// It is not there.
    #[serde(default)]
    pub absent: bool,
}

/// A value of the body; exactly one of `is`, `not`, `matches`, `present`, `absent`. `null` counts as absent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Path of the value.
    pub at: String,
    /// It is one of these, as written.
    pub is: Option<Words>,
    /// It is absent or none of these.
    pub not: Option<Words>,
    /// It matches this regular expression somewhere.
    pub matches: Option<String>,
    /// It is there.
    #[serde(default)]
    pub present: bool,
    /// It is not there.
    #[serde(default)]
    pub absent: bool,
}

/// One text or several.
pub type Words = Texts;

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Taken.
    Taken,
    /// Refused, in part or as a whole.
    Refused,
    /// Not now.
    Busy,
    /// Nobody can tell.
    Unknown,
}

/// `named = { list = "data.data", id = "id", reason = "msg" }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Path of the list.
    pub list: String,
    /// Path of the row's id in an entry.
    pub id: String,
    /// Path of the reason in an entry.
    pub reason: Option<String>,
}

/// What became of the rows that a refusal does not name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unnamed {
    /// They were taken.
    Taken,
    /// They go again in a new batch: safe where the receiver upserts by id.
    #[default]
    Again,
}

/// What a refusal that names no row speaks of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RefusalClass {
    /// A row is to blame: look for it by halves.
    Data,
    /// The receiver is ill, or its words are unknown: later.
    #[default]
    Busy,
}

#[cfg(test)]
mod tests;
