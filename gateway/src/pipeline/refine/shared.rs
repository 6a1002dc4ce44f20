//! Keys that more than one source speaks of, through one judging: as they were read, and what each record makes of them.
//! Leaves whose word stands to `judge::shared`.

use std::collections::{HashMap, HashSet};

use mappings::Key;

use super::{Work, scan::Found, scan::Taken};
use crate::{
    pipeline::{Result, judge::shared::Settled},
    store::{
        contributions::{Common, Said, Shared},
        heads::{Head, Standing},
        verdicts::Spot,
    },
};

/// What is known of a shared key.
#[derive(Debug, Clone)]
pub(super) struct Together {
    /// Whose head stood when it was read, and at which place.
    was: (String, (i64, u32)),
    /// The rows when they were read.
    rows: Vec<(String, (i64, u32))>,
    /// What each source says, in order of arrival.
    pub(super) said: Vec<Said>,
    winner: usize,
    as_of: Option<i64>,
    touched: bool,
}

/// The keys of a group that others speak of, too. Nothing is asked where no key was ever shared.
pub(super) async fn read(
    work: &Work<'_>,
    taken: &Taken,
    standings: &[Standing],
) -> Result<HashMap<Key, Together>> {
    let mut heads: HashMap<&Key, &Head> = HashMap::new();
    for (found, standing) in taken.found.iter().zip(standings) {
        if let (Some(key), Standing::Other(head)) = (found.key(), standing) {
            heads.insert(key, head);
        }
    }
    let is_foreign = |head: &Head| head.source != work.source;
    let store = &work.context.store;
    if heads.is_empty() || !(heads.values().any(|head| is_foreign(head)) || store.has_contributions().await?)
    {
        return Ok(HashMap::new());
    }
    let keys: HashSet<&Key> = heads.keys().copied().collect();
    let common = store.common(&keys.into_iter().collect::<Vec<_>>()).await?;
    let shared = |(key, common): (Key, Common)| {
        let head = heads.get(&key)?;
        (common.stored > 0 || is_foreign(head)).then(|| (key, Together::of(common, head)))
    };
    Ok(common.into_iter().filter_map(shared).collect())
}

impl Together {
    fn of(common: Common, head: &Head) -> Self {
        let rows = if common.stored == 0 { Vec::new() } else { places(&common.said) };
        let winner = common.said.iter().position(|said| said.contribution.source == head.source);
        Self {
            was: (head.source.clone(), head.place),
            rows,
            said: common.said,
            winner: winner.unwrap_or_default(),
            as_of: head.as_of,
            touched: false,
        }
    }

    /// Takes over what a record made of it, and moves the head with it.
    pub(super) fn take(&mut self, settled: &Settled, head: &mut Head) {
        self.said.clone_from(&settled.said);
        (self.winner, self.as_of, self.touched) = (settled.winner, settled.as_of, true);
        if let Some(version) = &settled.version {
            head.content_digest = crate::store::hex(&version.content_digest);
        }
        self.stand(head);
    }

    /// A source said the same again, later.
    pub(super) fn seen(&mut self, source: &str, spot: Spot, head: &mut Head) {
        let own = self.said.iter_mut().find(|said| said.contribution.source == source);
        if let Some(own) = own.filter(|own| own.place() < (spot.document, spot.place)) {
            own.spot = spot;
            self.touched = true;
            self.stand(head);
        }
    }

    fn stand(&self, head: &mut Head) {
        if let Some(stands) = self.said.get(self.winner) {
            head.source.clone_from(&stands.contribution.source);
            head.place = stands.place();
            head.source_digest.clone_from(&stands.source_digest);
            head.as_of = self.as_of;
        }
    }

    /// The same once it is written.
    pub(super) fn written(&mut self, head: &Head) {
        if std::mem::take(&mut self.touched) {
            self.was = (head.source.clone(), head.place);
            self.rows = places(&self.said);
        }
    }

    /// What is to be written of it, if anything.
    pub(super) fn left(&self, key: &Key, record: i64) -> Option<Shared> {
        self.touched.then(|| Shared {
            key: key.clone(),
            record,
            was: self.was.clone(),
            rows: self.rows.clone(),
            said: self.said.clone(),
            winner: self.winner,
            as_of: self.as_of,
        })
    }
}

fn places(said: &[Said]) -> Vec<(String, (i64, u32))> {
    said.iter().map(|said| (said.contribution.source.clone(), said.place())).collect()
}

/// What a record says, as it is kept beside.
pub(super) fn said(found: &Found, digest: &str, revision: i64, contribution: mappings::Contribution) -> Said {
    let service = found.origin.service.clone();
    Said { service, spot: found.spot, revision, source_digest: digest.to_owned(), contribution }
}

#[cfg(test)]
mod tests;
