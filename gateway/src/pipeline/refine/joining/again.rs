//! What a source last said, derived again from its bytes under the active revision. Leaves where it is put to `places`.

use std::{collections::BTreeMap, sync::Arc};

use mappings::{Issue, Key, Outcome};

use super::super::{Work, off_the_runtime, scan::decoder};
use crate::{
    pipeline::{
        self, Pinned,
        reading::{self, Seen},
    },
    store::{
        contributions::{Said, Voice},
        documents::Landed,
        verdicts::{NewIssues, Verdict},
    },
};

/// What a voice said last of a key.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub(super) key: Key,
    pub(super) voice: Voice,
    pub(super) said: Said,
}

/// What it says now.
#[derive(Debug)]
pub(super) struct Again {
    pub(super) word: Word,
    pub(super) now: Result<(Said, Noted), Stays>,
}

/// What is noted of a good one.
pub(super) type Noted = Option<Box<NewIssues>>;

/// What is wrong with what stays where it stands; nothing where its bytes are gone.
pub(super) type Stays = Option<Box<NewIssues>>;

/// Derives each word again, one document after the other.
pub(super) async fn again(work: &Work<'_>, words: Vec<Word>) -> pipeline::Result<Vec<Again>> {
    let mut documents: BTreeMap<i64, Vec<Word>> = BTreeMap::new();
    for word in words {
        documents.entry(word.said.spot.document).or_default().push(word);
    }
    let mut all = Vec::new();
    for (document, words) in documents {
        let landed = work.context.store.document(document).await?;
        let bytes = match &landed {
            Some(landed) => work.context.store.original(&landed.digest).await?.ok(),
            None => None,
        };
        let (rules, source) = (Arc::clone(&work.pinned), work.source.to_owned());
        let derive = move || -> Vec<Again> {
            let there = landed.zip(bytes);
            words.into_iter().map(|word| one(&rules, &source, there.as_ref(), word)).collect()
        };
        all.extend(off_the_runtime(derive).await?);
    }
    Ok(all)
}

fn one(rules: &Pinned, source: &str, there: Option<&(Landed, Vec<u8>)>, word: Word) -> Again {
    let nothing = |word: Word| Again { word, now: Err(None) };
    let Some((landed, bytes)) = there else { return nothing(word) };
    let Some(mapping) = rules.rules.rulebook.mapping(source, &word.said.service) else {
        return nothing(word);
    };
    let spot = word.said.spot;
    let record = reading::one(decoder(rules, source), bytes, spot.from, spot.length, spot.place);
    let Ok(record) = record else { return nothing(word) };
    let mapped = mapping.map(&Seen(&record), landed.received_at);
    let digest = crate::store::hex(&mapping.source_digest(&Seen(&record)));
    let is_the_same = |key: &Key, said: &str| key.as_said(said) == word.key.as_said(&word.voice.said);
    match mapped.contribution {
        Some(own) if is_the_same(&own.key, &own.said) => {
            let said = Said {
                service: word.said.service.clone(),
                spot,
                revision: rules.no,
                source_digest: digest,
                contribution: own,
            };
            let told = (!mapped.issues.is_empty()).then(|| {
                Box::new(noted(&word, Verdict::Accepted, mapped.issues, said.source_digest.clone()))
            });
            Again { word, now: Ok((said, told)) }
        }
        _ => {
            let is_bad = mapped.outcome == Outcome::Reject;
            let verdict = if is_bad { Verdict::Rejected } else { Verdict::Held };
            let note = noted(&word, verdict, mapped.issues, digest);
            Again { word, now: Err(Some(Box::new(note))) }
        }
    }
}

fn noted(word: &Word, verdict: Verdict, issues: Vec<Issue>, digest: String) -> NewIssues {
    NewIssues {
        spot: word.said.spot,
        service: word.said.service.clone(),
        kind: word.key.kind.clone(),
        key: Some(word.key.clone()),
        said: word.said.contribution.said.clone(),
        verdict,
        issues,
        digest,
    }
}

impl Word {
    /// That it waits where it stands for somebody here to say whose word counts.
    pub(super) fn waits(&self, issue: Issue) -> Box<NewIssues> {
        Box::new(noted(self, Verdict::Held, vec![issue], self.said.source_digest.clone()))
    }
}
