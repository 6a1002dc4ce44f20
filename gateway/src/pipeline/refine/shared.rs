//! Keys that more than one voice speaks of, or may, through one judging: as they were read, and what each record makes of them.
//! Leaves whose word stands to `judge::shared`.

use std::collections::{HashMap, HashSet};

use mappings::Key;

use super::{Work, scan::Found, scan::Taken};
use crate::{
    pipeline::{Result, judge::shared::Settled},
    store::{
        contributions::{Common, Read, Said, Shared, Voice},
        heads::{Head, Standing},
        verdicts::{NewVersion, Spot},
    },
};

/// What is known of a shared key, or of one that aliases lead to.
#[derive(Debug, Clone)]
pub(super) struct Together {
    /// Whose head stood when it was read, and at which place; none: there was no such record.
    was: Option<(Voice, (i64, u32))>,
    /// The rows when they were read.
    rows: Vec<Read>,
    /// What each voice says, in order of arrival.
    pub(super) said: Vec<Said>,
    winner: usize,
    as_of: Option<i64>,
    touched: Touched,
}

/// What a judging did to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touched {
    No,
    /// Its one voice spoke: its head says all.
    Alone,
    Shared,
}

/// The keys of a group that other voices speak of, too, or may. Nothing is asked where no key was ever shared.
pub(super) async fn read(
    work: &Work<'_>,
    taken: &Taken,
    standings: &[Standing],
) -> Result<HashMap<Key, Together>> {
    let aliases = work.pinned.rules.rulebook.aliases();
    let (mut heads, mut found_together): (HashMap<&Key, &Head>, _) = (HashMap::new(), HashMap::new());
    let mut others: HashSet<&Key> = HashSet::new();
    for (found, standing) in taken.found.iter().zip(standings) {
        let Some(key) = found.key() else { continue };
        match standing {
            Standing::Other(head) => {
                heads.insert(key, head);
                let is_other = head.source != work.source || head.said != found.said();
                if (is_other && !head.is_left()) || aliases.lead_to(key) {
                    others.insert(key);
                }
            }
            Standing::New if aliases.lead_to(key) => {
                found_together.insert(key.clone(), Together::of(Common::default(), None));
            }
            Standing::New | Standing::Same => {}
        }
    }
    let store = &work.context.store;
    if heads.is_empty() || (others.is_empty() && !store.has_contributions().await?) {
        return Ok(found_together);
    }
    let mut common = store.common(&heads.keys().copied().collect::<Vec<_>>()).await?;
    for (key, head) in heads {
        let common = common.remove(key).unwrap_or_default();
        if common.stored > 0 || others.contains(key) {
            found_together.insert(key.clone(), Together::of(common, Some(head)));
        }
    }
    Ok(found_together)
}

impl Together {
    fn of(common: Common, head: Option<&Head>) -> Self {
        let rows = if common.stored == 0 { Vec::new() } else { rows(&common.said) };
        let voice = head.map(Head::voice);
        let winner = common.said.iter().position(|said| Some(said.voice()) == voice);
        Self {
            was: voice.zip(head.map(|head| head.place)),
            rows,
            said: common.said,
            winner: winner.unwrap_or_default(),
            as_of: head.and_then(|head| head.as_of),
            touched: Touched::No,
        }
    }

    /// Whether nobody else speaks of it, under no other id.
    pub(super) fn is_alone(&self, source: &str, said: &str) -> bool {
        let own = |own: &Said| own.contribution.source == source && own.contribution.said == said;
        self.rows.is_empty() && self.said.iter().all(own)
    }

    /// Where the newest state of a voice stands, if it has one.
    pub(super) fn heard_at(&self, source: &str, said: &str) -> Option<(i64, u32)> {
        let own = |own: &&Said| own.contribution.source == source && own.contribution.said == said;
        self.said.iter().find(own).map(Said::place)
    }

    /// Takes over what its one voice says now.
    pub(super) fn speak(&mut self, said: Said) {
        self.as_of = said.contribution.as_of.map(|at| at.timestamp_millis());
        (self.said, self.winner) = (vec![said], 0);
        if self.touched == Touched::No {
            self.touched = Touched::Alone;
        }
    }

    /// Takes over what a record made of it, and moves the head with it.
    pub(super) fn take(&mut self, settled: &Settled, head: &mut Head) {
        self.said.clone_from(&settled.said);
        (self.winner, self.as_of, self.touched) = (settled.winner, settled.as_of, Touched::Shared);
        if let Some(version) = &settled.version {
            head.content_digest = crate::store::hex(&version.content_digest);
        }
        self.stand(head);
    }

    /// A voice said the same again, later.
    pub(super) fn seen(&mut self, voice: &Voice, spot: Spot, head: &mut Head) {
        let own = self.said.iter_mut().find(|said| said.voice() == *voice);
        if let Some(own) = own.filter(|own| own.place() < (spot.document, spot.place)) {
            own.spot = spot;
            self.touched = Touched::Shared;
            self.stand(head);
        }
    }

    /// So did its one voice.
    pub(super) fn seen_alone(&mut self, spot: Spot) {
        if let Some(own) = self.said.first_mut() {
            own.spot = spot;
            self.touched = Touched::Alone;
        }
    }

    fn stand(&self, head: &mut Head) {
        if let Some(stands) = self.said.get(self.winner) {
            head.source.clone_from(&stands.contribution.source);
            head.said.clone_from(&stands.contribution.said);
            head.place = stands.place();
            head.source_digest.clone_from(&stands.source_digest);
            head.as_of = self.as_of;
        }
    }

    /// The same once it is written.
    pub(super) fn written(&mut self, head: &Head) {
        let touched = std::mem::replace(&mut self.touched, Touched::No);
        if touched != Touched::No {
            self.was = Some((head.voice(), head.place));
        }
        if touched == Touched::Shared {
            self.rows = rows(&self.said);
        }
    }

    /// What is to be written of it beside its head, if anything.
    pub(super) fn left(&self, key: &Key, record: i64) -> Option<Shared> {
        (self.touched == Touched::Shared).then(|| Shared {
            key: key.clone(),
            record,
            was: self.was.clone(),
            rows: self.rows.clone(),
            said: self.said.clone(),
            winner: self.winner,
            seen_at: None,
            as_of: self.as_of,
        })
    }
}

fn rows(said: &[Said]) -> Vec<Read> {
    said.iter().map(Said::as_read).collect()
}

/// What a state of one voice says, as it is kept beside.
pub(super) fn said_by(found: &Found, source: &str, revision: i64, new: &NewVersion) -> Said {
    let version = &new.version;
    let contribution = mappings::Contribution {
        source: source.to_owned(),
        key: version.key.clone(),
        said: new.said.clone(),
        content: version.content.clone(),
        parents: version.parents.clone(),
        owner: version.owner.clone(),
        test: version.test,
        region: version.region.clone(),
        industry: version.industry.clone(),
        as_of: version.as_of,
        images: version.images.clone(),
    };
    said(found, &new.source_digest, revision, contribution)
}

/// What a record says, as it is kept beside.
pub(super) fn said(found: &Found, digest: &str, revision: i64, contribution: mappings::Contribution) -> Said {
    let service = found.origin.service.clone();
    Said { service, spot: found.spot, revision, source_digest: digest.to_owned(), contribution }
}

#[cfg(test)]
mod tests;
