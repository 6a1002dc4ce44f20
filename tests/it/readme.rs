//! The two READMEs say the same, one to each reader: commands, documents, walks; and what they name is there.

use std::{collections::BTreeSet, path::Path};

use tests::process::Lianwang;

const ENGLISH: &str = include_str!("../../README.md");
const CHINESE: &str = include_str!("../../README.zh-CN.md");

/// What stands in backticks in the first column of the table of commands.
fn usages(readme: &str) -> BTreeSet<&str> {
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.flat_map(|row| row.split(" |").next().unwrap().trim_end_matches('`').split("` · `")).collect()
}

fn commands(readme: &str) -> BTreeSet<&str> {
    usages(readme).iter().map(|usage| usage.split(' ').next().unwrap()).collect()
}

/// The documents it leads to.
fn documents(readme: &str) -> BTreeSet<&str> {
    readme.split("](docs/").skip(1).map(|rest| rest.split([')', '#']).next().unwrap()).collect()
}

/// The lines for a shell, without what is said beside them.
fn walks(readme: &str) -> Vec<&str> {
    let blocks = readme.split("```sh\n").skip(1).flat_map(|rest| rest.split("```").next().unwrap().lines());
    blocks.map(|line| line.split(" #").next().unwrap().trim_end()).collect()
}

#[test]
fn both_name_the_same_commands_walks_and_documents() {
    assert_eq!(usages(ENGLISH), usages(CHINESE));
    assert_eq!(walks(ENGLISH), walks(CHINESE));
    assert_eq!(documents(ENGLISH), documents(CHINESE));
    assert!(walks(ENGLISH).len() >= 7 && commands(ENGLISH).len() >= 10);
    assert!(ENGLISH.contains("](README.zh-CN.md)") && CHINESE.contains("](README.md)"));
}

#[test]
fn what_they_lead_to_is_there() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for document in documents(ENGLISH) {
        assert!(docs.join(document).is_file(), "docs/{document}");
    }
}

#[tokio::test]
async fn the_commands_are_those_of_the_program() {
    let help = Lianwang::new("commands::lianwang_process").run(&["--help"]).await.said(0);
    let listed = help.split("Commands:").nth(1).unwrap().lines().skip(1);
    let known: BTreeSet<&str> = listed
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert_eq!(commands(ENGLISH), known);
}
