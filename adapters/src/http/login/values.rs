//! The values that logins and signatures are made of: settings, the moment, a nonce, and texts of these, digested by named
//! transforms. Only what real platforms do (docs/add-a-source.md names them); no expressions.

use std::{collections::BTreeMap, fmt};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use md5::Md5;
use secrecy::{ExposeSecret, SecretString};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::TOKEN;
use crate::{
    codec::cipher::Cipher,
    error::AdapterError,
    http::{
        setting::Setting,
        template::{Word, words},
    },
    reference::{Environment, Reference},
    source::hex,
};

/// One of `[connect.auth.values]`: a setting, or a text made of others.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueConfig {
    /// Written plainly, or where it stands.
    Setting(Setting),
    /// Made of others.
    Derived(Derived),
}

/// `{ text = "{app_key}{secret}{now_ms}", as = ["md5"] }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derived {
    /// A text with other values in it.
    pub text: String,
    /// What is done with it, in this order.
    #[serde(default, rename = "as")]
    pub transforms: Vec<Transform>,
    /// The key of `aes-128-cbc`: a text of sixteen bytes.
    pub key: Option<Reference>,
    /// Its initial vector; the same as `key` where the platform uses its key for both.
    pub iv: Option<Reference>,
}

/// What can be done with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transform {
    /// MD5 in lower-case hexadecimal (RFC 1321): the older Zhejiang gateway's signature, many platforms' passwords.
    Md5,
    /// SHA-256 in lower-case hexadecimal (FIPS 180-4): the TIF gateway's signature.
    Sha256,
    /// Base64, standard alphabet, padded (RFC 4648 §4).
    Base64,
    /// Upper case.
    Upper,
    /// AES-128-CBC with PKCS7, in Base64, as the national exchange enciphers.
    #[serde(rename = "aes-128-cbc")]
    Aes128Cbc,
}

impl<'de> Deserialize<'de> for ValueConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = ValueConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("一段文字（或 env:变量名、file:路径），或 { text = \"…\", as = [\"md5\"] }")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<ValueConfig, E> {
        Ok(ValueConfig::Setting(Setting::from(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ValueConfig, A::Error> {
        Derived::deserialize(MapAccessDeserializer::new(map)).map(ValueConfig::Derived)
    }
}

impl ValueConfig {
    pub(super) fn references(&self, key: &str) -> Vec<(String, &Reference)> {
        match self {
            Self::Setting(setting) => {
                setting.reference().map(|reference| (key.to_owned(), reference)).into_iter().collect()
            }
            Self::Derived(derived) => {
                let named = [("key", &derived.key), ("iv", &derived.iv)];
                let standing =
                    |(name, reference)| Some((format!("{key}.{name}"), Option::as_ref(reference)?));
                named.into_iter().filter_map(standing).collect()
            }
        }
    }
}

impl Derived {
    pub(super) fn problem(&self) -> Option<String> {
        let is_sealed = self.transforms.contains(&Transform::Aes128Cbc);
        let has_both = self.key.is_some() && self.iv.is_some();
        match (is_sealed, has_both) {
            (true, false) => Some("aes-128-cbc 需要 key 与 iv".to_owned()),
            (false, _) if self.key.is_some() || self.iv.is_some() => {
                Some("key 与 iv 只用于 aes-128-cbc".to_owned())
            }
            _ => None,
        }
    }
}

/// Values with their references resolved. Shows nothing of them.
pub(super) struct Values {
    settings: BTreeMap<String, SecretString>,
    derived: BTreeMap<String, (Derived, Option<Cipher>)>,
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.settings.keys()).entries(self.derived.keys()).finish()
    }
}

impl Values {
    /// # Errors
    /// A configuration error when a reference points nowhere or a key has another length.
    pub(super) fn resolve(
        config: &BTreeMap<String, ValueConfig>,
        environment: &Environment,
    ) -> Result<Self, AdapterError> {
        let (mut settings, mut derived) = (BTreeMap::new(), BTreeMap::new());
        for (name, value) in config {
            match value {
                ValueConfig::Setting(setting) => {
                    settings.insert(name.clone(), SecretString::from(setting.resolve(environment)?));
                }
                ValueConfig::Derived(made) => {
                    derived.insert(name.clone(), (made.clone(), cipher(name, made, environment)?));
                }
            }
        }
        Ok(Self { settings, derived })
    }

