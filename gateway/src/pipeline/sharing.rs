//! What of the leases this node leaves to others: it takes no more than its share while others are there, and gives back what
//! is more. Only a running hub shares; a command takes what it can get.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Context, Result, Step};
use crate::store::share::{Share, is_spread};

/// How long a lease given back is left to others, and how long a free one is: then nobody else wants it.
const LEFT: TimeDelta = TimeDelta::seconds(60);

/// How the leases are spread, as last heard, and those given back until a moment.
#[derive(Debug, Default)]
pub(super) struct Sharing(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    share: Option<Share>,
    left: HashMap<String, DateTime<Utc>>,
}

impl Sharing {
    fn heard(&self) -> Option<Share> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).share.filter(|share| share.nodes > 1)
    }

    fn left(&self, name: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.left.get(name).copied().filter(|until| *until > now)
    }

    fn leave(&self, name: String, until: DateTime<Utc>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).left.insert(name, until);
    }
}

impl Context {
    /// Says that this node is there, hears who else is, and leaves one lease to them where it has more than its share.
    ///
    /// # Errors
    /// When the ledger does not answer.
    pub async fn share(&self) -> Result<()> {
        let now = self.now();
        let share = self.store.share(self.node(), now).await?;
        self.sharing.0.lock().unwrap_or_else(PoisonError::into_inner).share = Some(share);
        if share.nodes > 1
            && share.mine > share.most()
            && let Some(name) = self.held(now).into_iter().find(|name| self.sharing.left(name, now).is_none())
        {
            tracing::info!(lease = name, "left to another node");
            self.sharing.leave(name, now + LEFT);
        }
        Ok(())
    }

    /// Whether a lease is left to others now; one that is held is given back.
    pub(super) async fn leaves(&self, name: &str, now: DateTime<Utc>) -> Result<Option<Step>> {
        if let Some(until) = self.sharing.left(name, now) {
            if let Some(held) = self.forget(name) {
                self.store.give_back(&held, now).await?;
            }
            return Ok(Some(Step::Elsewhere(String::new(), until)));
        }
        let Some(share) = self.sharing.heard().filter(|_| is_spread(name)) else { return Ok(None) };
        let held = self.held(now);
        let has_enough = i64::try_from(held.len()).unwrap_or(i64::MAX) >= share.most();
        if !has_enough || held.iter().any(|known| known == name) {
            return Ok(None);
        }
        let free = self.store.free_since(name, now).await?.filter(|since| now - *since < LEFT);
        Ok(free.map(|since| Step::Elsewhere(String::new(), since + LEFT)))
    }
}
