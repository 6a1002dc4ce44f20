//! The first look at every record: where it lies, its key, its digest. Mapping comes only for those that changed.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use adapters::{AnyDecoder, Decode, SourceRecord, Undecodable};
use chrono::{DateTime, Utc};
use mappings::{Key, Keyed, Mapped, Mapping, Stranger, Strangers};
use rayon::prelude::*;

use super::{
    super::{
        Pinned,
        reading::{self, Seen},
    },
    limit::Overs,
};
use crate::store::{held::Held, parts::Pending, unknown::UnknownField, verdicts::Spot};

/// A record found, good or not.
#[derive(Debug)]
pub(super) struct Found {
    /// Where it lies.
    pub(super) spot: Spot,
    /// What it came in.
    pub(super) origin: Arc<Origin>,
    /// What the first look says.
    pub(super) look: Look,
    /// What mapping says, where it was done at the first look.
    pub(super) mapped: Option<Mapped>,
}

/// What the records of a part have in common.
#[derive(Debug)]
pub(super) struct Origin {
    /// Digest of its document.
    pub(super) blob: String,
    /// Its list.
    pub(super) service: String,
    /// Its kind, as far as known without a key.
    pub(super) kind: String,
    /// When it was received.
    pub(super) received_at: DateTime<Utc>,
}

/// What the first look at a record says.
#[derive(Debug)]
pub(super) enum Look {
    /// It has a key, what its sender says for that where an alias joined it (else empty), and this digest (hex).
    Keyed(Key, String, String),
    /// It must be mapped to say what is wrong: it has no key, but this digest (hex).
    Keyless(String),
    /// It cannot be read.
    Unreadable(String),
    /// No mapping takes its list.
    Unmapped,
}

/// Everything one judging looks at.
#[derive(Debug)]
pub(super) struct Taken {
    /// Records in landing order.
    pub(super) found: Vec<Found>,
    /// Document and number of the parts to close; none when held records are judged again.
    pub(super) parts: Vec<(i64, i64)>,
    /// The bytes of the documents, by digest.
    pub(super) documents: HashMap<String, Vec<u8>>,
    /// Paths that no mapping names; none when held records are judged again, they were counted.
    pub(super) unknown: Vec<UnknownField>,
    /// Documents that are held whole, as far as this reading tells.
    pub(super) over: Overs,
}

impl Found {
    pub(super) fn key(&self) -> Option<&Key> {
        if let Look::Keyed(key, ..) = &self.look { Some(key) } else { None }
    }

    /// What its sender says for its key, where an alias joined that to it; else empty.
    pub(super) fn said(&self) -> &str {
        if let Look::Keyed(_, said, _) = &self.look { said } else { "" }
    }

    /// The bytes of the record.
    pub(super) fn bytes<'d>(&self, documents: &'d HashMap<String, Vec<u8>>) -> &'d [u8] {
        let document = documents.get(&self.origin.blob).map(Vec::as_slice).unwrap_or_default();
        reading::part(document, self.spot.from, self.spot.from + u64::from(self.spot.length), 0).bytes
    }
}

/// Looks at every record of these parts, on all cores; `mapping` maps them while they are read.
pub(super) fn parts(
    rules: &Pinned,
    source: &str,
    parts: &[Pending],
    documents: HashMap<String, Vec<u8>>,
    mapping: bool,
) -> Taken {
    let records = |part| part_records(rules, source, part, &documents, mapping);
    let (found, strangers): (Vec<_>, Vec<_>) = parts.par_iter().map(records).unzip();
    let unknown = unknown(parts.iter().map(|part| part.service.as_str()).zip(strangers));
    let found = found.into_iter().flatten().collect();
    Taken {
        found,
        parts: parts.iter().map(|part| (part.document, part.part)).collect(),
        documents,
        unknown,
        over: Overs::new(),
    }
}

/// Looks again at held records.
pub(super) fn held(
    rules: &Pinned,
    source: &str,
    held: Vec<Held>,
    documents: HashMap<String, Vec<u8>>,
) -> Taken {
    let found = held.into_par_iter().map(|held| held_record(rules, source, held, &documents)).collect();
    Taken { found, parts: Vec::new(), documents, unknown: Vec::new(), over: Overs::new() }
}

