//! What the rules say, for people and for other programs: a page of every kind, its JSON Schema, its personal fields.
//! Everything is told from the compiled rules, so that it cannot say otherwise than the checks do.

mod json_schema;
mod page;
mod words;

use serde_json::Value;

use crate::{
    demand::{Demands, FieldCheck},
    kind::{Field, Kind},
    profile::Profile,
    rulebook::Rulebook,
};

impl Rulebook {
    /// All kinds with their fields, demands of every industry, rules, examples and code tables, as a Markdown page in Chinese.
    #[must_use]
    pub fn schema_page(&self) -> String {
        page::page(self)
    }

    /// The part of that page about one kind, with the code tables it uses; `None` where there is no such kind.
    #[must_use]
    pub fn schema_part(&self, kind: &str) -> Option<String> {
        Some(page::part(self, self.kind(kind)?))
    }

    /// The JSON Schema (2020-12) of a record of a kind in our own words, as a profile demands it. What a schema cannot say
    /// (conditions but those of one field's code, warnings) stands in `description` and `$comment`. `None` where there is no such kind or profile.
    #[must_use]
    pub fn json_schema(&self, kind: &str, profile: Option<&str>) -> Option<Value> {
        let kind = self.kind(kind)?;
        let profile = match profile {
            Some(name) => Some(self.profiles().iter().find(|profile| profile.name() == name)?),
            None => None,
        };
        Some(json_schema::schema(kind, profile))
    }

    /// Every personal field: kind, field, and what it is (`name`, `phone`, …).
    pub fn personal_fields(&self) -> impl Iterator<Item = (&Kind, &Field, &str)> {
        self.kinds().iter().flat_map(|kind| {
            kind.fields().iter().filter_map(move |field| Some((kind, field, field.personal()?)))
        })
    }
}

impl Field {
    /// What the kind, and the profile if one is given, demand of the field's values, in Chinese.
    #[must_use]
    pub fn demands(&self, kind: &Kind, profile: Option<&Profile>) -> Vec<String> {
        checks(kind, profile, self).iter().filter_map(|check| words::of(check)).collect()
    }
}

/// The checks of a field, the kind's first.
fn checks<'k>(kind: &'k Kind, profile: Option<&'k Profile>, field: &Field) -> Vec<&'k FieldCheck> {
    let number = kind.number(field.name());
    let of =
        |demands: &'k Demands| number.and_then(|number| demands.fields.get(number)).into_iter().flatten();
    let industry = profile.and_then(|profile| profile.demands(kind.name()));
    of(&kind.0.demands).chain(industry.into_iter().flat_map(of)).collect()
}

#[cfg(test)]
mod tests;
