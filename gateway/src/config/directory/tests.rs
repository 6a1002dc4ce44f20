//! Directories of every shape.

use std::path::PathBuf;

use super::*;

struct Tree(tempfile::TempDir);

impl Tree {
    fn of(files: &[(&str, &[u8])]) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        for (path, bytes) in files {
            let path = tree.path(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        tree
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn read(&self) -> Directory {
        read(self.0.path()).unwrap()
    }
}

fn paths(directory: &Directory) -> Vec<&str> {
    directory.files.iter().map(|file| file.path.as_str()).collect()
}

fn problems(directory: &Directory) -> Vec<(Severity, &str)> {
    let mut problems: Vec<_> =
        directory.problems.iter().map(|problem| (problem.severity, problem.file.as_str())).collect();
    problems.sort_by_key(|(_, file)| *file);
    problems
}

#[test]
fn the_layout_is_read_in_order_of_path() {
    let tree = Tree::of(&[
        ("tables/等级.csv", b"from,code"),
        ("sources/park/hazard.toml", b""),
        ("sources/park/source.toml", b""),
        ("lianwang.toml", b"a"),
        ("aliases.csv", b"kind"),
        ("fixes.csv", b"kind"),
        ("kinds/hazard.toml", b""),
        ("destinations/county/destination.toml", b""),
        ("profiles/chem.toml", b""),
    ]);
    let directory = tree.read();
    assert_eq!(
        paths(&directory),
        [
            "aliases.csv",
            "destinations/county/destination.toml",
            "fixes.csv",
            "kinds/hazard.toml",
            "lianwang.toml",
            "profiles/chem.toml",
            "sources/park/hazard.toml",
            "sources/park/source.toml",
            "tables/等级.csv",
        ]
    );
    assert_eq!(directory.problems, []);
}

#[test]
fn strangers_are_warned_of_and_notes_are_not() {
    let tree = Tree::of(&[
        ("kinds/hazard.yaml", b""),
        ("kinds/deep/hazard.toml", b""),
        ("tables/x.toml", b""),
        ("sources/loose.toml", b""),
        ("sources/park/deep/x.toml", b""),
        ("Lianwang.toml", b""),
        ("kind/x.toml", b""),
        ("sources/park/.toml", b""),
        ("README.md", b""),
        (".git/config", b""),
        ("sources/park/notes.txt", b""),
        ("secrets/passwords.toml", b"a = 'b'"),
        ("sources/park/secrets/x.toml", b""),
    ]);
    let directory = tree.read();
    assert_eq!(paths(&directory), [""; 0]);
    let warned = [
        "Lianwang.toml",
        "kind",
        "kinds/deep",
        "kinds/hazard.yaml",
        "sources/loose.toml",
        "sources/park/deep",
        "sources/park/secrets",
        "tables/x.toml",
    ];
    assert_eq!(problems(&directory), warned.map(|file| (Severity::Warning, file)));
}

#[test]
fn what_is_no_text_is_refused() {
    let tree = Tree::of(&[
        ("tables/gbk.csv", &[0xd2, 0xbb, 0xb0, 0xe3, b',', b'1']),
        ("kinds/gbk.toml", &[0xd6, 0xd0, b'=', b'1']),
        ("kinds/big.toml", &vec![b'#'; usize::try_from(MAX_FILE).unwrap() + 1]),
        ("kinds/full.toml", &vec![b'#'; usize::try_from(MAX_FILE).unwrap()]),
    ]);
    let directory = tree.read();
    assert_eq!(paths(&directory), ["kinds/full.toml"]);
    assert_eq!(
        problems(&directory),
        ["kinds/big.toml", "kinds/gbk.toml", "tables/gbk.csv"].map(|file| (Severity::Error, file))
    );
    for (file, hint) in [
        ("tables/gbk.csv", "请另存为 UTF-8（表格软件里选“CSV UTF-8”）"),
        ("kinds/gbk.toml", "请用文本编辑器另存为 UTF-8 编码"),
    ] {
        let gbk = directory.problems.iter().find(|problem| problem.file == file).unwrap();
        assert_eq!(gbk.hint.as_deref(), Some(hint));
    }
}

#[cfg(unix)]
#[test]
fn links_are_refused_or_passed_over() {
    let tree = Tree::of(&[("kinds/a.toml", b"secret"), ("sources/park/source.toml", b"")]);
    std::os::unix::fs::symlink(tree.path("kinds/a.toml"), tree.path("kinds/b.toml")).unwrap();
    std::os::unix::fs::symlink(tree.path("sources/park"), tree.path("sources/link")).unwrap();
    std::os::unix::fs::symlink(tree.path("kinds"), tree.path("profiles")).unwrap();
    let directory = tree.read();
    assert_eq!(paths(&directory), ["kinds/a.toml", "sources/park/source.toml"]);
    let refused = [
        (Severity::Error, "kinds/b.toml"),
        (Severity::Warning, "profiles"),
        (Severity::Warning, "sources/link"),
    ];
    assert_eq!(problems(&directory), refused);
}

#[test]
fn a_mark_at_the_beginning_is_no_text() {
    let tree = Tree::of(&[("lianwang.toml", "\u{feff}node = 'a'".as_bytes())]);
    assert_eq!(tree.read().files[0].text, "node = 'a'");
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
    assert!(read(Path::new("/no/such/directory")).is_err());
}

#[test]
fn the_upper_file_stands_for_the_lower() {
    let file = |path: &str, text: &str| RuleFile { path: path.to_owned(), text: text.to_owned() };
    let laid = lay_over(vec![file("b", "1"), file("a", "1")], vec![file("c", "2"), file("b", "2")]);
    assert_eq!(laid, [file("a", "1"), file("b", "2"), file("c", "2")]);
}

#[test]
fn paths_of_the_layout_are_rules() {
    for rule in ["lianwang.toml", "kinds/a.toml", "tables/a.csv", "sources/p/source.toml"] {
        assert!(is_rule(rule), "{rule}");
    }
    for other in [
        "a.toml",
        "kinds/a.csv",
        "kinds/p/a.toml",
        "tables/a.toml",
        "sources/a.toml",
        "sources//a.toml",
        "src/lib.rs",
    ] {
        assert!(!is_rule(other), "{other}");
    }
}
