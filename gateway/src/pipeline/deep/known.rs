//! Whether a record said only what was known already: then it was found unchanged before anybody looked at the rest of
//! it, whatever its mapping would say of that. Leaves the mapping's own verdict to the count.

use mappings::Key;

use crate::{
    pipeline::{
        Context, Pinned, Result,
        reading::{self, Seen},
        refine,
    },
    store::deep::{Earlier, Judged},
};

/// A record that its mapping rejects, with its key and the digest by which it is compared (hex).
#[derive(Debug)]
pub(super) struct Suspect {
    pub(super) place: u32,
    pub(super) key: Key,
    pub(super) digest: String,
}

/// How many of these said the same as the newest version of their key, or as a newer record of it that was held.
pub(super) async fn known(context: &Context, part: &Judged, suspects: &[Suspect]) -> Result<i64> {
    let mut known = 0;
    for suspect in suspects {
        known += i64::from(is_known(context, part, suspect).await?);
    }
    Ok(known)
}

async fn is_known(context: &Context, part: &Judged, suspect: &Suspect) -> Result<bool> {
    let version = context.store.version_before(part, &suspect.key, suspect.place).await?;
    // a deleted one keeps no digest: whoever says it again is heard
    if let Some(version) = version.as_ref().filter(|version| !version.retired) {
        // a head keeps the digest it was given by the revision that accepted it
        let then = context.numbered(version.revision).await?;
        if says(context, &then, part, version).await?.as_ref() == Some(&suspect.digest) {
            return Ok(true);
        }
    }
    let held = context.store.held_before(part, &suspect.key, suspect.place).await?;
    let Some(held) = held.filter(|held| version.is_none_or(|version| version.at < held.at)) else {
        return Ok(false);
    };
    // held records are judged anew before any part is, so by the part's own revision
    let then = context.numbered(part.revision).await?;
    Ok(says(context, &then, part, &held).await?.as_ref() == Some(&suspect.digest))
}

/// The digest of an earlier record under a revision; none where it can no longer be read.
async fn says(context: &Context, rules: &Pinned, part: &Judged, earlier: &Earlier) -> Result<Option<String>> {
    let Ok(bytes) = context.store.original(&earlier.blob).await? else { return Ok(None) };
    let Some(mapping) = rules.rules.rulebook.mapping(&part.source, &earlier.service) else { return Ok(None) };
    let decoder = refine::decoder(rules, &part.source);
    let record = reading::one(decoder, &bytes, earlier.from, earlier.length, earlier.at.1);
    Ok(record.ok().map(|record| crate::store::hex(&mapping.source_digest(&Seen(&record)))))
}
