//! Keys while voices come to them and leave them, and what each of them comes to: pure. Nothing is judged here but whose word
//! stands; reading what stands and writing what is to stand is `joining`'s.

use std::collections::BTreeMap;

use mappings::{Key, Kind};

use super::again::{Stays, Word};
use crate::{
    pipeline::{
        Pinned,
        judge::{
            second_source,
            shared::{unweighed, weighed},
        },
    },
    store::{
        contributions::{Common, Read, Said, Shared, Voice},
        heads::Head,
        retire::is_mark,
        verdicts::NewVersion,
    },
};

/// What is known of some keys.
#[derive(Debug, Default)]
pub(super) struct Places(BTreeMap<Key, Place>);

/// One key.
#[derive(Debug, Default)]
struct Place {
    head: Option<Head>,
    /// The rows as they were read.
    rows: Vec<Read>,
    said: Vec<Said>,
    /// Where the record lies that its newest version was made of.
    made: Option<(i64, u32)>,
    /// A later place where what a voice says was seen again.
    seen: BTreeMap<Voice, (i64, u32)>,
    is_touched: bool,
}

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Moved {
    pub(super) versions: Vec<NewVersion>,
    pub(super) shared: Vec<Shared>,
    /// Records that nobody speaks of any more, each with the last document that did.
    pub(super) gone: Vec<(i64, i64)>,
    /// Those of them that are deleted already.
    pub(super) silent: Vec<i64>,
}

impl Places {
    pub(super) fn know(&self, key: &Key) -> bool {
        self.0.contains_key(key)
    }

    /// Takes over what stands of a key.
    pub(super) fn learn(&mut self, key: Key, head: Option<Head>, common: Common, made: Option<(i64, u32)>) {
        let mut place = Place { made, said: common.said, ..Place::default() };
        if common.stored > 0 {
            place.rows = place.said.iter().map(Said::as_read).collect();
        } else if let Some((said, head)) = place.said.first().zip(head.as_ref())
            && said.place() < head.place
        {
            place.seen.insert(said.voice(), head.place);
        }
        place.head = head;
        self.0.insert(key, place);
    }

    /// What a voice says of a key.
    pub(super) fn said(&self, key: &Key, voice: &Voice) -> Option<&Said> {
        self.0.get(key)?.said.iter().find(|said| said.voice() == *voice)
    }

    /// A voice speaks of a key no more.
    pub(super) fn silence(&mut self, key: &Key, voice: &Voice) {
        if let Some(place) = self.0.get_mut(key) {
            place.said.retain(|said| said.voice() != *voice);
            place.seen.remove(voice);
            place.is_touched = true;
        }
    }

    /// Whether under another key the same source has said since what an id of it is.
    pub(super) fn is_newer_at(&self, key: &Key, word: &Word) -> bool {
        let said = word.key.as_said(&word.voice.said);
        let of_word = |own: &&Said| {
            own.contribution.source == word.voice.source && key.as_said(&own.contribution.said) == said
        };
        let place = self.0.get(key).filter(|_| *key != word.key);
        place.is_some_and(|place| {
            place.said.iter().find(of_word).is_some_and(|own| own.place() >= word.said.place())
        })
    }

    /// Puts what a word says now where it belongs; where its source cannot be weighed there, it waits where it stands.
    pub(super) fn put(
        &mut self,
        word: &Word,
        now: Said,
        priority: impl Fn(&str) -> Option<i64>,
    ) -> Result<(), Stays> {
        let (key, voice) = (now.contribution.key.clone(), now.voice());
        if self.is_newer_at(&key, word) {
            self.silence(&word.key, &word.voice);
            return Ok(());
        }
        let others: Vec<Said> = self
            .0
            .get(&key)
            .map(|place| place.said.iter().filter(|said| said.voice() != voice).cloned().collect())
            .unwrap_or_default();
        if let Some(other) = unweighed(&others, &voice.source, priority) {
            return Err(Some(word.waits(second_source(other))));
        }
        let seen = self.0.get(&word.key).and_then(|place| place.seen.get(&word.voice)).copied();
        self.silence(&word.key, &word.voice);
        let place = self.0.entry(key).or_default();
        place.said.retain(|said| said.voice() != voice);
        place.said.push(now);
        place.said.sort_by_key(Said::place);
        place.seen.extend(seen.map(|seen| (voice, seen)));
        place.is_touched = true;
        Ok(())
    }

    /// What all this comes to.
    pub(super) fn came_to(self, rules: &Pinned, priority: impl Fn(&str) -> Option<i64> + Copy) -> Moved {
        let mut moved = Moved::default();
        for (key, place) in self.0.into_iter().filter(|(_, place)| place.is_touched) {
            match rules.rules.rulebook.kind(&key.kind).filter(|_| !place.said.is_empty()) {
                Some(kind) => place.settle(kind, key, priority, &mut moved),
                None => place.leave(key, &mut moved),
            }
        }
        moved
    }
}

impl Place {
    /// Nobody speaks of it.
    fn leave(self, key: Key, moved: &mut Moved) {
        let Some(head) = self.head.filter(|head| !head.is_left()) else { return };
        if head.is_retired() {
            moved.silent.push(head.record);
        } else {
            moved.gone.push((head.record, head.place.0));
        }
        if !self.rows.is_empty() {
            let was = Some((head.voice(), head.place));
            let (said, rows) = (Vec::new(), self.rows);
            moved.shared.push(Shared {
                key,
                record: head.record,
                was,
                rows,
                said,
                winner: 0,
                seen_at: None,
                as_of: None,
            });
        }
    }

    /// Somebody does.
    fn settle(self, kind: &Kind, key: Key, priority: impl Fn(&str) -> Option<i64>, moved: &mut Moved) {
        let Some((version, winner)) = mappings::settle(kind, weighed(&self.said, priority)) else { return };
        let Some(stands) = self.said.get(winner) else { return };
        let content_digest = crate::store::hex(&version.content_digest);
        let as_of = version.as_of.map(|at| at.timestamp_millis());
        let is_alone = self.said.len() == 1;
        let is_plain = is_alone && !is_mark(&stands.source_digest);
        let says = |head: &Head| {
            // a state of one voice must be made of its own bytes: nothing else remembers them
            !head.is_left()
                && head.content_digest == content_digest
                && (!is_alone || self.made == Some(stands.place()))
        };
        if !self.head.as_ref().is_some_and(says) {
            moved.versions.push(NewVersion {
                record: self.head.as_ref().map(|head| head.record),
                spot: stands.spot,
                source_digest: stands.source_digest.clone(),
                content_digest,
                // what was not derived again is still in the words of the revision that mapped it
                revision: is_alone.then_some(stands.revision),
                seen_at: None,
                said: stands.contribution.said.clone(),
                heard: if is_plain { Vec::new() } else { self.said.iter().map(Said::heard).collect() },
                version,
            });
        }
        moved.shared.push(Shared {
            key,
            record: self.head.as_ref().map_or(0, |head| head.record),
            was: self.head.as_ref().map(|head| (head.voice(), head.place)),
            rows: self.rows,
            seen_at: self.seen.get(&stands.voice()).copied(),
            said: self.said,
            winner,
            as_of,
        });
    }
}

#[cfg(test)]
mod tests;
