//! What regulators record of the mechanism: who refers to whom, one thing studied at a time, counts that fit each other,
//! and nobody's name, number or address unmarked.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where it cannot go on")]

use std::{collections::BTreeMap, path::Path};

use mappings::{Form, Mapped, Outcome, RuleFile, Rulebook};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// The kinds this file answers for.
const KINDS: [&str; 12] = [
    "assessment_cycle",
    "assessment_step",
    "effectiveness_assessment",
    "enforcement_hazard",
    "list_revision",
    "regulator_contact",
    "root_cause",
    "root_cause_study",
    "small_firm_check",
    "supervision_check",
    "training_record",
    "violation",
];

fn shipped() -> Vec<RuleFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["kinds", "profiles", "tables"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            files.push(RuleFile {
                path: format!("{folder}/{name}"),
                text: std::fs::read_to_string(&path).unwrap(),
            });
        }
    }
    files
}

/// A source that writes this kind's fields under their own names.
fn rulebook(kind: &str) -> Rulebook {
    let mut files = shipped();
    let source = "zone = \"Asia/Shanghai\"\n[[services]]\nname = \"s\"\n";
    let mapping = format!(
        "kind = \"{kind}\"\nid_space = \"uuid\"\nselect = {{ service = \"s\" }}\nrest = \"names\"\nlabels = true\n"
    );
    files.push(RuleFile { path: "sources/county/source.toml".into(), text: source.into() });
    files.push(RuleFile { path: "sources/county/mapping.toml".into(), text: mapping });
    Rulebook::compile(&files).0.expect("rules that compile")
}

fn mapped(book: &Rulebook, pairs: &[(&str, &str)]) -> Mapped {
    let id = ("id", "6b1f0e9d8c7b4a69a8b7c6d5e4f30201");
    let record: Vec<(String, String, Form)> = [id]
        .iter()
        .chain(pairs)
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned(), Form::Text))
        .collect();
    book.mapping("county", "s").unwrap().map(&record, "2024-12-01T00:00:00Z".parse().unwrap())
}

/// `code field` of every issue.
fn issues(book: &Rulebook, pairs: &[(&str, &str)]) -> Vec<String> {
    mapped(book, pairs).issues.iter().map(|issue| format!("{} {}", issue.code, issue.field)).collect()
}

#[test]
fn rows_refer_to_their_sheet_and_studies_to_what_they_study() {
    let (book, _) = Rulebook::compile(&shipped());
    let book = book.unwrap();
    let expected: BTreeMap<&str, &[(&str, &str)]> = BTreeMap::from([
        ("assessment_cycle", &[("enterpriseId", "enterprise")][..]),
        ("assessment_step", &[("cycleId", "assessment_cycle")]),
        ("effectiveness_assessment", &[("cycleId", "assessment_cycle")]),
        ("enforcement_hazard", &[("supervisionCheckId", "supervision_check")]),
        ("root_cause", &[("studyId", "root_cause_study")]),
        ("root_cause_study", &[("hazardId", "hazard"), ("violationId", "violation")]),
        ("violation", &[("supervisionCheckId", "supervision_check")]),
    ]);
    for name in KINDS {
        let kind = book.kind(name).unwrap();
        let parents: Vec<_> = kind.parents().filter(|(field, _)| *field != "siteId").collect();
        assert_eq!(parents, expected.get(name).copied().unwrap_or_default(), "{name}");
        assert_eq!(kind.field("siteId").is_some(), name != "regulator_contact", "{name}");
        assert_eq!(kind.wire(), None, "{name}: the national exchange has none of them");
    }
}

#[test]
fn persons_numbers_and_addresses_are_marked() {
    let (book, _) = Rulebook::compile(&shipped());
    let book = book.unwrap();
    for kind in KINDS.map(|name| book.kind(name).unwrap()) {
        for field in kind.fields() {
            let label = field.label();
            let expected = if ["电话", "手机", "联系方式"].iter().any(|word| label.contains(word)) {
                Some("phone")
            } else if label == "地址" {
                Some("address")
            } else if ["人", "人员", "成员", "违法主体"].iter().any(|word| label.ends_with(word)) {
                Some("name")
            } else {
                None
            };
            assert_eq!(field.personal(), expected, "{} {} {label}", kind.name(), field.name());
        }
    }
}

#[test]
fn a_study_is_of_one_thing() {
    let book = rulebook("root_cause_study");
    let base = [("studyDate", "2024-06-12"), ("conclusion", "责任未落实")];
    let hazard = ("hazardId", "0f1e2d3c4b5a69788796a5b4c3d2e1f0");
    let violation = ("violationId", "0f1e2d3c4b5a69788796a5b4c3d2e1f1");
    let with = |more: &[(&'static str, &'static str)]| issues(&book, &[&base[..], more].concat());
    let wrong = ["study-of-neither-or-both hazardId"];
    assert_eq!(with(&[hazard]), Vec::<String>::new());
    assert_eq!(with(&[violation]), Vec::<String>::new());
    assert_eq!(with(&[]), wrong);
    assert_eq!(with(&[hazard, violation]), wrong);
    assert_eq!(with(&[("hazardId", " "), violation]), Vec::<String>::new());
    // sent and unreadable is sent all the same
    assert_eq!(with(&[("hazardId", "36号")]), ["bad-id hazardId"]);
}

