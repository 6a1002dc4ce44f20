//! The three forms of the same rows.

use std::borrow::Cow;

use adapters::{Raw, SourceRecord, codec::xlsx};
use mappings::Level;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::pipeline::rejections::words::as_sent;
use crate::{
    pipeline::rejections::{Column, List},
    store::verdicts::Verdict,
};

fn list(words: &[(&str, u32)]) -> List {
    let columns = words.iter().map(|(path, nth)| Column { path: (*path).to_owned(), nth: *nth }).collect();
    List::of("plants", columns)
}

fn record<'r>(fields: &[(&'r str, &'r str, Form)]) -> SourceRecord<'r> {
    let raw = |text: &'r str, form: Form| Raw { text: Cow::Borrowed(text), form };
    let fields = fields.iter().map(|(path, text, form)| (Cow::Borrowed(*path), raw(text, *form))).collect();
    SourceRecord { place: 3, offset: 0, length: 0, fields }
}

fn issue() -> Issue {
    Issue {
        code: "too-long".into(),
        level: Level::Reject,
        field: "name".into(),
        value: "甲".into(),
        place: "NAME".into(),
        message: "名称太长".into(),
        advice: "请缩短".into(),
    }
}

fn row<'r>(body: Body<'r>, issue: &'r Issue) -> Row<'r> {
    Row {
        verdict: Verdict::Held,
        at: (12, 3),
        received_at: "2024-06-10T00:00:00Z".parse().unwrap(),
        times: 2,
        id: "17",
        issues: vec![(issue, Some("附件 2".to_owned()))],
        body,
    }
}

