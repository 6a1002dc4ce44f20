//! What a group of records comes to under the walk's revision, the newest first: pure but for one question to the ledger.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use mappings::{Issue, Key, Mapped, Outcome, Version};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::{
    super::{
        off_the_runtime,
        owners::Owners,
        poison::Poison,
        scan::{Found, Look, Taken},
        verdicts::{map, place},
    },
    Begun,
};
use crate::{
    pipeline::{Context, Pinned, Result},
    store::{
        heads::{Asked, Head, Standing},
        verdicts::{NewIssues, NewVersion, Spot, Verdict},
    },
};

/// What one look at a group came to; nothing of it counts before it is written.
#[derive(Default)]
pub(super) struct Derived {
    /// Keys that are done, and whether their newest state was met.
    pub(super) done: HashMap<u128, bool>,
    pub(super) versions: Vec<NewVersion>,
    pub(super) notes: Vec<NewIssues>,
    pub(super) same: u64,
    /// Whose records may come in.
    pub(super) owners: Owners,
}

/// What these records come to, the newest first.
pub(super) async fn derived(
    context: &Context,
    pinned: &Arc<Pinned>,
    source: &str,
    taken: Taken,
    begun: &Begun,
) -> Result<Derived> {
    let asked: Vec<Asked<'_>> = taken
        .found
        .iter()
        .filter_map(|found| begun.wanted(found))
        .map(|key| Asked { key, digest: "" })
        .collect();
    let mut standings = context.store.standings(source, &asked).await?.into_iter();
    let standings: Vec<Option<Standing>> =
        taken.found.iter().map(|found| begun.wanted(found).and_then(|_| standings.next())).collect();
    let shared = shared(context, &taken, &standings).await?;
    let owners = Owners::asked(context, pinned, source, false).await?;
    let (rules, name) = (Arc::clone(pinned), source.to_owned());
    off_the_runtime(move || {
        let alone = |found: &Found| found.key().is_none_or(|key| !shared.contains(key));
        let wanted = taken.found.par_iter().zip(standings).filter(|(found, _)| alone(found));
        let mut mapped: Vec<_> = wanted
            .filter_map(|(found, standing)| {
                let head = head_of(&name, found, standing?)?;
                let mapped = map(&rules, &name, &taken, found)?;
                // whose the state is was asked when it was made, under the roster of then
                if is_state(found, head.as_ref()) {
                    return Some((found, head, mapped));
                }
                let mapping = rules.rules.rulebook.mapping(&name, &found.origin.service)?;
                Some((found, head, owners.checked(mapping, found.origin.received_at, mapped)))
            })
            .collect();
        mapped.sort_unstable_by_key(|(found, ..)| Reverse(place(found)));
        let mut derived = Derived { owners, ..Derived::default() };
        for (found, head, mapped) in mapped {
            derived.settle(&rules, found, head.as_ref(), mapped);
        }
        derived
    })
    .await
}

/// Keys that other sources speak of, too: what stands of them is no single record's doing. They are judged anew when one of
/// their sources next sends, since a record's digest is taken under its mapping.
async fn shared(context: &Context, taken: &Taken, standings: &[Option<Standing>]) -> Result<HashSet<Key>> {
    let there = |(found, standing): (&Found, &Option<Standing>)| {
        matches!(standing, Some(Standing::Other(_))).then(|| found.key().cloned()).flatten()
    };
    let keys: HashSet<Key> = taken.found.iter().zip(standings).filter_map(there).collect();
    if keys.is_empty() || !context.store.has_contributions().await? {
        return Ok(HashSet::new());
    }
    let common = context.store.common(&keys.iter().collect::<Vec<_>>()).await?;
    Ok(common.into_iter().filter(|(_, common)| common.stored > 0).map(|(key, _)| key).collect())
}

