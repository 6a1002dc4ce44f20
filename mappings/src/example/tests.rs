//! What makes an example hold or fail.

use super::*;
use crate::tests::{compiled, file, small, source};

const HEAD: &str = "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n[fields]\nid = \"ID\"\nname = \"N\"\nlevel = \"L\"\ncost = \"C\"\n";

fn faults(example: &str) -> Vec<String> {
    let mut files = small();
    files.push(source("park", &["notes"]));
    files.push(file("sources/park/note.toml", &format!("{HEAD}[[example]]\nname = \"e\"\n{example}\n")));
    let found = compiled(&files).run_examples();
    assert!(found.iter().all(|problem| problem.line == 9 && problem.file == "sources/park/note.toml"));
    found.into_iter().map(|problem| problem.message.replace("示例“e”不成立：", "")).collect()
}

#[test]
fn an_example_that_asks_nothing_holds() {
    assert_eq!(faults("input = { L = \"9\" }"), Vec::<String>::new());
}

#[test]
fn a_partial_example_overlooks_required_fields_only() {
    assert_eq!(
        faults("input = { ID = \"1\", L = \"9\" }\nissues = [\"unknown-code level\"]"),
        Vec::<String>::new()
    );
    assert_eq!(
        faults("input = { ID = \"1\", L = \"9\", C = \"x\" }\nissues = [\"unknown-code level\"]"),
        ["多出问题 bad-number cost"]
    );
}

#[test]
fn an_empty_list_or_one_with_required_is_exact() {
    assert_eq!(faults("input = { ID = \"1\" }\nissues = []"), ["多出问题 required name"]);
    assert_eq!(faults("input = { L = \"0\" }\nissues = [\"required id\"]"), ["多出问题 required name"]);
    assert_eq!(
        faults("input = { L = \"0\" }\nissues = [\"required id\", \"required  name\"]"),
        Vec::<String>::new()
    );
}

#[test]
fn a_missing_issue_fails() {
    assert_eq!(
        faults("input = { ID = \"1\", N = \"x\", L = \"0\" }\nissues = [\"unknown-code level\"]"),
        ["应当有问题 unknown-code level，实际没有"]
    );
}

#[test]
fn the_verdict_is_compared() {
    let input = "input = { ID = \"1\", N = \"x\", L = \"9\" }\nverdict = ";
    assert_eq!(faults(&format!("{input}\"held\"")), Vec::<String>::new());
    assert_eq!(
        faults(&format!("{input}\"rejected\"")),
        ["应当是 rejected，实际是 held（unknown-code level）"]
    );
    assert_eq!(
        faults("input = { ID = \"1\", N = \"x\" }\nverdict = \"held\""),
        ["应当是 held，实际是 accepted"]
    );
}

#[test]
fn outputs_are_canonical_texts_and_empty_means_absent() {
    let input = "input = { ID = 1, N = \" x \", C = 1.50 }\noutput = ";
    assert_eq!(
        faults(&format!("{input}{{ name = \"x\", cost = \"1.5\", level = \"\", id = \"1\" }}")),
        Vec::<String>::new()
    );
    assert_eq!(faults(&format!("{input}{{ cost = \"1.50\" }}")), ["字段 cost 应当是“1.50”，实际是“1.5”"]);
    assert_eq!(faults(&format!("{input}{{ level = \"0\" }}")), ["字段 level 应当是“0”，实际是“”"]);
}

#[test]
fn verdict_words() {
    for word in ["accepted", "held", "rejected"] {
        assert_eq!(super::word(verdict(word).unwrap()), word);
    }
    assert_eq!(verdict("good"), None);
}
