//! Fields of mappings.

use crate::{
    Rulebook,
    tests::{compiled, file, small, source, texts},
};

fn files(line: &str) -> Vec<crate::RuleFile> {
    let mut files = small();
    files.push(source("park", &["notes"]));
    let head = "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n[fields]\nid = \"ID\"\nname = \"N\"\n";
    files.push(file("sources/park/note.toml", &format!("{head}{line}\n")));
    files
}

fn content(line: &str, input: &[(&str, &str)], field: &str) -> Option<String> {
    let book = compiled(&files(line));
    let fields = [&[("ID", "1"), ("N", "x")], input].concat();
    let mapped =
        book.mapping("park", "notes").unwrap().map(&texts(&fields), chrono::DateTime::<chrono::Utc>::MAX_UTC);
    mapped.contribution?.content.get(field).map(str::to_owned)
}

fn told(line: &str) -> Vec<String> {
    let problems = Rulebook::compile(&files(line)).1;
    problems
        .into_iter()
        .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.message))
        .collect()
}

#[test]
fn a_path_alone_reads_as_the_type_does() {
    assert_eq!(
        content("at = \"AT\"", &[("AT", "20240606080000")], "at").as_deref(),
        Some("2024-06-06T08:00:00+08:00")
    );
    assert_eq!(
        content("at = \"AT\"", &[("AT", "2024-06-06T00:00:00Z")], "at").as_deref(),
        Some("2024-06-06T08:00:00+08:00")
    );
    assert_eq!(content("day = \"D\"", &[("D", "20240606")], "day").as_deref(), Some("2024-06-06"));
    assert_eq!(content("hour = \"H\"", &[("H", "8:05")], "hour").as_deref(), Some("08:05:00"));
    assert_eq!(content("level = \"a.b\"", &[("a.b", "1")], "level").as_deref(), Some("1"));
}

#[test]
fn formats_replace_the_usual_ones() {
    let line = "at = { from = \"AT\", formats = [\"%Y/%m/%d %H:%M\"] }";
    assert_eq!(content(line, &[("AT", "2024/6/6 8:00")], "at").as_deref(), Some("2024-06-06T08:00:00+08:00"));
    assert_eq!(content(line, &[("AT", "20240606080000")], "at"), None);
    let line = "at = { from = \"AT\", formats = [\"%Y-%m-%d\"], at = \"23:59:59\" }";
    assert_eq!(content(line, &[("AT", "2024-06-16")], "at").as_deref(), Some("2024-06-16T23:59:59+08:00"));
}

#[test]
fn defaults_and_constants_are_canonical_values() {
    for (line, field, value) in [
        ("level = { from = \"L\", table = \"park-level\", default = \"0\" }", "level", "0"),
        ("count = { from = \"C\", default = 7 }", "count", "7"),
        ("cost = { const = 1.50 }", "cost", "1.5"),
        ("at = { const = \"2024-06-06T08:00:00+08:00\" }", "at", "2024-06-06T08:00:00+08:00"),
        ("folderId = { const = \"7\" }", "folderId", "7"),
        ("person = { const = \"系统\" }", "person", "系统"),
    ] {
        assert_eq!(content(line, &[], field).as_deref(), Some(value), "{line}");
    }
    for (line, column) in [
        ("level = { from = \"L\", default = \"一般\" }", 23),
        ("count = { const = 1.5 }", 11),
        ("at = { const = \"20240606080000\" }", 8),
        ("day = { const = \"2024/06/06\" }", 9),
        ("hour = { const = \"8:00\" }", 10),
        ("folderId = { const = \"x\", id_space = \"uuid\" }", 14),
    ] {
        let key = if line.contains("default") { "default" } else { "const" };
        assert_eq!(told(line), [format!("7:{column} {key} 应当是我们这边的值")], "{line}");
    }
}

#[test]
fn attributes_belong_to_types() {
    for (line, message) in [
        ("cost = { from = \"C\", formats = [\"%Y\"] }", "类型 decimal 没有 formats"),
        ("day = { from = \"D\", at = \"08:00:00\" }", "类型 date 没有 at"),
        ("cost = { from = \"C\", table = \"park-level\" }", "类型 decimal 没有 table"),
        ("cost = { from = \"C\", id_space = \"uuid\" }", "类型 decimal 没有 id_space"),
    ] {
        assert_eq!(
            told(line),
            [format!("7:22 {message}").replace("22", if line.starts_with("day") { "21" } else { "22" })]
        );
    }
    assert_eq!(told("cost = { digest = [\"A\"] }"), ["7:10 digest 只用于 id"]);
    assert_eq!(told("cost = { default = 1 }"), ["7:1 字段 cost 要有 from、digest、const 之一，只要一个"]);
}

#[test]
fn formats_must_say_what_the_type_needs() {
    assert_eq!(told("at = { from = \"A\", formats = [\"%H:%M\"] }"), ["7:31 这个格式没有年月日"]);
    assert_eq!(told("day = { from = \"A\", formats = [\"%Y-%m\"] }"), ["7:32 这个格式没有年月日"]);
    assert_eq!(told("hour = { from = \"A\", formats = [\"%Y-%m-%d\"] }"), ["7:33 这个格式没有钟点"]);
    assert_eq!(told("at = { from = \"A\", formats = [\"%Y-%m-%d\"], at = \"noon\" }").len(), 2);
    assert_eq!(told("at = { from = \"A\", formats = 5 }"), ["7:20 formats 应当是文本或文本的列表"]);
}

#[test]
fn a_field_of_nothing_is_told_once() {
    assert_eq!(told("nothing = { from = 1 }"), ["7:1 没有字段 nothing"]);
    assert_eq!(told("cost = { from = 1 }"), ["7:10 from 应当是文本"]);
    assert_eq!(told("cost = [\"A\"]"), ["7:1 字段 cost 应当是路径，或 { from = … }"]);
}
