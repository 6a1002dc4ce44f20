//! What the groups before in the same step left: newer than what was read ahead for the next.

use std::collections::{HashMap, HashSet};

use mappings::Key;

use super::{limit::Overs, shared::Together};
use crate::store::{heads::Head, held::HeldHead, verdicts::Judgement};

/// The newest states and held records that a judging knew or made.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) heads: HashMap<Key, Head>,
    pub(super) held: HashMap<Key, HeldHead>,
    /// Keys that other sources speak of, too.
    pub(super) common: HashMap<Key, Together>,
    /// Documents that are held whole.
    pub(super) over: Overs,
    /// Records that were held for their documents until a newer one took their place.
    pub(super) settled: HashSet<(i64, u32)>,
}

impl Known {
    /// The same once its judgement is written: `first` is the number of its first version, and of a new key's record.
    pub(super) fn numbered(mut self, first: i64, judgement: &Judgement) -> Self {
        for (seq, new) in (first..).zip(&judgement.versions) {
            if let Some(head) = self.heads.get_mut(&new.version.key).filter(|head| head.record == 0) {
                head.record = seq;
            }
        }
        for (key, together) in &mut self.common {
            if let Some(head) = self.heads.get(key) {
                together.written(head);
            }
        }
        self
    }

    /// Takes over what was known before of `keys`.
    pub(super) fn remember<'k>(&mut self, before: &Self, keys: impl Iterator<Item = &'k Key>) {
        for key in keys {
            if let Some(head) = before.heads.get(key) {
                self.heads.insert(key.clone(), head.clone());
            }
            if let Some(together) = before.common.get(key) {
                self.common.insert(key.clone(), together.clone());
            }
            if let Some(held) = before.held.get(key) {
                self.held.insert(key.clone(), held.clone());
            }
        }
        for (document, (over, _)) in &before.over {
            self.over.entry(*document).or_insert_with(|| (over.clone(), false));
        }
        for held in self.held.values_mut() {
            held.over.retain(|spot| !before.settled.contains(&(spot.document, spot.place)));
        }
    }
}