fn part_records(
    rules: &Pinned,
    source: &str,
    part: &Pending,
    documents: &HashMap<String, Vec<u8>>,
    at_once: bool,
) -> (Vec<Found>, Vec<Stranger>) {
    let mut strangers = Strangers::default();
    let mapping = rules.rules.rulebook.mapping(source, &part.service);
    let document = documents.get(&part.blob).map(Vec::as_slice).unwrap_or_default();
    let bytes = reading::part(document, part.from, part.to, part.first);
    let origin = Arc::new(Origin {
        blob: part.blob.clone(),
        service: part.service.clone(),
        kind: mapping.map_or_else(|| part.kind.clone(), |mapping| mapping.kind().to_owned()),
        received_at: part.received_at,
    });
    let found = decoder(rules, source)
        .decode(&bytes)
        .map(|record| Found {
            spot: spot(part.document, part.part, &record),
            origin: Arc::clone(&origin),
            mapped: at_once.then(|| mapped(mapping, &record, part.received_at)).flatten(),
            look: look(mapping, record, &mut strangers),
        })
        .collect();
    (found, strangers.all())
}

/// The counts of all parts, each path of a service once: one statement must not meet a row twice.
fn unknown<'p>(of_parts: impl Iterator<Item = (&'p str, Vec<Stranger>)>) -> Vec<UnknownField> {
    let mut found: BTreeMap<(&str, String), UnknownField> = BTreeMap::new();
    for (service, strangers) in of_parts {
        for Stranger { path, records, sample } in strangers {
            let new = UnknownField::new(service, &path, records, sample);
            match found.get_mut(&(service, new.path().to_owned())) {
                Some(known) => known.add(new),
                None => drop(found.insert((service, new.path().to_owned()), new)),
            }
        }
    }
    found.into_values().collect()
}

fn held_record(rules: &Pinned, source: &str, held: Held, documents: &HashMap<String, Vec<u8>>) -> Found {
    let mapping = rules.rules.rulebook.mapping(source, &held.service);
    let document = documents.get(&held.blob).map(Vec::as_slice).unwrap_or_default();
    let record = reading::one(decoder(rules, source), document, held.from, held.length, held.place);
    Found {
        spot: Spot {
            document: held.document,
            part: held.part,
            place: held.place,
            from: held.from,
            length: held.length,
        },
        look: look(mapping, record, &mut Strangers::default()),
        mapped: None,
        origin: Arc::new(Origin {
            kind: mapping.map_or(held.kind, |mapping| mapping.kind().to_owned()),
            blob: held.blob,
            service: held.service,
            received_at: held.received_at,
        }),
    }
}

pub(in crate::pipeline) fn decoder(rules: &Pinned, source: &str) -> AnyDecoder {
    let source = rules.rules.sources.iter().find(|known| known.name == source);
    source.map(|source| source.connect.decoder()).unwrap_or_default()
}

fn spot(document: i64, part: i64, record: &Result<SourceRecord<'_>, Undecodable>) -> Spot {
    let (place, from, length) = match record {
        Ok(record) => (record.place, record.offset, record.length),
        Err(bad) => (bad.place, bad.offset, bad.length),
    };
    Spot { document, part, place, from, length }
}

fn mapped(
    mapping: Option<&Mapping>,
    record: &Result<SourceRecord<'_>, Undecodable>,
    received_at: DateTime<Utc>,
) -> Option<Mapped> {
    Some(mapping?.map(&Seen(record.as_ref().ok()?), received_at))
}

fn look(
    mapping: Option<&Mapping>,
    record: Result<SourceRecord<'_>, Undecodable>,
    strangers: &mut Strangers,
) -> Look {
    let record = match record {
        Ok(record) => record,
        Err(bad) => return Look::Unreadable(bad.what),
    };
    let Some(mapping) = mapping else { return Look::Unmapped };
    let seen = Seen(&record);
    let digest = crate::store::hex(&mapping.source_digest(&seen));
    match mapping.key_counting(&seen, strangers) {
        Ok(Keyed { key, said }) => Look::Keyed(key, said, digest),
        Err(_) => Look::Keyless(digest),
    }
}
