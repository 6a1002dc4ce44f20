//! Picks the values a mapping reads out of a record, in one pass, noticing paths written twice.
//! Leaves reading them to `field`.

use super::Mapping;
use crate::record::{Record, Value};

/// The values by slot.
pub(super) struct Gathered<'r> {
    pub(super) values: Vec<Option<Value<'r>>>,
    /// Slots written twice with different values, with the value that came first.
    pub(super) clashes: Vec<(usize, Value<'r>)>,
}

impl<'r> Gathered<'r> {
    pub(super) fn of(mapping: &Mapping, record: &'r dyn Record) -> Self {
        Self::noting(mapping, record, |_| {})
    }

    /// The same; `unknown` is told of every path that the rules do not read.
    pub(super) fn noting(
        mapping: &Mapping,
        record: &'r dyn Record,
        mut unknown: impl FnMut(&'r str),
    ) -> Self {
        let mut gathered = Self { values: vec![None; mapping.paths.len()], clashes: Vec::new() };
        record.each(&mut |path, value| match mapping.slots.get(path) {
            Some(slot) => gathered.put(*slot, value),
            None => unknown(path),
        });
        gathered
    }

    fn put(&mut self, slot: usize, value: Value<'r>) {
        let Some(place) = self.values.get_mut(slot) else { return };
        if let Some(first) = place.replace(value)
            && first != value
            && !self.clashes.iter().any(|(known, _)| *known == slot)
        {
            self.clashes.push((slot, first));
        }
    }

    /// What the sender wrote in a slot.
    pub(super) fn get(&self, slot: usize) -> Option<Value<'r>> {
        self.values.get(slot).copied().flatten()
    }
}
