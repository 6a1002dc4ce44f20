//! The shipped rules, inside the binary: kinds, profiles, tables and destinations for everybody, and the demo's
//! sources. Leaves laying a directory over them to `directory`. `build.rs` makes a new file here rebuild the crate.

use include_dir::{Dir, DirEntry, include_dir};
use mappings::RuleFile;

static KINDS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../mappings/kinds");
static PROFILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../mappings/profiles");
static TABLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../mappings/tables");
static DESTINATIONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../mappings/destinations");
static DEMO_SOURCES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../mappings/sources");
static DEMO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../mappings/demo");

/// What every configuration begins with, sorted by path.
#[must_use]
pub fn shipped() -> Vec<RuleFile> {
    let mut files = Vec::new();
    for (folder, dir) in
        [("kinds", &KINDS), ("profiles", &PROFILES), ("tables", &TABLES), ("destinations", &DESTINATIONS)]
    {
        collect(folder, dir, &mut files);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The demo's whole configuration: what is shipped, the simulated park and the demo's own settings; sorted by path.
#[must_use]
pub fn demo() -> Vec<RuleFile> {
    let mut files = shipped();
    files.extend(demo_directory());
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// What the demo lays over what is shipped: the files of a configuration directory of its own.
#[must_use]
pub fn demo_directory() -> Vec<RuleFile> {
    let mut files = Vec::new();
    collect("sources", &DEMO_SOURCES, &mut files);
    let hub = DEMO.get_file(super::hub::FILE).and_then(include_dir::File::contents_utf8);
    files.extend(hub.map(|text| RuleFile { path: super::hub::FILE.to_owned(), text: text.to_owned() }));
    files
}

/// The records of one of the demo's simulated platforms: file names and JSON arrays.
pub fn demo_records(platform: &str) -> impl Iterator<Item = (String, &'static [u8])> {
    let files = DEMO.get_dir(platform).into_iter().flat_map(Dir::files);
    files.filter_map(|file| Some((file.path().file_name()?.to_string_lossy().into_owned(), file.contents())))
}

/// Our own folders are two deep; what is not UTF-8 text is not a rule.
fn collect(folder: &str, dir: &Dir<'_>, files: &mut Vec<RuleFile>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(inner) => collect(folder, inner, files),
            DirEntry::File(file) => {
                let path = format!("{folder}/{}", file.path().display());
                if let (true, Some(text)) = (super::directory::is_rule(&path), file.contents_utf8()) {
                    files.push(RuleFile { path, text: text.to_owned() });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(files: &[RuleFile]) -> Vec<&str> {
        files.iter().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn the_national_rules_ship_sorted_and_once() {
        let shipped = shipped();
        let paths = paths(&shipped);
        for path in ["kinds/hazard.toml", "profiles/chem.toml", "destinations/national/destination.toml"] {
            assert!(paths.contains(&path), "{path}");
        }
        assert!(paths.windows(2).all(|pair| pair[0] < pair[1]), "{paths:?}");
        assert!(
            !paths.iter().any(|path| path.starts_with("sources/")),
            "a real hub does not read the demo park"
        );
    }

    #[test]
    fn the_demo_adds_its_park_and_its_settings() {
        let demo = demo();
        let paths = paths(&demo);
        for source in ["demo-park", "demo-mine", "demo-county"] {
            assert!(paths.contains(&format!("sources/{source}/source.toml").as_str()), "{source}");
        }
        assert!(paths.contains(&"lianwang.toml"));
        assert!(paths.windows(2).all(|pair| pair[0] < pair[1]), "{paths:?}");
    }

    #[test]
    fn the_demos_platforms_have_records() {
        for (platform, services) in [("mine", 5), ("county", 4), ("nowhere", 0)] {
            let records: Vec<_> = demo_records(platform).collect();
            assert_eq!(records.len(), services, "{platform}");
            for (name, bytes) in records {
                let rows: Vec<serde_json::Value> = serde_json::from_slice(bytes).unwrap();
                assert!(name.contains(".json") && !rows.is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn what_is_embedded_is_what_lies_in_the_tree() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../mappings");
        for file in shipped() {
            assert_eq!(file.text, std::fs::read_to_string(root.join(&file.path)).unwrap(), "{}", file.path);
        }
    }
}
