//! When an answer is a success by its own words: a value of the body, compared as written.

use std::borrow::Cow;

use serde::Deserialize;

/// `success = { at = "resCode", is = "0", message = "resMsg" }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuccessRule {
    /// Path of the value that tells.
    pub at: String,
    /// The text or texts that mean success; numbers and `true` are compared by how they are written.
    pub is: Texts,
    /// Path of the source's own words, quoted when the rule fails.
    pub message: Option<String>,
}

/// One text or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Texts {
    /// One.
    One(Text),
    /// Any of these.
    Any(Vec<Text>),
}

/// A text, also when it was written as a number or a boolean in the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Text {
    /// `"0"`
    Quoted(String),
    /// `0`
    Whole(i64),
    /// `true`
    Flag(bool),
}

impl Texts {
    /// Whether `text` is one of them.
    #[must_use]
    pub fn contain(&self, text: &str) -> bool {
        match self {
            Self::One(one) => one.written() == text,
            Self::Any(any) => any.iter().any(|one| one.written() == text),
        }
    }
}

impl Text {
    /// As it goes out or is compared.
    #[must_use]
    pub fn written(&self) -> Cow<'_, str> {
        match self {
            Self::Quoted(text) => Cow::Borrowed(text),
            Self::Whole(number) => Cow::Owned(number.to_string()),
            Self::Flag(flag) => Cow::Owned(flag.to_string()),
        }
    }
}

impl SuccessRule {
    /// What is wrong, in Chinese, or nothing when the answer is a success.
    /// `value` and `message` are what stands at the two paths, absent or null as `None`.
    #[must_use]
    pub fn failure(&self, value: Option<&str>, message: Option<&str>) -> Option<String> {
        if value.is_some_and(|value| self.is.contain(value)) {
            return None;
        }
        let found =
            value.map_or_else(|| "没有这个字段".to_owned(), |value| format!("是 {:?}", cut(value, 60)));
        let words = message.map(|words| format!("；对方说：{}", cut(words, 200))).unwrap_or_default();
        Some(format!("对方的应答不是成功：{} {found}{words}", self.at))
    }
}

/// The first `limit` characters, for a message.
#[must_use]
pub fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
