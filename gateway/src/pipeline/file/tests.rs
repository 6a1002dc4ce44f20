//! Files opened: which records there are, and where each value stands.

use adapters::{
    Form,
    codec::xlsx::{Row, Sheet},
};
use proptest::prelude::*;

use super::*;

fn opened<'f>(bytes: &'f [u8], list: Option<&str>) -> Opened<'f> {
    Opened::of(bytes, &Wanted { decoder: AnyDecoder::default(), list, service: "" }, None).unwrap()
}

/// `place: path=value` of every record, or what is wrong with it.
fn read(text: &str, list: Option<&str>) -> Vec<String> {
    let opened = opened(text.as_bytes(), list);
    let told = |record: Result<SourceRecord<'_>, Undecodable>| match record {
        Ok(record) => {
            let fields = record.fields.iter().map(|(path, raw)| format!("{path}={}", raw.text));
            format!(
                "{} {}: {}",
                record.place,
                opened.begins(record.offset),
                fields.collect::<Vec<_>>().join(" ")
            )
        }
        Err(bad) => format!("{} {}: broken", bad.place, opened.begins(bad.offset)),
    };
    opened.records().unwrap().into_iter().map(told).collect()
}

fn refused(text: &str) -> String {
    opened(text.as_bytes(), None).records().unwrap_err()
}

#[test]
fn an_answer_a_list_and_lines_hold_the_same_records() {
    let expected = |at: &str| vec![format!("0 {at}: a=1")];
    assert_eq!(read(r#"{"data":{"rows":[{"a":1}]}}"#, Some("data.rows")), expected("1:18"));
    assert_eq!(read(r#"[{"a":1}]"#, Some("data.rows")), expected("1:2"));
    assert_eq!(read(r#"{"a":1}"#, Some("data.rows")), expected("1:1"));
    assert_eq!(read("\u{feff}{\"a\":1}", None), expected("1:1"));
    assert_eq!(read("{\n  \"a\": 1\n}", None), expected("1:1"));
}

#[test]
fn a_broken_line_costs_itself_and_a_broken_list_is_told() {
    let lines = "{\"a\":1}\n{\"a\":\n\n  {\"a\":3}\n";
    assert_eq!(read(lines, None), ["0 1:1: a=1", "1 2:1: broken", "3 4:3: a=3"]);
    assert!(refused("[{\"a\":1}").contains("不是完整的 JSON"), "{}", refused("[{\"a\":1}"));
    for text in ["", "  \n", "a,b\n1,2\n", "\"text\"", "12"] {
        assert!(refused(text).contains("也不是 .xlsx 工作簿"), "{text}");
    }
}

#[test]
fn an_object_over_several_lines_is_one_record() {
    assert_eq!(read("{\n\"a\":1,\n\"b\":{\n\"c\":2}}\n", None), ["0 1:1: a=1 b.c=2"]);
}

#[test]
fn a_value_stands_where_it_is_written() {
    let text = "{\"名称\":\"阀门\",\"b\":\"x\\u0041\"}\n{\"名称\":\"泵\"}";
    let opened = opened(text.as_bytes(), None);
    let records: Vec<_> = opened.records().unwrap().into_iter().map(Result::unwrap).collect();
    assert_eq!(opened.stands(&records[0], "名称"), Place::Text(1, 8));
    // an unescaped text is nowhere in the file: its record is
    assert_eq!(opened.stands(&records[0], "b"), Place::Text(1, 1));
    assert_eq!(opened.stands(&records[0], "c"), Place::Text(1, 1));
    assert_eq!(opened.stands(&records[1], "名称"), Place::Text(2, 8));
}

#[test]
fn a_line_of_a_sheet_is_a_record_under_the_words_of_the_first() {
    let row = |number, cells: &[(usize, &str)]| Row {
        number,
        cells: cells.iter().map(|(column, text)| (*column, (*text).to_owned(), Form::Text)).collect(),
    };
    let sheet = Sheet {
        name: "隐患".into(),
        header: vec!["ID".into(), String::new(), "NAME".into()],
        rows: vec![
            row(2, &[(0, "1"), (1, "no word above"), (2, "阀门")]),
            row(9, &[(2, "泵"), (7, "beyond")]),
        ],
    };
    let opened = Opened::Table(Table { form: TableForm::Workbook, sheet, beside: Vec::new() });
    let records: Vec<_> = opened.records().unwrap().into_iter().map(Result::unwrap).collect();
    let fields: Vec<Vec<&str>> =
        records.iter().map(|record| record.fields.iter().map(|(path, _)| path.as_ref()).collect()).collect();
    assert_eq!(fields, [vec!["ID", "NAME"], vec!["NAME"]]);
    assert_eq!(opened.stands(&records[0], "NAME").to_string(), "隐患!C2");
    assert_eq!(opened.stands(&records[1], "NAME").to_string(), "隐患!C9");
    assert_eq!(opened.stands(&records[1], "OTHER").to_string(), "隐患!第 9 行");
    assert_eq!(opened.header(), ["ID", "", "NAME"]);
}

proptest! {
    #[test]
    fn any_bytes_are_opened_or_told(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(opened) = Opened::of(&bytes, &Wanted { decoder: AnyDecoder::default(), list: Some("a.b"), service: "t" }, None) {
            for record in opened.records().into_iter().flatten().flatten() {
                let _ = opened.stands(&record, "a");
            }
        }
    }

    #[test]
    fn as_many_lines_as_many_records(values in proptest::collection::vec(0u32..1000, 1..30)) {
        let lines: Vec<String> = values.iter().map(|value| format!("{{\"v\":{value}}}")).collect();
        let text = lines.join("\n");
        let found = read(&text, None);
        let expected: Vec<String> =
            values.iter().enumerate().map(|(at, value)| format!("{at} {}:1: v={value}", at + 1)).collect();
        prop_assert_eq!(found, expected);
    }
}
