//! Heads of mappings and how they lean on each other.

use crate::{
    Rulebook,
    tests::{compiled, file, small, source},
};

fn told(mapping: &str) -> Vec<String> {
    let mut files = small();
    files.push(source("park", &["notes"]));
    files.push(file("sources/park/note.toml", mapping));
    let problems = Rulebook::compile(&files).1;
    problems
        .into_iter()
        .map(|problem| format!("{}:{} {}", problem.line, problem.column, problem.message))
        .collect()
}

const FIELDS: &str = "[fields]\nid = \"ID\"\nname = \"N\"\n";

#[test]
fn a_mapping_needs_kind_space_service_and_fields() {
    assert_eq!(told("kind = \"note\"\n"), ["1:1 缺少 id_space", "1:1 缺少 select = { service = … }"]);
    assert_eq!(told("id_space = \"uuid\"\nselect = { service = \"notes\" }\n"), ["1:1 缺少 kind"]);
    assert_eq!(
        told("kind = \"note\"\nid_space = \"uuid\"\nselect = { service = \"notes\" }\n"),
        ["1:1 缺少 [fields]", "1:1 映射没有给出 id", "1:1 必填字段 name（名称）没有来源，每条记录都会被拒收"]
    );
}

#[test]
fn names_must_exist() {
    let head = |kind: &str, space: &str, service: &str| {
        told(&format!(
            "kind = \"{kind}\"\nid_space = \"{space}\"\nselect = {{ service = \"{service}\" }}\n{FIELDS}"
        ))
    };
    assert_eq!(head("note", "uuid", "notes"), Vec::<String>::new());
    assert_eq!(head("nota", "uuid", "notes"), ["1:8 没有种类 nota"]);
    assert_eq!(head("note", "guid", "notes"), ["2:12 不认识的 id_space guid"]);
    assert_eq!(head("note", "uuid", "note"), ["3:22 来源 park 没有服务 note"]);
    assert_eq!(head("note", "mine:41", "notes"), Vec::<String>::new());
}

#[test]
fn select_names_only_a_service() {
    let mapping = format!(
        "kind = \"note\"\nid_space = \"uuid\"\nselect = {{ service = \"notes\", where = \"x\" }}\n{FIELDS}"
    );
    assert_eq!(told(&mapping), ["3:31 不认识的键 where"]);
}

#[test]
fn a_mapping_may_have_a_zone_of_its_own() {
    let zone = |own: &str| {
        let mut files = small();
        files.push(source("park", &["notes"]));
        let head = "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n";
        files.push(file("sources/park/note.toml", &format!("{head}{own}{FIELDS}at = \"AT\"\n")));
        let book = compiled(&files);
        let record = crate::tests::texts(&[("ID", "1"), ("N", "x"), ("AT", "20240606080000")]);
        let mapped =
            book.mapping("park", "notes").unwrap().map(&record, chrono::DateTime::<chrono::Utc>::MAX_UTC);
        mapped.contribution.unwrap().content.get("at").unwrap().to_owned()
    };
    assert_eq!(zone(""), "2024-06-06T08:00:00+08:00");
    assert_eq!(zone("zone = \"UTC\"\n"), "2024-06-06T08:00:00+00:00");
}

#[test]
fn the_last_step_of_a_record_is_its_profile() {
    let mut files = small();
    files.push(source("park", &["notes"]));
    files.push(file(
        "profiles/strict.toml",
        "profile = \"strict\"\n[note.fields]\nlevel = { required = true }\n",
    ));
    let head =
        "kind = \"note\"\nid_space = \"uuid\"\nprofile = \"strict\"\nselect = { service = \"notes\" }\n";
    files.push(file("sources/park/note.toml", &format!("{head}{FIELDS}level = \"L\"\n")));
    let book = compiled(&files);
    let mapping = book.mapping("park", "notes").unwrap();
    assert_eq!(mapping.profile(), Some("strict"));
    let record = crate::tests::texts(&[("ID", "c4ba424edce85a0f9c3743961f28ab71"), ("N", "x")]);
    let issues = mapping.map(&record, chrono::DateTime::<chrono::Utc>::MAX_UTC).issues;
    assert_eq!(issues.iter().map(|issue| issue.field.as_str()).collect::<Vec<_>>(), ["level"]);
}

#[test]
fn examples_are_checked_when_read() {
    let head = format!("kind = \"note\"\nid_space = \"uuid\"\nselect = {{ service = \"notes\" }}\n{FIELDS}");
    let example = |lines: &str| told(&format!("{head}[[example]]\n{lines}\n"));
    assert_eq!(example("name = \"e\""), ["7:1 缺少 input"]);
    assert_eq!(example("input = {}"), ["7:1 缺少 name"]);
    assert_eq!(
        example("name = \"e\"\ninput = {}\nverdict = \"fine\""),
        ["10:11 verdict 应当是 accepted、held 或 rejected"]
    );
    assert_eq!(example("name = \"e\"\ninput = {}\noutput = { nam = \"x\" }"), ["10:12 没有字段 nam"]);
    assert_eq!(example("name = \"e\"\ninput = {}\nissue = []"), ["10:1 不认识的键 issue"]);
    assert_eq!(example("name = \"e\"\ninput = 1"), ["9:1 input 应当是一张表：[input]"]);
}
