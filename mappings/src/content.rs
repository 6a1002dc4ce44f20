//! The canonical texts of one record, sorted by field name, and their JSON in the ledger.
//! Leaves what a text means to the kind's field types.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Serialize, Serializer};

use crate::{image::Image, kind::Kind, value::FieldType};

/// Canonical texts by field name; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Content(Arc<[(Arc<str>, Box<str>)]>);

impl Content {
    /// From texts that are sorted by name already.
    pub(crate) fn from_sorted(texts: Vec<(Arc<str>, Box<str>)>) -> Self {
        Self(texts.into())
    }

    /// One JSON object, names sorted.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`Content::to_json`] wrote; `None` for anything that is no object of texts.
    #[must_use]
    pub fn from_json(json: &str) -> Option<Self> {
        let texts: BTreeMap<String, String> = serde_json::from_str(json).ok()?;
        Some(Self(texts.into_iter().map(|(name, text)| (name.into(), text.into())).collect()))
    }

    /// The same with other texts of some fields that it has.
    pub(crate) fn with_texts(&self, mut texts: BTreeMap<&str, String>) -> Self {
        let own = |(name, text): &(Arc<str>, Box<str>)| {
            let text = texts.remove(name.as_ref()).map_or_else(|| text.clone(), String::into_boxed_str);
            (Arc::clone(name), text)
        };
        Self(self.0.iter().map(own).collect())
    }

    /// The same with every image that stands in it as it was sent named by its digest: content of engine 1 as it would be now.
    #[must_use]
    pub fn with_images_named(&self, kind: &Kind) -> Self {
        let images = kind.fields().iter().filter(|field| field.field_type() == FieldType::Image);
        let texts = images.filter_map(|field| {
            let image = Image::read(self.get(field.name())?)?;
            Some((field.name(), image.canonical()))
        });
        self.with_texts(texts.collect())
    }

    /// The canonical text of a field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&str> {
        let at = self.0.binary_search_by(|(name, _)| name.as_ref().cmp(field)).ok()?;
        self.0.get(at).map(|(_, text)| text.as_ref())
    }

    /// The same with one text in the place of what `field` said, if anything.
    #[must_use]
    pub(crate) fn with(&self, field: &str, text: &str) -> Self {
        let mut texts = self.0.to_vec();
        let new: (Arc<str>, Box<str>) = (field.into(), text.into());
        match texts.binary_search_by(|(name, _)| name.as_ref().cmp(field)) {
            Ok(at) => texts.splice(at..=at, [new]).for_each(drop),
            Err(at) => texts.insert(at, new),
        }
        Self(texts.into())
    }

    /// Whether nothing is said of a field.
    #[must_use]
    pub fn leaves_open(&self, field: &str) -> bool {
        self.get(field).is_none_or(str::is_empty)
    }

    /// Takes over what it leaves open itself.
    pub(crate) fn fill(&mut self, other: &Self) {
        let mut texts: BTreeMap<Arc<str>, Box<str>> = self.0.iter().cloned().collect();
        let open = other.0.iter().filter(|(name, _)| self.leaves_open(name)).cloned();
        texts.extend(open);
        *self = Self::from_sorted(texts.into_iter().collect());
    }

    /// Names and texts, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_ref(), text.as_ref()))
    }
}

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_is_open_is_filled() {
        let mut content = Content::from_json(r#"{"b":"","c":"3"}"#).unwrap();
        content.fill(&Content::from_json(r#"{"a":"1","b":"2","c":"4"}"#).unwrap());
        assert_eq!(content.to_json(), r#"{"a":"1","b":"2","c":"3"}"#);
    }

    #[test]
    fn json_is_sorted_and_read_back() {
        let content = Content::from_json(r#"{"b":"隐患\n\"x\"","a":"1"}"#).unwrap();
        assert_eq!(content.to_json(), r#"{"a":"1","b":"隐患\n\"x\""}"#);
        assert_eq!(content.get("a"), Some("1"));
        assert_eq!(content.get("b"), Some("隐患\n\"x\""));
        assert_eq!(content.get("c"), None);
    }

    #[test]
    fn one_text_takes_the_place_of_another_or_its_own() {
        let content = Content::from_json(r#"{"a":"1","c":"3"}"#).unwrap();
        assert_eq!(content.with("c", "9").to_json(), r#"{"a":"1","c":"9"}"#);
        assert_eq!(content.with("b", "2").to_json(), r#"{"a":"1","b":"2","c":"3"}"#);
        assert_eq!(content.with("d", "4").to_json(), r#"{"a":"1","c":"3","d":"4"}"#);
    }

    #[test]
    fn anything_else_is_no_content() {
        for json in ["", "[]", "{\"a\":1}", "{\"a\":null}", "{"] {
            assert_eq!(Content::from_json(json), None, "{json}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(texts in proptest::collection::btree_map("\\PC{0,9}", "\\PC{0,20}", 0..9)) {
            let json = serde_json::to_string(&texts).unwrap();
            let content = Content::from_json(&json).unwrap();
            prop_assert_eq!(content.to_json(), json);
            for (name, text) in &texts {
                prop_assert_eq!(content.get(name), Some(text.as_str()));
            }
        }
    }
}
