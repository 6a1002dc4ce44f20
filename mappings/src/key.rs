//! Who a record is: kind, id space and id in its normal form; and who its parents are.
//! Leaves enterprises and their identifiers to the registry: the owner is an attribute, not part of a key.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::record::trimmed;

/// The space of ids that are UUIDs.
pub(crate) const UUID_SPACE: &str = "uuid";
/// The space of codes one authority issues to all.
pub(crate) const REGISTERED_SPACE: &str = "registered";

/// What identifies a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Kind name.
    pub kind: String,
    /// `uuid`, `registered`, `mine:<enterprise>` or `src:<source>`.
    pub id_space: String,
    /// The id in the normal form of its space.
    pub id: String,
}

/// A reference of a record to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Parent {
    /// The field that holds it.
    pub field: String,
    /// Kind referred to.
    pub kind: String,
    /// Space of the id referred to.
    pub id_space: String,
    /// The id in the normal form of its space.
    pub id: String,
    /// What its sender said for it, `id_space/id`, where an alias joined that to this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
}

/// How a destination wants UUIDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum UuidForm {
    /// 32 digits.
    #[default]
    Plain,
    /// 36 characters.
    Hyphens,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind, self.id_space, self.id)
    }
}

impl Parent {
    /// The key of the record referred to.
    #[must_use]
    pub fn key(&self) -> Key {
        Key { kind: self.kind.clone(), id_space: self.id_space.clone(), id: self.id.clone() }
    }

    /// The key that its sender said.
    #[must_use]
    pub fn said_key(&self) -> Key {
        self.key().as_said(self.said.as_deref().unwrap_or_default())
    }
}

impl Key {
    /// The key of the same kind that is written `id_space/id`; nothing written: this one.
    #[must_use]
    pub fn as_said(&self, said: &str) -> Self {
        match said.split_once('/') {
            Some((id_space, id)) => {
                Self { kind: self.kind.clone(), id_space: id_space.to_owned(), id: id.to_owned() }
            }
            None => self.clone(),
        }
    }

    /// The id as a receiver knows it: a UUID in its spelling, a registered code as it is, anything else as the
    /// UUIDv5 (RFC 9562, namespace OID) of `kind/space/id`.
    pub(crate) fn wire_id(&self, form: UuidForm) -> String {
        match self.id_space.as_str() {
            REGISTERED_SPACE => self.id.clone(),
            UUID_SPACE => match Uuid::try_parse(&self.id) {
                Ok(uuid) => spelled(uuid, form),
                Err(_) => self.id.clone(),
            },
            _ => spelled(Uuid::new_v5(&Uuid::NAMESPACE_OID, self.to_string().as_bytes()), form),
        }
    }
}

fn spelled(uuid: Uuid, form: UuidForm) -> String {
    match form {
        UuidForm::Plain => uuid.simple().to_string(),
        UuidForm::Hyphens => uuid.hyphenated().to_string(),
    }
}

/// The id in the normal form of its space, `None` when it has none there. `uuid`: 32 hexadecimal digits or 36
/// characters with hyphens, any case, become lower-case without hyphens; elsewhere the text without white space
/// around it, if any is left.
#[must_use]
pub fn normal_id(id_space: &str, text: &str) -> Option<String> {
    let text = trimmed(text);
    if id_space != UUID_SPACE {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let hyphens_right = match text.len() {
        32 => !text.contains('-'),
        36 => text.bytes().enumerate().all(|(at, byte)| (byte == b'-') == matches!(at, 8 | 13 | 18 | 23)),
        _ => false,
    };
    let normal: String = text.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect();
    (hyphens_right && normal.len() == 32 && normal.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then_some(normal)
}

/// Whether a text names an id space.
pub(crate) fn is_space(text: &str) -> bool {
    let named = |prefix| text.strip_prefix(prefix).is_some_and(|rest: &str| !rest.is_empty());
    text == UUID_SPACE || text == REGISTERED_SPACE || named("mine:") || named("src:")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PLAIN: &str = "c4ba424edce85a0f9c3743961f28ab71";
    const HYPHENS: &str = "c4ba424e-dce8-5a0f-9c37-43961f28ab71";

    fn key(id_space: &str, id: &str) -> Key {
        Key { kind: "risk_unit".into(), id_space: id_space.into(), id: id.into() }
    }

    #[test]
    fn every_spelling_of_a_uuid_is_one_id() {
        for text in [PLAIN, HYPHENS, &PLAIN.to_uppercase(), &HYPHENS.to_uppercase(), &format!(" {PLAIN}\t")] {
            assert_eq!(normal_id("uuid", text).as_deref(), Some(PLAIN), "{text}");
        }
    }

    #[test]
    fn what_is_no_uuid_has_no_normal_form_there() {
        let moved = "c4ba424edce8-5a0f-9c37-4396-1f28ab71";
        for text in
            ["", "1", &PLAIN[1..], &format!("{PLAIN}0"), moved, &PLAIN.replace('c', "g"), &"é".repeat(16)]
        {
            assert_eq!(normal_id("uuid", text), None, "{text}");
        }
    }

    #[test]
    fn other_spaces_keep_the_text() {
        assert_eq!(normal_id("src:park", " 0017 ").as_deref(), Some("0017"));
        assert_eq!(normal_id("registered", "410900017001").as_deref(), Some("410900017001"));
        assert_eq!(normal_id("registered", "　"), None);
    }

    #[test]
    fn ids_go_out_in_the_one_spelling_of_the_receiver() {
        assert_eq!(key("uuid", PLAIN).wire_id(UuidForm::Plain), PLAIN);
        assert_eq!(key("uuid", PLAIN).wire_id(UuidForm::Hyphens), HYPHENS);
        assert_eq!(key("registered", "410900017001").wire_id(UuidForm::Hyphens), "410900017001");
    }

    #[test]
    fn an_id_of_another_space_becomes_the_uuid_of_its_key() {
        // python: uuid.uuid5(uuid.NAMESPACE_OID, 'risk_unit/src:park/17').hex
        let out = key("src:park", "17").wire_id(UuidForm::Plain);
        assert_eq!(out, "3969693632b952a58070c95dde2beb0b");
        assert_ne!(key("src:other", "17").wire_id(UuidForm::Plain), out);
    }

    #[test]
    fn a_key_is_shown_as_kind_space_id() {
        assert_eq!(key("src:park", "17").to_string(), "risk_unit/src:park/17");
    }

    proptest! {
        #[test]
        fn normal_form_is_idempotent(space in "uuid|registered|src:x", text in "\\PC{0,40}|[0-9a-fA-F]{32}") {
            if let Some(once) = normal_id(&space, &text) {
                prop_assert_eq!(normal_id(&space, &once), Some(once));
            }
        }

        #[test]
        fn case_and_hyphens_never_matter(hex in "[0-9a-f]{32}") {
            let uuid = Uuid::parse_str(&hex).unwrap();
            let spelled = uuid.hyphenated().to_string().to_uppercase();
            prop_assert_eq!(normal_id("uuid", &spelled), Some(hex));
        }
    }
}
