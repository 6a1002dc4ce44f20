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

    /// Where it stands, if it stands elsewhere.
    #[must_use]
    pub fn reference(&self) -> Option<&Reference> {
        match self {
            Self::Plain(_) => None,
            Self::Elsewhere(reference) => Some(reference),
        }
    }

    /// Whether it is a reference, so that its value is not to be shown.
    #[must_use]
    pub fn is_reference(&self) -> bool {
        matches!(self, Self::Elsewhere(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(text: &str) -> Setting {
        Setting::from(text.to_owned())
    }

    #[test]
    fn plain_texts_are_themselves_and_references_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("url");
        std::fs::write(&path, "http://file.example\r\n").unwrap();
        let environment = Environment::default().with("URL", "http://env.example");
        for (text, resolved, is_reference) in [
            ("http://plain.example", "http://plain.example", false),
            ("env:URL", "http://env.example", true),
            (&format!("file:{}", path.display()), "http://file.example", true),
            ("env:", "env:", false),
            ("file:", "file:", false),
            ("", "", false),
        ] {
            assert_eq!(setting(text).resolve(&environment).unwrap(), resolved);
            assert_eq!(setting(text).is_reference(), is_reference, "{text}");
        }
    }

    #[test]
    fn a_reference_to_nowhere_is_named() {
        let environment = Environment::default();
        assert_eq!(setting("env:URL").resolve(&environment).unwrap_err().what, "环境变量 URL 没有设置");
        assert!(
            setting("file:no/such")
                .resolve(&environment)
                .unwrap_err()
                .what
                .ends_with("/no/such：没有这个文件")
        );
    }
}
