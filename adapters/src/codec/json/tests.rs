//! Records as written, bad records alone, places and parts; and, for any bytes at all, agreement with `serde_json`.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    record::{Form, Raw},
    source::Extent,
};

fn part(bytes: &[u8]) -> Part<'_> {
    Part { bytes, first: 0, offset: 0 }
}

fn decode(text: &str) -> Vec<Result<SourceRecord<'_>, Undecodable>> {
    JsonRecords.decode(&part(text.as_bytes())).collect()
}

fn only(text: &str) -> Vec<(String, String, Form)> {
    let records = decode(text);
    assert_eq!(records.len(), 1, "{text}");
    let record = records.into_iter().next().unwrap().unwrap();
    record
        .fields
        .into_iter()
        .map(|(path, raw)| (path.into_owned(), raw.text.into_owned(), raw.form))
        .collect()
}

fn field(path: &str, text: &str, form: Form) -> (String, String, Form) {
    (path.to_owned(), text.to_owned(), form)
}

mod fields_as_written {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        assert_eq!(
            only(r#"{"a":12345678901234567890123,"b":1.10,"c":1e400,"d":-0}"#),
            [
                field("a", "12345678901234567890123", Form::Number),
                field("b", "1.10", Form::Number),
                field("c", "1e400", Form::Number),
                field("d", "-0", Form::Number),
            ]
        );
    }

