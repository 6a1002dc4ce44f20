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
        let mut gathered = Self { values: vec![None; mapping.paths.len()], clashes: Vec::new() };
        record.each(&mut |path, value| {
            if let Some(slot) = mapping.slots.get(path) {
                gathered.put(*slot, value);
            }
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
