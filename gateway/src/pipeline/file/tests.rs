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

/// The document that is made of text, and its parts: first place, records, bytes.
fn landed(text: &str) -> (String, Vec<(u32, u32, String)>) {
    let written = written(&opened(text.as_bytes(), Some("data.rows"))).unwrap();
    let parts = written.parts.iter().map(|part| {
        let range = usize::try_from(part.from).unwrap()..usize::try_from(part.to).unwrap();
        (part.first, part.count, String::from_utf8(written.bytes[range].to_vec()).unwrap())
    });
    let parts = parts.collect();
    (String::from_utf8(written.bytes).unwrap(), parts)
}

#[test]
fn text_is_a_document_as_it_is() {
    for text in ["{\"data\":{\"rows\":[{\"a\":1}]}}", "[{\"a\":1}]", "{\"a\":1}"] {
        assert_eq!(landed(text), (text.to_owned(), vec![(0, 1, "{\"a\":1}".to_owned())]), "{text}");
    }
}

#[test]
fn lines_are_one_part_but_for_those_that_are_broken() {
    let (_, parts) = landed("{\"a\":1}\n\n{\"a\":2}\n{\"a\":\n{\"a\":4}\n{\"a\":5}");
    assert_eq!(
        parts,
        [
            (0, 2, "{\"a\":1}\n\n{\"a\":2}\n".to_owned()),
            (2, 1, "{\"a\":\n".to_owned()),
            (3, 2, "{\"a\":4}\n{\"a\":5}".to_owned())
        ]
    );
}

#[test]
fn a_given_list_is_written_as_its_sender_wrote_it() {
    let given = r#"[
        {"service":"tanks","receipt":{"document":5,"place":1},"record":{"a":"甲","n":1.50,"x":null,"a（第 2 次）":"乙","l":[1,2]}},
        {"service":"plants","receipt":{"document":5,"place":2},"record":{"a":"别的"}},
        {"service":"tanks","receipt":{"document":5,"place":3},"record":{},"raw":"\"就这样\""},
        {"service":"tanks","receipt":{"document":5,"place":4},"record":{},"raw":"{\"a\":"}]"#;
    let wanted = Wanted { decoder: AnyDecoder::default(), list: None, service: "tanks" };
    let opened = Opened::of(given.as_bytes(), &wanted, None).unwrap();
    let document = String::from_utf8(written(&opened).unwrap().bytes).unwrap();
    let lines: Vec<&str> = document.lines().collect();
    assert_eq!(
        lines,
        ["[", r#"{"a":"甲","n":1.50,"x":null,"a":"乙","l":[1,2]},"#, "\"就这样\",", r#""{\"a\":""#, "]"]
    );
    let Opened::Table(table) = &opened else { panic!("no table") };
    let receipts: Vec<&str> = table.beside.iter().map(|beside| beside.receipt.as_str()).collect();
    assert_eq!(receipts, ["5/1", "5/3", "5/4"]);
    assert_eq!(services(given.as_bytes(), &["plants", "tanks", "units"]), ["plants", "tanks"]);
    assert_eq!(stands(given.as_bytes(), "tanks", 1), Some("tanks!第 3 条".to_owned()));
    assert_eq!(super::document(given.as_bytes(), "tanks").unwrap(), document.as_bytes());
}

#[test]
fn a_list_of_text_is_one_only_with_receipts() {
    let wanted = Wanted { decoder: AnyDecoder::default(), list: None, service: "tanks" };
    let opened = Opened::of("a,来源回执\n'0012,5/1\n".as_bytes(), &wanted, None).unwrap();
    let document = String::from_utf8(written(&opened).unwrap().bytes).unwrap();
    assert_eq!(document, "[\n{\"a\":\"0012\"}\n]\n");
    assert!(matches!(Opened::of(b"a,b\n1,2\n", &wanted, None), Ok(Opened::Text { .. })));
}

proptest! {
    #[test]
    fn what_a_file_holds_its_document_holds(values in proptest::collection::vec("\\PC{0,12}", 1..20)) {
        let lines: Vec<String> = values.iter().map(|value| serde_json::json!({"v": value}).to_string()).collect();
        let (document, parts) = landed(&lines.join("\n"));
        let count: u32 = parts.iter().map(|(_, count, _)| count).sum();
        prop_assert_eq!(usize::try_from(count).unwrap(), values.len());
        prop_assert_eq!(document, lines.join("\n"));
    }
}
