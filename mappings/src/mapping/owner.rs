//! Whose a record is, where its mapping takes only records of those that somebody knows. Leaves knowing them to whoever has
//! a roster.

use super::{Mapped, Mapping};
use crate::{
    issue::{Issue, Level, Outcome},
    kind::Field,
};

/// The scheme and the code of an owner as `scheme:value`; `platform:<name>` has a colon of its own.
#[must_use]
pub fn owner_parts(owner: &str) -> Option<(&str, &str)> {
    let rest = owner.strip_prefix("platform:").unwrap_or(owner);
    let (_, value) = rest.split_once(':')?;
    let scheme = owner.strip_suffix(value)?.strip_suffix(':')?;
    Some((scheme, value))
}

impl Mapping {
    /// Whether a record is held whose owner nobody knows (`owner = "known"`).
    #[must_use]
    pub fn wants_known_owner(&self) -> bool {
        self.known_owner
    }

    /// The record held, because the roster does not know whose it is; what is wrong with it already comes first.
    #[must_use]
    pub fn held_for_owner(&self, mapped: Mapped) -> Mapped {
        let Mapped { key, contribution, mut issues, .. } = mapped;
        issues.push(self.unknown_owner(contribution.and_then(|contribution| contribution.owner).as_deref()));
        Mapped { outcome: Outcome::of(&issues), key, contribution: None, issues }
    }

    fn unknown_owner(&self, owner: Option<&str>) -> Issue {
        let said = owner.and_then(crate::owner_parts);
        let field = self.owner_field(said.map(|(scheme, _)| scheme));
        let label = field.map_or("企业编码", Field::label);
        let (message, advice) = match said {
            Some(_) => (
                format!("名册里当时没有这个{label}，不知道是谁的记录"),
                "请在名册里登记（lianwang roster take 名册.xlsx），登记后自己放行",
            ),
            None => (
                format!("没有写明{label}，不知道是谁的记录"),
                "请来源补上企业编码后重发；或者让这个映射接收没有归属的记录",
            ),
        };
        Issue {
            code: "unknown-owner".into(),
            level: Level::Hold,
            field: field.map(|field| field.name().to_owned()).unwrap_or_default(),
            value: said.map(|(_, value)| value.to_owned()).unwrap_or_default(),
            place: field.map(|field| self.read_at(field)).unwrap_or_default(),
            message,
            advice: advice.into(),
        }
    }

    /// The field of a scheme; without one the first that something feeds.
    fn owner_field(&self, scheme: Option<&str>) -> Option<&Field> {
        let marks = &self.kind.0.marks.owners;
        let fed = |number: &usize| self.rules.iter().any(|rule| rule.field == *number);
        let wanted =
            |(known, number): &&(String, usize)| scheme.map_or(fed(number), |scheme| known == scheme);
        marks.iter().find(wanted).and_then(|(_, number)| self.kind.fields().get(*number))
    }

    /// The source paths that a field is made of.
    fn read_at(&self, field: &Field) -> String {
        let number = self.kind.number(field.name());
        let rule = self.rules.iter().find(|rule| Some(rule.field) == number);
        let slots = rule.map(|rule| rule.slots().to_vec()).unwrap_or_default();
        let paths: Vec<&str> =
            slots.iter().filter_map(|slot| self.paths.get(*slot)).map(AsRef::as_ref).collect();
        paths.join(",")
    }
}

#[cfg(test)]
mod tests;
