//! Whose a version is, as the roster stands now. Nothing of it is written: another roster tomorrow says another owner.

use serde::Serialize;

use super::{Context, ExplainedVersion, Result};

/// Whose a version is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Owned {
    /// The identifier it names, `scheme:value`.
    pub identifier: String,
    /// The subject, under the number it goes by; none: the roster knows nobody of it on that day.
    pub subject: Option<i64>,
    /// What that was called then.
    pub name: String,
}

/// Tells of each version whose it is, where there is a roster.
pub(super) async fn attribute(
    context: &Context,
    record: i64,
    versions: &mut [ExplainedVersion],
) -> Result<()> {
    if context.store.roster_number().await? == 0 {
        return Ok(());
    }
    for found in context.store.attributed(record).await? {
        let Some(version) = versions.iter_mut().find(|version| version.seq == found.seq) else { continue };
        let (scheme, value) = found.owner;
        let mut owned =
            Owned { identifier: format!("{scheme}:{value}"), subject: found.subject, name: String::new() };
        if let Some(subject) = found.subject {
            let known = context.store.known_of(subject).await?;
            owned.name = known.said(subject, found.at).map(|said| said.name.clone()).unwrap_or_default();
        }
        version.owner = Some(owned);
    }
    Ok(())
}
