//! The fields of one record, as written, read with `serde_json` into raw values. Leaves finding the record to others.

use std::{borrow::Cow, fmt};

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::record::{Form, Raw};

/// Limits that no honest record meets: each nested field repeats its path, so a few megabytes could become gigabytes.
const MOST_FIELDS: usize = 10_000;
const LONGEST_PATH: usize = 512;
const MOST_LEVELS: u32 = 32;

/// The fields of a record, objects flattened into paths.
///
/// # Errors
/// In Chinese, when it is not a well-formed JSON object in UTF-8.
pub(super) fn read(record: &[u8]) -> Result<Vec<(Cow<'_, str>, Raw<'_>)>, String> {
    let text = std::str::from_utf8(record)
        .map_err(|error| format!("第 {} 字节起不是 UTF-8", error.valid_up_to()))?;
    if !text.starts_with('{') {
        return Err("记录不是 JSON 对象".to_owned());
    }
    let mut fields = Vec::with_capacity(32);
    object(text, "", 0, &mut fields)?;
    Ok(fields)
}

/// The text of a bare or quoted value as written.
///
/// # Errors
/// In Chinese, when a string holds an escape that stands for no character.
pub(super) fn raw(written: &str) -> Result<Raw<'_>, String> {
    let (text, form) = match written.as_bytes().first() {
        Some(b'"') => (unquote(written)?, Form::Text),
        Some(b't' | b'f') => (Cow::Borrowed(written), Form::Bool),
        Some(b'n') => (Cow::Borrowed(""), Form::Null),
        Some(b'{' | b'[') => (Cow::Borrowed(written), Form::Nested),
        _ => (Cow::Borrowed(written), Form::Number),
    };
    Ok(Raw { text, form })
}

fn object<'d>(
    text: &'d str,
    prefix: &str,
    depth: u32,
    fields: &mut Vec<(Cow<'d, str>, Raw<'d>)>,
) -> Result<(), String> {
    if depth == MOST_LEVELS {
        return Err(format!("对象嵌套超过 {MOST_LEVELS} 层"));
    }
    for (key, value) in members(text)? {
        if fields.len() == MOST_FIELDS {
            return Err(format!("一条记录超过 {MOST_FIELDS} 个字段"));
        }
        let path = joined(prefix, key)?;
        let written = value.get();
        if written.starts_with('{') && !is_empty_object(written) {
            object(written, &path, depth + 1, fields)?;
        } else {
            fields.push((path, raw(written)?));
        }
    }
    Ok(())
}

fn joined<'d>(prefix: &str, key: Cow<'d, str>) -> Result<Cow<'d, str>, String> {
    if prefix.is_empty() {
        return Ok(key);
    }
    if prefix.len() + key.len() >= LONGEST_PATH {
        return Err(format!("嵌套字段的路径超过 {LONGEST_PATH} 字节"));
    }
    Ok(Cow::Owned(format!("{prefix}.{key}")))
}

fn is_empty_object(written: &str) -> bool {
    written.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with('}'))
}

fn unquote(written: &str) -> Result<Cow<'_, str>, String> {
    let inside = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
    if inside.contains('\\') {
        return serde_json::from_str(written).map(Cow::Owned).map_err(|error| wrong(&error));
    }
    Ok(Cow::Borrowed(inside))
}

fn members(text: &str) -> Result<Vec<(Cow<'_, str>, &RawValue)>, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let members = deserializer.deserialize_map(Members).map_err(|error| wrong(&error))?;
    deserializer.end().map_err(|error| wrong(&error))?;
    Ok(members)
}

fn wrong(error: &serde_json::Error) -> String {
    format!("不是合法的 JSON（第 {} 行第 {} 列）：{}", error.line(), error.column(), plain(error))
}

/// `serde_json` repeats the place at the end of its text.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

struct Members;

impl<'d> Visitor<'d> for Members {
    type Value = Vec<(Cow<'d, str>, &'d RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'d>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(32);
        while let Some(Key(key)) = map.next_key()? {
            members.push((key, map.next_value()?));
        }
        Ok(members)
    }
}

struct Key<'d>(Cow<'d, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor).map(Key)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests;
