//! When a field is told of, at each border.

use mappings::{RuleFile, Rulebook};

use super::*;

fn kind() -> Kind {
    let text = "kind = \"note\"\nlabel = \"便条\"\nvolatile = [\"t\"]\n[fields]\n\
         id = { label = \"主键\", type = \"id\" }\nlevel = { label = \"等级\", type = \"text\" }\n\
         who = { label = \"姓名\", type = \"text\", personal = \"name\" }\nt = { label = \"更新\", type = \"datetime\" }\n";
    let (book, problems) =
        Rulebook::compile(&[RuleFile { path: "kinds/note.toml".into(), text: text.into() }]);
    assert!(problems.is_empty(), "{problems:?}");
    book.unwrap().kind("note").unwrap().clone()
}

fn change(hours_ago: i64, was: Option<&str>, is: &str) -> Change {
    let at = DateTime::from_timestamp(1_795_398_300, 0).unwrap() - TimeDelta::hours(hours_ago);
    Change {
        seq: 1,
        at,
        source: "park".to_owned(),
        again: false,
        is: is.to_owned(),
        was: was.map(str::to_owned),
    }
}

fn told(changes: impl IntoIterator<Item = Change>) -> Vec<(String, u64, u64)> {
    let mut tallies = Tallies::default();
    for each in changes {
        tallies.add(&kind(), &each);
    }
    tallies.told(&kind()).map(|told| (told.field, told.alone, told.changed)).collect()
}

const LEVEL: (&str, &str) = (r#"{"level":"1","t":"x"}"#, r#"{"level":"2","t":"y"}"#);
const BOTH: (&str, &str) = (r#"{"level":"1","who":"张三"}"#, r#"{"level":"2","who":"李四"}"#);

fn some(n: usize, hours_ago: i64, (was, is): (&str, &str)) -> Vec<Change> {
    (0..n).map(|_| change(hours_ago, Some(was), is)).collect()
}

#[test]
fn fifty_changes_and_more_than_sixty_per_cent_of_them() {
    let with = |alone, both| told(some(alone, 0, LEVEL).into_iter().chain(some(both, 0, BOTH)));
    assert_eq!(with(49, 0), []);
    assert_eq!(with(50, 0), [("level".to_owned(), 50, 50)]);
    assert_eq!(with(60, 40), []);
    assert_eq!(with(61, 39), [("level".to_owned(), 61, 100)]);
}

#[test]
fn first_versions_volatile_fields_and_older_runs_do_not_count() {
    let first = (0..100).map(|_| change(0, None, LEVEL.1));
    assert_eq!(told(first), []);
    assert_eq!(told(some(100, 0, (r#"{"t":"x"}"#, r#"{"t":"y"}"#))), []);
    let newest = some(1, 0, BOTH);
    assert_eq!(told(newest.into_iter().chain(some(100, 25, LEVEL))), []);
}

#[test]
fn what_the_hub_did_itself_is_nobodys_change() {
    let own = some(100, 0, LEVEL).into_iter().map(|change| Change { again: true, ..change });
    assert_eq!(told(own), []);
}

#[test]
fn what_appears_or_goes_away_is_a_change_and_names_are_masked() {
    let mut tallies = Tallies::default();
    for each in some(50, 0, ("{}", r#"{"who":"张三丰"}"#)) {
        tallies.add(&kind(), &each);
    }
    let told = tallies.told(&kind()).next().unwrap();
    assert_eq!((told.label.as_str(), told.was.as_str(), told.is.as_str()), ("姓名", "", "张**"));
}
