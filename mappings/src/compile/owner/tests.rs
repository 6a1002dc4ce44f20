//! What a mapping may say of owners, and what `check` says against it.

use crate::{
    Rulebook,
    tests::{compiled, file, small, source},
};

fn files(kind: &str, head: &str, fields: &str) -> Vec<crate::RuleFile> {
    let mut files = small();
    files.push(source("park", &["notes"]));
    let own = format!("kind = \"{kind}\"\nid_space = \"src:park\"\nselect = {{ service = \"notes\" }}\n");
    files.push(file("sources/park/note.toml", &format!("{own}{head}[fields]\nid = \"ID\"\n{fields}")));
    files
}

fn told(kind: &str, head: &str, fields: &str) -> Vec<String> {
    let problems = Rulebook::compile(&files(kind, head, fields)).1;
    let shown = |problem: crate::Problem| {
        let hint = problem.hint.unwrap_or_default();
        format!("{}:{} {} | {hint}", problem.line, problem.column, problem.message)
    };
    problems.into_iter().map(shown).collect()
}

const OWNED: &str = "name = \"N\"\ncompany = \"C\"\n";

#[test]
fn known_is_the_one_word() {
    let wanted = |head: &str| {
        let book = compiled(&files("note", head, OWNED));
        book.mapping("park", "notes").unwrap().wants_known_owner()
    };
    assert!(wanted("owner = \"known\"\n"));
    assert!(!wanted(""));
    assert_eq!(told("note", "owner = \"knwon\"\n", OWNED), ["4:9 不认识的 owner knwon | 是不是 known？"]);
    let other = told("note", "owner = \"anybody\"\n", OWNED);
    assert!(other[0].starts_with("4:9 不认识的 owner anybody | 只能写 known"), "{other:?}");
    assert_eq!(told("note", "owner = true\n", OWNED), ["4:1 owner 应当是文本 | "]);
}

#[test]
fn what_would_hold_everything_for_ever_is_refused() {
    let none = told("folder", "owner = \"known\"\n", "");
    assert_eq!(none, ["4:9 种类 folder 没有说明归属的字段，owner = \"known\" 会让每条记录都待定 | "]);
    let unfed = told("note", "owner = \"known\"\n", "name = \"N\"\n");
    assert_eq!(
        unfed,
        ["4:9 没有字段说明归属，owner = \"known\" 会让每条记录都待定 | 在 [fields] 里写上 company 之一"]
    );
}
