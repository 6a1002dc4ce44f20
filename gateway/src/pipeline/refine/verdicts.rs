//! All records of one judging, in order, each against the one before it of the same key.

use std::collections::HashMap;

use mappings::{Issue, Key, Level, Mapped};

use super::{
    super::{
        Pinned,
        judge::{
            Candidate, Decision, decide,
            shared::{Before, Settled, settle},
        },
        reading::{self, Seen},
    },
    ahead::{Group, Ready},
    known::Known,
    limit,
    owners::Owners,
    poison::Poison,
    scan::{Found, Look, Taken, decoder},
    shared,
};
use crate::store::{
    contributions::{Said, Voice},
    heads::{Head, Standing},
    held::HeldWord,
    limits::OverLimit,
    verdicts::{Counts, Judgement, NewIssues, NewVersion, Spot, Verdict},
};

/// Judges a group. Returns what is known after it.
pub(super) fn judge(
    rules: &Pinned,
    source: &str,
    (group, mapped): Ready,
    given: &Given,
) -> (Judgement, Known) {
    let Group { taken, standings, held, common } = group.as_ref();
    let mut known =
        Known { held: held.clone(), common: common.clone(), over: taken.over.clone(), ..Known::default() };
    for (found, standing) in taken.found.iter().zip(standings) {
        if let (Some(key), Standing::Other(head)) = (found.key(), standing) {
            known.heads.insert(key.clone(), head.clone());
        }
    }
    known.remember(&given.before, taken.found.iter().filter_map(Found::key));
    let (judgement, Given { poison, owners, .. }) = (Judgement::default(), given);
    let mut bench = Bench { rules, source, taken, poison, owners, known, judgement, parts: HashMap::new() };
    for ((found, standing), mapped) in taken.found.iter().zip(standings).zip(mapped) {
        bench.judge(found, *standing == Standing::Same, mapped);
    }
    bench.close()
}

/// What a judging is given beside its group.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// What the groups before it left.
    pub(super) before: Known,
    /// Records that the database will not store.
    pub(super) poison: Poison,
    /// Whose records may be accepted.
    pub(super) owners: Owners,
}

/// Maps a record of a group.
pub(super) fn map(rules: &Pinned, source: &str, taken: &Taken, found: &Found) -> Option<Mapped> {
    let mapping = rules.rules.rulebook.mapping(source, &found.origin.service)?;
    let document = taken.documents.get(&found.origin.blob)?;
    let spot = found.spot;
    let record = reading::one(decoder(rules, source), document, spot.from, spot.length, spot.place).ok()?;
    Some(mapping.map(&Seen(&record), found.origin.received_at))
}

struct Bench<'a> {
    rules: &'a Pinned,
    source: &'a str,
    taken: &'a Taken,
    poison: &'a Poison,
    owners: &'a Owners,
    known: Known,
    judgement: Judgement,
    parts: HashMap<(i64, i64), Counts>,
}

