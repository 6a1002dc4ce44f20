//! A password for each group, from every form of file, and none in any message.

use super::*;

fn environment() -> Environment {
    Environment::default()
        .with("ONE", "s3cret")
        .with("MANY", "\u{feff}# 企业,口令\n410900017, a,b \n\n410600021,s3cret\n")
        .with("TWICE", "1,s3cret\n1,s3cret")
        .with("NO_COMMA", "1,x\ns3cret")
}

fn credential(toml: &str) -> Result<Credential, AdapterError> {
    Credential::build(&toml::from_str(toml).unwrap(), &environment())
}

fn sent(credential: &Credential, group: &str) -> String {
    let headers = credential.headers(group).unwrap();
    assert!(headers[AUTHORIZATION].is_sensitive());
    headers[AUTHORIZATION].to_str().unwrap().to_owned()
}

#[test]
fn one_password_and_the_group_as_user() {
    let one = credential("kind = \"basic\"\nuser = \"{group}\"\npassword = \"env:ONE\"").unwrap();
    assert_eq!(sent(&one, "410900017"), "Basic NDEwOTAwMDE3OnMzY3JldA==");
    assert_eq!(sent(&one, "410600021"), "Basic NDEwNjAwMDIxOnMzY3JldA==");
    assert_eq!(format!("{one:?}"), "Credential");
}

#[test]
fn a_password_for_each_group() {
    let lines = credential("kind = \"basic\"\nuser = \"{group}\"\npasswords = \"env:MANY\"").unwrap();
    assert_eq!(sent(&lines, "410900017"), "Basic NDEwOTAwMDE3OmEsYg==");
    let error = lines.headers("410800033").unwrap_err();
    assert_eq!(
        (error.what.as_str(), error.certainty),
        ("没有分组 410800033 的口令", crate::Certainty::NotReceived)
    );

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("passwords.toml");
    std::fs::write(&path, "410900017 = \"s3cret\"\n").unwrap();
    let toml = format!("kind = \"basic\"\nuser = \"{{group}}\"\npasswords = \"file:{}\"", path.display());
    assert_eq!(sent(&credential(&toml).unwrap(), "410900017"), "Basic NDEwOTAwMDE3OnMzY3JldA==");
    std::fs::write(&path, "410900017 = s3cret\n").unwrap();
    let error = credential(&toml).unwrap_err();
    assert!(error.what.contains("TOML") && !error.what.contains("s3cret"), "{}", error.what);
}

#[test]
fn a_file_that_cannot_be_meant_is_refused_without_showing_it() {
    for (toml, what) in [
        ("passwords = \"env:TWICE\"", "口令文件第 2 行的分组写过一次了"),
        ("passwords = \"env:NO_COMMA\"", "口令文件第 2 行应为 分组,口令"),
        ("passwords = \"env:NOWHERE\"", "环境变量 NOWHERE 没有设置"),
        ("passwords = \"env:MANY\"\npassword = \"env:ONE\"", "必须写一个，且只写一个"),
        ("", "必须写一个，且只写一个"),
    ] {
        let error = credential(&format!("kind = \"basic\"\nuser = \"u\"\n{toml}")).unwrap_err();
        assert!(error.what.contains(what) && !error.what.contains("s3cret"), "{}", error.what);
    }
}

#[test]
fn other_kinds_do_not_depend_on_the_group() {
    let bearer = credential("kind = \"bearer\"\ntoken = \"env:ONE\"").unwrap();
    assert_eq!(sent(&bearer, "a"), "Bearer s3cret");
    let header = credential("kind = \"header\"\nname = \"X-Key\"\nvalue = \"env:ONE\"").unwrap();
    assert_eq!(header.headers("a").unwrap()["x-key"], "s3cret");
    assert!(credential("kind = \"none\"").unwrap().headers("a").unwrap().is_empty());
}
