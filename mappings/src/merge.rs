//! From contributions to a version: what becomes of a key when all its sources are heard.
//! Safety records settle whole; joining field by field is for registries and comes later.

use chrono::{DateTime, Utc};

use crate::{
    content::Content,
    digest::{Digest, Digester},
    key::{Key, Parent},
    kind::{Field, Kind},
};

/// What one source says of one key.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// Who says it.
    pub source: String,
    /// Of whom.
    pub key: Key,
    /// The canonical texts.
    pub content: Content,
    /// References.
    pub parents: Vec<Parent>,
    /// Whose record it is, as `scheme:value`, as written.
    pub owner: Option<String>,
    /// Whether the sender marked it as a test.
    pub test: bool,
    /// Region code, if said.
    pub region: Option<String>,
    /// Industry code, if said.
    pub industry: Option<String>,
    /// When it was true, as the sender says; `None` where absent or after its arrival.
    pub as_of: Option<DateTime<Utc>>,
}

/// One accepted state of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Whose state.
    pub key: Key,
    /// The canonical texts.
    pub content: Content,
    /// Of the content without volatile fields and of the spaces of its references.
    pub content_digest: Digest,
    /// When it was true; `None`: arrival decides.
    pub as_of: Option<DateTime<Utc>>,
    /// References.
    pub parents: Vec<Parent>,
    /// Whose record it is, as `scheme:value`.
    pub owner: Option<String>,
    /// Whether it is marked as a test.
    pub test: bool,
    /// Region code.
    pub region: Option<String>,
    /// Industry code.
    pub industry: Option<String>,
    /// The sources heard, sorted.
    pub inputs: Vec<String>,
}

/// Settles a key: the contribution that was true latest wins whole, and of equals the last one given.
/// `None` without contributions, or when they are not of one key of this kind.
#[must_use]
pub fn merge(kind: &Kind, inputs: Vec<Contribution>) -> Option<Version> {
    let first = inputs.first()?;
    if first.key.kind != kind.name() || inputs.iter().any(|input| input.key != first.key) {
        return None;
    }
    let mut sources: Vec<String> = inputs.iter().map(|input| input.source.clone()).collect();
    sources.sort_unstable();
    sources.dedup();
    let winner = inputs.into_iter().max_by_key(|input| input.as_of)?;
    Some(Version {
        content_digest: content_digest(kind, &winner.key, &winner.content, &winner.parents),
        key: winner.key,
        content: winner.content,
        as_of: winner.as_of,
        parents: winner.parents,
        owner: winner.owner,
        test: winner.test,
        region: winner.region,
        industry: winner.industry,
        inputs: sources,
    })
}

/// What is left of a record that nobody sends any more: its content, its kind's mark of deletion set, and the digest of
/// that. `None` where the kind has no such mark.
#[must_use]
pub fn retired(kind: &Kind, key: &Key, content: &Content, parents: &[Parent]) -> Option<(Content, Digest)> {
    let (field, code) = kind.gone()?;
    let content = content.with(field, code);
    let digest = content_digest(kind, key, &content, parents);
    Some((content, digest))
}

fn content_digest(kind: &Kind, key: &Key, content: &Content, parents: &[Parent]) -> Digest {
    let mut digester = Digester::new("content");
    digester.text(&key.to_string());
    // both are sorted by name: one walk, no search
    let mut volatile = kind.sorted().filter(|field| field.volatile).map(Field::name).peekable();
    for (name, text) in content.iter() {
        while volatile.peek().is_some_and(|quiet| *quiet < name) {
            volatile.next();
        }
        if volatile.peek() != Some(&name) {
            digester.text(name);
            digester.text(text);
        }
    }
    digester.text("");
    for parent in parents {
        digester.text(&parent.field);
        digester.text(&parent.id_space);
    }
    digester.finish()
}

#[cfg(test)]
mod tests;
