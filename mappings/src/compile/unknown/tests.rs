//! What mappings write about fields they do not name, and what `check` says against it.

use crate::{
    Rulebook,
    mapping::strangers::Ignored,
    tests::{compiled, file, small, source},
};

fn files(head: &str) -> Vec<crate::RuleFile> {
    let mut files = small();
    files.push(source("park", &["notes"]));
    let own = "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n";
    let fields = "[fields]\nid = \"ID\"\nname = \"in.NAME\"\n";
    files.push(file("sources/park/note.toml", &format!("{own}{head}{fields}")));
    files
}

fn told(head: &str) -> Vec<String> {
    let problems = Rulebook::compile(&files(head)).1;
    let shown = |problem: crate::Problem| {
        format!(
            "{}:{} {} | {}",
            problem.line,
            problem.column,
            problem.message,
            problem.hint.unwrap_or_default()
        )
    };
    problems.into_iter().map(shown).collect()
}

#[test]
fn words_it_does_not_know_are_told_where_they_stand() {
    assert_eq!(told("unknown_fields = \"wran\"\n"), ["4:18 不认识的 unknown_fields wran | 是不是 warn？"]);
    let reject = "4:18 不认识的 unknown_fields reject | 可用：ignore、warn、hold、strict";
    assert_eq!(told("unknown_fields = \"reject\"\n"), [reject]);
    assert_eq!(told("unknown_fields = true\n"), ["4:1 unknown_fields 应当是文本 | "]);
}

#[test]
fn what_is_ignored_is_a_path_or_all_below_one() {
    let hint = "写一个字段的路径，如 remark，或它下面的全部，如 extra.*";
    for wrong in ["", " ", "*", ".*", "a*", "*.b", "a.*.c"] {
        let head = format!("ignore = [\"{wrong}\"]\n");
        assert_eq!(told(&head), [format!("4:11 ignore 里的 {wrong} 不是路径 | {hint}")], "{wrong}");
    }
    assert_eq!(told("ignore = [1]\n"), ["4:11 这里应当是文本 | "]);
    let book = compiled(&files("ignore = [\"remark\", \"extra.*\"]\n"));
    let found = &book.mapping("park", "notes").unwrap().unknown;
    assert_eq!(found.ignore, [Ignored::Path("remark".into()), Ignored::Below("extra".into())]);
    assert_eq!(found.level, None);
}

#[test]
fn what_is_read_cannot_be_ignored() {
    assert_eq!(told("ignore = \"ID\"\n"), ["4:10 ID 已在 [fields] 里用到，不能又忽略它 | "]);
    assert_eq!(told("ignore = [\"in.*\"]\n"), ["4:11 in.NAME 已在 [fields] 里用到，不能又忽略它 | "]);
    assert_eq!(told("ignore = [\"in\", \"in.NAM\", \"I.*\"]\n"), Vec::<String>::new());
}