#[test]
fn another_cause_is_told_in_words() {
    let book = rulebook("root_cause");
    let with = |cause: &str, text: &str| {
        let study = ("studyId", "6b1f0e9d8c7b4a69a8b7c6d5e4f30201");
        issues(&book, &[study, ("causeType", cause), ("causeText", text)])
    };
    let table = book.kind("root_cause").unwrap().field("causeType").unwrap().table().unwrap();
    assert_eq!(
        table.codes().map(|(_, label)| label).collect::<Vec<_>>(),
        ["思想认识", "制度建设", "责任管理", "教育培训", "检查整改", "现场管理", "应急管理", "其他"]
    );
    for (code, label) in table.codes() {
        let expected: &[&str] = if label == "其他" { &["required causeText"] } else { &[] };
        assert_eq!(with(code, ""), expected, "{label}");
        assert_eq!(with(label, "外包单位以包代管"), Vec::<String>::new(), "{label}");
    }
    assert_eq!(with("外包管理", ""), ["unknown-code causeType"]);
}

#[test]
fn those_who_pass_were_examined_and_those_examined_were_there() {
    let book = rulebook("training_record");
    let config = Config { cases: 512, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]));
    let count = || proptest::option::weighted(0.8, 0..6_i64);
    let told = |count: Option<i64>| count.map_or_else(String::new, |count| count.to_string());
    runner
        .run(&(count(), count(), count(), count()), |(expected, attended, examined, passed)| {
            let mut wanted = Vec::new();
            let mut more = |left: Option<i64>, right: Option<i64>, issue: &str| {
                if left.zip(right).is_some_and(|(left, right)| left > right) {
                    wanted.push(issue.to_owned());
                }
            };
            more(passed, examined, "more-passed-than-examined passed");
            more(examined, attended, "more-examined-than-attended examined");
            let rejected = !wanted.is_empty();
            let mut more = |left: Option<i64>, right: Option<i64>, issue: &str| {
                if left.zip(right).is_some_and(|(left, right)| left > right) {
                    wanted.push(issue.to_owned());
                }
            };
            more(attended, expected, "more-attended-than-expected attended");
            let unsaid = [("attended", attended, examined), ("examined", examined, passed)];
            let unsaid: Vec<String> = unsaid
                .iter()
                .filter(|(_, own, demands)| own.is_none() && demands.is_some())
                .map(|(field, _, _)| format!("required {field}"))
                .collect();
            let rejected = rejected || !unsaid.is_empty();
            wanted.extend(unsaid);
            wanted.sort();
            let counts = [told(expected), told(attended), told(examined), told(passed)];
            let pairs = [
                ("trainingTheme", "全员培训"),
                ("trainingDate", "2024-03-20"),
                ("expected", &counts[0]),
                ("attended", &counts[1]),
                ("examined", &counts[2]),
                ("passed", &counts[3]),
            ];
            let mapped = mapped(&book, &pairs);
            let mut found: Vec<String> =
                mapped.issues.iter().map(|issue| format!("{} {}", issue.code, issue.field)).collect();
            found.sort();
            prop_assert_eq!(found, wanted);
            prop_assert_eq!(mapped.outcome, if rejected { Outcome::Reject } else { Outcome::Good });
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_rate_is_that_of_its_counts() {
    let book = rulebook("assessment_cycle");
    let with = |all: &str, done: &str, rate: &str| {
        issues(&book, &[("year", "2024"), ("toAssess", all), ("assessed", done), ("coverage", rate)])
    };
    let wrong = ["coverage-not-of-the-counts coverage"];
    for rate in ["66.7", "66.67", "66.6666667", "66.62"] {
        assert_eq!(with("3", "2", rate), Vec::<String>::new(), "{rate}");
    }
    for rate in ["66.6", "66.72", "67", "0.667", "100"] {
        assert_eq!(with("3", "2", rate), wrong, "{rate}");
    }
    assert_eq!(with("0", "0", "0"), Vec::<String>::new());
    assert_eq!(with("2", "3", "100"), ["more-assessed-than-there-are assessed", wrong[0]]);
}

#[test]
fn the_six_steps_are_in_their_order() {
    let (book, _) = Rulebook::compile(&shipped());
    let book = book.unwrap();
    let steps = book.kind("assessment_step").unwrap().field("step").unwrap().table().unwrap();
    let steps: Vec<String> = steps.codes().map(|(code, label)| format!("{code} {label}")).collect();
    assert_eq!(
        steps,
        ["1 制定评估方案", "2 收集数据", "3 分析评估", "4 撰写报告", "5 整改落实", "6 跟踪评估"]
    );
}

#[test]
fn what_is_found_of_two_skins_is_told() {
    let book = rulebook("supervision_check");
    let base = [("checkType", "随机检查"), ("checkDate", "2024-05-15"), ("checkedUnit", "某公司")];
    let with = |more: &[(&'static str, &'static str)]| issues(&book, &[&base[..], more].concat());
    for reason in [("conclusion", "异常"), ("twoSkins", "是"), ("builtNotUsed", "1")] {
        assert_eq!(with(&[reason]), ["required findings"], "{reason:?}");
        assert_eq!(with(&[reason, ("findings", "系统三个月无记录")]), Vec::<String>::new(), "{reason:?}");
    }
    for fine in [("conclusion", "正常"), ("twoSkins", "0"), ("builtNotUsed", "否")] {
        assert_eq!(with(&[fine]), Vec::<String>::new(), "{fine:?}");
    }
    let told = ("findings", "系统三个月无记录");
    for reason in [("twoSkins", "1"), ("builtNotUsed", "1")] {
        assert_eq!(
            with(&[("conclusion", "正常"), reason, told]),
            ["conclusion-against-findings conclusion"],
            "{reason:?}"
        );
    }
    assert_eq!(
        with(&[("followUpResult", "未整改"), ("followUpDate", "2024-06-01")]),
        ["required followUpNote"]
    );
}
