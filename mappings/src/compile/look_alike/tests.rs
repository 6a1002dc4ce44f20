//! What a kind may say of look-alikes, and what `check` tells of the rest.

use crate::{
    RuleFile, Rulebook,
    tests::{compiled, file, shipped},
};

const DAYS: &str = "5:7 day 应当是 date 或 datetime 字段，或者 max 不超过 50 的 text 字段";

const FIELDS: &str = "id = { label = \"主键\", type = \"id\" }\n\
     what = { label = \"描述\", type = \"text\" }\n\
     more = { label = \"补充\", type = \"text\" }\n\
     code = { label = \"企业\", type = \"text\", owner = \"chem\" }\n\
     at = { label = \"登记时间\", type = \"datetime\" }\n\
     on = { label = \"日期\", type = \"date\" }\n\
     month = { label = \"月份\", type = \"text\", max = 7 }\n\
     n = { label = \"数量\", type = \"int\" }\n";

fn kind(rule: &str) -> RuleFile {
    file("kinds/k.toml", &format!("kind = \"k\"\nlabel = \"种\"\n[look_alike]\n{rule}\n[fields]\n{FIELDS}"))
}

fn told(rule: &str) -> Vec<String> {
    let (_, problems) = Rulebook::compile(&[kind(rule)]);
    problems
        .into_iter()
        .map(|problem| {
            let hint = problem.hint.map(|hint| format!(" | {hint}")).unwrap_or_default();
            format!("{}:{} {}{hint}", problem.line, problem.column, problem.message)
        })
        .collect()
}

#[test]
fn one_field_or_several_are_compared() {
    let book = compiled(&[kind("text = \"what\"\nday = \"at\"\nsimilarity = 85")]);
    let rule = book.kind("k").unwrap().look_alike().unwrap();
    assert_eq!((rule.text(), rule.day(), rule.similarity()), (&["what".to_owned()][..], "at", 85));
    let book = compiled(&[kind("text = [\"what\", \"more\"]\nday = \"on\"\nsimilarity = 100")]);
    let rule = book.kind("k").unwrap().look_alike().unwrap();
    assert_eq!((rule.text().len(), rule.day(), rule.similarity()), (2, "on", 100));
    let book = compiled(&[kind("text = [\"id\", \"what\"]\nday = \"month\"\nsimilarity = 100")]);
    assert_eq!(book.kind("k").unwrap().look_alike().unwrap().day(), "month");
}

#[test]
fn it_is_inherited_and_a_kinds_own_counts() {
    let base = format!(
        "kind = \"base\"\nlabel = \"基\"\nabstract = true\n[look_alike]\ntext = \"what\"\nday = \"at\"\nsimilarity = 70\n[fields]\n{FIELDS}"
    );
    let head = "kind = \"own\"\nlabel = \"种\"\nextends = \"base\"\n";
    let own = "[look_alike]\ntext = \"more\"\nday = \"on\"\nsimilarity = 90\n";
    let of = |rule: &str| {
        let book =
            compiled(&[file("kinds/base.toml", &base), file("kinds/own.toml", &format!("{head}{rule}"))]);
        book.kind("own").unwrap().look_alike().cloned().unwrap()
    };
    assert_eq!(of("").similarity(), 70);
    assert_eq!((of(own).similarity(), of(own).text()), (90, &["more".to_owned()][..]));
}

#[test]
fn whatever_is_wrong_is_told_at_its_place() {
    for (rule, wanted) in [
        ("text = \"waht\"\nday = \"at\"\nsimilarity = 85", "4:8 没有字段 waht | 是不是 what？"),
        ("text = \"n\"\nday = \"at\"\nsimilarity = 85", "4:8 text 应当是 text 或 id 字段"),
        ("text = \"what\"\nday = \"n\"\nsimilarity = 85", DAYS),
        ("text = \"what\"\nday = \"more\"\nsimilarity = 85", DAYS),
        ("text = \"what\"\nday = \"atx\"\nsimilarity = 85", "5:7 没有字段 atx | 是不是 at？"),
        ("text = \"what\"\nday = \"at\"\nsimilarity = 101", "6:1 similarity 应当是 0 到 100 的整数"),
        ("text = \"what\"\nday = \"at\"\nsimilarity = \"85\"", "6:1 similarity 应当是 0 到 100 的整数"),
        ("text = \"what\"\nday = \"at\"\nsimilarity = -1", "6:1 similarity 应当是 0 到 100 的整数"),
        ("text = \"what\"\nday = \"at\"", "3:2 缺少 similarity"),
        ("text = \"what\"\nsimilarity = 85", "3:2 缺少 day"),
        ("day = \"at\"\nsimilarity = 85", "3:2 缺少 text：比较哪个字段，或哪几个"),
    ] {
        assert_eq!(told(rule), [wanted], "{rule}");
    }
    let told = told("text = \"what\"\nday = \"at\"\nsimilarity = 85\nsimilar = 1");
    assert!(told[0].starts_with("7:1 不认识的键 similar"), "{told:?}");
}

#[test]
fn a_kind_without_an_owner_cannot_tell_whose_they_are() {
    let mut ownerless = kind("text = \"what\"\nday = \"at\"\nsimilarity = 85");
    ownerless.text = ownerless.text.replace(", owner = \"chem\"", "");
    let problems = Rulebook::compile(&[ownerless]).1;
    assert!(problems[0].message.starts_with("没有说明归属的字段"), "{problems:?}");
}

#[test]
fn hazards_enforced_hazards_violations_and_safety_days_are_compared() {
    let book = compiled(&shipped());
    let of = |kind: &str| {
        let rule = book.kind(kind).unwrap().look_alike().unwrap();
        (rule.text().join(" "), rule.day().to_owned(), rule.similarity())
    };
    let told = |text: &str, day: &str| (text.to_owned(), day.to_owned(), 85);
    assert_eq!(of("hazard"), told("dangerName dangerDesc", "registTime"));
    assert_eq!(of("enforcement_hazard"), told("troubleContent", "checkDate"));
    assert_eq!(of("violation"), told("violationName violationDesc", "checkDate"));
    assert_eq!(of("safety_day_report"), ("siteId month".to_owned(), "month".to_owned(), 100));
    assert!(book.kind("risk_unit").unwrap().look_alike().is_none());
}
