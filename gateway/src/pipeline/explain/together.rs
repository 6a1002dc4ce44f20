//! A key that more than one source speaks of: what each says, and a version of it merged again from all it was made of.

use std::collections::BTreeMap;

use mappings::{Content, Contribution, Input, Key};
use serde::Serialize;

use super::{original, reading::Seen};
use crate::{
    pipeline::{Context, Pinned, Result, reading, refine},
    store::{contributions::Heard, explain::Stored},
};

/// What one source says of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceSays {
    /// `source/service`.
    pub service: String,
    /// For which id it says it, `id_space/id`, where an alias joined that to this key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The document that says it, and its place there, from 0.
    pub place: (i64, u32),
    /// What its word weighs under the active configuration.
    pub priority: Option<i64>,
    /// Whether its word stands.
    pub stands: bool,
    /// What it says otherwise, by field: its own value, and the one that stands.
    pub differs: BTreeMap<String, (String, String)>,
}

/// What each source says of a key; nothing where one alone does.
pub(super) async fn sources(context: &Context, key: &Key) -> Result<Vec<SourceSays>> {
    let Some(common) = context.store.common(&[key]).await?.remove(key).filter(|common| common.stored > 0)
    else {
        return Ok(Vec::new());
    };
    let Some((holder, standing)) = context.store.stands(key).await? else { return Ok(Vec::new()) };
    let pinned = context.active().await?;
    let kind = pinned.rules.rulebook.kind(&key.kind);
    let says = common.said.iter().map(|said| {
        let own = &said.contribution;
        let fields = kind.iter().flat_map(|kind| kind.differing(&own.content, &standing));
        let differs = fields.map(|field| {
            let is = |content: &Content| content.get(field.name()).unwrap_or_default().to_owned();
            (field.name().to_owned(), (is(&own.content), is(&standing)))
        });
        SourceSays {
            service: format!("{}/{}", own.source, said.service),
            place: said.place(),
            priority: pinned.rules.source(&own.source).and_then(|source| source.priority),
            said: Some(own.said.clone()).filter(|said| !said.is_empty()),
            stands: said.voice() == holder,
            differs: differs.collect(),
        }
    });
    Ok(says.collect())
}

/// Whether a version comes out the same from all it was merged of; also where age took some of it.
pub(super) async fn again(context: &Context, pinned: &Pinned, stored: &Stored, key: &Key) -> Result<bool> {
    let mut inputs = Vec::new();
    for heard in &stored.heard {
        let priority =
            pinned.rules.source(&heard.source).and_then(|source| source.priority).unwrap_or_default();
        match contribution(context, heard).await? {
            Some(contribution) => inputs.push(Input { contribution, priority }),
            None => return Ok(original(context, heard.document).await?.1.is_err()),
        }
    }
    let Some(kind) = pinned.rules.rulebook.kind(&key.kind) else { return Ok(false) };
    let again = mappings::settle(kind, inputs).filter(|(again, _)| &again.key == key);
    let again = again.and_then(|(again, _)| match &stored.mark {
        Some(_) => mappings::retired(kind, key, &again.content, &again.parents),
        None => Some((again.content, again.content_digest)),
    });
    Ok(again.is_some_and(|(content, digest)| {
        content.to_json() == stored.content && crate::store::hex(&digest) == stored.content_digest
    }))
}

async fn contribution(context: &Context, heard: &Heard) -> Result<Option<Contribution>> {
    let pinned = context.numbered(heard.revision).await?;
    let (Some(landed), Ok(bytes)) = original(context, heard.document).await? else { return Ok(None) };
    let Some(mapping) = pinned.rules.rulebook.mapping(&heard.source, &heard.service) else { return Ok(None) };
    let decoder = refine::decoder(&pinned, &heard.source);
    let Ok(record) = reading::one(decoder, &bytes, heard.from, heard.length, heard.place) else {
        return Ok(None);
    };
    let mut contribution = mapping.map(&Seen(&record), landed.received_at).contribution;
    if let Some((own, kind)) = contribution.as_mut().zip(pinned.rules.rulebook.kind(mapping.kind()))
        && heard.mark.is_some()
        && let Some((content, _)) = mappings::retired(kind, &own.key, &own.content, &own.parents)
    {
        own.content = content;
    }
    Ok(contribution)
}
