//! The order of a keyset pass: where each record stands by (time, id), and where the next page begins. Pure.
//! A source that does not keep the order it guarantees would lose records in silence: that is an error here.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Mark, Resume};
use crate::{
    codec::{JsonRecords, json::List},
    error::{AdapterError, Certainty},
    http::{moment::TimeFormat, paging::PagingConfig},
    record::{Decode, Form, Part, SourceRecord},
};

/// The fields that order a list, and how its times are written.
#[derive(Debug)]
pub(super) struct Order {
    time: String,
    id: String,
    format: TimeFormat,
    zone: Tz,
}

/// Where a pass stands after a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Advance {
    /// After this record.
    pub to: Resume,
    /// The latest moment of the page that is not of the future: none when no time is a moment.
    pub reached: Option<DateTime<Utc>>,
}

impl Order {
    /// The order of a keyset; none for other kinds of paging.
    pub(super) fn of(paging: &PagingConfig, format: &TimeFormat, zone: Tz) -> Option<Self> {
        let PagingConfig::Keyset { time, id, .. } = paging else { return None };
        Some(Self { time: time.clone(), id: id.clone(), format: format.clone(), zone })
    }

    /// Where the pass stands after these records of a window that ends at `until`. A time of the future settles nothing:
    /// it is no sign that everything before it was seen. Records without time or id, or with a time that is no moment among
    /// others that are, are passed over: they are rejected later, each by itself.
    ///
    /// # Errors
    /// When a record stands before the one ahead of it, or nothing advanced although more is to come.
    pub(super) fn advance(
        &self,
        resume: &Resume,
        list: &List,
        body: &[u8],
        more: bool,
        until: DateTime<Utc>,
    ) -> Result<Advance, AdapterError> {
        let start = match resume {
            Resume::After(mark) => Some(mark),
            _ => None,
        };
        let mut latest = start.cloned();
        let mut reached = None;
        for mark in self.marks(list, body) {
            reached = reached.max(self.format.read(&mark.time, self.zone).filter(|moment| *moment <= until));
            match latest.as_ref().map(|before| self.compare(&mark, before)) {
                Some(None) => {}
                Some(Some(Ordering::Less)) => return Err(self.disorder(&mark, latest.as_ref())),
                Some(Some(_)) | None => latest = Some(mark),
            }
        }
        if more && latest.as_ref() == start {
            let what = format!("整页没有推进：没有一条记录带着新的（{}，{}）", self.time, self.id);
            return Err(AdapterError::remote(what, Certainty::Received));
        }
        Ok(Advance { to: latest.map_or(Resume::Start, Resume::After), reached })
    }

    fn marks(&self, list: &List, body: &[u8]) -> Vec<Mark> {
        let place = |at| usize::try_from(at).unwrap_or(usize::MAX);
        let parts = list.parts.iter().filter_map(|extent| {
            let bytes = body.get(place(extent.from)..place(extent.to))?;
            Some(Part { bytes, first: extent.first, offset: extent.from })
        });
        parts
            .flat_map(|part| {
                JsonRecords
                    .decode(&part)
                    .flatten()
                    .filter_map(|record| self.mark(&record))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    fn mark(&self, record: &SourceRecord<'_>) -> Option<Mark> {
        let text = |path: &str| {
            let (_, raw) = record.fields.iter().find(|(name, _)| name == path)?;
            (matches!(raw.form, Form::Text | Form::Number)
                && !raw.text.is_empty()
                && !raw.text.contains('\0'))
            .then(|| raw.text.to_string())
        };
        Some(Mark { time: text(&self.time)?, id: text(&self.id)? })
    }

    /// None when the times cannot be compared: one is a moment and the other is not.
    fn compare(&self, mark: &Mark, before: &Mark) -> Option<Ordering> {
        let read = |mark: &Mark| self.format.read(&mark.time, self.zone);
        let by_time = match (read(mark), read(before)) {
            (Some(mark), Some(before)) => mark.cmp(&before),
            (None, None) => mark.time.cmp(&before.time),
            (Some(_), None) => Ordering::Greater,
            (None, Some(_)) => return None,
        };
        Some(by_time.then_with(|| by_id(&mark.id, &before.id)))
    }

    fn disorder(&self, mark: &Mark, before: Option<&Mark>) -> AdapterError {
        let before = before.map(|before| before.time.as_str()).unwrap_or_default();
        let what =
            format!("记录没有按（{}，{}）排序：{} 出现在 {before} 之后", self.time, self.id, mark.time);
        AdapterError::remote(what, Certainty::Received)
    }
}

/// Databases order texts in several ways; an order is broken only when it is broken in all of them.
fn by_id(id: &str, before: &str) -> Ordering {
    let folded = |text: &str| text.to_lowercase();
    let bare = |text: &str| folded(text).replace('-', "");
    let number = |text: &str| text.parse::<u128>().ok();
    let numbers = number(id).zip(number(before)).map_or(Ordering::Less, |(id, before)| id.cmp(&before));
    let orders = [id.cmp(before), folded(id).cmp(&folded(before)), bare(id).cmp(&bare(before)), numbers];
    orders.into_iter().max().unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests;
