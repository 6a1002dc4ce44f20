//! A group made ready to be judged: its records looked at, their standing read, those that may be new mapped. Nothing
//! here depends on whether the group before it is written yet; what that changes is known when it is judged.

use std::{collections::HashMap, sync::Arc};

use mappings::{Key, Mapped};
use rayon::prelude::*;

use super::{
    BYTES, HELD, RECORDS, Work, limit, off_the_runtime,
    scan::{self, Found, Look, Taken},
    shared::{self, Together},
    verdicts::map,
};
use crate::{
    pipeline::{Pinned, Result},
    store::{
        blobs::Packed,
        heads::{Asked, Standing},
        held::HeldHead,
    },
};

/// Records to judge together.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) taken: Taken,
    /// How each record stood when it was read.
    pub(super) standings: Vec<Standing>,
    /// The newest held records of their keys.
    pub(super) held: HashMap<Key, HeldHead>,
    /// The keys that other sources speak of, too.
    pub(super) common: HashMap<Key, Together>,
}

impl Group {
    /// Whether most of its records were new or changed.
    pub(super) fn is_mostly_new(&self) -> bool {
        let same = self.standings.iter().filter(|standing| **standing == Standing::Same).count();
        same * 2 < self.standings.len()
    }
}

/// A group, and those of its records that are mapped already.
pub(super) type Ready = (Arc<Group>, Vec<Option<Mapped>>);

/// Held records to judge again under this revision.
pub(super) async fn held(work: &Work<'_>) -> Result<Option<Ready>> {
    let store = &work.context.store;
    let held = store.held_under_other(work.source, work.pinned.no, HELD).await?;
    if held.is_empty() {
        return Ok(None);
    }
    let packed = store.packed(held.iter().map(|held| held.blob.as_str())).await?;
    let (rules, name) = (Arc::clone(&work.pinned), work.source.to_owned());
    let look = move || -> Result<Taken> { Ok(scan::held(&rules, &name, held, opened(packed)?)) };
    standing(work, off_the_runtime(look).await??).await.map(Some)
}

/// The oldest parts after `last`; `mapping` maps them while they are read, which is cheaper where most are new.
pub(super) async fn parts(work: &Work<'_>, last: Option<(i64, i64)>, mapping: bool) -> Result<Option<Ready>> {
    let store = &work.context.store;
    let parts = store.pending_parts(work.source, last, RECORDS, BYTES).await?;
    if parts.is_empty() {
        return Ok(None);
    }
    let packed = store.packed(parts.iter().map(|part| part.blob.as_str())).await?;
    let (rules, name) = (Arc::clone(&work.pinned), work.source.to_owned());
    let asked = limit::asked(work, &parts).await?;
    let look = move || -> Result<Taken> {
        let documents = opened(packed)?;
        let over = asked.over(&rules, &name, &documents);
        Ok(Taken { over, ..scan::parts(&rules, &name, &parts, documents, mapping) })
    };
    standing(work, off_the_runtime(look).await??).await.map(Some)
}

fn opened(packed: Vec<Packed>) -> Result<HashMap<String, Vec<u8>>> {
    packed.into_par_iter().map(|packed| Ok(packed.opened()?)).collect()
}

async fn standing(work: &Work<'_>, taken: Taken) -> Result<Ready> {
    let keys: Vec<&Key> = taken.found.iter().filter_map(Found::key).collect();
    let held = work.context.store.newest_held(work.source, &keys).await?;
    let standings = standings(work, &taken, &held).await?;
    let common = shared::read(work, &taken, &standings).await?;
    let (rules, name) = (Arc::clone(&work.pinned), work.source.to_owned());
    off_the_runtime(move || {
        let mut taken = taken;
        let mapped = mapped(&rules, &name, &mut taken, &standings);
        (Arc::new(Group { taken, standings, held, common }), mapped)
    })
    .await
}

/// One standing a record; those without a key stand as new.
async fn standings(work: &Work<'_>, taken: &Taken, held: &HashMap<Key, HeldHead>) -> Result<Vec<Standing>> {
    let mut asked = Vec::with_capacity(taken.found.len());
    for found in &taken.found {
        if let Look::Keyed(key, _, digest) = &found.look {
            // where something is held, order matters even for what says the same: its head is wanted
            asked.push(Asked { key, digest: if held.contains_key(key) { "" } else { digest } });
        }
    }
    let mut told = work.context.store.standings(work.source, &asked).await?.into_iter();
    let stand = |found: &Found| found.key().and_then(|_| told.next()).unwrap_or(Standing::New);
    Ok(taken.found.iter().map(stand).collect())
}

fn mapped(rules: &Pinned, source: &str, taken: &mut Taken, standings: &[Standing]) -> Vec<Option<Mapped>> {
    let mut early: Vec<Option<Mapped>> = taken.found.iter_mut().map(|found| found.mapped.take()).collect();
    let taken = &*taken;
    let map = |((found, standing), early): ((&Found, &Standing), &mut Option<Mapped>)| {
        let early = early.take();
        if worth(found, standing) { early.or_else(|| map(rules, source, taken, found)) } else { None }
    };
    taken.found.par_iter().zip(standings).zip(&mut early).map(map).collect()
}

/// Whether the newest state in the ledger leaves a record open.
fn worth(found: &Found, standing: &Standing) -> bool {
    match &found.look {
        Look::Keyed(.., digest) => match standing {
            Standing::New => true,
            Standing::Same => false,
            Standing::Other(head) => head.source_digest != *digest,
        },
        Look::Keyless(_) => true,
        Look::Unreadable(_) | Look::Unmapped => false,
    }
}