    #[test]
    fn a_repeated_key_stands_twice_and_a_trailing_space_stays() {
        assert_eq!(
            only(r#"{"identifyingObjects ":"罐区","a":1,"a":"2"}"#),
            [
                field("identifyingObjects ", "罐区", Form::Text),
                field("a", "1", Form::Number),
                field("a", "2", Form::Text),
            ]
        );
    }

    #[test]
    fn objects_become_paths_and_lists_stay_json() {
        assert_eq!(
            only(r#"{"a":{"b":{"c":true},"d":null},"e":[1,{"f":"g"}],"h":{},"i":{ }}"#),
            [
                field("a.b.c", "true", Form::Bool),
                field("a.d", "", Form::Null),
                field("e", r#"[1,{"f":"g"}]"#, Form::Nested),
                field("h", "{}", Form::Nested),
                field("i", "{ }", Form::Nested),
            ]
        );
    }

    #[test]
    fn escapes_are_resolved_and_nothing_else_is_touched() {
        assert_eq!(
            only(r#"{"a":"\u9690\u60a3\n\ud83d\ude00\/","b":" x ","c":"[{\"id\":1}]","\u0064":""}"#),
            [
                field("a", "隐患\n😀/", Form::Text),
                field("b", " x ", Form::Text),
                field("c", r#"[{"id":1}]"#, Form::Text),
                field("d", "", Form::Text),
            ]
        );
    }

    #[test]
    fn texts_without_escapes_are_borrowed() {
        let text = r#"{"a":"隐患"}"#;
        let record = decode(text).into_iter().next().unwrap().unwrap();
        assert!(matches!(&record.fields[0], (Cow::Borrowed("a"), Raw { text: Cow::Borrowed("隐患"), .. })));
    }
}

mod bad_records {
    use super::*;

    fn neighbours(bad: &[u8]) -> Undecodable {
        let bytes = [br#"{"id":"1"},"#, bad, br#" , {"id":"3"}"#].concat();
        let records: Vec<_> = JsonRecords.decode(&Part { bytes: &bytes, first: 7, offset: 100 }).collect();
        assert_eq!(records.len(), 3, "{}", String::from_utf8_lossy(bad));
        assert_eq!(records[0].as_ref().unwrap().place, 7);
        let last = records[2].as_ref().unwrap();
        assert_eq!((last.place, last.length), (9, 10));
        assert_eq!(last.offset, 100 + u64::try_from(bytes.len()).unwrap() - 10);
        records[1].clone().unwrap_err()
    }

    #[test]
    fn cost_nobody_but_themselves() {
        for (bad, what) in [
            (&br#"{"a":"\q"}"#[..], "invalid escape"),
            (br#"{"a":"\ud83d"}"#, "unexpected end of hex escape"),
            (br#"{"a":"\ud83dx"}"#, "unexpected end of hex escape"),
            (br#"{"a":"\udc00"}"#, "lone leading surrogate"),
            (b"{\"a\":\"line\nbreak\"}", "control character"),
            (b"{\"a\":\"\xd2\xfe\xbb\xbc\"}", "不是 UTF-8"),
            (br#"{"a":01}"#, "invalid number"),
            (br#"{"a":nul}"#, "expected ident"),
            (br#"{"a" 1}"#, "expected `:`"),
            (br#"{"a":1,}"#, "trailing comma"),
            (b"5", "不是 JSON 对象"),
            (b"null", "不是 JSON 对象"),
            (br#"[{"id":2}]"#, "不是 JSON 对象"),
            (br#""text, with a comma""#, "不是 JSON 对象"),
        ] {
            let error = neighbours(bad);
            assert!(error.what.contains(what), "{}: {}", String::from_utf8_lossy(bad), error.what);
            assert_eq!((error.place, error.offset), (8, 111));
            assert_eq!(usize::try_from(error.length).unwrap(), bad.len());
        }
    }

    #[test]
    fn an_unreadable_remainder_counts_as_one() {
        let records = decode(r#"{"id":1},{"id":"2},{"id":3}"#);
        assert_eq!(records.len(), 2);
        let error = records[1].clone().unwrap_err();
        assert_eq!((error.place, error.offset, error.length), (1, 9, 18));
        assert_eq!(error.what, "这个引号没有另一半");
    }

    #[test]
    fn limits_hold() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(40), "}".repeat(40));
        assert!(decode(&deep)[0].clone().unwrap_err().what.contains("32 层"));
        let deeper = format!("{}1{}", "[".repeat(129), "]".repeat(129));
        assert_eq!(decode(&deeper)[0].clone().unwrap_err().what, "嵌套超过 128 层");
        let wide = format!("{{{}}}", vec![r#""a":1"#; 10_001].join(","));
        assert!(decode(&wide)[0].clone().unwrap_err().what.contains("10000 个字段"));
        let long = format!(r#"{{"{}":{{"b":1}}}}"#, "a".repeat(600));
        assert!(decode(&long)[0].clone().unwrap_err().what.contains("512 字节"));
    }
}

mod the_envelope {
    use super::*;

    fn found(envelope: &Envelope) -> &List {
        match &envelope.listing {
            Listing::Found(list) => list,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn list_and_values_are_found_where_configured() {
        let text = "\u{feff} {\"code\": 0, \"data\": {\"total\": 2.0, \"records\" : [ {\"id\":1} , {\"id\":2} ],\
            \"records2\":[3]}, \"ok\":true, \"msg\":\"\\u6210功\", \"none\":null}\n";
        let wanted = ["code", "data.total", "ok", "msg", "none", "absent", "data.records2"];
        let envelope = locate(text.as_bytes(), "data.records", &wanted).unwrap();
        let list = found(&envelope);
        let slice = |from: u64, to: u64| &text[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()];
        assert_eq!(slice(list.from, list.to), r#"[ {"id":1} , {"id":2} ]"#);
        assert_eq!(list.count, 2);
        assert_eq!(list.parts.len(), 1);
        assert_eq!(slice(list.parts[0].from, list.parts[0].to), r#"{"id":1} , {"id":2}"#);
        let values: Vec<_> = envelope.values.iter().map(Option::as_deref).collect();
        assert_eq!(values, [Some("0"), Some("2.0"), Some("true"), Some("成功"), None, None, Some("[3]")]);
    }

    /// Of what is not asked for, no text is made: GBK in one record costs the page nothing.
    #[test]
    fn a_page_need_not_be_text_to_be_cut() {
        let page = b"{\"total\":1,\"list\":[{\"a\":\"\xd2\xfe\xbb\xbc\"}]}";
        let envelope = locate(page, "list", &["total", ""]).unwrap();
        assert_eq!(found(&envelope).count, 1);
        assert_eq!(envelope.values, [Some("1".to_owned()), None]);
    }

    #[test]
    fn the_answer_may_be_the_list_itself() {
        let envelope = locate(b"[{},{},{}]", "", &[]).unwrap();
        assert_eq!(found(&envelope).count, 3);
        assert_eq!(
            found(&locate(b" [ ] ", "", &[]).unwrap()),
            &List { from: 1, to: 4, count: 0, parts: vec![] }
        );
    }

    #[test]
    fn what_stands_there_instead_is_said() {
        let listing = |text: &str| locate(text.as_bytes(), "data.records", &[]).unwrap().listing;
        let missing =
            |names: &[&str]| Listing::Missing { beside: names.iter().map(ToString::to_string).collect() };
        assert_eq!(listing(r#"{"data":{"rows":[],"total":0}}"#), missing(&["rows", "total"]));
        assert_eq!(listing(r#"{"result":{"records":[]}}"#), missing(&["result"]));
        assert_eq!(listing(r#"{"data":[]}"#), missing(&["data"]));
        assert_eq!(listing(r#"{"data":{"records":null}}"#), Listing::Null);
        assert_eq!(listing(r#"{"data":null}"#), Listing::Null);
        assert_eq!(listing(r#"{"data":{"records":{}}}"#), Listing::NoList);
        assert_eq!(listing(r#"{"data":{"records":"[]"}}"#), Listing::NoList);
        assert_eq!(listing("[]"), missing(&[]));
        assert_eq!(listing("{}"), missing(&[]));
    }

    #[test]
    fn anything_but_whole_json_is_malformed() {
        for (text, at, what) in [
            ("", 0, "断了"),
            ("<html></html>", 0, "网页"),
            (r#"{"data":{"records":[{"id":1}"#, 28, "断了"),
            (r#"{"data":{"records":[{"id":1},]}}"#, 29, "应该是一个值"),
            (r#"{"data":{"records":[{"id":1} {}]}}"#, 29, "字符不对"),
            (r#"{"data":{"records":[,]}}"#, 20, "应该是一个值"),
            (r#"{"data":{"records":[{"id":1]}}}"#, 27, "不配对"),
            (r#"{"data":{"records":[]}} x"#, 24, "还有别的内容"),
            (r#"{"data":{"records":[]},}"#, 23, "字符不对"),
            (r#"{"data":{"records":[]}"other":1}"#, 22, "字符不对"),
            (r#"{"other":tru,"data":{}}"#, 9, "不是合法的 JSON"),
            ("{\"a\nb\":1}", 1, "control character"),
            (r#"{"data":{},"data":{}}"#, 11, "data 写了两次"),
            (r#"{"data":{"records":[],"records":[]}}"#, 22, "data.records 写了两次"),
        ] {
            let error = locate(text.as_bytes(), "data.records", &[]).unwrap_err();
            assert!(error.what.contains(what), "{text}: {error}");
            assert_eq!(error.at, at, "{text}: {error}");
        }
    }

    #[test]
    fn a_bad_escape_inside_a_record_does_not_cost_the_page() {
        let envelope = locate(br#"{"l":[{"a":"\q"},{"a":01},{"a":1}]}"#, "l", &[]).unwrap();
        assert_eq!(found(&envelope).count, 3);
    }

    #[test]
    fn parts_hold_at_most_five_thousand_records_or_four_megabytes() {
        let many = format!("[{}]", vec!["{}"; 12_001].join(","));
        let envelope = locate(many.as_bytes(), "", &[]).unwrap();
        let sizes: Vec<_> = found(&envelope).parts.iter().map(|part| (part.first, part.count)).collect();
        assert_eq!(sizes, [(0, 5_000), (5_000, 5_000), (10_000, 2_001)]);

        let mega = format!(r#"{{"a":"{}"}}"#, "x".repeat((1 << 20) - 8));
        let huge = format!(r#"{{"a":"{}"}}"#, "x".repeat(5 << 20));
        let text = format!("[{}]", [&mega, &mega, &mega, &mega, &huge, &mega].map(String::as_str).join(","));
        let envelope = locate(text.as_bytes(), "", &[]).unwrap();
        let parts = &found(&envelope).parts;
        let sizes: Vec<_> = parts.iter().map(|part| (part.first, part.count)).collect();
        assert_eq!(sizes, [(0, 3), (3, 1), (4, 1), (5, 1)]);
        assert!(parts.iter().filter(|part| part.count > 1).all(|part| part.to - part.from <= 4 << 20));
    }
}

/// What `serde_json` makes of a record: the same paths and texts by another way.
fn reference(prefix: &str, value: &Value, into: &mut Vec<(String, String, Form)>) {
    for (key, value) in value.as_object().unwrap() {
        let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        let (text, form) = match value {
            Value::Object(members) if !members.is_empty() => {
                reference(&path, value, into);
                continue;
            }
            Value::String(text) => (text.clone(), Form::Text),
            Value::Null => (String::new(), Form::Null),
            Value::Bool(flag) => (flag.to_string(), Form::Bool),
            Value::Number(number) => (number.to_string(), Form::Number),
            nested => (nested.to_string(), Form::Nested),
        };
        into.push((path, text, form));
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\\\\"{}\\[\\],: \u{9690}]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            any_object(inner).prop_map(|members| json!(members)),
        ]
    })
}

fn any_object(
    value: impl Strategy<Value = Value>,
) -> impl Strategy<Value = std::collections::BTreeMap<String, Value>> {
    prop::collection::btree_map("[a-c\"\\\\{} \u{9690}]{0,3}", value, 0..4)
}

proptest! {
    #[test]
    fn the_same_records_as_serde_json(records in prop::collection::vec(any_object(any_value()), 0..6), pretty: bool) {
        let document = json!({ "code": 0, "data": { "records": records, "total": records.len() } });
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
        let text = text.unwrap();
        let envelope = locate(text.as_bytes(), "data.records", &["data.total"]).unwrap();
        prop_assert_eq!(&envelope.values, &[Some(records.len().to_string())]);
        let Listing::Found(list) = envelope.listing else { panic!("no list") };
        let mut decoded = Vec::new();
        for Extent { first, from, to, .. } in list.parts {
            let range = usize::try_from(from).unwrap()..usize::try_from(to).unwrap();
            let part = Part { bytes: &text.as_bytes()[range], first, offset: from };
            decoded.extend(JsonRecords.decode(&part).map(|record| {
                let record = record.unwrap();
                let at = usize::try_from(record.offset).unwrap();
                let alone = &text[at..at + usize::try_from(record.length).unwrap()];
                (record.fields.into_iter().map(|(path, raw)| (path.into_owned(), canonical(&raw), raw.form)).collect::<Vec<_>>(),
                    serde_json::from_str::<Value>(alone).unwrap())
            }));
        }
        prop_assert_eq!(decoded.len(), records.len());
        for ((fields, alone), record) in decoded.into_iter().zip(records) {
            let record = json!(record);
            let mut expected = Vec::new();
            reference("", &record, &mut expected);
            prop_assert_eq!(fields, expected);
            prop_assert_eq!(alone, record);
        }
    }

    #[test]
    fn whole_json_and_nothing_else_is_well_formed(text in "[\\[\\]{},:\"a1 \\\\\n-]{0,24}") {
        let ours = locate(text.as_bytes(), "x.y", &[]).is_ok();
        let theirs = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        prop_assert_eq!(ours, theirs, "{}", text);
    }

    #[test]
    fn mutilated_json_is_judged_as_serde_json_does(value in any_value(), at: prop::sample::Index, byte: u8) {
        let mut bytes = serde_json::to_vec(&json!({ "a": value })).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let ours = locate(&bytes, "x.y", &[]).is_ok();
        let theirs = std::str::from_utf8(&bytes)
            .is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
        // names of the envelope are read, so that an escape without a character is found there
        prop_assert!(ours == theirs || (theirs && bytes.contains(&b'\\')), "{}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_bytes_are_survived(bytes: Vec<u8>, list in "[a.]{0,3}") {
        let _ = locate(&bytes, &list, &["a", "a.a"]);
        let mut end = 0;
        for (place, record) in JsonRecords.decode(&part(&bytes)).enumerate() {
            let (found, offset, length) = match record {
                Ok(record) => (record.place, record.offset, record.length),
                Err(error) => (error.place, error.offset, error.length),
            };
            prop_assert_eq!(usize::try_from(found).unwrap(), place);
            prop_assert!(offset >= end && length > 0);
            end = offset + u64::from(length);
        }
        prop_assert!(end <= u64::try_from(bytes.len()).unwrap());
    }

    #[test]
    fn bytes_of_json_are_survived(bytes in prop::collection::vec(prop::sample::select(br#"{}[],:"\u12aen "#.to_vec()), 0..64)) {
        let _ = locate(&bytes, "", &["a"]);
        let count = JsonRecords.decode(&part(&bytes)).count();
        prop_assert!(count <= bytes.len());
    }
}

/// Lists are kept as written, white space and all; `serde_json` writes them without.
fn canonical(raw: &Raw<'_>) -> String {
    match raw.form {
        Form::Nested => serde_json::from_str::<Value>(&raw.text).unwrap().to_string(),
        _ => raw.text.to_string(),
    }
}
