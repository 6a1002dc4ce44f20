//! Examples of kinds and profiles, labels, the rest of a kind's fields, notations, prefixes, owners.

use crate::{Form, RuleFile, mapping::Mapping};
use crate::{
    Rulebook,
    tests::{compiled, file, record, shown, small, source, texts},
};
use chrono::{DateTime, Utc};

const FIRM: &str = r#"
kind = "firm"
label = "企业"
[fields]
id = { label = "主键", type = "id" }
code = { label = "企业编码", type = "text", owner = "chem" }
credit = { label = "统一社会信用代码", type = "text", notation = "uscc", owner = "uscc" }
phone = { label = "电话", type = "text", notation = { is = "phone", level = "warn" }, personal = "phone" }
place = { label = "行政区划", type = "text", prefix_in = "region", source = "design", basis = "notice.md" }
level = { label = "等级", type = "code", table = "level", spellings = "park-level" }
[[example]]
name = "a firm with nothing but its name in the register"
verdict = "accepted"
issues = []
input = { id = "1", credit = "９１４１００００１７０００１４０１d", level = "重大", place = "410173" }
output = { credit = "91410000170001401D", level = "1" }
[[example]]
name = "a code that is none"
verdict = "rejected"
issues = ["bad-uscc credit", "bad-phone phone", "unknown-prefix place"]
input = { id = "2", credit = "410000100012345", phone = "无", place = "110105" }
"#;

fn files(kind: &str) -> Vec<RuleFile> {
    let mut files = small();
    files.push(file("tables/region.csv", "code,label\n4101,郑州市\n410173,航空港区\n"));
    files.push(file("kinds/firm.toml", kind));
    files
}

fn problems(files: &[RuleFile]) -> Vec<String> {
    let (rulebook, problems) = Rulebook::compile(files);
    let run = rulebook.map(|book| book.run_examples()).unwrap_or_default();
    shown(&problems).into_iter().chain(shown(&run)).collect()
}

fn told(files: &[RuleFile], part: &str) {
    let problems = problems(files);
    assert!(problems.iter().any(|problem| problem.contains(part)), "{part}: {problems:?}");
}

#[test]
fn a_kind_shows_what_it_means() {
    assert_eq!(problems(&files(FIRM)), Vec::<String>::new());
    let wrong = FIRM.replace("verdict = \"rejected\"", "verdict = \"accepted\"");
    told(&files(&wrong), "应当是 accepted，实际是 rejected");
}

#[test]
fn a_profile_shows_what_it_tightens() {
    let profile = r#"
profile = "mine"
label = "矿山"
[firm.fields]
code = { required = true }
[[firm.example]]
name = "no code"
verdict = "rejected"
issues = ["required code"]
input = { id = "1" }
"#;
    let mut with = files(FIRM);
    with.push(file("profiles/mine.toml", profile));
    assert_eq!(problems(&with), Vec::<String>::new());
    with.pop();
    with.push(file("profiles/mine.toml", &profile.replace("required code", "required credit")));
    told(&with, "应当有问题 required credit");
    with.pop();
    with.push(file("profiles/mine.toml", &profile.replace("[[firm.example]]", "[[frim.example]]")));
    told(&with, "没有种类 frim");
}

#[test]
fn an_abstract_kind_has_nothing_to_show() {
    let base = "kind = \"base\"\nlabel = \"基\"\nabstract = true\n[fields]\nid = { label = \"主键\", type = \"id\" }\n[[example]]\nname = \"x\"\ninput = { id = \"1\" }\n";
    let mut with = small();
    with.push(file("kinds/base.toml", base));
    told(&with, "抽象种类没有示例");
}

#[test]
fn a_designed_field_says_from_what() {
    told(&files(&FIRM.replace(", basis = \"notice.md\"", "")), "要用 basis 写明依据什么设计");
    told(&files(&FIRM.replace("notation = \"uscc\"", "notation = \"ucss\"")), "不认识的 notation ucss");
    told(
        &files(&FIRM.replace("prefix_in = \"region\"", "prefix_in = \"regoin\"")),
        "没有代码表 tables/regoin.csv",
    );
    let image = FIRM.replace("type = \"text\", notation = \"uscc\"", "type = \"image\", notation = \"uscc\"");
    told(&files(&image), "类型 image 没有 notation");
}

/// The mapping of a small source with these extra lines.
fn mapping(lines: &str) -> Mapping {
    let mut files = files(FIRM);
    files.push(source("park", &["firms"]));
    let head = "kind = \"firm\"\nid_space = \"registered\"\nselect = { service = \"firms\" }\n";
    files.push(file("sources/park/firm.toml", &format!("{head}{lines}")));
    compiled(&files).mappings.remove(0)
}

