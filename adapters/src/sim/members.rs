//! A JSON object whose members stay in the order written and whose values stay as written, so that one of them can be
//! changed and nothing else.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::SerializeMap as _,
};
use serde_json::value::{RawValue, to_raw_value};

/// An object's members: name and value as written.
#[derive(Debug, Default)]
pub(super) struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    /// Reads an object; none when the text is something else.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The text of a value; empty where there is none.
    pub(super) fn text_of(&self, name: &str) -> String {
        let Some((_, value)) = self.0.iter().find(|(member, _)| member == name) else { return String::new() };
        serde_json::from_str::<String>(value.get()).unwrap_or_else(|_| match value.get() {
            "null" => String::new(),
            bare => bare.to_owned(),
        })
    }

    /// Writes a text in the place of a value, as a number where a number stood and the text is one; whether there was one.
    pub(super) fn set(&mut self, name: &str, text: &str) -> bool {
        let Some((_, value)) = self.0.iter_mut().find(|(member, _)| member == name) else { return false };
        let bare = is_whole(value.get()) && is_whole(text);
        let raw = if bare { RawValue::from_string(text.to_owned()) } else { to_raw_value(text) };
        let Ok(raw) = raw else { return false };
        *value = raw;
        true
    }
}

fn is_whole(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.bytes().next().is_some_and(|first| first != b'0')
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_changes_in_its_form_and_nothing_else() {
        let mut members = Members::read(r#"{"b":1.10,"at":1717372800,"t":"0","b":null}"#).unwrap();
        assert!(members.set("at", "1722441600") && members.set("t", "5"));
        assert!(!members.set("none", "5"));
        assert_eq!(
            serde_json::to_string(&members).unwrap(),
            r#"{"b":1.10,"at":1722441600,"t":"5","b":null}"#
        );
        assert!(members.set("at", "0x"), "what is no number is a text");
        assert_eq!(members.text_of("at"), "0x");
    }

    #[test]
    fn what_is_no_object_is_none() {
        for text in ["", "[]", "1", "{", r#"{"a":1}x"#] {
            assert!(Members::read(text).is_none(), "{text}");
        }
    }
}