impl Bench<'_> {
    /// `same`: the newest state in the ledger says the same, unless a newer one is known here.
    fn judge(&mut self, found: &Found, same: bool, mapped: Option<Mapped>) {
        if self.taken.parts.is_empty()
            && let Some(held) = found.key().and_then(|key| self.known.held.get_mut(key))
        {
            held.over.retain(|spot| (spot.document, spot.place) != place(found));
        }
        let verdict = match self.decide(found, same, mapped) {
            Decision::Held(issues) if self.over(found).is_some() => self.note(found, Verdict::Held, issues),
            _ if self.waits_already(found) => Verdict::Unchanged,
            Decision::Accepted(version, notes) => self.accept(found, *version, notes),
            Decision::Settled(settled) => self.settle(found, *settled),
            Decision::Unchanged(stale) => self.leave(found, stale),
            Decision::Rejected(issues) => self.note(found, Verdict::Rejected, issues),
            Decision::Held(issues) => self.note(found, Verdict::Held, issues),
        };
        if self.taken.parts.is_empty() {
            self.judgement.released.push((found.spot, verdict));
            let held = found.key().and_then(|key| self.known.held.get_mut(key));
            if let Some(held) = held.filter(|_| verdict != Verdict::Held) {
                held.words.retain(|word| word.place != place(found));
            }
        } else {
            self.parts.entry((found.spot.document, found.spot.part)).or_default().add(verdict);
        }
    }

    fn decide(&self, found: &Found, same: bool, mapped: Option<Mapped>) -> Decision {
        let poison = self.poison.get(&place(found)).map(|words| vec![unstorable(words)]);
        let mapped = || {
            let mapped = mapped.or_else(|| map(self.rules, self.source, self.taken, found))?;
            let mapping = self.rules.rules.rulebook.mapping(self.source, &found.origin.service)?;
            Some(self.owners.checked(mapping, found.origin.received_at, mapped))
        };
        if let Some(over) = self.over(found) {
            let own = match (poison, &found.look) {
                (Some(poison), _) => poison,
                (None, Look::Unreadable(what)) => vec![unreadable(what)],
                (None, Look::Unmapped) => vec![unmapped(&found.origin.service)],
                (None, Look::Keyed(..) | Look::Keyless(_)) => {
                    mapped().map(|mapped| mapped.issues).unwrap_or_default()
                }
            };
            return Decision::Held([vec![limit::issue(found.spot.document, over)], own].concat());
        }
        if let Some(poison) = poison {
            return Decision::Rejected(poison);
        }
        match &found.look {
            Look::Unreadable(what) => Decision::Rejected(vec![unreadable(what)]),
            Look::Unmapped => Decision::Held(vec![unmapped(&found.origin.service)]),
            Look::Keyless(_) => Decision::Rejected(mapped().map(|mapped| mapped.issues).unwrap_or_default()),
            Look::Keyed(key, said, digest) => {
                // of a key that nobody speaks of any more, whoever comes is the first
                let head = self.known.heads.get(key).filter(|head| !head.is_left());
                if same && head.is_none() {
                    return Decision::Unchanged(None);
                }
                let Some(kind) = self.rules.rules.rulebook.kind(&key.kind) else {
                    return Decision::Held(vec![unmapped(&found.origin.service)]);
                };
                let candidate = Candidate { source: self.source, said, place: place(found), digest };
                let map = || mapped().unwrap_or_else(nothing);
                if let Some((head, together)) = head.zip(self.known.common.get(key))
                    && !together.is_alone(self.source, said)
                {
                    let before = Before { said: &together.said, head };
                    let priority = |source: &str| self.rules.rules.source(source)?.priority;
                    let keep = |own| shared::said(found, digest, self.rules.no, own);
                    return settle(&candidate, kind, before, priority, keep, map);
                }
                decide(&candidate, kind, head, map)
            }
        }
    }

    /// What its document is held whole for; nobody asks that of a record that was let go.
    fn over(&self, found: &Found) -> Option<&OverLimit> {
        if self.taken.parts.is_empty() {
            return None;
        }
        self.known.over.get(&found.spot.document).map(|(over, _)| over)
    }

    /// Older records of the key that are held for their documents need no answer any more.
    fn take_their_place(&mut self, found: &Found) {
        let Some(held) = found.key().and_then(|key| self.known.held.get_mut(key)) else { return };
        let older = |spot: &Spot| (spot.document, spot.place) < place(found);
        let (gone, left): (Vec<Spot>, Vec<Spot>) = held.over.drain(..).partition(older);
        held.over = left;
        for spot in gone {
            self.known.settled.insert((spot.document, spot.place));
            self.judgement.released.push((spot, Verdict::Unchanged));
        }
    }

    /// Whether the newest that its voice said of a key is a held record that says the same: it waits for the same answer.
    fn waits_already(&self, found: &Found) -> bool {
        let Look::Keyed(key, said, digest) = &found.look else { return false };
        let Some(held) = self.known.held.get(key).and_then(|held| held.word(said)) else { return false };
        held.source_digest == *digest
            && held.place < place(found)
            && self.heard_at(key, said).is_none_or(|at| at < held.place)
    }

    /// Where the newest state stands that this voice said of a key.
    fn heard_at(&self, key: &Key, said: &str) -> Option<(i64, u32)> {
        match self.known.common.get(key) {
            Some(together) if !together.is_alone(self.source, said) => together.heard_at(self.source, said),
            _ => self.known.heads.get(key).map(|head| head.place),
        }
    }

    fn accept(&mut self, found: &Found, version: mappings::Version, notes: Vec<Issue>) -> Verdict {
        let Look::Keyed(key, said, digest) = &found.look else {
            return self.note(found, Verdict::Rejected, notes);
        };
        let record = self.known.heads.get(key).map(|head| head.record).filter(|record| *record != 0);
        let new = NewVersion {
            record,
            spot: found.spot,
            source_digest: digest.clone(),
            content_digest: crate::store::hex(&version.content_digest),
            revision: None,
            seen_at: None,
            said: said.clone(),
            heard: Vec::new(),
            version,
        };
        if let Some(together) = self.known.common.get_mut(key) {
            together.speak(shared::said_by(found, self.source, self.rules.no, &new));
        }
        self.known.heads.insert(key.clone(), head(self.source, &new));
        self.judgement.versions.push(new);
        self.take_their_place(found);
        if !notes.is_empty() {
            self.note(found, Verdict::Accepted, notes);
        }
        Verdict::Accepted
    }

    /// What each source says now is kept; a version only where what stands is new.
    fn settle(&mut self, found: &Found, settled: Settled) -> Verdict {
        let Look::Keyed(key, own, digest) = &found.look else { return Verdict::Unchanged };
        let Some((head, together)) = self.known.heads.get_mut(key).zip(self.known.common.get_mut(key)) else {
            return Verdict::Unchanged;
        };
        together.take(&settled, head);
        let Settled { said, version, notes, .. } = settled;
        let verdict = if version.is_some() { Verdict::Accepted } else { Verdict::Unchanged };
        self.judgement.versions.extend(version.map(|version| NewVersion {
            record: Some(head.record).filter(|record| *record != 0),
            spot: found.spot,
            source_digest: digest.clone(),
            content_digest: crate::store::hex(&version.content_digest),
            revision: None,
            seen_at: None,
            said: own.clone(),
            heard: said.iter().map(Said::heard).collect(),
            version,
        }));
        self.take_their_place(found);
        if !notes.is_empty() {
            self.note(found, verdict, notes);
        }
        verdict
    }

    /// Unchanged leaves no row, except where a held record of the key could later pass for newer than this one.
    fn leave(&mut self, found: &Found, stale: Option<Issue>) -> Verdict {
        let place = place(found);
        if let Some(key) = found.key()
            && let Some(head) = self.known.heads.get_mut(key)
            && stale.is_none()
            && self.known.held.contains_key(key)
        {
            let together = self.known.common.get_mut(key);
            if let Some(together) = together.filter(|own| !own.is_alone(self.source, found.said())) {
                let voice = Voice { source: self.source.to_owned(), said: found.said().to_owned() };
                together.seen(&voice, found.spot, head);
            } else if head.place < place {
                head.place = place;
                if let Some(together) = self.known.common.get_mut(key) {
                    together.seen_alone(found.spot);
                }
                if head.record == 0 {
                    self.judgement.touch_new(key, place);
                } else {
                    self.judgement.seen.push((head.record, place));
                }
            }
        }
        if stale.is_none() {
            self.take_their_place(found);
        }
        if let Some(stale) = stale {
            self.note(found, Verdict::Unchanged, vec![stale]);
        }
        Verdict::Unchanged
    }

    fn note(&mut self, found: &Found, verdict: Verdict, issues: Vec<Issue>) -> Verdict {
        let digest = self.digest(found);
        if let (Verdict::Held, Some(key)) = (verdict, found.key()) {
            let over = self.over(found).map(|_| found.spot);
            let source_digest = if over.is_some() { String::new() } else { digest.clone() };
            let new = HeldWord { said: found.said().to_owned(), place: place(found), source_digest };
            self.known.held.entry(key.clone()).or_default().follow(new, over);
        }
        self.judgement.issues.push(NewIssues {
            spot: found.spot,
            service: found.origin.service.clone(),
            kind: found.origin.kind.clone(),
            // of what cannot be stored, nothing its sender wrote is repeated
            key: found.key().filter(|_| !self.poison.contains_key(&place(found))).cloned(),
            said: found.said().to_owned(),
            verdict,
            issues,
            digest,
        });
        verdict
    }

    fn digest(&self, found: &Found) -> String {
        match &found.look {
            Look::Keyed(.., digest) | Look::Keyless(digest) => digest.clone(),
            Look::Unreadable(_) | Look::Unmapped => crate::store::digest(found.bytes(&self.taken.documents)),
        }
    }

    fn close(mut self) -> (Judgement, Known) {
        let counted =
            self.taken.parts.iter().map(|part| (*part, self.parts.get(part).copied().unwrap_or_default()));
        self.judgement.parts = counted.collect();
        let left = |(key, together): (&Key, &shared::Together)| {
            self.known.heads.get(key).and_then(|head| together.left(key, head.record))
        };
        self.judgement.shared = self.known.common.iter().filter_map(left).collect();
        self.judgement.unknown.clone_from(&self.taken.unknown);
        let new = self.taken.over.iter().filter(|(_, (_, is_new))| *is_new);
        self.judgement.over = new.map(|(document, (over, _))| (*document, over.clone())).collect();
        (self.judgement, self.known)
    }
}

