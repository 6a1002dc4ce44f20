//! What stands follows the aliases: what a source says stands under the key that the active aliases make of the key it says.
//! Where they changed, its records are looked through before anything new of it is judged; those that stand elsewhere, and those
//! that refer to one, are derived again from their bytes and put where they belong, a few at a time. Whoever does it twice does
//! it once. Leaves what a key comes to when voices come and go to `places`.

mod again;
mod places;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use mappings::{Aliases, Key};

use super::{UNDER_WAY, Work};
use crate::{
    pipeline::{Context, Pinned, Result, Step, retire::deletions},
    store::{
        aliases::{Stood, Walked},
        contributions::{Common, Voice},
        heads::{Asked, Standing},
        retire::{Because, is_mark, left_under},
        verdicts::{NewIssues, Under},
    },
};
use again::{Again, Word};
use places::{Moved, Places};

/// Voices moved in one transaction.
const VOICES: usize = 200;

/// A kind of a source whose records do not follow the active aliases yet.
#[derive(Debug)]
pub(super) struct Due {
    kind: String,
    aliases: String,
}

/// Lets the records of one kind follow the aliases; none: all do.
pub(super) async fn step(work: &Work<'_>) -> Result<Option<Step>> {
    let Some(due) = due(work.context, &work.pinned, work.source).await? else { return Ok(None) };
    // who goes back to an earlier revision after half of it was done finds neither the one nor the other followed
    note(work, &due.kind, UNDER_WAY, 0).await?;
    let (mut moved, mut stays) = (0, 0);
    for together in [false, true] {
        let mut after = Some((0, String::new()));
        while let Some(from) = after.take() {
            let store = &work.context.store;
            let (page, more) = if together {
                store.stood_together(work.source, &due.kind, &from).await?
            } else {
                store.stood_alone(work.source, &due.kind, &from).await?
            };
            work.context.holds(&work.lease, TimeDelta::zero()).await?;
            let aliases = work.pinned.rules.rulebook.aliases();
            let astray: Vec<Stood> = page.into_iter().filter(|stood| is_astray(aliases, stood)).collect();
            for chunk in astray.chunks(VOICES) {
                let left = follow(work, chunk).await?;
                stays += left;
                moved += chunk.len() - left;
            }
            after = more;
        }
    }
    waiting::follow(work, &due.kind).await?;
    tracing::info!(source = work.source, kind = due.kind, moved, stays, "records follow the aliases");
    note(work, &due.kind, &due.aliases, stays).await?;
    Ok(Some(Step::Did(u64::try_from(moved).unwrap_or(u64::MAX))))
}

/// The first kind whose aliases are others than those its records stand under, parents before children; or of which some
/// could not be moved under another revision.
pub(super) async fn due(context: &Context, pinned: &Pinned, source: &str) -> Result<Option<Due>> {
    let walked = context.store.alias_walks(source).await?;
    let rulebook = &pinned.rules.rulebook;
    let of = |kind: &str| {
        let mut mappings =
            rulebook.mappings().iter().filter(|own| own.source() == source && own.kind() == kind).peekable();
        mappings.peek()?;
        let bearing: BTreeSet<String> =
            mappings.filter_map(|own| Some(crate::store::hex(own.aliases_digest()?))).collect();
        let aliases = bearing.into_iter().collect::<Vec<_>>().join(" ");
        let is_due = match walked.get(kind) {
            Some(walked) => walked.aliases != aliases || (walked.stays > 0 && walked.revision != pinned.no),
            None => !aliases.is_empty(),
        };
        is_due.then(|| Due { kind: kind.to_owned(), aliases })
    };
    Ok(rulebook.kinds().iter().find_map(|kind| of(kind.name())))
}

/// Whether a voice stands elsewhere than the aliases say, or refers elsewhere.
fn is_astray(aliases: &Aliases, stood: &Stood) -> bool {
    let is_elsewhere = aliases.key(stood.key.as_said(&stood.said)) != stood.key;
    let refers_elsewhere =
        || stood.parents.iter().any(|parent| aliases.key(parent.said_key()) != parent.key());
    is_elsewhere || (!is_mark(&stood.source_digest) && refers_elsewhere())
}

async fn note(work: &Work<'_>, kind: &str, aliases: &str, stays: usize) -> Result<()> {
    let write = work.context.store.write("alias").await?;
    let stays = i64::try_from(stays).unwrap_or(i64::MAX);
    let walked = Walked { aliases: aliases.to_owned(), revision: work.pinned.no, stays };
    write.note_alias_walk(work.source, kind, &walked).await?;
    let lease = work.context.prolonged(&work.lease, TimeDelta::zero());
    write.fence(&lease).await?;
    write.commit().await?;
    work.context.keep(&lease);
    Ok(())
}

