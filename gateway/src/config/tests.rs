//! docs/configuration.md kept true: its files compile, its tables name every key and every variable.

use std::fs;

use adapters::http::setting::Setting;
use mappings::RuleFile;

use super::*;

const PAGE: &str = include_str!("../../../docs/configuration.md");

/// The page's fenced files: path below the directory, and text.
fn files() -> Vec<(&'static str, &'static str)> {
    let fenced = PAGE.split("\n```").skip(1).step_by(2);
    let named =
        fenced.filter_map(|block| block.strip_prefix("toml\n").or_else(|| block.strip_prefix("csv\n")));
    named.map(|text| (text.lines().next().unwrap().strip_prefix("# hub/").unwrap(), text)).collect()
}

#[test]
fn the_first_run_is_a_configuration_without_a_problem() {
    let directory = tempfile::tempdir().unwrap();
    for (path, text) in files() {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let loaded = load(Some(directory.path())).unwrap();
    assert_eq!(loaded.problems, []);
    let compiled = loaded.compiled.unwrap();
    assert_eq!(compiled.rulebook.mapping("park", "t_fxdy").unwrap().kind(), "risk_unit");
    assert_eq!(compiled.hub.node, Setting::Plain("first".to_owned()));
    for (place, reference) in compiled.references() {
        let name = reference.to_string().replace("env:", "export ");
        assert!(
            PAGE.contains(&format!("\n{name}=")),
            "{place} needs {reference}, which the walk does not set"
        );
    }
}

#[test]
fn the_page_has_the_four_files_it_speaks_of() {
    let paths: Vec<&str> = files().iter().map(|(path, _)| *path).collect();
    assert_eq!(
        paths,
        ["lianwang.toml", "sources/park/source.toml", "sources/park/unit.toml", "tables/park-yes-no.csv"]
    );
}

#[test]
fn every_key_of_the_hub_is_described() {
    let file = RuleFile { path: hub::FILE.to_owned(), text: "zzzzzzzz = 1".to_owned() };
    let mut problems = Vec::new();
    hub::read(Some(&file), &mut problems);
    let hint = problems[0].hint.as_ref().unwrap();
    let keys: Vec<&str> = hint.strip_prefix("可以写：").unwrap().split('、').collect();
    assert_eq!(keys.len(), 10, "{hint}");
    for key in keys {
        let is_described = |written: String| PAGE.contains(&format!("\n| `{written}` |"));
        assert!(is_described(key.to_owned()) || is_described(format!("[{key}]")), "{key} is not described");
    }
}

#[test]
fn every_variable_of_what_ships_is_described() {
    let shipped = embedded::shipped();
    let names = shipped.iter().flat_map(|file| file.text.lines()).filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = names
        .flat_map(|line| line.split("\"env:").skip(1))
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(names.len(), 4, "{names:?}");
    for name in names {
        assert!(PAGE.contains(&format!("\n| `{name}` |")), "{name} is not described");
    }
}

#[test]
fn the_defaults_described_are_those_that_count() {
    let hub = Hub::default();
    let row = |key: &str| PAGE.lines().find(|line| line.starts_with(&format!("| `{key}` |"))).unwrap();
    for (key, default) in [("node", &hub.node), ("listen", &hub.listen)] {
        let Setting::Plain(default) = default else { panic!("{key}") };
        assert!(row(key).contains(&format!("| `\"{default}\"` |")), "{key}");
    }
    assert!(row("zone").contains(&format!("| `\"{}\"` |", hub.zone)));
    assert!(row("repair_s").contains(&format!("| {} |", hub.repair_s)));
}
