//! `lianwang inspect`: what the hub would say of a file, offline, as a good compiler says it: place, value, what is wrong,
//! what to write instead, what it rests on. Leaves opening the file to `opened`, judging to the pipeline.

mod opened;
mod told;

use std::{
    collections::HashSet,
    io::{self, Write as _},
    path::Path,
};

use adapters::{AnyDecoder, Clock as _, SourceRecord, SystemClock};
use mappings::{Mapping, Outcome as Judged};

use super::{
    Failure, Outcome,
    arguments::{InspectArguments, Place},
    open,
};
use crate::{config::Compiled, pipeline::inspect};
use opened::{Opened, Wanted};
use told::{Fault, Told};

pub(super) fn run(place: &Place, asked: &InspectArguments) -> Outcome {
    let compiled = open::load(open::directory(place).as_deref(), "什么都没有做")?;
    let bytes = std::fs::read(&asked.file).map_err(|error| {
        Failure::Usage(format!("读不到文件 {}：{}", asked.file.display(), adapters::os_error::said(&error)))
    })?;
    let chosen = Chosen::of(&compiled, asked)?;
    let by_name = chosen.is_plain().then(|| chosen.mapping().shape());
    let opened = Opened::of(&bytes, &chosen.wanted(), by_name)
        .map_err(|why| Failure::Check(format!("{}：{why}", asked.file.display())))?;
    let told = judged(&opened, chosen.mapping())
        .map_err(|why| Failure::Check(format!("{}：{why}", asked.file.display())))?;
    let mut out = io::stdout().lock();
    if asked.json {
        let json = serde_json::to_string_pretty(&told).map_err(|error| Failure::Check(error.to_string()))?;
        writeln!(out, "{json}")?;
    } else {
        told.print(&asked.file, &mut out)?;
    }
    if told.is_clean() { Ok(()) } else { Err(Failure::Check(String::new())) }
}

/// What the file is held to.
struct Chosen<'c> {
    mapping: Whose<'c>,
    decoder: AnyDecoder,
    list: Option<String>,
}

enum Whose<'c> {
    Source(&'c Mapping),
    Plain(Box<Mapping>),
}

impl<'c> Chosen<'c> {
    fn of(compiled: &'c Compiled, asked: &InspectArguments) -> Result<Self, Failure> {
        match (&asked.source, &asked.kind) {
            (Some(source), None) => Self::source(compiled, source, asked.service.as_deref(), &asked.file),
            (None, Some(kind)) => Self::plain(compiled, kind, asked.profile.as_deref()),
            _ => Err(Failure::Usage("用 --source 说明是哪个来源的文件，或用 --kind 按本省模板检查".into())),
        }
    }

    fn source(
        compiled: &'c Compiled,
        name: &str,
        service: Option<&str>,
        file: &Path,
    ) -> Result<Self, Failure> {
        let source = compiled.source(name).ok_or_else(|| {
            let names: Vec<&str> = compiled.sources.iter().map(|source| source.name.as_str()).collect();
            Failure::Usage(format!("没有来源 {name}；现有：{}", names.join("、")))
        })?;
        let mappings: Vec<&Mapping> =
            compiled.rulebook.mappings().iter().filter(|mapping| mapping.source() == name).collect();
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let wanted = service.map(str::to_owned).or(stem);
        let named = mappings.iter().find(|mapping| Some(mapping.service()) == wanted.as_deref());
        let only = match mappings.as_slice() {
            [only] if service.is_none() => Some(only),
            _ => None,
        };
        let mapping = *named.or(only).ok_or_else(|| {
            let services: Vec<String> = mappings
                .iter()
                .map(|mapping| format!("{}（{}）", mapping.service(), mapping.kind()))
                .collect();
            Failure::Usage(format!("用 --service 说明是哪一个服务：{}", services.join("、")))
        })?;
        let request = source
            .services
            .iter()
            .find(|service| service.name == mapping.service())
            .map(|service| &service.request);
        Ok(Self {
            mapping: Whose::Source(mapping),
            decoder: source.connect.decoder(),
            list: request.map(|request| request.list.clone()),
        })
    }

    fn plain(compiled: &Compiled, kind: &str, profile: Option<&str>) -> Result<Self, Failure> {
        let mapping = open::plain(compiled, kind, profile)?;
        Ok(Self { mapping: Whose::Plain(Box::new(mapping)), decoder: AnyDecoder::default(), list: None })
    }

    fn mapping(&self) -> &Mapping {
        match &self.mapping {
            Whose::Source(mapping) => mapping,
            Whose::Plain(mapping) => mapping,
        }
    }

    fn wanted(&self) -> Wanted<'_> {
        let service = if self.is_plain() { "" } else { self.mapping().service() };
        Wanted { decoder: self.decoder, list: self.list.as_deref(), service }
    }

    fn is_plain(&self) -> bool {
        matches!(self.mapping, Whose::Plain(_))
    }
}

/// Judges every record of a file.
fn judged(opened: &Opened<'_>, mapping: &Mapping) -> Result<Told, String> {
    let now = SystemClock.now();
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
            let clause = mapping.clause(issue).map(str::to_owned);
            Fault::of(issue, clause, &place(opened, &record, &issue.place))
        }));
    }
    Ok(told)
}

/// Where the first of an issue's paths stands that the record has.
fn place(opened: &Opened<'_>, record: &SourceRecord<'_>, paths: &str) -> opened::Place {
    let said = |path: &&str| record.fields.iter().any(|(known, _)| known == path);
    let path = paths.split(',').find(said).or_else(|| paths.split(',').next()).unwrap_or_default();
    opened.stands(record, path)
}

/// Columns of a workbook that the mapping does not read: mostly a mistyped word.
fn unread(opened: &Opened<'_>, mapping: &Mapping) -> Vec<String> {
    let known = |word: &&String| !word.is_empty() && !mapping.reads(word);
    opened.header().iter().filter(known).cloned().collect()
}
