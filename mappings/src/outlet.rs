//! An outlet: one kind in one destination's words, as one JSON object.
//! Leaves batches, ciphers and envelopes to the destination's adapter.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::{
    content::Content,
    demand::{Demands, Subject},
    image::{Image, Spelling},
    issue::{Issue, Level},
    key::{Key, Parent, UuidForm},
    kind::{Field, Kind},
    parse::{
        canonical,
        format::TimeFormat,
        moment::{write_date, write_moment, write_time},
    },
    value::{Cell, FieldType, Typed},
};

/// How one kind goes out to one destination.
#[derive(Debug)]
pub struct Outlet {
    pub(crate) destination: String,
    pub(crate) kind: Kind,
    pub(crate) path: String,
    pub(crate) uuid_form: UuidForm,
    /// How this receiver wants images.
    pub(crate) images: Spelling,
    /// In the kind's field order.
    pub(crate) fields: Vec<OutletField>,
    /// This receiver's own demands.
    pub(crate) demands: Demands,
}

/// How one field goes out.
#[derive(Debug)]
pub(crate) struct OutletField {
    /// Field number in the kind.
    pub(crate) number: usize,
    /// The receiver's name for it.
    pub(crate) to: String,
    pub(crate) how: How,
}

#[derive(Debug)]
pub(crate) enum How {
    /// The record's own id.
    Own,
    /// An id of another record.
    Reference,
    Text,
    /// A bare JSON number.
    Number,
    Moment(TimeFormat, Option<Tz>),
    Date(TimeFormat),
    Time(TimeFormat),
}

impl Outlet {
    /// The destination.
    #[must_use]
    pub fn destination(&self) -> &str {
        &self.destination
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.kind.name()
    }

    /// Where the receiver takes it, such as `sec_hidden_danger_info`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The id this receiver knows a key by.
    #[must_use]
    pub fn wire_id(&self, key: &Key) -> String {
        key.wire_id(self.uuid_form)
    }

    /// Digests of the images that go out with a record; most have none.
    pub fn images<'c>(&'c self, content: &'c Content) -> impl Iterator<Item = &'c str> {
        self.image_fields(content).filter_map(|(_, text)| Image::named(text))
    }

    /// The content with its images as this receiver wants them, `bytes` by digest; an image that was stored as it was sent
    /// (by engine 1) is written anew where it can be read. Any other record is left as it is.
    #[must_use]
    pub fn filled(&self, content: &Content, bytes: &BTreeMap<String, Vec<u8>>) -> Content {
        let own = |text: &str| match Image::named(text) {
            Some(digest) => bytes.get(digest).map(|bytes| self.images.write(bytes)),
            None => Image::read(text).map(|image| self.images.write(image.bytes())),
        };
        let texts = self.image_fields(content).filter_map(|(name, text)| Some((name, own(text)?)));
        let texts: BTreeMap<&str, String> = texts.collect();
        if texts.is_empty() { content.clone() } else { content.with_texts(texts) }
    }

    fn image_fields<'c>(&'c self, content: &'c Content) -> impl Iterator<Item = (&'c str, &'c str)> {
        let fields = self.fields.iter().filter_map(|field| self.kind.fields().get(field.number));
        let images = fields.filter(|field| field.field_type() == FieldType::Image);
        images.filter_map(|field| Some((field.name(), content.get(field.name())?)))
    }

    /// The record as one JSON object; absent fields are left out.
    ///
    /// # Errors
    /// What this receiver would refuse, or what cannot be written in its words.
    pub fn encode(&self, key: &Key, content: &Content, parents: &[Parent]) -> Result<String, Vec<Issue>> {
        let mut issues = self.refusals(content);
        issues.retain(|issue| issue.level != Level::Warn);
        let mut json = String::with_capacity(1024);
        for field in &self.fields {
            match self.written(field, key, content, parents) {
                Ok(None) => {}
                Ok(Some(value)) => {
                    json.push(if json.is_empty() { '{' } else { ',' });
                    json.push_str(&quoted(&field.to));
                    json.push(':');
                    json.push_str(&value);
                }
                Err(issue) => issues.push(*issue),
            }
        }
        if json.is_empty() {
            json.push('{');
        }
        json.push('}');
        if issues.is_empty() { Ok(json) } else { Err(issues) }
    }

    fn refusals(&self, content: &Content) -> Vec<Issue> {
        if self.demands.is_empty() {
            return Vec::new();
        }
        let fields = self.kind.fields();
        let cells: Vec<Cell> = fields.iter().map(|field| cell(field, content)).collect();
        let written = |number: usize| {
            let name = fields.get(number).map_or("", Field::name);
            (name.to_owned(), content.get(name).unwrap_or_default().to_owned())
        };
        let mut issues = Vec::new();
        self.demands.run(&Subject { kind: &self.kind, cells: &cells, written: &written }, &mut issues);
        issues
    }

    /// The JSON of one field, `None` where the record says nothing.
    fn written(
        &self,
        rule: &OutletField,
        key: &Key,
        content: &Content,
        parents: &[Parent],
    ) -> Result<Option<String>, Box<Issue>> {
        let Some(field) = self.kind.fields().get(rule.number) else { return Ok(None) };
        let text = match (&rule.how, content.get(field.name())) {
            (How::Own, _) => return Ok(Some(quoted(&self.wire_id(key)))),
            (_, None) => return Ok(None),
            (_, Some(text)) => text,
        };
        let typed = || canonical(field.field_type(), text).map(|value| value.typed);
        let out = match &rule.how {
            // its bytes belong there: a digest says nothing to a receiver
            How::Text if field.field_type() == FieldType::Image && Image::named(text).is_some() => None,
            How::Own | How::Text => Some(quoted(text)),
            How::Reference => Some(quoted(&self.reference(field.name(), text, parents))),
            How::Number => canonical(FieldType::Decimal, text).map(|value| value.text),
            How::Moment(format, zone) => match typed() {
                Some(Typed::Moment(moment)) => Some(quoted(&write_moment(format, moment, *zone))),
                _ => None,
            },
            How::Date(format) => match typed() {
                Some(Typed::Date(day)) => write_date(format, day).map(|text| quoted(&text)),
                _ => None,
            },
            How::Time(format) => match typed() {
                Some(Typed::Time(time)) => write_time(format, time).map(|text| quoted(&text)),
                _ => None,
            },
        };
        out.map(Some).ok_or_else(|| Box::new(unencodable(field, text)))
    }

    fn reference(&self, field: &str, text: &str, parents: &[Parent]) -> String {
        match parents.iter().find(|parent| parent.field == field) {
            Some(parent) => self.wire_id(&parent.key()),
            None => text.to_owned(),
        }
    }
}

fn cell(field: &Field, content: &Content) -> Cell {
    match content.get(field.name()) {
        None => Cell::Absent,
        Some(text) => canonical(field.field_type(), text).map_or(Cell::Bad, Cell::Good),
    }
}

fn unencodable(field: &Field, text: &str) -> Issue {
    Issue {
        code: "unencodable".to_owned(),
        level: Level::Reject,
        field: field.name().to_owned(),
        value: crate::mask(field.personal(), text),
        place: field.name().to_owned(),
        message: format!("{}不能写成接收方的样子", field.label()),
        advice: "台账里的值不合它的类型，请核对这条记录的来历".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests;
