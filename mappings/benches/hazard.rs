//! What one hazard costs under the shipped rules: its key, its digest (all that an unchanged record needs), its mapping
//! with every check, and without one group of checks after the other. Leaves decoding to `adapters` and the ledger to the hub.

#![expect(clippy::unwrap_used, reason = "a measurement without its rules is none")]

#[path = "hazard/without.rs"]
mod without;

use std::{fs, hint::black_box, path::Path};

use chrono::{DateTime, Utc};
use criterion::Criterion;
use mappings::{Form, Mapped, Mapping, Outcome, RuleFile, Rulebook};

use without::{GROUPS, without};

type Row = Vec<(String, String, Form)>;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let (files, row) = (files(), row());
    hazard(&mut criterion, &files, &row);
    checks(&mut criterion, &files, &row);
    criterion.final_summary();
}

fn hazard(criterion: &mut Criterion, files: &[RuleFile], row: &Row) {
    let rules = compiled(files);
    let mapping = mapping(&rules);
    let mut group = criterion.benchmark_group("hazard");
    group.bench_function("key", |bencher| bencher.iter(|| mapping.key(black_box(row))));
    group.bench_function("digest", |bencher| bencher.iter(|| mapping.source_digest(black_box(row))));
    group.bench_function("map", |bencher| bencher.iter(|| good(mapping, row)));
    group.finish();
}

fn checks(criterion: &mut Criterion, files: &[RuleFile], row: &Row) {
    let mut group = criterion.benchmark_group("hazard without");
    let all: Vec<&str> = GROUPS.iter().map(|(name, _)| *name).collect();
    let each = all.iter().map(|name| (*name, vec![*name]));
    for (name, groups) in each.chain([("any check", all.clone())]) {
        let rules = compiled(&without(files, &groups));
        let mapping = mapping(&rules);
        group.bench_function(name, |bencher| bencher.iter(|| good(mapping, row)));
    }
    group.finish();
}

/// A row that is turned down early would look cheap.
fn good(mapping: &Mapping, row: &Row) -> Mapped {
    let mapped = mapping.map(black_box(row), DateTime::<Utc>::MAX_UTC);
    assert_eq!(mapped.outcome, Outcome::Good);
    mapped
}

fn mapping(rules: &Rulebook) -> &Mapping {
    rules.mapping("demo-park", "t_yhzlxx").unwrap()
}

fn compiled(files: &[RuleFile]) -> Rulebook {
    let (rules, problems) = Rulebook::compile(files);
    assert!(rules.is_some(), "{problems:#?}");
    rules.unwrap()
}

fn files() -> Vec<RuleFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["kinds", "profiles", "tables", "sources/demo-park"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            files.push(RuleFile { path, text: fs::read_to_string(entry.path()).unwrap() });
        }
    }
    files
}

/// The first hazard that the shipped mapping has for an example.
fn row() -> Row {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sources/demo-park/hazard.toml");
    let file: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let input = file.get("example").and_then(|list| list.get(0)?.get("input")?.as_table()).unwrap();
    let value = |text: &toml::Value| text.as_str().unwrap().to_owned();
    input.iter().map(|(path, text)| (path.clone(), value(text), Form::Text)).collect()
}
