//! What a mapping learns of its source.

use super::*;
use crate::{RuleFile, tests::file};

type Facts = (Option<Tz>, Option<Vec<String>>);

fn facts(text: &str) -> (Facts, Vec<String>) {
    let files: Vec<RuleFile> = vec![file("sources/park/source.toml", text)];
    let mut problems = Vec::new();
    let shelf = Shelf::open(&files, &mut problems);
    let facts = read(&shelf, "park", &mut problems);
    ((facts.zone, facts.services), problems.into_iter().map(|problem| problem.message).collect())
}

#[test]
fn zone_and_services_are_read_and_the_rest_is_left_to_others() {
    let text = "title = \"园区\"\nzone = \"Asia/Shanghai\"\nanything = 1\n[connect]\ntype = \"rest\"\n[[services]]\nname = \"a\"\n[services.request]\npath = \"/a\"\n[[services]]\nname = \"b\"\n";
    let services = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(facts(text), ((Some(chrono_tz::Asia::Shanghai), Some(services)), Vec::new()));
}

#[test]
fn a_source_need_not_say_a_zone() {
    let (found, told) = facts("[[services]]\nname = \"a\"\n");
    assert_eq!((found, told), ((None, Some(vec!["a".to_owned()])), Vec::new()));
}

#[test]
fn what_it_says_must_be_readable() {
    let (found, told) = facts("zone = \"Mars\"\n[[services]]\nname = 1\n");
    assert_eq!(found, (Some(STAND_IN), Some(Vec::new())));
    assert_eq!(told, ["不认识的时区 Mars", "name 应当是文本"]);
}

#[test]
fn of_a_broken_source_nothing_follows() {
    for (text, told) in [("", "缺少“services”"), ("title = \"x", "TOML 写法不对")] {
        let (found, problems) = facts(text);
        assert_eq!(found, (Some(STAND_IN), None), "{text}");
        assert!(problems[0].starts_with(told), "{problems:?}");
    }
}

#[test]
fn a_source_without_a_file_is_said_where_the_file_belongs() {
    let mut problems = Vec::new();
    let facts = read(&Shelf::open(&[], &mut Vec::new()), "park", &mut problems);
    assert_eq!((facts.zone, facts.services), (Some(STAND_IN), None));
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["sources/park/source.toml:1:1: 错误: 缺少这个文件"]);
}

#[test]
fn the_zone_of_beijing_is_shanghais() {
    for written in ["Asia/Beijing", "北京", "GMT+8", "UTC+08:00", "CST"] {
        assert_eq!(hint(written), "北京时间写 Asia/Shanghai", "{written}");
    }
    assert_eq!(hint("Asia/Shangai"), "是不是 Asia/Shanghai？");
    assert_eq!(hint("Mars"), "例如 Asia/Shanghai");
}
