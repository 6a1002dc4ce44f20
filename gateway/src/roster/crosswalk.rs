//! From an identifier and a moment to whose it is: what judging asks. Leaves what else is known of a subject to the roster.

use std::collections::HashMap;

use mappings::Notation;

use super::span::Span;

/// The scheme of credit codes.
pub const USCC: &str = "uscc";
/// Characters of a credit code.
const USCC_LENGTH: usize = 18;

type ByValue = HashMap<Box<str>, Vec<(Span, i64)>>;

/// Every identifier that stands under one number of the roster.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Crosswalk {
    /// That number.
    pub number: i64,
    by_scheme: HashMap<Box<str>, ByValue>,
}

impl Crosswalk {
    /// An empty one of this number.
    #[must_use]
    pub fn new(number: i64) -> Self {
        Self { number, by_scheme: HashMap::new() }
    }

    /// Adds an identifier of a subject.
    pub fn add(&mut self, scheme: &str, value: &str, span: Span, subject: i64) {
        let by_value = self.by_scheme.entry(scheme.into()).or_default();
        by_value.entry(value.into()).or_default().push((span, subject));
    }

    /// Whose an identifier is at a moment (ms): its own row says so, else that of the credit code it begins with.
    #[must_use]
    pub fn whose(&self, scheme: &str, value: &str, at: i64) -> Option<i64> {
        self.row(scheme, value, at).or_else(|| self.row(USCC, &credit_code(value)?, at))
    }

    fn row(&self, scheme: &str, value: &str, at: i64) -> Option<i64> {
        let rows = self.by_scheme.get(scheme)?.get(value)?;
        rows.iter().find(|(span, _)| span.covers(at)).map(|(_, subject)| *subject)
    }

    /// Whether an owner, as versions name it (`scheme:value`), is known at a moment (ms).
    #[must_use]
    pub fn knows(&self, owner: Option<&str>, at: i64) -> bool {
        owner
            .and_then(mappings::owner_parts)
            .is_some_and(|(scheme, value)| self.whose(scheme, value, at).is_some())
    }
}

/// What may be a credit code at the head of a code of another scheme.
fn credit_code(value: &str) -> Option<String> {
    value.get(..USCC_LENGTH).map(|head| Notation::Uscc.normal(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crosswalk() -> Crosswalk {
        let mut all = Crosswalk::new(7);
        all.add("chem", "410900017", Span { from: 0, to: 100 }, 1);
        all.add("chem", "410900017", Span { from: 100, to: 200 }, 2);
        all.add(USCC, "91410900MA40000000", Span { from: 0, to: 300 }, 3);
        all
    }

    #[test]
    fn the_same_code_is_anothers_on_another_day() {
        let all = crosswalk();
        assert_eq!(all.whose("chem", "410900017", 99), Some(1));
        assert_eq!(all.whose("chem", "410900017", 100), Some(2));
        assert_eq!(all.whose("chem", "410900017", 200), None);
        assert_eq!(all.whose("mine", "410900017", 99), None, "another scheme is another code");
        let mut named = crosswalk();
        named.add("platform:park", "P17", Span { from: 0, to: 100 }, 4);
        assert!(named.knows(Some("platform:park:P17"), 5) && !named.knows(Some("platform:quarry:P17"), 5));
        assert!(all.knows(Some("chem:410900017"), 5) && !all.knows(None, 5) && !all.knows(Some("chem"), 5));
    }

    #[test]
    fn a_code_that_begins_with_a_known_credit_code_is_its_owners() {
        let all = crosswalk();
        for value in ["91410900MA40000000", "91410900MA40000000-02", "91410900ma40000000"] {
            assert_eq!(all.whose("platform:park", value, 299), Some(3), "{value}");
        }
        assert_eq!(all.whose("platform:park", "91410900MA40000000", 300), None);
        assert_eq!(all.whose("platform:park", "91410900MA4000000", 5), None, "too short");
        assert_eq!(
            all.whose("platform:park", "企业企业企业企业企业企业一二三", 5),
            None,
            "not cut inside a character"
        );
    }
}
