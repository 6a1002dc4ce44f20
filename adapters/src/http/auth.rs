//! Credentials of a request: none, Basic, bearer, a header of the vendor's, or a login's token. Secrets come by reference and are
//! marked sensitive, so that no log shows them. Leaves passwords per group to `destination`.

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{connect::ConnectProblem, login::LoginConfig, setting::Setting};
use crate::{
    error::AdapterError,
    reference::{Environment, Reference},
};

/// `[connect] auth = { kind = … }`
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum AuthConfig {
    /// No credential.
    #[default]
    None,
    /// HTTP Basic (RFC 7617, UTF-8).
    Basic {
        /// The user name.
        user: Setting,
        /// Where the password is.
        password: Reference,
    },
    /// `Authorization: Bearer …`
    Bearer {
        /// Where the token is.
        token: Reference,
    },
    /// A header of the vendor's, e.g. `access-token`.
    Header {
        /// The header's name.
        name: String,
        /// Where its value is.
        value: Reference,
    },
    /// A token that a login gives.
    Login(Box<LoginConfig>),
}

impl AuthConfig {
    /// The headers that carry the credential; none for a login, whose token is not known before.
    ///
    /// # Errors
    /// A configuration error when a reference points nowhere or a value cannot be a header.
    pub fn headers(&self, environment: &Environment) -> Result<HeaderMap, AdapterError> {
        let mut headers = HeaderMap::new();
        match self {
            Self::None | Self::Login(_) => {}
            Self::Basic { user, password } => {
                let password = environment.resolve(password)?;
                headers.insert(AUTHORIZATION, basic(&user.resolve(environment)?, &password)?);
            }
            Self::Bearer { token } => {
                let token = environment.resolve(token)?;
                headers.insert(AUTHORIZATION, secret(&format!("Bearer {}", token.expose_secret()))?);
            }
            Self::Header { name, value } => {
                headers.insert(header_name(name)?, secret(environment.resolve(value)?.expose_secret())?);
            }
        }
        Ok(headers)
    }

    /// What is wrong with it, whatever stands behind its references.
    #[must_use]
    pub fn problems(&self) -> Vec<ConnectProblem> {
        let error = match self {
            Self::Login(login) => return login.problems(),
            Self::Basic { user: Setting::Plain(user), .. } => user_name(user).err(),
            Self::Header { name, .. } => header_name(name).err(),
            Self::None | Self::Bearer { .. } | Self::Basic { .. } => None,
        };
        error.map(|error| ConnectProblem::fatal(&["auth"], error.what)).into_iter().collect()
    }

    /// What it refers to, each with its key.
    #[must_use]
    pub fn references(&self) -> Vec<(String, &Reference)> {
        let named = |(key, reference): (&str, _)| (key.to_owned(), reference);
        let found = match self {
            Self::Login(login) => return login.references(),
            Self::None => Vec::new(),
            Self::Basic { user, password } => user
                .reference()
                .map(|user| ("auth.user", user))
                .into_iter()
                .chain([("auth.password", password)])
                .collect(),
            Self::Bearer { token } => vec![("auth.token", token)],
            Self::Header { value, .. } => vec![("auth.value", value)],
        };
        found.into_iter().map(named).collect()
    }
}

/// The value of `Authorization` for HTTP Basic.
///
/// # Errors
/// A configuration error when the user name holds a colon, which Basic cannot carry.
pub fn basic(user: &str, password: &SecretString) -> Result<HeaderValue, AdapterError> {
    user_name(user)?;
    let pair = format!("{user}:{}", password.expose_secret());
    secret(&format!("Basic {}", BASE64_STANDARD.encode(pair)))
}

/// Plain headers from the configuration; values that stand elsewhere are marked sensitive.
///
/// # Errors
/// A configuration error when a name or value cannot be a header, or a reference points nowhere.
pub fn plain_headers<'a>(
    settings: impl IntoIterator<Item = (&'a String, &'a Setting)>,
    environment: &Environment,
) -> Result<HeaderMap, AdapterError> {
    let mut headers = HeaderMap::new();
    for (name, setting) in settings {
        let mut value = header_value(&setting.resolve(environment)?)?;
        value.set_sensitive(setting.is_reference());
        headers.insert(header_name(name)?, value);
    }
    Ok(headers)
}

/// A name that a header can have.
///
/// # Errors
/// A configuration error naming it.
pub(crate) fn header_name(name: &str) -> Result<HeaderName, AdapterError> {
    name.parse().map_err(|_| AdapterError::config(format!("{name:?} 不能作为请求头的名字")))
}

/// A value that a header can have.
///
/// # Errors
/// A configuration error without the value: it may be a secret.
pub(crate) fn header_value(text: &str) -> Result<HeaderValue, AdapterError> {
    HeaderValue::from_str(text).map_err(|_| AdapterError::config("请求头的值含有不允许的字符（如换行）"))
}

fn secret(text: &str) -> Result<HeaderValue, AdapterError> {
    let mut value = header_value(text)?;
    value.set_sensitive(true);
    Ok(value)
}

/// A user name that HTTP Basic can carry.
///
/// # Errors
/// A configuration error when it holds a colon (RFC 7617 §2).
pub(crate) fn user_name(user: &str) -> Result<(), AdapterError> {
    if user.contains(':') {
        return Err(AdapterError::config("HTTP Basic 的用户名不能含冒号"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
