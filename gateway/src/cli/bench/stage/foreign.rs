//! Somebody else's configuration with the bench's simulators in the place of their systems: their kinds, tables, mapping
//! and outlets stay, how their source is reached and what is sent where and how fast do not.

use std::path::Path;

use adapters::os_error;
use chrono::DateTime;
use mappings::{Field, FieldType, Form, Kind, Mapping, RuleFile, Rulebook};
use toml::{Table, Value};

use super::{DESTINATION, DESTINATION_FILE, HUB, Reading, SOURCE_FILE, compiled, file};
use crate::{
    cli::{Failure, open},
    config::{directory, embedded, hub},
};

/// The list that is measured.
struct Chosen {
    source: String,
    service: String,
    kind: String,
    /// The park's arguments for its nights: which column is touched, which changes.
    nights: Vec<String>,
}

/// The records of `input`, read by the one mapping of `folder`, or by the one of hazards among several.
///
/// # Errors
/// When the directory cannot be read, its rules are wrong, or several mappings could be meant.
pub(super) fn reading(folder: &Path, input: &Path) -> Result<Reading, Failure> {
    let read = directory::read(folder).map_err(|error| Failure::Usage(open::no_directory(folder, &error)))?;
    // the park that is to serve it would say the same, but as another process
    std::fs::File::open(input)
        .map_err(|error| Failure::Usage(format!("读不到 {}：{}", input.display(), os_error::said(&error))))?;
    let files = directory::lay_over(embedded::shipped(), read.files);
    let chosen = chosen(&files)?;
    let mut rows = vec!["--file".to_owned(), input.display().to_string()];
    rows.extend(chosen.nights.iter().cloned());
    Ok(Reading { compiled: compiled(joined(files, &chosen)?)?, source: chosen.source, rows })
}

fn chosen(files: &[RuleFile]) -> Result<Chosen, Failure> {
    let (rulebook, problems) = Rulebook::compile(files);
    let rulebook = rulebook.ok_or_else(|| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure::Check(format!("配置有错，不能测速：\n{}", problems.join("\n")))
    })?;
    let mapping = the_one(rulebook.mappings())?;
    Ok(Chosen {
        source: mapping.source().to_owned(),
        service: mapping.service().to_owned(),
        kind: mapping.kind().to_owned(),
        nights: rulebook.kind(mapping.kind()).map(|kind| nights(mapping, kind)).unwrap_or_default(),
    })
}

fn the_one(mappings: &[Mapping]) -> Result<&Mapping, Failure> {
    let hazards: Vec<&Mapping> = mappings.iter().filter(|mapping| mapping.kind() == "hazard").collect();
    match (mappings, hazards.as_slice()) {
        ([only], _) => Ok(only),
        (_, [only]) => Ok(*only),
        _ => Err(Failure::Usage(format!("配置里有 {} 个映射，不知道测哪个：目录里只留一个", mappings.len()))),
    }
}

/// The column that tells when a record changed, and the widest text that is no identity: what a vendor's nightly job
/// touches, and what a person edits.
fn nights(mapping: &Mapping, kind: &Kind) -> Vec<String> {
    let nobody: Vec<(String, String, Form)> = Vec::new();
    let (_, traces) = mapping.trace(&nobody, DateTime::default());
    let column = |field: &str| {
        let trace = traces.iter().find(|trace| trace.field == field)?;
        Some(trace.place.clone()).filter(|place| !place.is_empty())
    };
    let touched = kind.as_of().and_then(column);
    let is_edited = |field: &&Field| {
        field.field_type() == FieldType::Text && !field.volatile() && field.personal().is_none()
    };
    let edited = kind.fields().iter().filter(is_edited).filter(|field| column(field.name()).is_some());
    let edited = edited.max_by_key(|field| field.max()).and_then(|field| column(field.name()));
    let said = [("--touch", touched), ("--change", edited)].into_iter();
    said.filter_map(|(option, column)| Some([option.to_owned(), column?])).flatten().collect()
}

/// The files with one source, one destination and the bench's own simulators behind both.
fn joined(files: Vec<RuleFile>, chosen: &Chosen) -> Result<Vec<RuleFile>, Failure> {
    let source = format!("sources/{}/source.toml", chosen.source);
    let theirs = files.iter().find(|file| file.path == source).map_or("", |file| file.text.as_str());
    let over = vec![
        file(hub::FILE, HUB),
        file(&source, &source_file(theirs, &chosen.service)?),
        file(&format!("destinations/{DESTINATION}/destination.toml"), &destination_file(&chosen.kind)?),
    ];
    let mine = format!("sources/{}/", chosen.source);
    let kept =
        files.into_iter().filter(|file| !file.path.starts_with("sources/") || file.path.starts_with(&mine));
    Ok(directory::lay_over(kept.collect(), over))
}

/// Their file with the bench's way to reach it. Their other lists stay, for mappings refer to them and to one another, and
/// are empty; schedules say nothing here.
fn source_file(theirs: &str, service: &str) -> Result<String, Failure> {
    let (mut theirs, mut ours) = (table(theirs)?, table(SOURCE_FILE)?);
    let rows = ours.get("services").and_then(|services| services.get(0)).and_then(Value::as_table);
    let rows = rows.cloned().unwrap_or_default();
    let lists = theirs.get("services").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<String> =
        lists.filter_map(|service| Some(service.get("name")?.as_str()?.to_owned())).collect();
    let services = names.into_iter().map(|name| Value::Table(list(&rows, name == service, name)));
    theirs.insert("services".to_owned(), Value::Array(services.collect()));
    if let Some(connect) = ours.remove("connect") {
        theirs.insert("connect".to_owned(), connect);
    }
    Ok(theirs.to_string())
}

fn list(rows: &Table, measured: bool, name: String) -> Table {
    let mut list = rows.clone();
    list.insert("name".to_owned(), Value::String(name));
    if let Some(Value::Table(request)) = list.get_mut("request").filter(|_| !measured) {
        request.insert("path".to_owned(), Value::from("/nothing"));
    }
    list
}

fn destination_file(kind: &str) -> Result<String, Failure> {
    let mut ours = table(DESTINATION_FILE)?;
    if let Some(Value::Table(send)) = ours.get_mut("send") {
        send.insert("kinds".to_owned(), Value::from(vec![kind]));
    }
    Ok(ours.to_string())
}

fn table(text: &str) -> Result<Table, Failure> {
    text.parse().map_err(|error: toml::de::Error| Failure::Check(error.to_string()))
}

#[cfg(test)]
mod tests;
