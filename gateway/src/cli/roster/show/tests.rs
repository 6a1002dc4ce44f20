//! A subject and a change, in words.

use chrono::DateTime;

use super::*;
use crate::roster::{Identifier, Merge, Span};

#[test]
fn a_subject_is_shown_with_all_that_hangs_on_it() {
    let subject = |row: i64, name: &str, parent| Subject {
        row,
        subject: row,
        said: Said {
            sort: "企业".into(),
            name: name.into(),
            region: "410928".into(),
            parent,
            ..Said::default()
        },
        span: Span::EVER,
        source: "名册.xlsx".into(),
    };
    let span = Span { from: 0, to: Span::EVER.to };
    let code = Identifier {
        row: 4,
        scheme: "chem".into(),
        value: "410900017".into(),
        subject: 1,
        span,
        source: "x".into(),
    };
    let roster = Roster {
        number: 9,
        subjects: vec![subject(1, "甲", None), subject(2, "甲厂", None), subject(3, "甲厂区", Some(2))],
        identifiers: vec![code],
        merges: vec![Merge { row: 5, subject: 2, into: 1 }],
    };
    let zone = chrono_tz::Asia::Shanghai;
    assert_eq!(
        shown(&line(&roster, 1, zone), &roster),
        "主体 1 甲\n  企业，甲，行政区划 410928（名册.xlsx）\n  编码 chem:410900017 1970-01-01 起（x）\n  \
         并入它的 2 甲厂\n  下属 3 甲厂区"
    );
    let merged = shown(&line(&roster, 2, zone), &roster);
    assert!(merged.contains("已并入 1 甲"), "{merged}");
    let json = serde_json::to_value(line(&roster, 3, zone)).unwrap();
    assert_eq!((&json["known"][0]["parent"], &json["into"]), (&2.into(), &serde_json::Value::Null));
}

#[test]
fn a_change_says_what_who_why_and_whether_it_was_undone() {
    let one = Changed {
        no: 7,
        how: "merge".into(),
        what: "2 → 1".into(),
        why: "同一家".into(),
        who: "张三".into(),
        at: DateTime::UNIX_EPOCH,
        undone_by: Some(8),
    };
    let zone = chrono_tz::Asia::Shanghai;
    let text = "第 7 号 1970-01-01 08:00 合并主体 2 → 1（张三 同一家）；已由第 8 号撤销";
    assert_eq!(shown_change(&one, zone), text);
    assert_eq!(serde_json::to_value(&one).unwrap()["undone_by"], 8);
}
