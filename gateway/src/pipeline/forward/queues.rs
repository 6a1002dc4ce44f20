//! Where each queue of due rows was left. What is taken leaves dead entries in the index, and a look that always began at its
//! head would walk over ever more of them. Only a hint: what became due behind it waits for `LOOKS` looks at most.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::store::dispatch::After;

/// Looks after which a queue is begun at its head again, or gone on with at its next group.
const LOOKS: u32 = 64;

/// Every destination's queues, as this process left them.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct Queues(Mutex<HashMap<String, Left>>);

#[derive(Debug, Default)]
struct Left {
    looks: u32,
    /// By kind; none: there was nothing.
    places: HashMap<String, Option<After>>,
}

impl Queues {
    /// Begins a look at a destination's queues; whether one was left in the middle.
    pub(super) fn look(&self, destination: &str) -> bool {
        let mut all = self.all();
        let left = all.entry(destination.to_owned()).or_default();
        left.looks += 1;
        if left.looks >= LOOKS {
            left.looks = 0;
            left.places.retain(|_, place| place.as_mut().is_some_and(After::pass_group));
        }
        !left.places.is_empty()
    }

    /// Where to go on with a kind; none: there is nothing.
    pub(super) fn place(&self, destination: &str, kind: &str) -> Option<After> {
        let all = self.all();
        let left = all.get(destination).and_then(|left| left.places.get(kind));
        left.map_or_else(|| Some(After::default()), Clone::clone)
    }

    /// Remembers where a kind was left; none: there was nothing.
    pub(super) fn leave(&self, destination: &str, kind: &str, place: Option<After>) {
        self.all().entry(destination.to_owned()).or_default().places.insert(kind.to_owned(), place);
    }

    /// Begins all anew; whether there was anything to forget.
    pub(super) fn forget(&self, destination: &str) -> bool {
        self.all().remove(destination).is_some_and(|left| !left.places.is_empty())
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Left>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(group: &str, version: i64) -> After {
        After { group: group.to_owned(), version }
    }

    #[test]
    fn what_was_left_is_gone_on_with_and_what_was_empty_is_left_out() {
        let queues = Queues::default();
        assert!(!queues.look("d"));
        assert_eq!(queues.place("d", "tank"), Some(After::default()));
        queues.leave("d", "tank", Some(after("", 7)));
        queues.leave("d", "alarm", None);
        assert!(queues.look("d") && !queues.look("other"));
        assert_eq!((queues.place("d", "tank"), queues.place("d", "alarm")), (Some(after("", 7)), None));
        assert!(queues.forget("d") && !queues.forget("d"));
        assert_eq!(queues.place("d", "alarm"), Some(After::default()));
    }

    #[test]
    fn after_so_many_looks_a_queue_begins_at_its_head_and_a_grouped_one_at_its_next_group() {
        let queues = Queues::default();
        queues.leave("d", "tank", Some(after("", 7)));
        queues.leave("d", "alarm", None);
        queues.leave("d", "plant", Some(after("甲", 9)));
        assert!((0..LOOKS).all(|_| queues.look("d")));
        for kind in ["tank", "alarm"] {
            assert_eq!(queues.place("d", kind), Some(After::default()), "{kind}");
        }
        assert_eq!(queues.place("d", "plant"), Some(after("甲", i64::MAX)));
    }
}