fn content(mapping: &Mapping, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let mapped = mapping.map(&texts(fields), DateTime::<Utc>::MAX_UTC);
    let contribution = mapped.contribution.unwrap_or_else(|| panic!("{:?}", mapped.issues));
    contribution.content.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

#[test]
fn the_rest_is_read_by_names_or_by_labels() {
    let by_name = mapping("rest = \"names\"\n[fields]\nid = \"ID\"\n");
    let expected = [("code".to_owned(), "9".to_owned()), ("id".to_owned(), "1".to_owned())];
    let mut found = content(&by_name, &[("ID", "1"), ("code", "9"), ("企业编码", "8")]);
    found.sort();
    assert_eq!(found, expected);
    let by_label = mapping("rest = \"labels\"\n");
    let mut found = content(&by_label, &[("主键", "1"), ("企业编码", "9"), ("code", "8")]);
    found.sort();
    assert_eq!(found, expected);
    let mut files = files(FIRM);
    files.push(source("park", &["firms"]));
    files.push(file(
        "sources/park/firm.toml",
        "kind = \"firm\"\nid_space = \"registered\"\nselect = { service = \"firms\" }\nrest = \"all\"\n",
    ));
    told(&files, "rest 应当是 names（按字段名）或 labels（按中文名）");
}

#[test]
fn a_code_is_read_by_its_spellings_and_where_asked_by_its_label() {
    let level = |lines: &str, written: &str| {
        let mapped = mapping(lines).map(&texts(&[("id", "1"), ("level", written)]), DateTime::<Utc>::MAX_UTC);
        mapped.issues.first().map_or_else(String::new, |issue| issue.code.clone())
    };
    assert_eq!(level("rest = \"names\"", "重大隐患"), "");
    assert_eq!(level("rest = \"names\"", "重大"), "unknown-code");
    assert_eq!(level("rest = \"names\"\nlabels = true", "重大"), "");
    assert_eq!(level("rest = \"names\"\nlabels = true", "1"), "");
    assert_eq!(level("rest = \"names\"\nlabels = true", "特大"), "unknown-code");
}

#[test]
fn the_first_identifier_that_is_there_says_whose_it_is() {
    let mapping = mapping("rest = \"names\"");
    let owner = |fields: &[(&str, &str)]| {
        let mapped = mapping.map(&texts(fields), DateTime::<Utc>::MAX_UTC);
        mapped.contribution.unwrap().owner
    };
    let credit = ("credit", "91410000170001401D");
    assert_eq!(owner(&[("id", "1"), ("code", "410900017"), credit]).as_deref(), Some("chem:410900017"));
    assert_eq!(owner(&[("id", "1"), credit]).as_deref(), Some("uscc:91410000170001401D"));
    assert_eq!(owner(&[("id", "1")]), None);
}

#[test]
fn a_notation_masks_what_is_personal() {
    let mapped = mapping("rest = \"names\"").map(
        &record(&[("id", "1", Form::Text), ("phone", "12345678901234", Form::Number)]),
        DateTime::<Utc>::MAX_UTC,
    );
    assert_eq!(mapped.issues.len(), 1);
    assert_eq!(
        (mapped.issues[0].code.as_str(), mapped.issues[0].value.as_str()),
        ("bad-phone", "123*******1234")
    );
    assert!(mapped.contribution.is_some());
}

#[test]
fn a_concrete_kind_is_extended_with_its_marks_and_rules() {
    let mut with = files(FIRM);
    with.push(file(
        "kinds/small_firm.toml",
        "kind = \"small_firm\"\nlabel = \"小微企业\"\nextends = \"firm\"\n[fields]\nshop = { label = \"门店\", type = \"text\" }\n[[rule]]\ncode = \"no-shop\"\ncheck = \"shop present\"\nmessage = \"没有门店\"\n",
    ));
    let book = compiled(&with);
    let names: Vec<&str> = book.kind("small_firm").unwrap().fields().iter().map(crate::Field::name).collect();
    assert_eq!(names, ["id", "code", "credit", "phone", "place", "level", "shop"]);
    assert_eq!(book.kind("firm").unwrap().fields().len(), 6);
    with.push(file("kinds/ring.toml", "kind = \"ring\"\nlabel = \"环\"\nextends = \"ring\"\n[fields]\n"));
    told(&with, "种类不能继承自己");
}

#[test]
fn what_a_notation_leaves_nothing_of_stays_as_it_was() {
    let plain = mapping("rest = \"names\"");
    let mapped = plain.map(&texts(&[("id", "1"), ("phone", "（）")]), DateTime::<Utc>::MAX_UTC);
    assert_eq!(mapped.issues.iter().map(|issue| issue.code.as_str()).collect::<Vec<_>>(), ["bad-phone"]);
    assert_eq!(mapped.contribution.unwrap().content.get("phone"), Some("（）"));
}
