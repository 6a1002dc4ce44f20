//! Where relative paths begin, and what a file that cannot be read is called. The rest is in `tests/contracts.rs`.

use secrecy::ExposeSecret;

use super::*;

fn file(path: &str) -> Reference {
    Reference::parse(&format!("file:{path}")).unwrap()
}

#[test]
fn relative_paths_begin_at_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    std::fs::write(folder.path().join("secrets/password"), "s3cret\n").unwrap();
    let environment = Environment::default().based(folder.path());
    assert_eq!(environment.resolve(&file("secrets/password")).unwrap().expose_secret(), "s3cret");
    let absolute = folder.path().join("secrets/password");
    for environment in [&environment, &Environment::default()] {
        let found = environment.resolve(&file(absolute.to_str().unwrap())).unwrap();
        assert_eq!(found.expose_secret(), "s3cret", "an absolute path is itself");
    }
    assert!(Environment::default().resolve(&file("secrets/password")).is_err());
}

#[test]
fn a_file_that_is_not_there_is_named_from_the_root() {
    let folder = tempfile::tempdir().unwrap();
    let based = Environment::default().based(folder.path()).with("A", "b");
    assert_eq!(based.get("A"), Some("b"), "the names stay");
    let there = folder.path().join("absent");
    assert_eq!(
        based.resolve(&file("absent")).unwrap_err().what,
        format!("读不到文件 {}：没有这个文件", there.display())
    );
    let here = std::env::current_dir().unwrap().join("absent");
    assert_eq!(
        Environment::default().resolve(&file("absent")).unwrap_err().what,
        format!("读不到文件 {}：没有这个文件", here.display())
    );
}

#[test]
fn a_file_that_is_no_text_says_so_and_nothing_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("gbk"), [0xd6, 0xd0]).unwrap();
    let what = Environment::default().based(folder.path()).resolve(&file("gbk")).unwrap_err().what;
    assert!(what.ends_with("gbk：不是 UTF-8 文本"), "{what}");
}

#[test]
fn a_reference_shows_as_it_is_written() {
    for written in ["env:TOKEN", "file:secrets/a", "file:/etc/b"] {
        assert_eq!(Reference::parse(written).unwrap().to_string(), written);
    }
}
