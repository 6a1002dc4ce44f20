//! How kinds build on abstract ones.

use crate::{
    RuleFile, Rulebook,
    tests::{compiled, file},
};

fn id() -> &'static str {
    "id = { label = \"主键\", type = \"id\" }\n"
}

fn kind(name: &str, head: &str, fields: &str) -> RuleFile {
    file(
        &format!("kinds/{name}.toml"),
        &format!("kind = \"{name}\"\nlabel = \"种\"\n{head}[fields]\n{fields}"),
    )
}

fn told(files: &[RuleFile]) -> Vec<String> {
    let problems = Rulebook::compile(files).1;
    problems
        .into_iter()
        .map(|problem| format!("{} {}:{} {}", problem.file, problem.line, problem.column, problem.message))
        .collect()
}

#[test]
fn fields_come_in_the_order_of_extension_each_once() {
    let text = |name: &str| format!("{name} = {{ label = \"{name}\", type = \"text\" }}\n");
    let files = [
        kind("a", "abstract = true\nvolatile = [\"a1\"]\n", &(id().to_owned() + &text("a1"))),
        kind("b", "abstract = true\nextends = \"a\"\n", &text("b1")),
        kind("c", "abstract = true\nextends = \"a\"\nvolatile = [\"c1\"]\n", &text("c1")),
        kind(
            "d",
            "extends = [\"b\", \"c\"]\nvolatile = [\"d1\"]\n",
            &(text("d1") + "b1 = { label = \"新\", type = \"int\" }\n"),
        ),
    ];
    let book = compiled(&files);
    let kind = book.kind("d").unwrap();
    let names: Vec<&str> = kind.fields().iter().map(crate::Field::name).collect();
    assert_eq!(names, ["id", "a1", "b1", "c1", "d1"]);
    assert_eq!(
        (kind.field("b1").unwrap().label(), kind.field("b1").unwrap().field_type().word()),
        ("新", "int")
    );
    assert_eq!(kind.volatile(), ["a1", "c1", "d1"]);
    assert_eq!(book.kinds().len(), 1);
}

#[test]
fn a_kind_has_an_id() {
    for fields in [
        "",
        "id = { label = \"主键\", type = \"text\" }\n",
        "id = { label = \"主键\", type = \"id\", parent = \"k\" }\n",
    ] {
        let told = told(&[kind("k", "", fields)]);
        assert!(
            told.contains(&"kinds/k.toml 1:1 种类要有字段 id，类型 id，没有 parent".to_owned()),
            "{told:?}"
        );
    }
}

#[test]
fn abstract_kinds_in_a_circle_end() {
    let files = [
        kind("a", "abstract = true\nextends = \"b\"\n", id()),
        kind("b", "abstract = true\nextends = \"a\"\n", ""),
        kind("c", "extends = \"a\"\n", ""),
    ];
    assert_eq!(Rulebook::compile(&files).0.unwrap().kind("c").unwrap().fields().len(), 1);
}

#[test]
fn an_abstract_kind_nobody_extends_is_checked_all_the_same() {
    let files = [kind("a", "abstract = true\n", "x = { label = \"x\", type = \"txt\" }\n")];
    assert_eq!(told(&files), ["kinds/a.toml 5:27 不认识的类型 txt"]);
}

#[test]
fn as_of_is_a_datetime_and_the_last_word_counts() {
    let times = "t = { label = \"t\", type = \"datetime\" }\nu = { label = \"u\", type = \"datetime\" }\n";
    let files = |own: &str| {
        [
            kind("a", "abstract = true\nas_of = \"t\"\n", &(id().to_owned() + times)),
            kind("b", &format!("extends = \"a\"\n{own}"), "x = { label = \"x\", type = \"date\" }\n"),
        ]
    };
    assert_eq!(compiled(&files("")).kind("b").unwrap().as_of(), Some("t"));
    assert_eq!(compiled(&files("as_of = \"u\"\n")).kind("b").unwrap().as_of(), Some("u"));
    assert_eq!(told(&files("as_of = \"x\"\n")), ["kinds/b.toml 4:9 as_of 应当是 datetime 字段"]);
}
