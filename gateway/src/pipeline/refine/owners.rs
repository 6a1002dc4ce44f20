//! Records of mappings that take only known owners: the roster is asked once a group, and only where a mapping wants it.
//! Leaves who is known to `roster`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use mappings::{Mapped, Mapping};

use crate::{
    pipeline::{Context, Pinned, Result},
    roster::Crosswalk,
    store::Write,
};

/// What a judging knows of owners.
#[derive(Debug, Clone, Default)]
pub(super) struct Owners {
    /// The roster's number it is judged under; 0 where nobody asked.
    pub(super) number: i64,
    /// Who is known; none where no mapping of the source wants it.
    crosswalk: Option<Arc<Crosswalk>>,
}

impl Owners {
    /// What the records of a group need. `again`: they are held ones, which remember the number whoever wants it: a word of
    /// the configuration's own may be the same as ours, and must not have them judged for ever.
    pub(super) async fn asked(context: &Context, rules: &Pinned, source: &str, again: bool) -> Result<Self> {
        let mut mappings =
            rules.rules.rulebook.mappings().iter().filter(|mapping| mapping.source() == source);
        if mappings.any(Mapping::wants_known_owner) {
            let crosswalk = context.crosswalk().await?;
            return Ok(Self { number: crosswalk.number, crosswalk: Some(crosswalk) });
        }
        let number = if again { context.store.roster_number().await? } else { 0 };
        Ok(Self { number, crosswalk: None })
    }

    /// Fails where the roster is another by now: what was judged by it is judged again.
    pub(super) async fn fence(&self, write: &Write) -> Result<()> {
        match &self.crosswalk {
            Some(crosswalk) => Ok(write.is_roster(crosswalk.number).await?),
            None => Ok(()),
        }
    }

    /// A mapped record, held where its mapping wants to know whose it is and nobody does. Its own time counts, else that of
    /// its arrival.
    pub(super) fn checked(&self, mapping: &Mapping, received_at: DateTime<Utc>, mapped: Mapped) -> Mapped {
        let Some(crosswalk) = self.crosswalk.as_ref().filter(|_| mapping.wants_known_owner()) else {
            return mapped;
        };
        let Some(said) = &mapped.contribution else { return mapped };
        let at = said.as_of.unwrap_or(received_at).timestamp_millis();
        if crosswalk.knows(said.owner.as_deref(), at) { mapped } else { mapping.held_for_owner(mapped) }
    }
}
