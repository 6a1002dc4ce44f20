//! The arrows between the crates and the one home of each thing, read off the manifests and the sources. A rule here is
//! a line of `docs/design.md`; what clippy already refuses is repeated where the arrow is more than a name.

mod code;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use code::{lines_with, shipped};

/// Where a rule looks, what must not stand there, and why.
struct Rule {
    below: &'static [&'static str],
    but: &'static [&'static str],
    never: &'static [&'static str],
    why: &'static str,
}

const PRODUCT: &[&str] = &["adapters/src/", "gateway/src/", "mappings/src/", "migrations/src/"];

const RULES: &[Rule] = &[
    Rule {
        below: &["mappings/src/"],
        but: &[],
        never: &[
            "tokio",
            "reqwest",
            "sea_orm",
            "axum",
            "adapters",
            "gateway",
            "migrations",
            "Clock",
            "Utc::now",
            "Local::now",
            "SystemTime",
            "Instant",
        ],
        why: "rules are pure: no input, no output, no clock",
    },
    Rule {
        below: &["adapters/src/"],
        but: &[],
        never: &["sea_orm", "cron", "mappings", "gateway", "migrations"],
        why: "adapters know systems, not the ledger, the rules or the schedule",
    },
    Rule {
        below: &["migrations/src/"],
        but: &[],
        never: &["adapters", "mappings", "gateway"],
        why: "the schema's history knows nobody",
    },
    Rule {
        below: &["gateway/src/"],
        but: &["gateway/src/store/"],
        never: &["sea_orm", "sea_orm_migration"],
        why: "the database has one home",
    },
    Rule {
        below: &["gateway/src/pipeline/"],
        but: &[],
        never: &[
            "AnySource",
            "AnyDestination",
            "RestSource",
            "RestDestination",
            "JsonRecords",
            "MemorySource",
            "MemoryDestination",
            "adapters::http",
            "adapters::sim",
            "adapters::memory",
            "adapters::codec",
        ],
        why: "the pipeline sees adapters only as their traits",
    },
    Rule {
        below: &["gateway/src/store/"],
        but: &[],
        never: &["pipeline", "scheduler", "server", "cli"],
        why: "the ledger decides nothing about records",
    },
    Rule {
        below: &["gateway/src/server/"],
        but: &[],
        never: &["pull", "refine", "forward", "activate", "store.write"],
        why: "the server reads the ledger and changes nothing",
    },
    Rule {
        below: &["gateway/src/pipeline/"],
        but: &[],
        never: &["scheduler", "server", "cli", "sleep"],
        why: "a step is driven; it knows no driver and never waits",
    },
    home(
        &["adapters/src/clock.rs"],
        &["Utc::now", "Local::now", "SystemTime::now"],
        "time comes from the clock",
    ),
    home(
        &["gateway/src/config/environment.rs"],
        &["env::var", "env::vars", "env::var_os", "env::vars_os"],
        "the environment is read once",
    ),
    home(
        &["adapters/src/http/client.rs"],
        &["reqwest::Client", "Client::builder"],
        "clients are built with timeouts and a cap",
    ),
    home(
        &[],
        &["tokio::spawn", "task::spawn", "thread::sleep", "unsafe"],
        "tasks are tracked, nothing is left running",
    ),
    home(&["gateway/src/scheduler/service.rs"], &["TaskTracker"], "the scheduler owns the tasks"),
    home(
        &["gateway/src/scheduler/once.rs", "adapters/src/sim/reply.rs"],
        &["time::sleep"],
        "only drivers wait",
    ),
    home(&["gateway/src/scheduler/dialect.rs"], &["cron"], "one dialect of crontab"),
];

/// What may stand in these places of the product and nowhere else.
const fn home(but: &'static [&'static str], never: &'static [&'static str], why: &'static str) -> Rule {
    Rule { below: PRODUCT, but, never, why }
}

/// Names that say nothing.
const NAMES: [&str; 9] = ["utils", "util", "helpers", "helper", "manager", "common", "misc", "info", "data"];

impl Rule {
    fn broken_by(&self, path: &str, code: &str) -> Vec<String> {
        let applies = self.below.iter().any(|below| path.starts_with(below))
            && !self.but.iter().any(|but| path.starts_with(but));
        let words = self.never.iter().filter(|_| applies);
        words
            .flat_map(|word| {
                lines_with(code, word)
                    .into_iter()
                    .map(move |line| format!("{path}:{line} {word}: {}", self.why))
            })
            .collect()
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust file of the workspace with its text, by path from the root.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for member in ["adapters", "gateway", "mappings", "migrations", "tests"] {
        collect(&root().join(member), &mut found);
    }
    assert!(found.len() > 200, "only {} files seen", found.len());
    found
}

fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Whether a file holds tests and nothing else.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').rev().skip(1).any(|folder| folder == "tests")
}