/// The newest state that a record may take the place of; none: there is nothing it may say.
#[expect(clippy::option_option, reason = "no state yet is not the same as nothing to say")]
fn head_of(source: &str, found: &Found, standing: Standing) -> Option<Option<Head>> {
    match standing {
        Standing::Other(head) if head.is_left() => None,
        Standing::Other(head)
            if head.source == source && head.said == found.said() && head.place <= place(found) =>
        {
            Some(Some(head))
        }
        Standing::Other(_) | Standing::Same => None,
        Standing::New => Some(None),
    }
}

/// Whether a record made the state that stands.
fn is_state(found: &Found, head: Option<&Head>) -> bool {
    head.is_some_and(|head| head.place == place(found))
}

impl Derived {
    /// The first that counts is the newest: one that is good and not stale, or that made the state we have.
    fn settle(&mut self, rules: &Pinned, found: &Found, head: Option<&Head>, mapped: Mapped) {
        let Look::Keyed(key, _, digest) = &found.look else { return };
        let key_digest = short(key);
        if self.done.contains_key(&key_digest) {
            return;
        }
        let is_state = is_state(found, head);
        let Mapped { contribution, issues, outcome, .. } = mapped;
        let kind = rules.rules.rulebook.kind(&key.kind);
        let good = contribution.filter(|_| outcome == Outcome::Good).zip(kind);
        match good.and_then(|(contribution, kind)| mappings::merge(kind, contribution)) {
            Some(version) if is_state || !is_stale(head, &version) => {
                self.accept(found, digest, head, version, issues);
            }
            None if is_state => {
                let verdict = if outcome == Outcome::Hold { Verdict::Held } else { Verdict::Rejected };
                self.note(found, digest, verdict, issues);
            }
            _ => return,
        }
        self.done.insert(key_digest, head.is_some_and(|head| !head.is_retired()));
    }

    fn accept(
        &mut self,
        found: &Found,
        digest: &str,
        head: Option<&Head>,
        version: Version,
        notes: Vec<Issue>,
    ) {
        let content_digest = crate::store::hex(&version.content_digest);
        if head.is_some_and(|head| head.content_digest == content_digest) {
            self.same += 1;
            return;
        }
        if !notes.is_empty() {
            self.note(found, digest, Verdict::Accepted, notes);
        }
        self.versions.push(NewVersion {
            record: head.map(|head| head.record),
            spot: found.spot,
            version,
            source_digest: digest.to_owned(),
            content_digest,
            revision: None,
            seen_at: None,
            said: found.said().to_owned(),
            heard: Vec::new(),
        });
    }

    fn note(&mut self, found: &Found, digest: &str, verdict: Verdict, issues: Vec<Issue>) {
        self.notes.push(NewIssues {
            spot: found.spot,
            service: found.origin.service.clone(),
            kind: found.origin.kind.clone(),
            key: found.key().cloned(),
            said: found.said().to_owned(),
            verdict,
            issues,
            digest: digest.to_owned(),
        });
    }

    /// The same without the records that the database will not store; those are noted in its words.
    pub(super) fn without(&self, poison: &Poison) -> (Vec<NewVersion>, Vec<NewIssues>) {
        let is_good = |spot: &Spot| !poison.contains_key(&(spot.document, spot.place));
        let versions = self.versions.iter().filter(|new| is_good(&new.spot)).cloned().collect();
        (versions, self.notes.iter().filter(|new| is_good(&new.spot)).cloned().collect())
    }
}

fn is_stale(head: Option<&Head>, version: &Version) -> bool {
    let newest = head.and_then(|head| head.as_of);
    newest.zip(version.as_of).is_some_and(|(newest, own)| own.timestamp_millis() < newest)
}

/// A key in 16 bytes: millions of them are remembered.
pub(in crate::pipeline) fn short(key: &Key) -> u128 {
    let digest = Sha256::digest(key.to_string());
    digest.first_chunk().map_or(0, |first| u128::from_be_bytes(*first))
}
