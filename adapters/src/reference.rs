//! Settings that live outside the configuration: `env:NAME` and `file:PATH`, resolved when an adapter is built.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use serde::{Deserialize, de};

use crate::error::AdapterError;

/// Where a secret or a machine's own setting is found. Never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `env:NAME`
    Env(String),
    /// `file:PATH`
    File(PathBuf),
}

/// The environment as given at start: the one place where references find their values.
#[derive(Clone, Default)]
pub struct Environment {
    values: BTreeMap<String, String>,
    base: Option<PathBuf>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Environment").field(&self.values.len()).finish()
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self { values: pairs.into_iter().collect(), base: None }
    }
}

impl Environment {
    /// The same environment with one more name.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.values.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same environment with relative paths of files beginning at `folder`, the configuration's own, rather than at
    /// the working directory.
    #[must_use]
    pub fn based(mut self, folder: &Path) -> Self {
        self.base = Some(folder.to_owned());
        self
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// What a reference points to; a file's trailing line end is not part of it.
    ///
    /// # Errors
    /// A configuration error naming the reference, never its value.
    pub fn resolve(&self, reference: &Reference) -> Result<SecretString, AdapterError> {
        match reference {
            Reference::Env(name) => self
                .get(name)
                .map(SecretString::from)
                .ok_or_else(|| AdapterError::config(format!("环境变量 {name} 没有设置"))),
            Reference::File(path) => self.read(path),
        }
    }

    fn read(&self, path: &Path) -> Result<SecretString, AdapterError> {
        let path = self.base.as_deref().map_or_else(|| path.to_owned(), |base| base.join(path));
        std::fs::read_to_string(&path)
            .map(|text| SecretString::from(text.trim_end_matches(['\r', '\n'])))
            .map_err(|error| {
                let path = std::path::absolute(&path).unwrap_or(path);
                AdapterError::config(format!("读不到文件 {}：{}", path.display(), why(&error)))
            })
    }
}

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "没有这个文件".to_owned(),
        io::ErrorKind::PermissionDenied => "没有权限".to_owned(),
        io::ErrorKind::InvalidData => "不是 UTF-8 文本".to_owned(),
        _ => error.to_string(),
    }
}

impl Reference {
    /// Reads `env:NAME` or `file:PATH`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix("env:") {
            return (!name.is_empty()).then(|| Self::Env(name.to_owned()));
        }
        text.strip_prefix("file:").filter(|path| !path.is_empty()).map(|path| Self::File(path.into()))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom("机密只能引用：写成 \"env:变量名\" 或 \"file:路径\"，不要把机密写进配置")
        })
    }
}

#[cfg(test)]
mod tests;