#[test]
fn nothing_stands_where_it_must_not() {
    let broken: Vec<String> = sources()
        .iter()
        .filter(|(path, _)| !is_test(path))
        .flat_map(|(path, text)| {
            let code = shipped(text);
            RULES.iter().flat_map(|rule| rule.broken_by(path, &code)).collect::<Vec<_>>()
        })
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_rule_finds_what_it_looks_for_and_only_there() {
    for rule in RULES {
        for word in rule.never {
            let bad = format!("use {word};\n");
            let path = format!("{}deep/x.rs", rule.below[0]);
            assert_eq!(rule.broken_by(&path, &bad).len(), 1, "{word}");
            assert_eq!(rule.broken_by("tests/src/x.rs", &bad), Vec::<String>::new());
            for but in rule.but {
                assert_eq!(rule.broken_by(but, &bad), Vec::<String>::new(), "{word} at home");
            }
        }
    }
}

#[test]
fn every_home_is_lived_in() {
    for rule in RULES.iter().filter(|rule| rule.below == PRODUCT) {
        for but in rule.but {
            let lived = sources().iter().any(|(path, text)| {
                let code = shipped(text);
                path.starts_with(but) && rule.never.iter().any(|word| !lines_with(&code, word).is_empty())
            });
            assert!(lived, "{but} is no home of {:?} any more", rule.never);
        }
    }
}

#[test]
fn every_file_says_what_it_answers_for() {
    let silent: Vec<String> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path).collect();
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let says_nothing = |path: &str| {
        let inside = path.split_once("/src/").map(|(_, inside)| inside.trim_end_matches(".rs"));
        inside.is_some_and(|inside| inside.split('/').any(|name| NAMES.contains(&name)))
    };
    assert!(
        says_nothing("gateway/src/store/utils.rs")
            && says_nothing("a/src/helper/mod.rs")
            && !says_nothing("a/src/store.rs")
    );
    let named: Vec<String> =
        sources().into_iter().map(|(path, _)| path).filter(|path| says_nothing(path)).collect();
    assert_eq!(named, Vec::<String>::new());
}

#[test]
fn nothing_is_allowed_silently() {
    let allowing = |code: &str| lines_with(code, "#[allow").len() + lines_with(code, "#![allow").len();
    assert_eq!(allowing(&shipped("#[allow(dead_code)]\n#![allow(x)]\n#[expect(x, reason = \"\")]\n")), 2);
    for (path, text) in sources() {
        assert_eq!(allowing(&shipped(&text)), 0, "{path}: #[expect(…, reason = …)]");
    }
}

/// What a crate may never depend on, in any table of its manifest.
const ARROWS: [(&str, &[&str]); 4] = [
    (
        "mappings",
        &[
            "tokio",
            "tokio-util",
            "reqwest",
            "axum",
            "sea-orm",
            "sea-orm-migration",
            "cron",
            "adapters",
            "gateway",
            "migrations",
            "tests",
        ],
    ),
    ("adapters", &["sea-orm", "sea-orm-migration", "cron", "mappings", "gateway", "migrations", "tests"]),
    ("migrations", &["sea-orm", "tokio", "adapters", "mappings", "gateway", "tests"]),
    ("gateway", &["tests", "reqwest"]),
];

fn dependencies(manifest: &str) -> BTreeSet<String> {
    let manifest: toml::Table = toml::from_str(manifest).unwrap();
    let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
    let named = tables.iter().filter_map(|table| manifest.get(*table)?.as_table());
    named.flat_map(|table| table.keys().cloned()).collect()
}

fn manifest(member: &str) -> String {
    fs::read_to_string(root().join(member).join("Cargo.toml")).unwrap()
}

#[test]
fn the_manifests_keep_the_arrows() {
    let bad = "[dependencies]\nserde.workspace = true\n[dev-dependencies]\ntokio = \"1\"\n";
    assert_eq!(dependencies(bad), BTreeSet::from(["serde".to_owned(), "tokio".to_owned()]));
    for (member, never) in ARROWS {
        let has = dependencies(&manifest(member));
        assert!(!has.is_empty());
        let wrong: Vec<&&str> = never.iter().filter(|name| has.contains(**name)).collect();
        assert!(wrong.is_empty(), "{member} depends on {wrong:?}");
    }
    for crate_name in ["adapters", "gateway", "mappings", "migrations"] {
        assert!(dependencies(&manifest("tests")).contains(crate_name), "tests see everything");
    }
}

#[test]
fn there_is_one_binary() {
    let binaries = |member: &str| -> Vec<String> {
        let manifest: toml::Table = toml::from_str(&manifest(member)).unwrap();
        let listed = manifest.get("bin").and_then(|bins| bins.as_array()).cloned().unwrap_or_default();
        listed.iter().map(|bin| bin["name"].as_str().unwrap().to_owned()).collect()
    };
    let all: Vec<String> =
        ["adapters", "gateway", "mappings", "migrations", "tests"].into_iter().flat_map(binaries).collect();
    assert_eq!(all, ["lianwang"]);
    let mains: Vec<String> =
        sources().into_iter().map(|(path, _)| path).filter(|path| path.ends_with("src/main.rs")).collect();
    assert_eq!(mains, ["gateway/src/main.rs"]);
}
