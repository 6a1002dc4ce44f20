//! What one hazard costs under the shipped rules: its key, its digest (all that an unchanged record needs) and its mapping
//! with every check. Leaves decoding to `adapters` and the ledger to the hub.

#![expect(clippy::unwrap_used, reason = "a measurement without its rules is none")]

use std::{fs, hint::black_box, path::Path};

use chrono::{DateTime, Utc};
use criterion::Criterion;
use mappings::{Form, Mapping, Outcome, RuleFile, Rulebook};

type Row = Vec<(String, String, Form)>;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    hazard(&mut criterion);
    criterion.final_summary();
}

fn hazard(criterion: &mut Criterion) {
    let rules = rules();
    let (mapping, row) = (rules.mapping("demo-park", "t_yhzlxx").unwrap(), row());
    let received: DateTime<Utc> = "2024-07-01T00:00:00Z".parse().unwrap();
    check(mapping, &row, received);
    let mut group = criterion.benchmark_group("hazard");
    group.bench_function("key", |bencher| bencher.iter(|| mapping.key(black_box(&row))));
    group.bench_function("digest", |bencher| bencher.iter(|| mapping.source_digest(black_box(&row))));
    group.bench_function("map", |bencher| bencher.iter(|| mapping.map(black_box(&row), received)));
    group.finish();
}

/// A row that is turned down early would look cheap.
fn check(mapping: &Mapping, row: &Row, received: DateTime<Utc>) {
    let mapped = mapping.map(row, received);
    assert_eq!((mapped.outcome, mapped.issues), (Outcome::Good, Vec::new()));
}

fn rules() -> Rulebook {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["kinds", "profiles", "tables", "sources/demo-park"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
            files.push(RuleFile { path, text: fs::read_to_string(entry.path()).unwrap() });
        }
    }
    Rulebook::compile(&files).0.unwrap()
}

/// The good hazard that the shipped mapping has for an example.
fn row() -> Row {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sources/demo-park/hazard.toml");
    let file: toml::Table = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let input = file.get("example").and_then(|list| list.get(0)?.get("input")?.as_table()).unwrap();
    let value = |text: &toml::Value| text.as_str().unwrap().to_owned();
    input.iter().map(|(path, text)| (path.clone(), value(text), Form::Text)).collect()
}
