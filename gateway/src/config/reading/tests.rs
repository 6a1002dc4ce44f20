//! Every problem of a file at its exact place.

use mappings::{Problem, RuleFile};
use proptest::prelude::*;
use serde::Deserialize;
use toml::Spanned;

use super::{place, read, suggestion};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Option<String>,
    count: Option<Spanned<u32>>,
    tagged: Option<Tagged>,
    #[serde(default)]
    many: Vec<One>,
    words: Option<Vec<String>>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Tagged {
    Rest(Rest),
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rest {
    base_url: String,
    #[serde(default)]
    timeout_ms: u64,
    flag: Option<bool>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    name: String,
    below: Option<Rest>,
}

fn problems(text: &str) -> Vec<Problem> {
    let file = RuleFile { path: "f.toml".to_owned(), text: text.to_owned() };
    let mut problems = Vec::new();
    let read: Option<File> = read(&file, &mut problems);
    assert_eq!(read.is_none(), !problems.is_empty(), "a value, or a reason why there is none");
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems
}

/// `line:column message | hint` of each.
fn said(text: &str) -> Vec<String> {
    let short = |problem: &Problem| {
        let hint = problem.hint.as_ref().map(|hint| format!(" | {hint}")).unwrap_or_default();
        format!("{}:{} {}{hint}", problem.line, problem.column, problem.message)
    };
    problems(text).iter().map(short).collect()
}

#[test]
fn a_good_file_is_read() {
    let text = "title = 'x'\ncount = 3\n[tagged]\ntype = 'rest'\nbase_url = 'u'\n[[many]]\nname = 'a'";
    assert_eq!(problems(text), []);
}

#[test]
fn every_unknown_key_is_listed_with_the_nearest_known() {
    let text = "titel = 'x'\ncoutn = 3\nzzz = { a = 1 }\n";
    let known = "可以写：title、count、tagged、many、words";
    assert_eq!(
        said(text),
        [
            "1:1 没有“titel”这个键 | 是不是 title？".to_owned(),
            "2:1 没有“coutn”这个键 | 是不是 count？".to_owned(),
            format!("3:1 没有“zzz”这个键 | {known}"),
        ]
    );
    assert_eq!(problems(text)[1].quote, "coutn = 3");
}

#[test]
fn keys_and_values_inside_tagged_tables_have_their_own_place() {
    let text =
        "title = 1\n[tagged]\ntype = 'rest'\nbase_ur = 'u'\nbase_url = 'u'\ntimeout_ms = 'soon'\nflag = 7\n";
    assert_eq!(
        said(text),
        [
            "1:9 值不对：这里是整数 1，应是文本",
            "4:1 没有“base_ur”这个键 | 是不是 base_url？",
            "6:14 值不对：这里是文本 \"soon\"，应是非负整数",
            "7:8 值不对：这里是整数 7，应是布尔值（true 或 false）",
        ]
    );
}

#[test]
fn an_unknown_type_is_shown_where_it_is_written() {
    assert_eq!(said("[tagged]\ntype = 'soap'\n"), ["2:8 不认识“soap” | 可以写：rest"]);
    assert_eq!(said("[tagged]\ntype = 'rset'\n"), ["2:8 不认识“rset” | 是不是 rest？"]);
}

#[test]
fn what_is_missing_is_said_once_and_hides_nothing_else() {
    let text = "[[many]]\nbelow = { base_url = 'u', nix = 1 }\n[[many]]\nname = 'b'\nbelow = { timeout_ms = 1 }\n[[many]]\nname = 'c'\nwhat = 1\n";
    assert_eq!(
        said(text),
        [
            "1:1 缺少“name”",
            "2:27 没有“nix”这个键 | 可以写：base_url、timeout_ms、flag",
            "5:9 缺少“base_url”",
            "8:1 没有“what”这个键 | 可以写：name、below",
        ]
    );
}

#[test]
fn elements_of_lists_have_their_own_place() {
    assert_eq!(
        said("words = ['a', 2, 'c', 4]"),
        ["1:15 值不对：这里是整数 2，应是文本", "1:23 值不对：这里是整数 4，应是文本"]
    );
    assert_eq!(said("words = 'a'"), ["1:9 值不对：这里是文本 \"a\"，应是列表"]);
    assert_eq!(said("count = -1").len(), 1);
}

#[test]
fn errors_of_the_text_are_all_listed() {
    let said = said("title = 'x'\ntitle = 'y'\ncount = = 3\n");
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0], "2:1 这个键写了两次");
    assert!(said[1].starts_with("3:9 TOML 写法不对："), "{}", said[1]);
}

#[test]
fn the_nearest_word_wins_whatever_its_case() {
    assert_eq!(suggestion("BASE_URL", &["base_url", "list"]).as_deref(), Some("是不是 base_url？"));
    assert_eq!(suggestion("x", &[]), None);
}

#[test]
fn a_key_below_tables_has_a_place_and_a_missing_one_that_of_its_table() {
    let text = "[a]\nb = { c = 1 }\n[a.d]\n'e f' = 'x'\n";
    let file = RuleFile { path: "f.toml".to_owned(), text: text.to_owned() };
    let at = |keys: &[&str]| place(&file, keys.iter().copied()).and_then(|span| text.get(span));
    assert_eq!(at(&["a", "b", "c"]), Some("1"));
    assert_eq!(at(&["a", "d", "e f"]), Some("'x'"));
    assert_eq!(at(&["a", "b", "nix"]), Some("{ c = 1 }"));
    assert_eq!(at(&["a", "b", "c", "deeper"]), Some("1"));
    assert_eq!(at(&["nix"]), None);
    assert_eq!(at(&[]), None);
}

proptest! {
    #[test]
    fn reading_is_total(text in "(title|count|tagged|many|words|name|type|base_url|[=\\[\\]{}'\", \n0-9a-z.#]){0,40}") {
        problems(&text);
    }

    #[test]
    fn any_text_is_read_or_explained(text in "(.|\n){0,60}") {
        problems(&text);
    }
}
