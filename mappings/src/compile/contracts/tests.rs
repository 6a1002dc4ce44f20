//! Contracts as mappings write them, and those that `check` refuses.

use crate::{
    Rulebook,
    mapping::contract::Contract,
    tests::{compiled, file, small, source},
};

const HEAD: &str = "kind = \"note\"\nid_space = \"src:park\"\nselect = { service = \"notes\" }\n";

/// Like `note`, with the fields that a kind may have beside.
fn files(head: &str, fields: &str) -> Vec<crate::RuleFile> {
    let mut files = small();
    files.push(source("park", &["notes"]));
    for file in files.iter_mut().filter(|file| file.path == "kinds/note.toml") {
        file.text = file.text.replacen(
            "[[rule]]",
            "region = { label = \"地区\", type = \"text\", facet = \"region\" }\n\
             deleted = { label = \"删除状态\", type = \"code\", table = \"yes-no\", gone = \"1\" }\n[[rule]]",
            1,
        );
    }
    let fields = format!("[fields]\nname = \"N\"\n{fields}");
    files.push(file("sources/park/note.toml", &format!("{HEAD}{head}{fields}")));
    files
}

fn told(head: &str, fields: &str) -> Vec<String> {
    let problems = Rulebook::compile(&files(head, fields)).1;
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

fn contracts(head: &str, fields: &str) -> Vec<(String, Contract)> {
    let book = compiled(&files(head, fields));
    let mapping = book.mapping("park", "notes").unwrap();
    let names = mapping.shape().fields().iter().map(|field| field.name().to_owned());
    names.zip(mapping.contracts.iter().copied()).collect()
}

#[test]
fn words_that_are_no_contract_are_told_where_they_stand() {
    assert_eq!(
        told("contract = \"wran\"\n", "id = \"ID\"\n"),
        ["4:12 不认识的 contract wran | 是不是 warn？"]
    );
    let own = told("", "id = \"ID\"\nat = { from = \"AT\", contract = \"x\" }\n");
    assert_eq!(own, ["7:32 不认识的 contract x | 可用：strict、hold、warn"]);
    assert_eq!(told("contract = 1\n", "id = \"ID\"\n"), ["4:1 contract 应当是文本 | "]);
}

#[test]
fn what_a_record_stands_on_is_never_left_out() {
    let refused = |field: &str, contract: &str| {
        let id = if field == "id" { "" } else { "id = \"ID\"\n" };
        let told = told("", &format!("{id}{field} = {{ from = \"X\", contract = \"{contract}\" }}\n"));
        told.first().map(|told| told.split_once('：').unwrap().1.to_owned())
    };
    for (field, why) in [
        ("company", "它说明记录归谁 | 写 strict 或 hold"),
        ("touched", "它说明记录是什么时候的，去掉了会让旧数据盖住新数据 | 写 strict 或 hold"),
        ("deleted", "它说明记录是否已删除 | 写 strict 或 hold"),
        ("folderId", "它指向上级，去掉了这条记录就没有着落 | 写 strict 或 hold"),
        ("test", "它决定记录上报给谁 | 写 strict 或 hold"),
        ("region", "它决定记录上报给谁 | 写 strict 或 hold"),
    ] {
        assert_eq!(refused(field, "warn").as_deref(), Some(why), "{field}");
        assert_eq!(refused(field, "hold"), None, "{field} may be held");
    }
    for contract in ["hold", "warn"] {
        let why = "没有主键的记录无从待定，也无从接收 | 只能写 strict";
        assert_eq!(refused("id", contract).as_deref(), Some(why));
    }
    assert_eq!(refused("id", "strict"), None);
}

#[test]
fn the_place_is_that_of_the_word() {
    let told = told("", "id = { from = \"ID\", contract = \"warn\" }\n");
    assert!(told[0].starts_with("6:32 contract = \"warn\" 不行："), "{told:?}");
}

#[test]
fn a_contract_of_the_whole_mapping_spares_what_must_stay() {
    let strict = |head: &str| -> Vec<String> {
        let of = contracts(head, "id = \"ID\"\n");
        of.into_iter().filter(|(_, contract)| *contract == Contract::Strict).map(|(name, _)| name).collect()
    };
    assert_eq!(strict("contract = \"hold\"\n"), ["id"]);
    let spared = ["id", "folderId", "company", "test", "touched", "region", "deleted"];
    assert_eq!(strict("contract = \"warn\"\n"), spared);
}

#[test]
fn a_field_says_more_than_its_mapping() {
    let of = contracts(
        "contract = \"warn\"\n",
        "id = \"ID\"\nat = { from = \"A\", contract = \"hold\" }\ncompany = { from = \"C\", contract = \"hold\" }\n",
    );
    let get = |name: &str| of.iter().find(|(field, _)| field == name).unwrap().1;
    assert_eq!([get("at"), get("company"), get("day")], [Contract::Hold, Contract::Hold, Contract::Warn]);
}

#[test]
fn where_all_is_strict_there_is_nothing_to_apply() {
    assert_eq!(contracts("", "id = \"ID\"\nat = { from = \"A\", contract = \"strict\" }\n"), []);
}

#[test]
fn a_contract_is_part_of_what_a_record_is_derived_by() {
    let hash = |head: &str| *compiled(&files(head, "id = \"ID\"\n")).mapping("park", "notes").unwrap().hash();
    assert_ne!(hash(""), hash("contract = \"warn\"\n"));
    assert_ne!(hash("contract = \"hold\"\n"), hash("contract = \"warn\"\n"));
}
