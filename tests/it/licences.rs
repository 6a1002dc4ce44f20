//! No GPL, AGPL or LGPL in the binary, one TLS provider, every dependency from a registry: `deny.toml`, held by a test
//! so that it holds where cargo-deny is not installed.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

/// Whether a licence expression leaves a way without copyleft. `OR` offers, `AND` demands.
fn free(expression: &str) -> bool {
    expression.split(" OR ").any(|way| !way.contains("GPL"))
}

#[test]
fn a_way_without_copyleft_is_enough() {
    assert!(free("MIT OR Apache-2.0"));
    assert!(free("MIT OR Apache-2.0 OR LGPL-2.1-or-later"));
    assert!(!free("AGPL-3.0-only"));
    assert!(!free("MIT AND GPL-3.0"));
}

#[test]
fn dependencies_are_free_to_hand_on() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "the graph is there");
    let text = |package: &Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let bound: Vec<String> = packages
        .iter()
        .filter(|package| !free(&text(package, "license")))
        .map(|package| format!("{} {}", text(package, "name"), text(package, "license")))
        .collect();
    assert!(bound.is_empty(), "{bound:?}");
    let names: BTreeSet<String> = packages.iter().map(|package| text(package, "name")).collect();
    for banned in ["aws-lc-rs", "openssl", "native-tls", "evalexpr"] {
        assert!(!names.contains(banned), "{banned} is in the graph");
    }
    let elsewhere: Vec<String> = packages
        .iter()
        .filter(|package| package["source"].as_str().is_some_and(|source| !source.starts_with("registry+")))
        .map(|package| text(package, "name"))
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

/// The graph of this machine's platform: what is built here has been fetched, so no network is asked.
fn metadata() -> Value {
    let about = String::from_utf8(output(Command::new("rustc").arg("-vV"))).unwrap();
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let graph =
        ["metadata", "--format-version", "1", "--offline", "--locked", "--all-features", "--filter-platform"];
    serde_json::from_slice(&output(Command::new(env!("CARGO")).args(graph).arg(host))).unwrap()
}

fn output(command: &mut Command) -> Vec<u8> {
    let run = command.output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    run.stdout
}
