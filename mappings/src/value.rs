//! A canonical value: its text, as stored and digested, beside what conditions compare.
//! Leaves reading the sender's spellings to `parse`.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};
use rust_decimal::Decimal;

use crate::image::Image;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldType {
    /// Text without white space around it.
    Text,
    /// An id or reference in the normal form of its space.
    Id,
    /// A code of the field's canonical table.
    Code,
    /// A whole number, at most 18 digits.
    Int,
    /// A decimal number, at most 28 digits.
    Decimal,
    /// A moment with its offset, `2024-06-06T08:00:00+08:00`.
    DateTime,
    /// A day, `2024-06-06`.
    Date,
    /// A time of day, `08:00:00`.
    Time,
    /// An image: its bytes by digest, `blob:<sha256>`, or its address.
    Image,
}

impl FieldType {
    /// Every type by the word rule files use.
    pub(crate) const WORDS: [(&'static str, Self); 9] = [
        ("text", Self::Text),
        ("id", Self::Id),
        ("code", Self::Code),
        ("int", Self::Int),
        ("decimal", Self::Decimal),
        ("datetime", Self::DateTime),
        ("date", Self::Date),
        ("time", Self::Time),
        ("image", Self::Image),
    ];

    /// The word rule files use.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, known)| *known == self).map_or("", |(word, _)| word)
    }

    /// Reads the word rule files use.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, found)| *found)
    }

    /// Whether values are times, read by formats.
    pub(crate) fn is_temporal(self) -> bool {
        matches!(self, Self::DateTime | Self::Date | Self::Time)
    }

    /// Whether values are numbers.
    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Decimal)
    }
}

/// What a condition compares.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Typed {
    /// Its text.
    Text,
    Number(Decimal),
    Moment(DateTime<FixedOffset>),
    Date(NaiveDate),
    Time(NaiveTime),
    /// Compared by nothing.
    Image(Image),
}

/// A value in canonical form.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Canonical {
    pub(crate) text: String,
    pub(crate) typed: Typed,
}

/// One field of one record under derivation.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Cell {
    /// The sender said nothing.
    #[default]
    Absent,
    /// The sender said something that could not be read or looked up; an issue tells.
    Bad,
    Good(Canonical),
}

impl Canonical {
    /// A value that is compared by its text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), typed: Typed::Text }
    }

    /// An image by its digest.
    pub(crate) fn image(image: Image) -> Self {
        Self { text: image.canonical(), typed: Typed::Image(image) }
    }
}

impl Cell {
    /// The value, if there is a readable one.
    pub(crate) fn good(&self) -> Option<&Canonical> {
        match self {
            Self::Good(value) => Some(value),
            Self::Absent | Self::Bad => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_one_word() {
        for (word, field_type) in FieldType::WORDS {
            assert_eq!(FieldType::parse(word), Some(field_type));
            assert_eq!(field_type.word(), word);
        }
        assert_eq!(FieldType::parse("string"), None);
    }

    #[test]
    fn only_a_readable_value_is_good() {
        assert_eq!(Cell::Absent.good(), None);
        assert_eq!(Cell::Bad.good(), None);
        assert_eq!(Cell::Good(Canonical::text("x")).good().map(|value| value.text.as_str()), Some("x"));
    }
}
