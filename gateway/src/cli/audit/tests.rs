//! The report as printed, and what deriving again adds to it.

use std::collections::BTreeMap;

use super::*;

const FOUND: Found = Found { found: 6, accepted: 3, unchanged: 1, rejected: 1, held: 0 };

fn audit() -> Audit {
    let owed = Owed { owed: 4, confirmed: 3, ..Owed::default() };
    let broken = Broken {
        equation: "found".into(),
        document: Some(12),
        destination: None,
        kind: "hazard".into(),
        left: 6,
        right: 5,
    };
    Audit::of(
        BTreeMap::from([("hazard".to_owned(), FOUND)]),
        BTreeMap::from([("national".to_owned(), BTreeMap::from([("hazard".to_owned(), owed)]))]),
        vec![broken],
    )
}

fn again() -> Deep {
    let difference =
        |what, stored| Difference { document: 12, kind: "hazard".into(), what, stored, derived: 2 };
    Deep {
        documents: 3,
        records: 9,
        differences: vec![difference("unchanged", 1), difference("rejected", 3)],
        damaged: vec![Damaged {
            document: 15,
            kind: "risk_unit".into(),
            why: "原文 00ff 不在库中".into(),
            found: 7,
        }],
        dropped: 0,
    }
}

#[test]
fn every_broken_line_names_its_document_or_destination() {
    assert_eq!(
        broken_lines(&audit(), &again()),
        [
            "文档 12 hazard：发现 6 条，接受、未变、退回、待定共 5 条",
            "目的地 national hazard：应送 4 条，各去向共 3 条",
            "文档 12 hazard：未变记 1 条，从原文重新推导是 2 条",
            "文档 12 hazard：退回记 3 条，从原文重新推导是 2 条",
            "文档 15 risk_unit：原文 00ff 不在库中；记 7 条，无从推导",
        ]
    );
}

#[test]
fn a_damaged_document_breaks_the_equation_with_nothing_on_its_right() {
    let mut audit = Audit { holds: true, ..Audit::default() };
    add(&mut audit, &Deep { differences: Vec::new(), ..again() });
    assert!(!audit.holds);
    assert_eq!(
        serde_json::to_value(&audit.broken).unwrap(),
        serde_json::json!([{"equation": "found", "document": 15, "kind": "risk_unit", "left": 7, "right": 0}])
    );
}

#[test]
fn deriving_the_same_again_changes_nothing() {
    let mut audit = Audit { holds: true, ..Audit::default() };
    add(&mut audit, &Deep::default());
    assert_eq!(audit, Audit { holds: true, ..Audit::default() });
}

#[test]
fn figures_stand_in_columns_under_their_heads() {
    let mut out = Vec::new();
    print(&audit(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let columns =
        |line: &str| line.chars().map(|letter| if letter.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let of_found: Vec<usize> = text.lines().skip(1).take(3).map(columns).collect();
    assert_eq!(of_found, [18 + 5 * 9; 3], "{text}");
    let of_owed: Vec<usize> = text.lines().skip(6).take(3).map(columns).collect();
    assert_eq!(of_owed, [18 + 8 * 9; 3], "{text}");
    assert!(
        text.ends_with("不成立：目的地 national hazard：应送 4 条，各去向共 3 条\n等式不成立！\n"),
        "{text}"
    );
}

#[test]
fn what_holds_is_said_to_hold() {
    let mut out = Vec::new();
    print(&Audit { holds: true, ..Audit::default() }, &mut out).unwrap();
    assert!(String::from_utf8(out).unwrap().ends_with("\n\n两个等式都成立。\n"));
}

#[test]
fn what_was_derived_again_is_told_and_that_it_is_the_same() {
    let mut out = Vec::new();
    derived(&Deep { documents: 2, records: 471, ..Deep::default() }, &mut out).unwrap();
    derived(&again(), &mut out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "从原始字节重新推导了 2 个文档里的 471 条，与账上的结论一致。\n从原始字节重新推导了 3 个文档里的 9 条。\n"
    );
}