/// Puts these voices where they belong; how many stay as they are.
pub(super) async fn follow(work: &Work<'_>, astray: &[Stood]) -> Result<usize> {
    let mut places = Places::default();
    learn(work, &mut places, astray.iter().map(|stood| stood.key.clone())).await?;
    let (mut words, mut stays, mut notes, mut fine) = (Vec::new(), 0, Vec::new(), Vec::new());
    for stood in astray {
        let voice = Voice { source: work.source.to_owned(), said: stood.said.clone() };
        match places.said(&stood.key, &voice).cloned() {
            // it is deleted where it stands, and nothing is said of it elsewhere
            Some(_) if is_mark(&stood.source_digest) => places.silence(&stood.key, &voice),
            Some(said) => words.push(Word { key: stood.key.clone(), voice, said }),
            None => stays += 1,
        }
    }
    let aliases = work.pinned.rules.rulebook.aliases();
    let meant = |own: &Word| aliases.key(own.key.as_said(&own.voice.said));
    learn(work, &mut places, words.iter().map(meant)).await?;
    let priority = |source: &str| work.pinned.rules.source(source)?.priority;
    for Again { word, now } in again::again(work, words).await? {
        let put = match now {
            Ok((said, told)) => {
                fine.extend(told.map(|told| *told));
                places.put(&word, said, priority)
            }
            // it goes only where its source has spoken since
            Err(_) if places.is_newer_at(&meant(&word), &word) => {
                places.silence(&word.key, &word.voice);
                Ok(())
            }
            Err(note) => Err(note),
        };
        if let Err(note) = put {
            stays += 1;
            notes.extend(note.map(|note| *note));
        }
    }
    let moved = places.came_to(&work.pinned, priority);
    // what is noted of a good record stands beside the state that it made
    notes.extend(fine.into_iter().filter(|note| moved.versions.iter().any(|new| new.spot == note.spot)));
    write(work, moved, &notes).await?;
    Ok(stays)
}

/// Learns what stands of these keys.
async fn learn(work: &Work<'_>, places: &mut Places, keys: impl Iterator<Item = Key>) -> Result<()> {
    let mut new: Vec<Key> = keys.filter(|key| !places.know(key)).collect();
    new.sort_unstable();
    new.dedup();
    let store = &work.context.store;
    let asked: Vec<Asked<'_>> = new.iter().map(|key| Asked { key, digest: "" }).collect();
    let standings = store.standings(work.source, &asked).await?;
    let mut common: BTreeMap<Key, Common> =
        store.common(&new.iter().collect::<Vec<_>>()).await?.into_iter().collect();
    let heads = standings.into_iter().map(|standing| match standing {
        Standing::Other(head) => Some(head),
        Standing::New | Standing::Same => None,
    });
    let heads: Vec<_> = heads.collect();
    let records: Vec<i64> = heads.iter().flatten().map(|head| head.record).collect();
    let made = store.made_of(&records).await?;
    for (key, head) in new.into_iter().zip(heads) {
        let made = head.as_ref().and_then(|head| made.get(&head.record)).copied();
        let common = common.remove(&key).unwrap_or_default();
        places.learn(key, head, common, made);
    }
    Ok(())
}

async fn write(work: &Work<'_>, moved: Moved, notes: &[NewIssues]) -> Result<()> {
    let Moved { versions, shared, gone, silent } = moved;
    if shared.is_empty() && gone.is_empty() && silent.is_empty() && notes.is_empty() {
        return Ok(());
    }
    let store = &work.context.store;
    let records: Vec<i64> = gone.iter().map(|(record, _)| *record).collect();
    let retired = deletions(work.context, &work.pinned, &store.last_states(&records).await?).await?;
    let (at, mark) = (work.context.now().timestamp_millis(), left_under(work.pinned.no));
    let heard = gone.iter().map(|(_, document)| *document).max().unwrap_or_default();
    let write = store.write("alias").await?;
    let under = Under { source: work.source, revision: work.pinned.no, roster: 0, at, again: true };
    // first what stands from now on, then what that takes the place of: so they go out
    write.derive_again(&under, &versions, &shared, notes).await?;
    write.retire(&Because { mark: &mark, heard, at }, &retired).await?;
    write.mark_left(&silent, &mark).await?;
    let lease = work.context.prolonged(&work.lease, TimeDelta::zero());
    write.fence(&lease).await?;
    write.commit().await?;
    work.context.keep(&lease);
    Ok(())
}
