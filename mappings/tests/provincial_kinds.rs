//! What holds of every kind and every profile that ships: where each field is from, that each shows by example what it
//! takes and what it does not, that no rule stands without an example that breaks it.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use mappings::{RuleFile, Rulebook};
use toml::{Table, Value};

/// The kinds of issue C, section 1, that this half of the schema adds.
const ADDED: [&str; 17] = [
    "accident_hypothesis",
    "dangerous_work",
    "key_place",
    "monitor_alert",
    "monitor_point",
    "responsible_person",
    "risk_study",
    "safety_day_report",
    "safety_promise",
    "site",
    "welding_device",
    "welding_operator",
    "welding_use",
    "work_approval",
    "work_check",
    "work_gas_analysis",
    "work_measure",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The files of a folder, by stem.
fn texts(folder: &str) -> BTreeMap<String, String> {
    let read = |path: PathBuf| {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (stem, std::fs::read_to_string(path).unwrap())
    };
    std::fs::read_dir(root().join(folder)).unwrap().map(|entry| read(entry.unwrap().path())).collect()
}

fn tables(folder: &str) -> BTreeMap<String, Table> {
    texts(folder).into_iter().map(|(stem, text)| (stem, text.parse().unwrap())).collect()
}

fn shipped() -> Vec<RuleFile> {
    let endings =
        [("kinds", "toml"), ("profiles", "toml"), ("tables", "csv"), ("destinations/national", "toml")];
    let file = |folder: &str, ending: &str, stem: &str, text: &str| RuleFile {
        path: format!("{folder}/{stem}.{ending}"),
        text: text.to_owned(),
    };
    let mut files = Vec::new();
    for (folder, ending) in endings {
        files.extend(texts(folder).iter().map(|(stem, text)| file(folder, ending, stem, text)));
    }
    files
}

/// Members that are tables, of an array of tables under a name.
fn listed<'t>(table: &'t Table, name: &str) -> Vec<&'t Table> {
    let array = table.get(name).and_then(Value::as_array);
    array.into_iter().flatten().filter_map(Value::as_table).collect()
}

fn text<'t>(table: &'t Table, name: &str) -> &'t str {
    table.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn is_abstract(kind: &Table) -> bool {
    kind.get("abstract").and_then(Value::as_bool).unwrap_or(false)
}

/// Codes of the issues examples name.
fn broken<'t>(examples: &[&'t Table]) -> BTreeSet<&'t str> {
    let issues = examples.iter().filter_map(|example| example.get("issues")?.as_array()).flatten();
    issues.filter_map(|issue| issue.as_str()?.split(' ').next()).collect()
}

/// What a kind extends, itself first.
fn line<'k>(kinds: &'k BTreeMap<String, Table>, name: &'k str) -> Vec<&'k str> {
    let mut found = vec![name];
    let bases: Vec<&str> = match kinds.get(name).and_then(|kind| kind.get("extends")) {
        Some(Value::String(base)) => vec![base],
        Some(Value::Array(bases)) => bases.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    found.extend(bases.into_iter().flat_map(|base| line(kinds, base)));
    found
}

/// Sections of a profile: kind and what is said of it.
fn sections(profile: &Table) -> impl Iterator<Item = (&str, &Table)> {
    profile.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_table()?)))
}

/// Good examples, and bad ones: rejected, held, or accepted with something to say.
fn good_and_bad(examples: &[&Table]) -> (usize, usize) {
    let clean = |example: &&&Table| {
        text(example, "verdict") == "accepted"
            && example.get("issues").and_then(Value::as_array).is_some_and(Vec::is_empty)
    };
    let good = examples.iter().filter(clean).count();
    (good, examples.len() - good)
}

