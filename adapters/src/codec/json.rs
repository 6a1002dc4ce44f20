//! JSON records as written: numbers keep their digits, repeated keys stand twice, nested objects become paths, and one
//! bad record costs nobody but itself. Where the records stand in an answer is [`locate`]'s business.

use std::borrow::Cow;

use crate::record::{Decode, Part, SourceRecord, Undecodable};

mod cutter;
mod fields;
mod locate;
mod scan;

pub use locate::{Envelope, List, Listing, Malformed, locate};

/// Reads parts whose bytes are JSON records separated by commas and white space.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JsonRecords;

impl Decode for JsonRecords {
    fn decode<'d>(&self, part: &Part<'d>) -> impl Iterator<Item = Result<SourceRecord<'d>, Undecodable>> {
        Records { bytes: part.bytes, at: 0, place: part.first, offset: part.offset }
    }
}

struct Records<'d> {
    bytes: &'d [u8],
    at: usize,
    place: u32,
    offset: u64,
}

impl<'d> Iterator for Records<'d> {
    type Item = Result<SourceRecord<'d>, Undecodable>;

    fn next(&mut self) -> Option<Self::Item> {
        let from = scan::skip(self.bytes, self.at, |byte| scan::is_space(byte) || byte == b',');
        let rest = self.bytes.get(from..).filter(|rest| !rest.is_empty())?;
        let (record, fields) = match scan::value(self.bytes, from) {
            Ok(to) => {
                let record = self.bytes.get(from..to).unwrap_or_default();
                (record, fields::read(record))
            }
            // nothing after this can be told apart: the remainder counts as one record
            Err(broken) => (rest, Err(broken.what.to_owned())),
        };
        self.at = from + record.len();
        let place = self.place;
        self.place = place.saturating_add(1);
        Some(self.one(place, from, record.len(), fields))
    }
}

type Fields<'d> = Vec<(Cow<'d, str>, crate::record::Raw<'d>)>;

impl Records<'_> {
    fn one<'d>(
        &self,
        place: u32,
        from: usize,
        length: usize,
        fields: Result<Fields<'d>, String>,
    ) -> Result<SourceRecord<'d>, Undecodable> {
        let offset = self.offset.saturating_add(u64::try_from(from).unwrap_or(u64::MAX));
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        match fields {
            Ok(fields) => Ok(SourceRecord { place, offset, length, fields }),
            Err(what) => Err(Undecodable { place, offset, length, what }),
        }
    }
}

#[cfg(test)]
mod tests;
