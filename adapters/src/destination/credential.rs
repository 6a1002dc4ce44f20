//! The credential of a batch, which may depend on its group. Secrets are resolved when the destination is built.

use std::{collections::BTreeMap, fmt};

use reqwest::header::{AUTHORIZATION, HeaderMap};
use secrecy::{ExposeSecret, SecretString};

use super::config::GroupAuth;
use crate::{
    error::AdapterError,
    http::auth::{self, AuthConfig},
    reference::{Environment, Reference},
};

/// Credentials, resolved.
pub(super) enum Credential {
    /// The same for every batch.
    Same(HeaderMap),
    /// HTTP Basic, by group.
    Basic { user: String, passwords: Passwords },
}

/// The passwords of HTTP Basic.
pub(super) enum Passwords {
    One(SecretString),
    ByGroup(BTreeMap<String, SecretString>),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential")
    }
}

impl Credential {
    /// Resolves the settings.
    ///
    /// # Errors
    /// A configuration error, never with a secret in it.
    pub(super) fn build(config: &GroupAuth, environment: &Environment) -> Result<Self, AdapterError> {
        let same = |config: AuthConfig| config.headers(environment).map(Self::Same);
        match config {
            GroupAuth::None => same(AuthConfig::None),
            GroupAuth::Bearer { token } => same(AuthConfig::Bearer { token: token.clone() }),
            GroupAuth::Header { name, value } => {
                same(AuthConfig::Header { name: name.clone(), value: value.clone() })
            }
            GroupAuth::Basic { user, password, passwords } => {
                let user = user.resolve(environment)?;
                let passwords = match (password, passwords) {
                    (Some(one), None) => Passwords::One(environment.resolve(one)?),
                    (None, Some(file)) => Passwords::ByGroup(by_group(file, environment)?),
                    _ => return Err(AdapterError::config(config.problem().unwrap_or_default())),
                };
                Ok(Self::Basic { user, passwords })
            }
        }
    }

    /// The headers of a batch of `group`.
    ///
    /// # Errors
    /// A configuration error when the group has no password.
    pub(super) fn headers(&self, group: &str) -> Result<HeaderMap, AdapterError> {
        match self {
            Self::Same(headers) => Ok(headers.clone()),
            Self::Basic { user, passwords } => {
                let password = match passwords {
                    Passwords::One(password) => Some(password),
                    Passwords::ByGroup(passwords) => passwords.get(group),
                };
                let password =
                    password.ok_or_else(|| AdapterError::config(format!("没有分组 {group} 的口令")))?;
                let value = auth::basic(&user.replace("{group}", group), password)?;
                Ok(HeaderMap::from_iter([(AUTHORIZATION, value)]))
            }
        }
    }
}

fn by_group(
    reference: &Reference,
    environment: &Environment,
) -> Result<BTreeMap<String, SecretString>, AdapterError> {
    let text = environment.resolve(reference)?;
    let is_toml =
        matches!(reference, Reference::File(path) if path.extension().is_some_and(|end| end == "toml"));
    if is_toml { from_toml(text.expose_secret()) } else { from_lines(text.expose_secret()) }
}

fn from_toml(text: &str) -> Result<BTreeMap<String, SecretString>, AdapterError> {
    // the parser's own message quotes the line, and with it a password
    let table: BTreeMap<String, String> =
        toml::from_str(text).map_err(|_| AdapterError::config("口令文件不是 分组 = \"口令\" 形式的 TOML"))?;
    Ok(table.into_iter().map(|(group, password)| (group, SecretString::from(password))).collect())
}

fn from_lines(text: &str) -> Result<BTreeMap<String, SecretString>, AdapterError> {
    let mut passwords = BTreeMap::new();
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = |what: &str| AdapterError::config(format!("口令文件第 {} 行{what}", number + 1));
        let (group, password) = line.split_once(',').ok_or_else(|| wrong("应为 分组,口令"))?;
        let password = SecretString::from(password.trim());
        if passwords.insert(group.trim().to_owned(), password).is_some() {
            return Err(wrong("的分组写过一次了"));
        }
    }
    Ok(passwords)
}

#[cfg(test)]
mod tests;
