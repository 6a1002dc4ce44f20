//! A setting that is written plainly or stands elsewhere (`env:NAME`, `file:PATH`). For addresses, user names and
//! header values; what must be secret is a [`Reference`] and cannot be written plainly.

use secrecy::ExposeSecret;
use serde::Deserialize;

use crate::{
    error::AdapterError,
    reference::{Environment, Reference},
};

/// A plain text, or a reference to one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Setting {
    /// As written.
    Plain(String),
    /// Found elsewhere when the adapter is built.
    Elsewhere(Reference),
}

impl From<String> for Setting {
    fn from(text: String) -> Self {
        Reference::parse(&text).map_or(Self::Plain(text), Self::Elsewhere)
    }
}

impl Setting {
    /// The text meant.
    ///
    /// # Errors
    /// A configuration error when the reference points nowhere.
    pub fn resolve(&self, environment: &Environment) -> Result<String, AdapterError> {
        match self {
            Self::Plain(text) => Ok(text.clone()),
            Self::Elsewhere(reference) => Ok(environment.resolve(reference)?.expose_secret().to_owned()),
        }
    }

    /// Whether it is a reference, so that its value is not to be shown.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        matches!(self, Self::Elsewhere(_))
    }
}
