//! One field's straight line: pick, parse, look up.
//! Leaves checks to `demand`, what to say when it fails to `told`.

use std::sync::Arc;

use crate::{
    digest::{Digester, hex_id},
    image::{Image, is_link},
    key::normal_id,
    notation::Notation,
    parse::{format::TimeFormat, moment::Clockwork, number},
    record::{Form, Value, trimmed},
    table::{CodeTable, SourceTable},
    value::{Canonical, FieldType},
};

/// How one field is made.
#[derive(Debug, Clone)]
pub(crate) struct FieldRule {
    /// Field number in the kind.
    pub(crate) field: usize,
    pub(crate) pick: Pick,
    pub(crate) parse: Parse,
    /// Taken where the sender says nothing.
    pub(crate) default: Option<Canonical>,
}

/// Where its value comes from, by slot.
#[derive(Debug, Clone)]
pub(crate) enum Pick {
    From(usize),
    /// An id made of several values.
    Digest(Vec<usize>),
    Const(Canonical),
}

/// How its text is read.
#[derive(Debug, Clone)]
pub(crate) enum Parse {
    Text,
    /// A text in a standard's normal form.
    Notation(Notation),
    /// Base64, or an address where `links` are taken.
    Image {
        links: bool,
    },
    Id {
        space: String,
    },
    /// By the source's words if it has any, else by our codes, and by their labels where the mapping says so.
    Code {
        from: Option<Arc<SourceTable>>,
        table: Arc<CodeTable>,
        labels: bool,
    },
    Int,
    Decimal,
    DateTime(Clockwork),
    Date(Clockwork),
    Time(Clockwork),
}

/// Why a value could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    WrongType,
    Unstorable,
    Unparsed,
    UnknownCode,
}

impl Parse {
    /// Reads one value as written.
    pub(crate) fn read(&self, value: Value<'_>) -> Result<Canonical, Unread> {
        if value.text.contains('\0') {
            return Err(Unread::Unstorable);
        }
        if value.form == Form::Nested {
            return Err(Unread::WrongType);
        }
        let text = value.text;
        match self {
            Self::Text => Ok(Canonical::text(trimmed(text))),
            Self::Notation(notation) => Ok(Canonical::text(noted(*notation, trimmed(text)))),
            Self::Image { links: true } if is_link(trimmed(text)) => Ok(Canonical::text(trimmed(text))),
            Self::Image { .. } => Image::read(trimmed(text)).map(Canonical::image).ok_or(Unread::Unparsed),
            Self::Id { space } => normal_id(space, text).map(Canonical::text).ok_or(Unread::Unparsed),
            Self::Code { from, table, labels } => {
                code(from.as_deref(), table, *labels, trimmed(text)).ok_or(Unread::UnknownCode)
            }
            Self::Int => number::int(text).ok_or(Unread::Unparsed),
            Self::Decimal => number::decimal(text).ok_or(Unread::Unparsed),
            Self::DateTime(clockwork) => clockwork.moment(text).ok_or(Unread::Unparsed),
            Self::Date(clockwork) => clockwork.date(text).ok_or(Unread::Unparsed),
            Self::Time(clockwork) => clockwork.time(text).ok_or(Unread::Unparsed),
        }
    }

    /// The type it reads.
    pub(crate) fn field_type(&self) -> FieldType {
        match self {
            Self::Text | Self::Notation(_) => FieldType::Text,
            Self::Image { .. } => FieldType::Image,
            Self::Id { .. } => FieldType::Id,
            Self::Code { .. } => FieldType::Code,
            Self::Int => FieldType::Int,
            Self::Decimal => FieldType::Decimal,
            Self::DateTime(_) => FieldType::DateTime,
            Self::Date(_) => FieldType::Date,
            Self::Time(_) => FieldType::Time,
        }
    }

    /// The rule in words, for `explain`.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Id { space } => format!("id {space}"),
            Self::Code { from: Some(source), .. } => format!("table {}", source.name),
            Self::Code { from: None, table, labels: false } => format!("codes {}", table.name()),
            Self::Code { from: None, table, labels: true } => format!("codes or labels {}", table.name()),
            Self::Notation(notation) => format!("text {}", notation.word()),
            Self::DateTime(clockwork) | Self::Date(clockwork) | Self::Time(clockwork) => {
                let formats: Vec<&str> = clockwork.formats.iter().map(TimeFormat::written).collect();
                let zone = clockwork.zone.map(|zone| format!(" {}", zone.name())).unwrap_or_default();
                format!("{} {}{zone}", self.field_type().word(), formats.join(" | "))
            }
            Self::Text | Self::Image { .. } | Self::Int | Self::Decimal => {
                self.field_type().word().to_owned()
            }
        }
    }
}

fn code(from: Option<&SourceTable>, table: &CodeTable, labels: bool, text: &str) -> Option<Canonical> {
    let own = || if table.has(text) { Some(text) } else { table.code(text) };
    let own = || own().filter(|_| labels).map(Canonical::text);
    match from {
        Some(source) => source.codes.get(text).map(|code| Canonical::text(code.as_ref())).or_else(own),
        None if table.has(text) => Some(Canonical::text(text)),
        None => own(),
    }
}

/// The normal form; the text itself where nothing would be left of it: what was said must not become nothing.
fn noted(notation: Notation, text: &str) -> String {
    let normal = notation.normal(text);
    if normal.is_empty() { text.to_owned() } else { normal }
}

/// An id of several values: 32 hexadecimal digits over their trimmed texts, absent ones marked as such.
/// `None` when all of them are absent.
pub(crate) fn digest_id(values: &[Option<Value<'_>>]) -> Option<String> {
    let mut digester = Digester::new("id");
    let mut found = false;
    for value in values {
        match value.filter(|value| !value.is_absent()) {
            Some(value) => {
                found = true;
                digester.part(&[1]);
                digester.text(trimmed(value.text));
            }
            None => digester.part(&[0]),
        }
    }
    found.then(|| hex_id(&digester.finish()))
}

#[cfg(test)]
mod tests;
