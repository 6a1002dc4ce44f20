//! Fields of kind files.

use super::*;
use crate::{RuleFile, compile::reader::RuleText, tests::small};
use toml::de::DeTable;

fn one(line: &str) -> (Option<Field>, Vec<String>) {
    let files: Vec<RuleFile> = small();
    let text = RuleText { path: "kinds/x.toml", text: line };
    let table = DeTable::parse(line).unwrap();
    let section = Section { file: &text, table: table.get_ref(), at: 0 };
    let mut problems = Vec::new();
    let tables = Tables::read(&files, &mut problems);
    let field = section.entries().into_iter().next().and_then(|entry| read(entry, &tables, &mut problems));
    (field, problems.into_iter().map(|problem| format!("{} {}", problem.column, problem.message)).collect())
}

fn good(line: &str) -> Field {
    let (field, told) = one(line);
    assert_eq!(told, Vec::<String>::new(), "{line}");
    field.unwrap()
}

fn told(line: &str) -> Vec<String> {
    one(line).1
}

#[test]
fn a_field_is_what_its_line_says() {
    let field = good(
        "f = { label = \"字段\", type = \"text\", max = 7, personal = \"name\", owner = \"chem\", facet = \"region\", source = \"x\" }",
    );
    assert_eq!((field.name(), field.label(), field.max(), field.personal()), ("f", "字段", 7, Some("name")));
    assert_eq!((field.owner.as_deref(), field.facet), (Some("chem"), Some(Facet::Region)));
    let field = good("f = { label = \"字段\", type = \"id\", parent = \"folder\", id_space = \"mine:7\" }");
    assert_eq!(
        (field.parent(), field.id_space.as_deref(), field.max()),
        (Some("folder"), Some("mine:7"), 200)
    );
    assert_eq!(
        good("f = { label = \"字段\", type = \"code\", table = \"level\" }").table().unwrap().name(),
        "level"
    );
}

#[test]
fn usual_lengths() {
    let max = |line: &str| good(line).max();
    assert_eq!(max("f = { label = \"a\", type = \"text\" }"), 4000);
    assert_eq!(max("f = { label = \"a\", type = \"id\" }"), 200);
    assert_eq!(max("f = { label = \"a\", type = \"image\" }"), usize::MAX);
    assert_eq!(max("f = { label = \"a\", type = \"text\", max = { is = 5, level = \"warn\" } }"), 5);
}

#[test]
fn what_does_not_fit_is_told() {
    assert_eq!(told("f = 1"), ["1 字段 f 应当写作 { label = …, type = … }"]);
    assert_eq!(told("f = { label = \"a\" }"), ["1 缺少 type"]);
    assert_eq!(told("f = { label = \"a\", type = \"string\" }"), ["27 不认识的类型 string"]);
    assert_eq!(told("f = { label = \"a\", type = \"text\", labl = \"b\" }"), ["35 不认识的键 labl"]);
    assert_eq!(told("f = { label = \"a\", type = \"text\", parent = \"x\" }"), ["35 类型 text 没有 parent"]);
    assert_eq!(
        told("f = { label = \"a\", type = \"text\", table = \"level\" }"),
        ["35 类型 text 没有 table"]
    );
    assert_eq!(told("f = { label = \"a\", type = \"code\" }"), ["1 类型 code 要有 table"]);
    assert_eq!(
        told("f = { label = \"a\", type = \"id\", id_space = \"src:\" }"),
        ["44 不认识的 id_space src:"]
    );
    assert_eq!(told("f = { label = \"a\", type = \"text\", facet = \"city\" }"), ["43 facet 没有 city"]);
}
