//! From contributions to a version: what becomes of a key when all its sources are heard. Safety records settle whole,
//! registries field by field.

use std::cmp::Ordering;

use chrono::{DateTime, Utc};

use crate::{
    content::Content,
    digest::{Digest, Digester},
    image::Image,
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
    /// What it says for that, `id_space/id`, where an alias joined it to this key; else empty.
    pub said: String,
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
    /// The images its content names, with their bytes.
    pub images: Vec<Image>,
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
    /// The images its content names, with their bytes: whoever keeps the version keeps them.
    pub images: Vec<Image>,
}

/// What one source says, and how much it weighs.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// What it says.
    pub contribution: Contribution,
    /// Its declared priority: the higher wins.
    pub priority: i64,
}

/// The state that one source alone makes. `None` when it is not of this kind.
#[must_use]
pub fn merge(kind: &Kind, contribution: Contribution) -> Option<Version> {
    settle(kind, vec![Input { contribution, priority: 0 }]).map(|(version, _)| version)
}

/// Settles a key by what its sources say, given in order of arrival, and tells whose word stands: the higher priority; of
/// equals the newer by `as_of`; where one has none, the one that arrived later. Of a registry each field that the winner
/// leaves open is the next one's. What one source deletes under one of several ids is not heard while another of them is there. `None` without inputs, or when they are not of one key of this kind.
#[must_use]
pub fn settle(kind: &Kind, inputs: Vec<Input>) -> Option<(Version, usize)> {
    let key = inputs.first()?.contribution.key.clone();
    if key.kind != kind.name() || inputs.iter().any(|input| input.contribution.key != key) {
        return None;
    }
    let mut sources: Vec<String> = inputs.iter().map(|input| input.contribution.source.clone()).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut ranked = ranked(heard(kind, inputs)).into_iter();
    let (winner, first) = ranked.next()?;
    let mut standing = first.contribution;
    if kind.is_registry() {
        for (_, other) in ranked {
            standing.fill(other.contribution);
        }
    }
    Some((version(kind, standing, sources), winner))
}

/// Those that count, each with its place among the inputs: who deletes a second registration does not delete the thing.
fn heard(kind: &Kind, inputs: Vec<Input>) -> Vec<(usize, Input)> {
    let is_gone = |input: &Input| {
        kind.gone().is_some_and(|(field, code)| input.contribution.content.get(field) == Some(code))
    };
    let there: Vec<String> = inputs
        .iter()
        .filter(|input| !is_gone(input))
        .map(|input| input.contribution.source.clone())
        .collect();
    let counts = |input: &Input| !is_gone(input) || !there.contains(&input.contribution.source);
    inputs.into_iter().enumerate().filter(|(_, input)| counts(input)).collect()
}

/// Who outweighs whom, the winner first.
fn ranked(inputs: Vec<(usize, Input)>) -> Vec<(usize, Input)> {
    let mut ranked: Vec<(usize, Input)> = Vec::with_capacity(inputs.len());
    for (place, input) in inputs {
        let before = ranked.iter().position(|(_, standing)| outweighs(&input, standing));
        ranked.insert(before.unwrap_or(ranked.len()), (place, input));
    }
    ranked
}

/// Whether what arrived later takes the place of what stands.
fn outweighs(later: &Input, standing: &Input) -> bool {
    match later.priority.cmp(&standing.priority) {
        Ordering::Greater => true,
        Ordering::Less => false,
        Ordering::Equal => {
            let moments = later.contribution.as_of.zip(standing.contribution.as_of);
            moments.is_none_or(|(later, standing)| later >= standing)
        }
    }
}

impl Contribution {
    /// Takes over what it leaves open itself.
    fn fill(&mut self, other: Self) {
        let open = |field: &str| self.content.leaves_open(field);
        self.parents.extend(other.parents.into_iter().filter(|parent| open(&parent.field)));
        self.content.fill(&other.content);
        self.owner = self.owner.take().or(other.owner);
        self.region = self.region.take().or(other.region);
        self.industry = self.industry.take().or(other.industry);
        self.as_of = self.as_of.max(other.as_of);
        self.images.extend(other.images);
    }
}

fn version(kind: &Kind, standing: Contribution, inputs: Vec<String>) -> Version {
    Version {
        content_digest: content_digest(kind, &standing.key, &standing.content, &standing.parents),
        key: standing.key,
        content: standing.content,
        as_of: standing.as_of,
        parents: standing.parents,
        owner: standing.owner,
        test: standing.test,
        region: standing.region,
        industry: standing.industry,
        inputs,
        images: standing.images,
    }
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
