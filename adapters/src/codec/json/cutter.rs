//! Parts of a record list: small enough for one transaction of judging. Leaves finding the records to others.

use super::locate::offset;
use crate::source::Extent;

/// A part holds at most this many records.
const MOST_RECORDS: u32 = 5_000;
/// A part is not longer than this, in bytes, unless one record alone is.
const MOST_BYTES: usize = 4 << 20;

/// Cuts a run of records into parts.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    parts: Vec<Extent>,
    open: Option<(usize, usize, u32)>,
    count: u32,
}

impl Cutter {
    /// One record, from its first byte to the byte after its last.
    pub(super) fn take(&mut self, from: usize, to: usize) {
        match &mut self.open {
            Some((begin, end, held)) if *held < MOST_RECORDS && to - *begin <= MOST_BYTES => {
                *end = to;
                *held += 1;
            }
            _ => {
                self.close();
                self.open = Some((from, to, 1));
            }
        }
        self.count = self.count.saturating_add(1);
    }

    fn close(&mut self) {
        if let Some((from, to, held)) = self.open.take() {
            let first = self.count.saturating_sub(held);
            self.parts.push(Extent { first, count: held, from: offset(from), to: offset(to) });
        }
    }

    /// How many records there were, and the parts.
    pub(super) fn finish(mut self) -> (u64, Vec<Extent>) {
        self.close();
        (u64::from(self.count), self.parts)
    }
}

#[cfg(test)]
mod tests;
