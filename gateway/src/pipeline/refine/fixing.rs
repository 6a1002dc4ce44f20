//! What stands follows the fixes: where the lines of a record's key changed, its record is derived again from its bytes, as a replay
//! would. Whoever does it twice does it once. What waits for somebody is judged again by every revision anyway.

use chrono::TimeDelta;
use mappings::Key;

use super::{UNDER_WAY, Work, joining, replay};
use crate::{
    pipeline::{Context, Pinned, Result, Step},
    store::{fix_walks::Followed, hex},
};

/// Keys looked at together: each may have parts of its own, which are read whole.
const KEYS: usize = 20;

/// Lets the records of a source follow the fixes; none: all do.
pub(super) async fn step(work: &Work<'_>) -> Result<Option<Step>> {
    let store = &work.context.store;
    let wanted = wanted(&work.pinned);
    let mut followed = store.fixes_followed(work.source).await?;
    let differing = different(&followed, &wanted);
    if differing.is_empty() {
        return Ok(None);
    }
    // who goes back to an earlier revision after half of it was done finds neither the one nor the other followed
    followed.extend(differing.iter().map(|key| (key.clone(), UNDER_WAY.to_owned())));
    note(work, &followed).await?;
    let mut written = 0;
    for keys in differing.chunks(KEYS) {
        work.context.holds(&work.lease, TimeDelta::zero()).await?;
        written += replay::keys(work, keys).await?;
        let stood = store.stood_among(work.source, keys).await?;
        joining::follow(work, &stood).await?;
    }
    tracing::info!(source = work.source, keys = differing.len(), written, "records follow the fixes");
    note(work, &wanted).await?;
    Ok(Some(Step::Did(written)))
}

async fn note(work: &Work<'_>, followed: &Followed) -> Result<()> {
    let write = work.context.store.write("fix").await?;
    write.note_fixes(work.source, followed).await?;
    let lease = work.context.prolonged(&work.lease, TimeDelta::zero());
    write.fence(&lease).await?;
    write.commit().await?;
    work.context.keep(&lease);
    Ok(())
}

/// Keys of which a source's records do not follow the fixes yet.
pub(in crate::pipeline) async fn not_fixed(
    context: &Context,
    pinned: &Pinned,
    source: &str,
) -> Result<Vec<Key>> {
    Ok(different(&context.store.fixes_followed(source).await?, &wanted(pinned)))
}

fn wanted(pinned: &Pinned) -> Followed {
    let fixes = pinned.rules.rulebook.fixes().of_records();
    fixes.into_iter().map(|(key, digest)| (key, hex(&digest))).collect()
}

/// The keys whose fixes are others, or are no more.
fn different(followed: &Followed, wanted: &Followed) -> Vec<Key> {
    let mut keys: Vec<Key> = wanted
        .iter()
        .filter(|(key, digest)| followed.get(key) != Some(digest))
        .map(|(key, _)| key.clone())
        .collect();
    keys.extend(followed.keys().filter(|key| !wanted.contains_key(key)).cloned());
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_lines_other_lines_and_lines_taken_out_are_looked_at() {
        let key = |id: &str| Key { kind: "tank".into(), id_space: "uuid".into(), id: id.into() };
        let of = |lines: &[(&str, &str)]| -> Followed {
            lines.iter().map(|(id, digest)| (key(id), (*digest).to_owned())).collect()
        };
        let (before, after) =
            (of(&[("a", "1"), ("b", "1"), ("c", "1")]), of(&[("b", "2"), ("c", "1"), ("d", "1")]));
        assert_eq!(different(&before, &after), [key("b"), key("d"), key("a")]);
        assert_eq!(different(&after, &after), []);
    }
}