pub(super) fn place(found: &Found) -> (i64, u32) {
    (found.spot.document, found.spot.place)
}

fn head(source: &str, new: &NewVersion) -> Head {
    Head {
        record: new.record.unwrap_or(0),
        source: source.to_owned(),
        said: new.said.clone(),
        place: (new.spot.document, new.spot.place),
        source_digest: new.source_digest.clone(),
        content_digest: new.content_digest.clone(),
        as_of: new.version.as_of.map(|at| at.timestamp_millis()),
    }
}

/// What a mapping that vanished between two looks would have said: nothing, so the record is rejected with no issue
/// of its own; the revision is pinned, so this is never seen.
fn nothing() -> Mapped {
    Mapped { key: None, contribution: None, issues: Vec::new(), outcome: mappings::Outcome::Reject }
}

fn unreadable(what: &str) -> Issue {
    Issue {
        code: "unreadable".into(),
        level: Level::Reject,
        field: String::new(),
        value: String::new(),
        place: String::new(),
        message: format!("这一条读不懂：{what}"),
        advice: "请检查这一条的格式后重发".into(),
    }
}

fn unstorable(words: &str) -> Issue {
    Issue {
        code: "unstorable".into(),
        level: Level::Reject,
        field: String::new(),
        value: String::new(),
        place: String::new(),
        message: format!("数据库存不下这一条：{words}"),
        advice: "请检查这一条是否含有特殊字符或过长的内容，改正后重发；其他记录不受影响".into(),
    }
}

fn unmapped(service: &str) -> Issue {
    Issue {
        code: "no-mapping".into(),
        level: Level::Hold,
        field: String::new(),
        value: service.to_owned(),
        place: String::new(),
        message: format!("现行配置没有服务 {service} 的映射"),
        advice: "在配置中恢复或补上这个服务的映射，待定记录会自己放行".into(),
    }
}
