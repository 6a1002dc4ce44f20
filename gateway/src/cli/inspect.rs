//! `lianwang inspect`: what the hub would say of a file, offline, as a good compiler says it: place, value, what is wrong,
//! what to write instead, what it rests on. Leaves opening the file to `opened`, judging to the pipeline.

mod chosen;
mod told;

use std::{
    collections::HashSet,
    io::{self, Write as _},
    path::Path,
};

use adapters::{Clock as _, SourceRecord, SystemClock};
use mappings::{Mapping, Outcome as Judged};

use super::{
    Failure, Outcome,
    arguments::{InspectArguments, Place},
    open,
};
use crate::pipeline::{
    file::{self, Opened},
    inspect,
};
pub(super) use chosen::Chosen;
use told::Fault;
pub(super) use told::{Told, level_word};

/// Most bytes of a file: it is in memory with its records.
const MOST_BYTES: u64 = 256 << 20;

pub(super) fn run(place: &Place, asked: &InspectArguments) -> Outcome {
    let compiled = open::load(open::directory(place).as_deref(), "什么都没有做")?;
    let bytes = bytes_of(&asked.file)?;
    let chosen = Chosen::of(&compiled, asked)?;
    let opened = Opened::of(&bytes, &chosen.wanted(), chosen.by_name())
        .map_err(|why| Failure::Check(format!("{}：{why}", asked.file.display())))?;
    let told =
        judged(&opened, &chosen).map_err(|why| Failure::Check(format!("{}：{why}", asked.file.display())))?;
    let mut out = io::stdout().lock();
    if asked.json {
        let json = serde_json::to_string_pretty(&told).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
    } else {
        told.print(&asked.file, &mut out)?;
    }
    if told.is_clean() { Ok(()) } else { Err(Failure::Check(String::new())) }
}

/// A file's bytes.
pub(super) fn bytes_of(file: &Path) -> Result<Vec<u8>, Failure> {
    let unread = |error: &io::Error| {
        Failure::Usage(format!("读不到文件 {}：{}", file.display(), adapters::os_error::said(error)))
    };
    let length = std::fs::metadata(file).map_err(|error| unread(&error))?.len();
    if length > MOST_BYTES {
        return Err(Failure::Usage(format!(
            "文件 {} 有 {} MB，一次最多 {} MB：请分成几个文件",
            file.display(),
            length >> 20,
            MOST_BYTES >> 20
        )));
    }
    std::fs::read(file).map_err(|error| unread(&error))
}

/// Judges every record of a file.
pub(super) fn judged(opened: &Opened<'_>, chosen: &Chosen<'_>) -> Result<Told, String> {
    let (now, mapping) = (SystemClock.now(), chosen.mapping());
    let mut told = Told { unread: unread(opened, mapping), ..Told::default() };
    let mut keys = HashSet::new();
    for record in opened.records()? {
        told.found += 1;
        let record = match record {
            Ok(record) => record,
            Err(bad) => {
                told.rejected += 1;
                told.faults.push(Fault::unreadable(&opened.begins(bad.offset), bad.what));
                continue;
            }
        };
        let mapped = inspect::inspect(mapping, &record, now);
        match mapped.outcome {
            Judged::Good => told.accepted += 1,
            Judged::Hold => told.held += 1,
            Judged::Reject => told.rejected += 1,
        }
        told.repeated += u64::from(mapped.key.is_some_and(|key| !keys.insert(key)));
        told.faults.extend(mapped.issues.iter().map(|issue| {
            let clause = mapping.clause(issue);
            Fault::of(issue, clause, &place(opened, &record, &issue.place))
        }));
    }
    told.over_limit = chosen.over_limit(told.found, told.rejected);
    Ok(told)
}

/// Where the first of an issue's paths stands that the record has.
fn place(opened: &Opened<'_>, record: &SourceRecord<'_>, paths: &str) -> file::Place {
    let said = |path: &&str| record.fields.iter().any(|(known, _)| known == path);
    let path = paths.split(',').find(said).or_else(|| paths.split(',').next()).unwrap_or_default();
    opened.stands(record, path)
}

/// Columns of a workbook that the mapping does not read: mostly a mistyped word.
fn unread(opened: &Opened<'_>, mapping: &Mapping) -> Vec<String> {
    let known = |word: &&String| !word.is_empty() && !mapping.reads(word);
    opened.header().iter().filter(known).cloned().collect()
}