#[test]
fn the_shipped_rules_have_no_problem_and_every_example_holds() {
    let (rulebook, mut problems) = Rulebook::compile(&shipped());
    problems.extend(rulebook.iter().flat_map(Rulebook::run_examples));
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_duty_of_the_notice_has_its_kind() {
    let book = Rulebook::compile(&shipped()).0.unwrap();
    for name in ADDED {
        let kind = book.kind(name).unwrap_or_else(|| std::panic::panic_any(name));
        assert!(!kind.label().is_ascii(), "{name}");
    }
}

#[test]
fn every_field_is_from_somewhere_and_what_is_designed_says_from_what() {
    let mut silent = Vec::new();
    for (name, kind) in tables("kinds") {
        let of_kind = text(&kind, "source");
        for (field, said) in kind.get("fields").and_then(Value::as_table).into_iter().flatten() {
            let said = said.as_table().unwrap();
            let own = text(said, "source");
            if (own.is_empty() && of_kind.is_empty()) || (own == "design" && text(said, "basis").is_empty()) {
                silent.push(format!("{name}.{field}"));
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}

#[test]
fn every_kind_shows_what_it_takes_and_what_it_does_not() {
    let mut poor = Vec::new();
    for (name, kind) in tables("kinds").iter().filter(|(_, kind)| !is_abstract(kind)) {
        let examples = listed(kind, "example");
        let (good, bad) = good_and_bad(&examples);
        if good == 0 || bad == 0 {
            poor.push(format!("{name}: {good} good, {bad} bad"));
        }
    }
    assert_eq!(poor, Vec::<String>::new());
}

#[test]
fn every_profile_shows_a_good_and_a_bad_record_of_each_kind() {
    let kinds = tables("kinds");
    let profiles = tables("profiles");
    let found: Vec<&str> = profiles.keys().map(String::as_str).collect();
    assert_eq!(found, ["chem", "micro", "mine", "trade"]);
    let mut poor = Vec::new();
    for (profile, said) in &profiles {
        let sections: BTreeMap<&str, &Table> = sections(said).collect();
        for kind in kinds.keys().filter(|kind| !is_abstract(&kinds[*kind])) {
            let examples = sections.get(kind.as_str()).map(|section| listed(section, "example"));
            let (good, bad) = good_and_bad(&examples.unwrap_or_default());
            if good == 0 || bad == 0 {
                poor.push(format!("{profile} {kind}: {good} good, {bad} bad"));
            }
        }
    }
    assert_eq!(poor, Vec::<String>::new());
}

#[test]
fn every_rule_has_an_example_that_breaks_it() {
    let kinds = tables("kinds");
    let profiles = tables("profiles");
    let mut unbroken = Vec::new();
    for (name, kind) in &kinds {
        // an abstract kind's rules are shown by the kinds that extend it
        let heirs = kinds.keys().filter(|heir| line(&kinds, heir).contains(&name.as_str()));
        let examples: Vec<&Table> = heirs.flat_map(|heir| listed(&kinds[heir], "example")).collect();
        let shown = broken(&examples);
        let codes = listed(kind, "rule").into_iter().map(|rule| text(rule, "code"));
        unbroken.extend(codes.filter(|code| !shown.contains(code)).map(|code| format!("{name} {code}")));
    }
    for (name, profile) in &profiles {
        for (base, section) in sections(profile) {
            let heirs = sections(profile).filter(|(heir, _)| line(&kinds, heir).contains(&base));
            let examples: Vec<&Table> = heirs.flat_map(|(_, heir)| listed(heir, "example")).collect();
            let shown = broken(&examples);
            let codes = listed(section, "rule").into_iter().map(|rule| text(rule, "code"));
            unbroken.extend(
                codes.filter(|code| !shown.contains(code)).map(|code| format!("{name} {base} {code}")),
            );
        }
    }
    assert_eq!(unbroken, Vec::<String>::new());
}

/// `\d` is any digit of any script, full-width ones too, and slow to compile.
#[test]
fn no_pattern_asks_for_any_digit_of_any_script() {
    for folder in ["kinds", "profiles"] {
        for (name, text) in texts(folder) {
            assert!(!text.contains(r"\d"), "{folder}/{name}");
        }
    }
}
