//! How each fix stands: what the voices of its key say of its field, and why a line that is not in force is not. Only reads;
//! putting right is `refine`'s.

use std::collections::{HashMap, HashSet};

use mappings::{Content, Fix, Key};
use serde::Serialize;

use super::{Context, Pinned, Result, refine};
use crate::store::{
    contributions::Said,
    explain::Unversioned,
    heads::{Asked, Standing},
    retire::is_mark,
};

/// How a fix stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// The record says it, or a voice of its key does.
    InForce,
    /// What was to be put right is still said.
    Open {
        /// Why.
        why: Unused,
    },
    /// Something else again is said.
    Outlived {
        /// What stands.
        stands: String,
    },
    /// Nothing of the record was accepted.
    Nothing {
        /// Why; none: nothing of it was seen.
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<Unused>,
    },
}

/// Why a fix is not in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unused {
    /// Its source's records do not follow it yet.
    Waits,
    /// The bytes that said so are no more.
    Gone,
    /// The hub deleted the record: nobody says it any more.
    Deleted,
    /// The record would not be accepted with it.
    Refused,
    /// The record waits for something else.
    Held,
    /// The record was rejected for something else.
    Rejected,
}

/// Every line of the active revision, in the order of the file, and how it stands.
///
/// # Errors
/// When the ledger fails or there is no revision.
pub async fn all(context: &Context) -> Result<Vec<(Fix, State)>> {
    let pinned = context.active().await?;
    let mut looking = Looking { context, pinned: &pinned, due: HashMap::new() };
    let mut all = Vec::new();
    for fix in pinned.rules.rulebook.fixes().all() {
        all.push((fix.clone(), looking.at(fix).await?));
    }
    Ok(all)
}

struct Looking<'a> {
    context: &'a Context,
    pinned: &'a Pinned,
    /// Keys that do not follow their lines yet, by source.
    due: HashMap<String, HashSet<Key>>,
}

impl Looking<'_> {
    async fn at(&mut self, fix: &Fix) -> Result<State> {
        let key = Key { kind: fix.kind.clone(), id_space: fix.id_space.clone(), id: fix.id.clone() };
        let store = &self.context.store;
        let Some((_, content)) = store.stands(&key).await? else {
            return Ok(State::Nothing { why: self.unaccepted(&key).await? });
        };
        let said = store.common(&[&key]).await?.remove(&key).unwrap_or_default().said;
        let voices: Vec<&Content> = speaking(&said).map(|own| &own.contribution.content).collect();
        let state = says(fix, &content, &voices);
        let State::Open { .. } = state else { return Ok(state) };
        let still = speaking(&said).find(|own| value(fix, &own.contribution.content) == fix.was);
        Ok(State::Open { why: self.unused(&key, still, said.len()).await? })
    }

    /// Why what a voice says is not put right; none: nobody speaks of the record any more.
    async fn unused(&mut self, key: &Key, voice: Option<&Said>, voices: usize) -> Result<Unused> {
        let is_deleted = |said: &&Said| is_mark(&said.source_digest);
        let Some(said) = voice.filter(|said| !is_deleted(said)) else { return Ok(Unused::Deleted) };
        let source = &said.contribution.source;
        if self.due(source).await?.contains(key) {
            return Ok(Unused::Waits);
        }
        let store = &self.context.store;
        let mut documents = vec![said.spot.document];
        // a voice alone is derived from where it was seen last
        let asked = [Asked { key, digest: "" }];
        if let Some(Standing::Other(head)) = store.standings(source, &asked).await?.pop()
            && voices == 1
        {
            documents.push(head.place.0);
        }
        for document in documents {
            let Some(landed) = store.document(document).await? else { continue };
            if store.original(&landed.digest).await?.is_ok() {
                return Ok(Unused::Refused);
            }
        }
        Ok(Unused::Gone)
    }

    /// What the newest record of a key that has no state waits for.
    async fn unaccepted(&mut self, key: &Key) -> Result<Option<Unused>> {
        let noted = self.context.store.unversioned(key).await?;
        let why = noted
            .iter()
            .filter_map(|own| Some((own.document, own.place, stopped(own)?)))
            .max_by_key(|(document, place, _)| (*document, *place));
        let Some((.., why)) = why else { return Ok(None) };
        for source in &self.pinned.rules.sources {
            if self.due(&source.name).await?.contains(key) {
                return Ok(Some(Unused::Waits));
            }
        }
        Ok(Some(why))
    }

    async fn due(&mut self, source: &str) -> Result<&HashSet<Key>> {
        if !self.due.contains_key(source) {
            let keys = refine::not_fixed(self.context, self.pinned, source).await?;
            self.due.insert(source.to_owned(), keys.into_iter().collect());
        }
        Ok(self.due.entry(source.to_owned()).or_default())
    }
}

/// The voices that count: those of which the hub has deleted nothing, unless there is no other.
fn speaking(said: &[Said]) -> impl Iterator<Item = &Said> {
    let is_all = said.iter().all(|own| is_mark(&own.source_digest));
    said.iter().filter(move |own| is_all || !is_mark(&own.source_digest))
}

/// Without its reason. A key of several voices stands by one of them: a line may be of another.
fn says(fix: &Fix, stands: &Content, voices: &[&Content]) -> State {
    let own = [stands];
    let all = || if voices.is_empty() { own.iter() } else { voices.iter() };
    if all().any(|content| value(fix, content) == fix.was) {
        State::Open { why: Unused::Waits }
    } else if all().any(|content| value(fix, content) == fix.is) {
        State::InForce
    } else {
        State::Outlived { stands: value(fix, stands).to_owned() }
    }
}

fn value<'c>(fix: &Fix, content: &'c Content) -> &'c str {
    content.get(&fix.field).unwrap_or_default()
}

fn stopped(own: &Unversioned) -> Option<Unused> {
    match (own.verdict.as_str(), own.state.as_deref()) {
        ("rejected", _) | (_, Some("rejected")) => Some(Unused::Rejected),
        (_, Some("held")) => Some(Unused::Held),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