fn written(format: SheetFormat, list: &List, rows: &[Row<'_>]) -> Vec<u8> {
    let as_text = format != SheetFormat::Xlsx;
    let layout = Layout::new(list, None, chrono_tz::Asia::Shanghai, false, as_text);
    let mut out = Vec::new();
    let mut sheets = Sheets::begin(format, &mut out).unwrap();
    sheets.list("plants", &layout).unwrap();
    for row in rows {
        sheets.row("plants", &layout, row).unwrap();
    }
    sheets.finish(&["说明一".to_owned()]).unwrap();
    out
}

#[test]
fn an_object_says_each_value_as_it_was_written() {
    let said = record(&[
        ("b", "1.50", Form::Number),
        ("a", "甲", Form::Text),
        ("a", "true", Form::Bool),
        ("n", "", Form::Null),
        ("l", "[ 1, \"x\" ]", Form::Nested),
    ]);
    let list = list(&[("a", 1), ("b", 1), ("a", 2), ("n", 1), ("l", 1), ("NAME", 1)]);
    let issue = issue();
    let gone = Row { verdict: Verdict::Rejected, ..row(Body::Gone("没有了"), &issue) };
    let text = String::from_utf8(written(
        SheetFormat::Json,
        &list,
        &[row(Body::Record(&said), &issue), gone, row(Body::Unreadable(b"{\"a"), &issue)],
    ))
    .unwrap();
    assert!(
        text.contains(r#""record":{"b":1.50,"a":"甲","a（第 2 次）":true,"n":null,"l":[ 1, "x" ]}"#),
        "{text}"
    );
    assert_eq!(text.lines().count(), 5, "a line each: {text}");
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(rows[0]["wrong"], json!(["NAME"]));
    assert_eq!(
        rows[0]["issues"],
        json!([{"code": "too-long", "level": "reject", "field": "name", "value": "甲", "place": "NAME",
            "message": "名称太长", "advice": "请缩短", "clause": "附件 2"}])
    );
    assert_eq!(rows[0]["receipt"], json!({"document": 12, "place": 3}));
    assert_eq!((&rows[0]["verdict"], &rows[1]["verdict"]), (&json!("held"), &json!("rejected")));
    assert_eq!((&rows[1]["gone"], &rows[1]["record"]), (&json!("没有了"), &json!({})));
    assert_eq!((&rows[2]["raw"], rows[2].get("gone")), (&json!("{\"a"), None));
}

#[test]
fn no_row_is_an_empty_list_and_a_header() {
    let list = list(&[("a", 1)]);
    assert_eq!(written(SheetFormat::Json, &list, &[]), b"[]\n");
    let csv = String::from_utf8(written(SheetFormat::Csv, &list, &[])).unwrap();
    assert_eq!(csv, "\u{feff}a,判定,问题,依据,次数,最近一次,主键,出错的列,来源回执,来源写法\r\n");
    let sheet = xlsx::read_sheet(&written(SheetFormat::Xlsx, &list, &[]), "plants").unwrap();
    assert_eq!((sheet.header.len(), sheet.rows.len()), (9, 0));
}

#[test]
fn a_line_of_text_says_which_columns_are_wrong() {
    let list = list(&[("NAME", 1), ("X", 1)]);
    let said = record(&[("NAME", "=HYPERLINK(\"x\")", Form::Text), ("X", "一,\n\"二\"", Form::Text)]);
    let issue = issue();
    let csv =
        String::from_utf8(written(SheetFormat::Csv, &list, &[row(Body::Record(&said), &issue)])).unwrap();
    let line = csv.split_once("\r\n").unwrap().1;
    assert_eq!(
        line,
        "\"'=HYPERLINK(\"\"x\"\")\",\"一,\n\"\"二\"\"\",待定,NAME 写了“甲”：名称太长。请缩短,附件 2,2,\
         2024-06-10 08:00,17,NAME,12/3,\r\n"
    );
}

#[test]
fn who_does_not_take_it_is_told_of() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    assert!(Sheets::begin(SheetFormat::Csv, Full).is_err());
    assert!(Sheets::begin(SheetFormat::Json, Full).is_err());
    let layout = Layout::new(&list(&[("a", 1)]), None, chrono_tz::UTC, false, false);
    let mut book = Sheets::begin(SheetFormat::Xlsx, Full).unwrap();
    book.list("plants", &layout).unwrap();
    assert!(book.finish(&[]).unwrap_err().to_string().contains("写不出工作簿"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_record_is_read_back_as_it_was_sent(fields in proptest::collection::vec(
        ("[a-c.问题判定=]{1,3}", prop_oneof![any::<String>(), "[=+@\\-0-9 \t\r\n\"',]{0,20}"]), 0..6)) {
        let said: Vec<(&str, &str, Form)> =
            fields.iter().map(|(path, text)| (path.as_str(), text.as_str(), Form::Text)).collect();
        let said = record(&said);
        let mut columns = Vec::new();
        crate::pipeline::rejections::each_column(&said, &mut |column, _| columns.push(column));
        let list = List::of("plants", columns.clone());
        let issue = issue();
        let bytes = written(SheetFormat::Xlsx, &list, &[row(Body::Record(&said), &issue)]);
        let mut sheet = xlsx::read_sheet(&bytes, "plants").unwrap();
        as_sent(&mut sheet).unwrap();
        let back: Vec<(String, String)> = sheet.rows[0]
            .cells
            .iter()
            .map(|(column, text, _)| (sheet.header[*column].clone(), text.clone()))
            .filter(|(word, _)| !word.is_empty())
            .collect();
        let held = |text: &str| xlsx::unpictured(&xlsx::fitting(text)).into_owned();
        let wanted: Vec<(String, String)> = fields
            .iter()
            .filter(|(_, text)| !xlsx::fitting(text).trim().is_empty())
            .map(|(path, text)| (path.clone(), held(text)))
            .collect();
        prop_assert_eq!(back, wanted);
        let json: Value = serde_json::from_slice(&written(SheetFormat::Json, &list, &[row(Body::Record(&said), &issue)])).unwrap();
        prop_assert_eq!(json[0]["record"].as_object().unwrap().len(), fields.len());
    }
}
