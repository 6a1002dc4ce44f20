//! Stored bytes read again: parts into records, one record alone, and the newtype through which the rules see it.

use adapters::{AnyDecoder, Decode, Part, Raw, SourceRecord, Undecodable};
use mappings::{Form, Record, Value};

/// A source record as the rules see it: borrowed, no copy per field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'r>(pub(super) &'r SourceRecord<'r>);

impl Record for Seen<'_> {
    fn each<'r>(&'r self, visit: &mut dyn FnMut(&'r str, Value<'r>)) {
        for (path, raw) in &self.0.fields {
            visit(path, value(raw));
        }
    }
}

fn value<'r>(raw: &'r Raw<'r>) -> Value<'r> {
    let form = match raw.form {
        adapters::Form::Text => Form::Text,
        adapters::Form::Number => Form::Number,
        adapters::Form::Bool => Form::Bool,
        adapters::Form::Null => Form::Null,
        adapters::Form::Nested => Form::Nested,
    };
    Value { text: &raw.text, form }
}

/// The bytes of a part inside its document.
pub(super) fn part(document: &[u8], from: u64, to: u64, first: u32) -> Part<'_> {
    let range = usize::try_from(from).unwrap_or(usize::MAX)..usize::try_from(to).unwrap_or(usize::MAX);
    Part { bytes: document.get(range).unwrap_or_default(), first, offset: from }
}

/// One record read alone.
pub(super) fn one(
    decoder: AnyDecoder,
    document: &[u8],
    from: u64,
    length: u32,
    place: u32,
) -> Result<SourceRecord<'_>, Undecodable> {
    let part = part(document, from, from + u64::from(length), place);
    let missing = Undecodable { place, offset: from, length, what: "原文中没有这一条".to_owned() };
    decoder.decode(&part).next().unwrap_or(Err(missing))
}
