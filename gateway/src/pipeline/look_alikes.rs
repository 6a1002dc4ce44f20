//! The fourth reconciler: walks the version log and flags records of one owner and day, under two ids, that say the same.
//! Writes pairs and what it compares by, never a version or a delivery; a person decides what a pair is.

mod decide;

use chrono::{DateTime, TimeDelta};
use chrono_tz::Tz;
use mappings::{Kind, LookAlike};

use super::{Context, Pinned, Result, Step, refine::off_the_runtime};
use crate::alike;
use crate::store::{
    Lease,
    look_alikes::{Fields, Key, Logged, PairState, Turn, Walk},
};
use decide::Known;

/// The name of its lease.
pub const LEASE: &str = "look-alikes";
/// Versions looked at in one step.
const VERSIONS: u32 = 500;
/// Raised when texts are compared otherwise: all are compared again.
const EDITION: u32 = 1;

/// Compares the next versions of the first kind that has some.
///
/// # Errors
/// When the ledger fails or there is no revision.
pub async fn step(context: &Context) -> Result<Step> {
    let pinned = context.active().await?;
    // who has nothing to do takes no lease
    if next(context, &pinned).await?.is_none() {
        return Ok(Step::Idle);
    }
    let lease = match context.lease_unless_wished(LEASE, TimeDelta::zero()).await? {
        Ok(lease) => lease,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let Some(work) = next(context, &pinned).await? else { return Ok(Step::Idle) };
    context.noting(work.through(context, &lease).await)
}

/// Whether any kind of a revision is compared at all.
#[must_use]
pub fn wanted(pinned: &Pinned) -> bool {
    pinned.rules.rulebook.kinds().iter().any(|kind| kind.look_alike().is_some())
}

/// A kind with versions that were not looked at.
struct Work<'p> {
    kind: &'p Kind,
    rule: &'p LookAlike,
    zone: Tz,
    from: Walk,
}

async fn next<'p>(context: &Context, pinned: &'p Pinned) -> Result<Option<Work<'p>>> {
    let zone = pinned.rules.hub.zone;
    for kind in pinned.rules.rulebook.kinds() {
        let Some(rule) = kind.look_alike() else { continue };
        let told = told(rule, zone);
        let stood = context.store.look_alike_walk(kind.name()).await?.filter(|walk| walk.rule == told);
        let from = stood.unwrap_or(Walk { rule: told, position: 0 });
        if context.store.goes_on(kind.name(), from.position).await? {
            return Ok(Some(Work { kind, rule, zone, from }));
        }
    }
    Ok(None)
}

/// A rule in one text: when it is another, the walk begins again.
fn told(rule: &LookAlike, zone: Tz) -> String {
    format!("{EDITION} {} {} {} {zone}", rule.text().join("+"), rule.day(), rule.similarity())
}

impl Work<'_> {
    async fn through(&self, context: &Context, lease: &Lease) -> Result<Step> {
        let (kind, day) = (self.kind.name(), self.rule.day());
        let fields = Fields { kind, text: self.rule.text(), day, gone: self.kind.gone() };
        let log = context.store.logged(&fields, self.from.position, VERSIONS).await?;
        let Some(position) = log.last().map(|version| version.seq) else { return Ok(Step::Idle) };
        let looked = log.len();
        let known = self.known(context, log).await?;
        let similarity = self.rule.similarity();
        let turn = off_the_runtime(move || decide::decide(&known, similarity)).await?;
        flagged(kind, &turn);
        self.write(context, lease, &turn, position).await?;
        Ok(Step::Did(u64::try_from(looked).unwrap_or(u64::MAX)))
    }

    async fn known(&self, context: &Context, log: Vec<Logged>) -> Result<Known> {
        let zone = self.zone;
        let seen = off_the_runtime(move || {
            log.into_iter()
                .filter(|version| version.says.is_some())
                .map(|version| seen(version, zone))
                .collect()
        });
        let seen: Vec<(i64, Option<Key>)> = seen.await?;
        let store = &context.store;
        let keys = seen.iter().filter_map(|(_, key)| key.as_ref());
        // those of the step itself may be among the newest, with what was compared of them before
        let most = decide::COMPARED + seen.len();
        let others = store.keys_of_days(self.kind.name(), keys, most).await?;
        let records: Vec<i64> = seen.iter().map(|(record, _)| *record).collect();
        let pairs = store.pairs_of(&records).await?;
        let sides = pairs.iter().filter(|pair| pair.state == PairState::Open);
        let sides: Vec<i64> = sides.flat_map(|pair| [pair.a, pair.b]).collect();
        let partners = store.keys_of(&sides).await?;
        Ok(Known { seen, others, pairs, partners, next: store.next_pair().await? })
    }

    async fn write(&self, context: &Context, lease: &Lease, turn: &Turn, position: i64) -> Result<()> {
        let write = context.store.write("look-alikes").await?;
        let lease = context.prolonged(lease, TimeDelta::zero());
        write.fence(&lease).await?;
        let walk = Walk { rule: self.from.rule.clone(), position };
        write.look_alikes(self.kind.name(), turn, &walk, context.now().timestamp_millis()).await?;
        write.commit().await?;
        context.keep(&lease);
        Ok(())
    }
}

fn flagged(kind: &str, turn: &Turn) {
    if !turn.new.is_empty() {
        tracing::info!(kind, pairs = turn.new.len(), "records that look like one registered twice");
    }
}

/// What of a record's newest version is compared: none of one that is deleted, nobody's, of no day, or says
/// nothing. A text too long for a day was only warned of.
fn seen(version: Logged, zone: Tz) -> (i64, Option<Key>) {
    let Logged { record, owner, says, .. } = version;
    let key = says.filter(|says| !says.is_deleted).zip(owner).and_then(|(says, (owner_scheme, owner))| {
        let text = alike::normal(&says.texts.join(" "));
        let day = day(says.day?, zone);
        let is_one = !text.is_empty() && day.chars().count() <= LookAlike::LONGEST_DAY;
        is_one.then_some(Key { record, owner_scheme, owner, day, text })
    });
    (record, key)
}

/// The day of a stored moment, where the hub is; a date, or a text that stands for more than a day, as it is stored.
fn day(stored: String, zone: Tz) -> String {
    match DateTime::parse_from_rfc3339(&stored) {
        Ok(moment) => moment.with_timezone(&zone).format("%Y-%m-%d").to_string(),
        Err(_) => stored,
    }
}

#[cfg(test)]
mod tests;
