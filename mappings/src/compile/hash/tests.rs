//! What moves the hash of a mapping and what does not.

use crate::{
    Digest, RuleFile,
    tests::{compiled, file, small, source},
};

const MAPPING: &str = "kind = \"note\"\nid_space = \"uuid\"\nprofile = \"p\"\nselect = { service = \"notes\" }\n[fields]\nid = \"ID\"\nname = \"N\"\nfolderId = \"F\"\nlevel = { from = \"L\", table = \"park-level\" }\n";

fn files() -> Vec<RuleFile> {
    let mut files = small();
    files.push(source("park", &["notes", "folders"]));
    files.push(file("sources/park/note.toml", MAPPING));
    files.push(file("profiles/p.toml", "profile = \"p\"\n[note.fields]\nlevel = { table = \"narrow\" }\n"));
    files.push(file("tables/narrow.csv", "code,label\n1,重大\n"));
    files.push(file("tables/unused.csv", "code,label\n1,重大\n"));
    files
}

fn hash(files: &[RuleFile]) -> Digest {
    *compiled(files).mapping("park", "notes").unwrap().hash()
}

fn changed(path: &str, from: &str, to: &str) -> Digest {
    let mut files = files();
    let changed = files.iter_mut().find(|file| file.path == path).unwrap();
    assert!(changed.text.contains(from), "{path} {from}");
    changed.text = changed.text.replace(from, to);
    hash(&files)
}

#[test]
fn everything_that_bears_on_the_result_moves_it() {
    let base = hash(&files());
    for (path, from, to) in [
        ("sources/park/note.toml", "\"N\"", "\"M\""),
        ("sources/park/source.toml", "Shanghai", "Tokyo"),
        ("kinds/note.toml", "max = 10", "max = 11"),
        ("profiles/p.toml", "level", "# more\nlevel"),
        ("tables/level.csv", "0,一般", "0,普通"),
        ("tables/narrow.csv", "1,重大", "0,一般"),
        ("tables/park-level.csv", "一般隐患,0", "一般隐患,1"),
        ("kinds/folder.toml", "label = \"夹\"", "label = \"夹\"\nid_space = \"registered\""),
    ] {
        assert_ne!(changed(path, from, to), base, "{path}");
    }
}

#[test]
fn nothing_else_moves_it() {
    let base = hash(&files());
    assert_eq!(hash(&files()), base);
    assert_eq!(changed("tables/unused.csv", "重大", "很大"), base);
    assert_eq!(changed("kinds/folder.toml", "label = \"夹\"", "label = \"文件夹\""), base);
    let mut reversed = files();
    reversed.reverse();
    assert_eq!(hash(&reversed), base);
}

#[test]
fn a_sibling_that_gives_a_reference_another_space_moves_it() {
    let sibling = |space: &str| {
        let mut files = files();
        let text = format!(
            "kind = \"folder\"\nid_space = \"{space}\"\nselect = {{ service = \"folders\" }}\n[fields]\nid = \"ID\"\n"
        );
        files.push(file("sources/park/folder.toml", &text));
        hash(&files)
    };
    assert_eq!(sibling("uuid"), hash(&files()));
    assert_ne!(sibling("src:park"), hash(&files()));
}

#[test]
fn two_sources_never_share_one() {
    let mut files = files();
    files.push(source("other", &["notes"]));
    files.push(file("sources/other/note.toml", MAPPING));
    let book = compiled(&files);
    assert_ne!(book.mapping("other", "notes").unwrap().hash(), book.mapping("park", "notes").unwrap().hash());
}
