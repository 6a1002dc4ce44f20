//! The assessment sheet against annex 1 of the notice, its sums over random sheets, the bands of LEC, and GB 6441 in
//! its spellings: what the shipped kinds make of them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test ends where it cannot go on")]

use std::{collections::BTreeMap, path::Path};

use mappings::{FieldType, Form, Mapped, Outcome, RuleFile, Rulebook};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// A name and its points.
type Points = (&'static str, i64);

/// Annex 1: section, its points, its items and their points.
const ANNEX: [(&str, i64, &[Points]); 6] = [
    ("基本要求", 8, &[("组织机构", 2), ("全员培训", 4), ("体系文件", 2)]),
    (
        "风险分级管控",
        30,
        &[
            ("风险点确定", 4),
            ("危险源辨识分析研判", 5),
            ("风险评价分级", 5),
            ("风险管控", 10),
            ("风险告知", 6),
        ],
    ),
    (
        "隐患排查治理",
        30,
        &[
            ("编制隐患排查清单", 4),
            ("制定隐患排查计划", 2),
            ("隐患排查实施", 8),
            ("一般事故隐患治理", 8),
            ("重大事故隐患治理", 8),
        ],
    ),
    ("信息化管理", 15, &[("信息系统应用", 10), ("信息上报", 5)]),
    ("持续改进", 12, &[("评估", 4), ("更新", 3), ("沟通", 2), ("安全文化", 3)]),
    ("奖惩考核", 5, &[("奖惩考核", 5)]),
];

fn shipped() -> Vec<RuleFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["kinds", "tables"] {
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

/// The rules with a source that writes this kind's fields under their own names.
fn with_mapping(mut files: Vec<RuleFile>, kind: &str) -> Rulebook {
    let source = "zone = \"Asia/Shanghai\"\n[[services]]\nname = \"s\"\n";
    let mapping =
        format!("kind = \"{kind}\"\nid_space = \"uuid\"\nselect = {{ service = \"s\" }}\nrest = \"names\"\n");
    files.push(RuleFile { path: "sources/firm/source.toml".into(), text: source.into() });
    files.push(RuleFile { path: "sources/firm/mapping.toml".into(), text: mapping });
    let (rulebook, problems) = Rulebook::compile(&files);
    assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
    rulebook.expect("rules that compile")
}

fn rulebook(kind: &str) -> Rulebook {
    with_mapping(shipped(), kind)
}

type Fields = BTreeMap<String, String>;

fn mapped(book: &Rulebook, fields: &Fields) -> Mapped {
    let record: Vec<(String, String, Form)> =
        fields.iter().map(|(path, text)| (path.clone(), text.clone(), Form::Text)).collect();
    book.mapping("firm", "s").unwrap().map(&record, "2024-12-01T00:00:00Z".parse().unwrap())
}

/// `code field` of every issue.
fn issues(book: &Rulebook, fields: &Fields) -> Vec<String> {
    mapped(book, fields).issues.iter().map(|issue| format!("{} {}", issue.code, issue.field)).collect()
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    let id = ("id", "5a0d1c6e3f2b4a7d9c8e7f6a5b4c3d2e");
    [id].iter().chain(pairs).map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// Stems of the twenty items in the order of the annex, with their points; found by the labels of the kind.
fn items(book: &Rulebook) -> Vec<(String, i64)> {
    let kind = book.kind("effectiveness_assessment").unwrap();
    let annex = ANNEX.iter().flat_map(|(section, _, items)| items.iter().map(move |item| (section, item)));
    annex
        .map(|(section, (item, points))| {
            let label = format!("{section}·{item}·扣分");
            let field = kind.fields().iter().find(|field| field.label() == label).expect(&label);
            (field.name().strip_suffix("Deducted").unwrap().to_owned(), *points)
        })
        .collect()
}

/// A sheet in tenths of points: deducted and not applicable, item by item, with the right sums.
fn sheet(items: &[(String, i64)], tenths: &[(i64, i64)]) -> Fields {
    let mut sheet = fields(&[("enterpriseName", "某公司"), ("year", "2024")]);
    for ((stem, _), (deducted, inapplicable)) in items.iter().zip(tenths) {
        sheet.insert(format!("{stem}Deducted"), points(*deducted));
        sheet.insert(format!("{stem}NotApplicable"), points(*inapplicable));
        sheet.insert(format!("{stem}Record"), "见记录".into());
    }
    let deducted: i64 = tenths.iter().map(|(deducted, _)| deducted).sum();
    let inapplicable: i64 = tenths.iter().map(|(_, inapplicable)| inapplicable).sum();
    sheet.insert("deductedTotal".into(), points(deducted));
    sheet.insert("notApplicableTotal".into(), points(inapplicable));
    sheet.insert("totalScore".into(), points(1000 - deducted - inapplicable));
    sheet
}

/// Tenths as a decimal: `15` is `1.5`.
fn points(tenths: i64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[test]
fn twenty_items_in_six_sections_are_a_hundred_points() {
    let book = rulebook("effectiveness_assessment");
    let kind = book.kind("effectiveness_assessment").unwrap();
    let columns = |suffix: &str| kind.fields().iter().filter(|field| field.name().ends_with(suffix)).count();
    assert_eq!(items(&book).len(), 20);
    for column in ["Deducted", "Record", "NotApplicable", "Veto"] {
        assert_eq!(columns(column), 20, "{column}");
    }
    let sections = ANNEX.map(|(_, points, _)| points);
    assert_eq!(sections, [8, 30, 30, 15, 12, 5]);
    assert_eq!(sections.iter().sum::<i64>(), 100);
    for (section, points, items) in ANNEX {
        assert_eq!(items.iter().map(|(_, points)| points).sum::<i64>(), points, "{section}");
        let labelled = kind.fields().iter().filter(|field| field.label().starts_with(&format!("{section}·")));
        assert_eq!(labelled.count(), items.len() * 4, "{section}");
    }
    let order: Vec<String> = kind
        .fields()
        .iter()
        .filter_map(|field| field.name().strip_suffix("Deducted").map(str::to_owned))
        .collect();
    assert_eq!(order, items(&book).into_iter().map(|(stem, _)| stem).collect::<Vec<_>>());
}

#[test]
fn an_item_takes_its_standard_points_and_no_more() {
    let book = rulebook("effectiveness_assessment");
    let items = items(&book);
    for (number, (stem, most)) in items.iter().enumerate() {
        let mut tenths = vec![(0, 0); 20];
        tenths[number].0 = most * 10;
        assert_eq!(issues(&book, &sheet(&items, &tenths)), Vec::<String>::new(), "{stem}");
        tenths[number].0 += 1;
        assert_eq!(
            issues(&book, &sheet(&items, &tenths)),
            [
                format!("out-of-range {stem}Deducted"),
                format!("{}-more-than-standard {stem}Deducted", kebab(stem))
            ],
        );
        tenths[number] = (0, most * 10);
        assert_eq!(issues(&book, &sheet(&items, &tenths)), Vec::<String>::new(), "{stem}");
        tenths[number] = (1, most * 10);
        assert_eq!(
            issues(&book, &sheet(&items, &tenths)),
            [format!("{}-more-than-standard {stem}Deducted", kebab(stem))],
        );
        tenths[number] = (1, 0);
        let mut silent = sheet(&items, &tenths);
        silent.remove(&format!("{stem}Record"));
        assert_eq!(issues(&book, &silent), [format!("required {stem}Record")]);
        let mut unsaid = sheet(&items, &vec![(0, 0); 20]);
        unsaid.remove(&format!("{stem}Deducted"));
        assert_eq!(issues(&book, &unsaid), [format!("required {stem}Deducted")]);
    }
}

fn kebab(stem: &str) -> String {
    stem.chars().fold(String::new(), |text, c| {
        if c.is_uppercase() { format!("{text}-{}", c.to_lowercase()) } else { format!("{text}{c}") }
    })
}

/// Every item somewhere within its points, split between deducted and not applicable.
fn any_tenths(items: &[(String, i64)]) -> impl Strategy<Value = Vec<(i64, i64)>> + use<> {
    let each: Vec<_> = items
        .iter()
        .map(|(_, most)| (0..=most * 10).prop_flat_map(|used| (0..=used).prop_map(move |d| (d, used - d))))
        .collect();
    each
}

fn runner() -> TestRunner {
    let config = Config { cases: 256, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]))
}

#[test]
fn a_sum_is_told_exactly_when_it_is_wrong() {
    let book = rulebook("effectiveness_assessment");
    let items = items(&book);
    let off = || prop_oneof![Just(0_i64), -30..30_i64];
    let cases = (any_tenths(&items), off(), off(), off());
    runner()
        .run(&cases, |(tenths, deducted_off, inapplicable_off, score_off)| {
            let deducted: i64 = tenths.iter().map(|(deducted, _)| deducted).sum();
            let inapplicable: i64 = tenths.iter().map(|(_, inapplicable)| inapplicable).sum();
            let told =
                ((deducted + deducted_off).clamp(0, 1000), (inapplicable + inapplicable_off).clamp(0, 1000));
            let score = (1000 - told.0 - told.1 + score_off).clamp(0, 1000);
            let mut sheet = sheet(&items, &tenths);
            sheet.insert("deductedTotal".into(), points(told.0));
            sheet.insert("notApplicableTotal".into(), points(told.1));
            sheet.insert("totalScore".into(), points(score));
            let mut expected = Vec::new();
            if told.0 != deducted {
                expected.push("deducted-sum deductedTotal");
            }
            if told.1 != inapplicable {
                expected.push("not-applicable-sum notApplicableTotal");
            }
            if told.1 == 0 && inapplicable > 0 {
                expected.push("not-applicable-not-summed notApplicableTotal");
            }
            let rejected = !expected.is_empty();
            if score != 1000 - told.0 - told.1 {
                expected.push("score-not-of-the-formula totalScore");
            }
            let mapped = mapped(&book, &sheet);
            let mut found: Vec<String> =
                mapped.issues.iter().map(|issue| format!("{} {}", issue.code, issue.field)).collect();
            found.sort();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(mapped.outcome, if rejected { Outcome::Reject } else { Outcome::Good });
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_score_is_the_one_file_a_province_replaces() {
    let mut files = shipped();
    let score = files.iter_mut().find(|file| file.path == "kinds/assessment_score.toml").unwrap();
    let (head, rest) = score.text.split_once("# Formula: raw.").unwrap();
    let (before, rest) = rest.split_once("# --- rescaled\n").unwrap();
    let (rescaled, after) = rest.split_once("# --- end\n").unwrap();
    assert!(before.contains("check = \"totalScore == 100 - deductedTotal - notApplicableTotal\""));
    let alternative: Vec<&str> = rescaled.lines().map(|line| line.strip_prefix("# ").unwrap()).collect();
    let alternative = alternative.join("\n");
    score.text = format!("{head}{alternative}\n{after}");
    let book = with_mapping(files, "effectiveness_assessment");
    let items = items(&book);
    // 8 points do not apply, 4 are lost: 88 of 92
    let mut tenths = vec![(0, 0); 20];
    tenths[12] = (0, 80);
    tenths[6] = (40, 0);
    let mut sheet = sheet(&items, &tenths);
    let formula = ["score-not-of-the-formula totalScore"];
    assert_eq!(issues(&book, &sheet), formula);
    for (score, right) in [("95.65", true), ("95.66", false), ("95.64", false), ("95.652", true)] {
        sheet.insert("totalScore".into(), score.into());
        assert_eq!(issues(&book, &sheet).is_empty(), right, "{score}");
    }
    // all of it not applicable: nothing to divide by, nothing told
    let all: Vec<(i64, i64)> = items.iter().map(|(_, most)| (0, most * 10)).collect();
    assert_eq!(issues(&book, &self::sheet(&items, &all)), Vec::<String>::new());
}

#[test]
fn grades_are_told_by_bands_and_a_veto_by_the_lowest() {
    let book = rulebook("effectiveness_assessment");
    let items = items(&book);
    let found = |lost: i64, grade: &str, vetoed: &str| {
        let mut left = lost;
        let tenths: Vec<(i64, i64)> = items
            .iter()
            .map(|(_, most)| {
                let here = left.min(most * 10);
                left -= here;
                (here, 0)
            })
            .collect();
        let mut sheet = sheet(&items, &tenths);
        sheet.insert("grade".into(), grade.into());
        sheet.insert("vetoed".into(), vetoed.into());
        if vetoed == "1" {
            sheet.insert("majorHazardVeto".into(), "1".into());
        }
        issues(&book, &sheet)
    };
    let bands = [("A", 0..=100), ("B", 101..=200), ("C", 201..=400), ("D", 401..=1000)];
    for lost in [0, 99, 100, 101, 199, 200, 201, 399, 400, 401, 1000] {
        for (grade, band) in &bands {
            let expected: &[&str] = if band.contains(&lost) { &[] } else { &["grade-outside-band grade"] };
            assert_eq!(found(lost, grade, ""), expected, "{lost} {grade}");
            assert_eq!(found(lost, grade, "0"), expected, "{lost} {grade}");
        }
    }
    assert_eq!(found(0, "D", "1"), Vec::<String>::new());
    assert_eq!(found(0, "A", "1"), ["veto-without-effect grade"]);
    assert_eq!(found(0, "E", ""), ["unknown-code grade"]);
}

#[test]
fn a_veto_is_told_once_and_of_an_item() {
    let book = rulebook("effectiveness_assessment");
    let items = items(&book);
    let plain = sheet(&items, &[(0, 0); 20]);
    let with = |pairs: &[(&str, &str)]| {
        let mut sheet = plain.clone();
        sheet.extend(pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
        issues(&book, &sheet)
    };
    let nothing = Vec::<String>::new();
    assert_eq!(with(&[]), nothing);
    assert_eq!(with(&[("vetoed", "0"), ("orgVeto", "0")]), nothing);
    assert_eq!(with(&[("vetoed", "1")]), ["veto-of-no-item vetoed"]);
    for (stem, _) in &items {
        let item = format!("{stem}Veto");
        assert_eq!(with(&[(&item, "1")]), ["veto-not-told vetoed"], "{stem}");
        assert_eq!(with(&[(&item, "1"), ("vetoed", "0")]), ["veto-not-told vetoed"], "{stem}");
        assert_eq!(with(&[(&item, "1"), ("vetoed", "1")]), nothing, "{stem}");
    }
}

#[test]
fn cells_that_do_not_apply_are_asked_for_only_where_the_footer_has_some() {
    let book = rulebook("effectiveness_assessment");
    let items = items(&book);
    let mut bare = sheet(&items, &[(0, 0); 20]);
    for (stem, _) in &items {
        bare.remove(&format!("{stem}NotApplicable"));
    }
    assert_eq!(issues(&book, &bare), Vec::<String>::new());
    bare.insert("majorHazardNotApplicable".into(), "8".into());
    assert_eq!(issues(&book, &bare), ["not-applicable-not-summed notApplicableTotal"]);
    bare.insert("notApplicableTotal".into(), "8".into());
    bare.insert("totalScore".into(), "92".into());
    let asked: Vec<String> = items
        .iter()
        .filter(|(stem, _)| stem != "majorHazard")
        .map(|(stem, _)| format!("required {stem}NotApplicable"))
        .collect();
    assert_eq!(issues(&book, &bare), asked);
}

#[test]
fn levels_follow_lec_and_a_boundary_may_be_either() {
    for kind in ["risk_object", "risk_unit", "risk_event"] {
        let book = rulebook(kind);
        let found = |level: &str, d: &str| issues(&book, &fields(&[("riskLevel", level), ("lecD", d)]));
        let bands = [
            ("1440", "1"),
            ("320.01", "1"),
            ("320", "12"),
            ("319.99", "2"),
            ("160", "23"),
            ("159.9", "3"),
            ("70", "34"),
            ("69.9", "4"),
            ("0", "4"),
        ];
        for (d, right) in bands {
            for level in ["1", "2", "3", "4"] {
                let expected: &[&str] =
                    if right.contains(level) { &[] } else { &["lec-outside-band riskLevel"] };
                assert_eq!(found(level, d), expected, "{kind} {d} {level}");
            }
        }
        assert_eq!(found("", "1440"), Vec::<String>::new());
        assert_eq!(found("1", ""), Vec::<String>::new());
        for (method, told) in [("LEC", true), ("", true), ("HAZOP", true), ("LS", false), ("direct", false)] {
            let by = [("riskLevel", "1"), ("assessMethod", method)];
            assert_eq!(!issues(&book, &fields(&[&by[..], &[("lecD", "60")]].concat())).is_empty(), told);
            let product = [("lecL", "1"), ("lecE", "6"), ("lecC", "10")];
            let found = issues(&book, &fields(&[&by[..], &product].concat()));
            assert_eq!(found == ["lec-product-outside-band riskLevel"], told, "{method} {found:?}");
        }
    }
}

/// No threshold of LS has a public source: a province that has decided on some writes them into the one file.
#[test]
fn bands_of_ls_are_a_provinces_own() {
    let mut files = shipped();
    let own = files.iter_mut().find(|file| file.path == "kinds/assessment.toml").unwrap();
    own.text += "\n[[rule]]\ncode = \"ls-outside-band\"\nlevel = \"warn\"\nfield = \"riskLevel\"\nmessage = \"风险等级与 R 不符\"\n\
        source = \"某省评价办法\"\ncheck = \"\"\"not assessMethod == 'LS' or riskLevel == '1' and lsR >= 20\n\
        or riskLevel == '2' and lsR >= 15 and lsR < 20 or riskLevel in ('3', '4') and lsR < 15\"\"\"\n";
    let book = with_mapping(files, "risk_unit");
    let found = |level: &str, method: &str| {
        issues(&book, &fields(&[("riskLevel", level), ("assessMethod", method), ("lsR", "16")]))
    };
    assert_eq!(found("2", "LS"), Vec::<String>::new());
    assert_eq!(found("1", "LS"), ["ls-outside-band riskLevel"]);
    assert_eq!(found("1", "LEC"), Vec::<String>::new());
}

#[test]
fn products_of_lec_and_ls_are_exact_and_only_warned_of() {
    let book = rulebook("risk_event");
    let found = |pairs: &[(&str, &str)]| {
        let mapped = mapped(&book, &fields(pairs));
        assert_eq!(mapped.outcome, Outcome::Good);
        mapped.issues.into_iter().map(|issue| issue.code).collect::<Vec<_>>()
    };
    let lec = [("lecL", "0.5"), ("lecE", "6"), ("lecC", "15")];
    let with = |d: &'static str| [&lec[..], &[("lecD", d)]].concat();
    assert_eq!(found(&with("45.00")), Vec::<String>::new());
    assert_eq!(found(&with("45.01")), ["lec-product"]);
    assert_eq!(found(&lec), Vec::<String>::new());
    assert_eq!(found(&[("lsL", "4"), ("lsS", "5"), ("lsR", "20")]), Vec::<String>::new());
    assert_eq!(found(&[("lsL", "4"), ("lsS", "5"), ("lsR", "9")]), ["ls-product"]);
    // no threshold of LS has a public source
    assert_eq!(found(&[("lsL", "5"), ("lsS", "5"), ("lsR", "25"), ("riskLevel", "4")]), Vec::<String>::new());
}

#[test]
fn gb_6441_is_read_in_its_four_spellings() {
    let book = rulebook("risk_event");
    let field = book.kind("risk_event").unwrap().field("accidentType").unwrap();
    assert_eq!(field.field_type(), FieldType::Code);
    let codes: Vec<(String, String)> =
        field.table().unwrap().codes().map(|(code, label)| (code.to_owned(), label.to_owned())).collect();
    assert_eq!(codes.len(), 20);
    let read = |written: &str| {
        let mapped = mapped(&book, &fields(&[("accidentType", written)]));
        let content = mapped.contribution.map(|contribution| contribution.content);
        content.and_then(|content| content.get("accidentType").map(str::to_owned))
    };
    for (number, (code, label)) in (1..=20).zip(&codes) {
        assert_eq!(code, &format!("0{number}"));
        for written in [code.clone(), number.to_string(), format!(" {label} ")] {
            assert_eq!(read(&written).as_deref(), Some(code.as_str()), "{written}");
        }
    }
    assert_eq!(read("10").as_deref(), Some("010"));
    for unknown in ["0", "21", "001", "020伤害"] {
        assert_eq!(read(unknown), None, "{unknown}");
    }
}