    /// The values of one request: the moment and the nonce are the same wherever it names them.
    pub(super) fn at(&self, now: DateTime<Utc>, token: Option<&SecretString>) -> Filled<'_> {
        let mut given = BTreeMap::from([
            (NOW_MS, now.timestamp_millis().to_string()),
            (NOW_S, now.timestamp().to_string()),
            (NONCE, uuid::Uuid::new_v4().simple().to_string()),
        ]);
        given.extend(token.map(|token| (TOKEN, token.expose_secret().to_owned())));
        Filled { values: self, given }
    }
}

fn cipher(name: &str, made: &Derived, environment: &Environment) -> Result<Option<Cipher>, AdapterError> {
    let (Some(key), Some(iv)) = (&made.key, &made.iv) else { return Ok(None) };
    let (key, iv) = (environment.resolve(key)?, environment.resolve(iv)?);
    Cipher::from_texts(key.expose_secret(), iv.expose_secret())
        .map(Some)
        .map_err(|error| AdapterError::config(format!("auth.values.{name}：{error}")))
}

/// The values of one request.
pub(super) struct Filled<'v> {
    values: &'v Values,
    given: BTreeMap<&'static str, String>,
}

impl Filled<'_> {
    /// The text with every placeholder filled; none when one has no value.
    pub(super) fn fill(&self, text: &str) -> Option<String> {
        filled(text, &|name| self.value(name))
    }

    fn value(&self, name: &str) -> Option<String> {
        if let Some((made, cipher)) = self.values.derived.get(name) {
            let text = filled(&made.text, &|name| self.plain(name))?;
            return made
                .transforms
                .iter()
                .try_fold(text, |text, transform| transform.of(&text, cipher.as_ref()));
        }
        self.plain(name)
    }

    fn plain(&self, name: &str) -> Option<String> {
        let setting = || Some(self.values.settings.get(name)?.expose_secret().to_owned());
        self.given.get(name).cloned().or_else(setting)
    }
}

impl Transform {
    fn of(self, text: &str, cipher: Option<&Cipher>) -> Option<String> {
        Some(match self {
            Self::Md5 => hex(&Md5::digest(text)),
            Self::Sha256 => hex(&Sha256::digest(text)),
            Self::Base64 => BASE64_STANDARD.encode(text),
            Self::Upper => text.to_uppercase(),
            Self::Aes128Cbc => cipher?.seal(text.as_bytes()),
        })
    }
}

const NOW_MS: &str = "now_ms";
const NOW_S: &str = "now_s";
const NONCE: &str = "nonce";
const GIVEN: [&str; 3] = [NOW_MS, NOW_S, NONCE];

/// Whether every configuration has a value of this name.
pub(super) fn is_given(name: &str) -> bool {
    GIVEN.contains(&name)
}

/// Whether `{name}` is a placeholder.
pub(super) fn can_be_named(name: &str) -> bool {
    matches!(words(&format!("{{{name}}}")).as_slice(), [Word::Hole(hole)] if *hole == name)
}

/// The names a text may use, for a message.
pub(super) fn known_names(values: &BTreeMap<String, ValueConfig>) -> String {
    let names = values.keys().map(String::as_str).chain(GIVEN);
    names.map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(" ")
}

/// The placeholders of a text.
pub(super) fn holes(text: &str) -> Vec<String> {
    let hole = |word| if let Word::Hole(name) = word { Some(name.to_owned()) } else { None };
    words(text).into_iter().filter_map(hole).collect()
}

/// A JSON value with its texts filled; members and elements whose text has no value are left out.
pub(super) fn fill_json(value: &Value, fill: &impl Fn(&str) -> Option<String>) -> Option<Value> {
    Some(match value {
        Value::String(text) => Value::String(fill(text)?),
        Value::Array(list) => Value::Array(list.iter().filter_map(|one| fill_json(one, fill)).collect()),
        Value::Object(members) => {
            let filled = |(name, one): (&String, &Value)| Some((name.clone(), fill_json(one, fill)?));
            Value::Object(members.iter().filter_map(filled).collect())
        }
        fixed => fixed.clone(),
    })
}

fn filled(text: &str, value: &impl Fn(&str) -> Option<String>) -> Option<String> {
    let fill = |word| match word {
        Word::Text(literal) => Some(literal),
        Word::Hole(name) => value(name),
    };
    words(text).into_iter().map(fill).collect()
}

#[cfg(test)]
mod tests;
