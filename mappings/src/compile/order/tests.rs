//! Parents before children.

use super::parents_first;
use crate::{RuleFile, Rulebook, tests::file};

/// A kind file from `name parent…`.
fn kind(line: &str) -> RuleFile {
    let mut words = line.split(' ');
    let name = words.next().unwrap();
    let head =
        format!("kind = \"{name}\"\nlabel = \"种\"\n[fields]\nid = {{ label = \"主键\", type = \"id\" }}\n");
    let fields: Vec<String> = words
        .map(|parent| format!("{parent}Id = {{ label = \"上级\", type = \"id\", parent = \"{parent}\" }}\n"))
        .collect();
    file(&format!("kinds/{name}.toml"), &(head + &fields.concat()))
}

/// Names in order, or what is wrong.
fn ordered(lines: &[&str]) -> Vec<String> {
    let files: Vec<RuleFile> = lines.iter().map(|line| kind(line)).collect();
    match Rulebook::compile(&files) {
        (Some(book), _) => book.kinds().iter().map(|kind| kind.name().to_owned()).collect(),
        (None, problems) => problems.into_iter().map(|problem| problem.message).collect(),
    }
}

#[test]
fn parents_come_first_and_else_the_order_of_files() {
    assert_eq!(ordered(&["a b c", "b c", "c", "d"]), ["c", "b", "a", "d"]);
    assert_eq!(ordered(&["z", "a z", "m"]), ["m", "z", "a"]);
}

#[test]
fn a_circle_is_named_with_those_that_wait_for_it() {
    assert_eq!(ordered(&["a b", "b a", "c"]), ["上级关系成了环：a、b"]);
    assert_eq!(ordered(&["a a"]), ["上级关系成了环：a"]);
    assert_eq!(ordered(&["a b", "b a", "c b"]), ["上级关系成了环：a、b、c"]);
}

#[test]
fn a_parent_that_does_not_exist_is_another_problem() {
    assert_eq!(ordered(&["a b"]), ["没有种类 b"]);
}

#[test]
fn no_kinds_no_circle() {
    let (kinds, circle) = parents_first(Vec::new());
    assert!(kinds.is_empty() && circle.is_empty());
}
