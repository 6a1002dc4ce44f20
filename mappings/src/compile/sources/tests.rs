//! What a mapping learns of its source.

use super::*;
use crate::{RuleFile, tests::file};

type Facts = Option<(Option<Tz>, Vec<String>)>;

fn facts(text: &str) -> (Facts, Vec<String>) {
    let files: Vec<RuleFile> = vec![file("sources/park/source.toml", text)];
    let mut problems = Vec::new();
    let shelf = Shelf::open(&files, &mut problems);
    let facts = read(&shelf, "park", &mut problems).map(|facts| (facts.zone, facts.services));
    (facts, problems.into_iter().map(|problem| problem.message).collect())
}

#[test]
fn zone_and_services_are_read_and_the_rest_is_left_to_others() {
    let text = "title = \"园区\"\nzone = \"Asia/Shanghai\"\nanything = 1\n[connect]\ntype = \"rest\"\n[[services]]\nname = \"a\"\n[services.request]\npath = \"/a\"\n[[services]]\nname = \"b\"\n";
    let services = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(facts(text), (Some((Some(chrono_tz::Asia::Shanghai), services)), Vec::new()));
}

#[test]
fn a_source_may_say_nothing() {
    assert_eq!(facts(""), (Some((None, Vec::new())), Vec::new()));
}

#[test]
fn what_it_says_must_be_readable() {
    let (found, told) = facts("zone = \"Beijing\"\n[[services]]\nname = 1\n");
    assert_eq!(found, Some((None, Vec::new())));
    assert_eq!(told, ["不认识的时区 Beijing", "name 应当是文本"]);
}

#[test]
fn a_source_without_a_file_has_no_facts() {
    assert!(read(&Shelf::open(&[], &mut Vec::new()), "park", &mut Vec::new()).is_none());
}
