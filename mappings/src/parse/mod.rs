//! How texts become canonical values: numbers, moments, days and times of day.
//! Leaves which parser reads which field to the mapping, ids to `key`, codes to `table`.

pub(crate) mod format;
pub(crate) mod moment;
pub(crate) mod number;

use crate::value::{Canonical, FieldType};

/// Reads a text that is canonical already: what the ledger stores, what `default` and `const` write.
/// Ids, codes, texts and images are taken as they are; their spaces and tables are checked elsewhere.
pub(crate) fn canonical(field_type: FieldType, text: &str) -> Option<Canonical> {
    match field_type {
        FieldType::Text | FieldType::Id | FieldType::Code | FieldType::Image => Some(Canonical::text(text)),
        FieldType::Int => number::int(text),
        FieldType::Decimal => number::decimal(text),
        FieldType::DateTime => moment::stored_moment(text),
        FieldType::Date => moment::stored_date(text),
        FieldType::Time => moment::stored_time(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn canonical_texts_are_read_as_themselves() {
        for (field_type, text) in [
            (FieldType::Text, "  x "),
            (FieldType::Int, "17"),
            (FieldType::Decimal, "0.5"),
            (FieldType::DateTime, "2024-06-06T08:00:00+08:00"),
            (FieldType::Date, "2024-06-06"),
            (FieldType::Time, "08:00:00"),
        ] {
            assert_eq!(canonical(field_type, text).map(|value| value.text).as_deref(), Some(text));
        }
        assert_eq!(canonical(FieldType::DateTime, "2024-06-06"), None);
        assert_eq!(canonical(FieldType::Date, "20240606"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_not_and_what_is_read_is_stable(text in "\\PC{0,30}|[0-9T:+.eE-]{0,30}", which in 0usize..9) {
            let field_type = FieldType::WORDS[which].1;
            if let Some(value) = canonical(field_type, &text) {
                prop_assert_eq!(canonical(field_type, &value.text), Some(value));
            }
        }
    }
}
