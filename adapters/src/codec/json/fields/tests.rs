//! Values as written, paths at their limits, and a vendor's answer as it really looks.

use super::*;

fn texts(record: &str) -> Vec<(String, String)> {
    let fields = read(record.as_bytes()).unwrap();
    fields.into_iter().map(|(path, raw)| (path.into_owned(), raw.text.into_owned())).collect()
}

fn text<'f>(fields: &'f [(String, String)], path: &str) -> Vec<&'f str> {
    fields.iter().filter(|(own, _)| own == path).map(|(_, text)| text.as_str()).collect()
}

#[test]
fn forms_are_told_by_how_a_value_is_written() {
    for (written, text, form) in [
        ("\"\"", "", Form::Text),
        ("\"null\"", "null", Form::Text),
        ("\"a\\tb\"", "a\tb", Form::Text),
        ("null", "", Form::Null),
        ("true", "true", Form::Bool),
        ("-0.0", "-0.0", Form::Number),
        ("[ 1 ]", "[ 1 ]", Form::Nested),
        ("{}", "{}", Form::Nested),
    ] {
        let Raw { text: found, form: found_form } = raw(written).unwrap();
        assert_eq!((found.as_ref(), found_form), (text, form), "{written}");
    }
    assert!(raw(r#""\ud800""#).is_err());
}

/// Shape of transport.md §8.9: a key with a trailing space, a list as text, numbers beside labels, nulls and blanks.
#[test]
fn a_vendor_platforms_record_is_kept_as_it_came() {
    let record = r#"{
        "riskLevel": "重大风险", "possibilityRate": 6, "exposureRate": 6.0, "riskValue": 1440,
        "createDate": "2023-05-23 15:11:13", "closeTimestamp": 1684826473000,
        "identifyingObjects ": "1#罐区", "regionId": "", "responsible": null,
        "createdByUserInfo": "[{\"name\":\"某某\",\"phone\":\"131******86\"}]",
        "solutionList": [{"id": "1", "sectionClauses": ""}, {"id": "2"}],
        "site": {"name": "中间罐区", "gps": {"lon": 115.0300, "lat": 35.76}, "tags": []}
    }"#;
    let fields = texts(record);
    assert_eq!(fields.len(), 15);
    for (path, expected) in [
        ("riskLevel", "重大风险"),
        ("exposureRate", "6.0"),
        ("closeTimestamp", "1684826473000"),
        ("identifyingObjects ", "1#罐区"),
        ("regionId", ""),
        ("responsible", ""),
        ("createdByUserInfo", r#"[{"name":"某某","phone":"131******86"}]"#),
        ("solutionList", r#"[{"id": "1", "sectionClauses": ""}, {"id": "2"}]"#),
        ("site.name", "中间罐区"),
        ("site.gps.lon", "115.0300"),
        ("site.tags", "[]"),
    ] {
        assert_eq!(text(&fields, path), [expected], "{path}");
    }
    assert!(text(&fields, "identifyingObjects").is_empty());
}

#[test]
fn a_path_may_be_written_in_two_ways_and_stands_twice() {
    let fields = texts(r#"{"a.b":1,"a":{"b":2},"a":{"b":3}}"#);
    assert_eq!(text(&fields, "a.b"), ["1", "2", "3"]);
}

#[test]
fn limits_are_exact() {
    let path = |length: usize| format!(r#"{{"a":{{"{}":1}}}}"#, "b".repeat(length - 2));
    assert_eq!(texts(&path(512))[0].0.len(), 512);
    assert!(read(path(513).as_bytes()).unwrap_err().contains("512 字节"));
    assert_eq!(
        texts(&format!(r#"{{"{}":1}}"#, "b".repeat(5_000))).len(),
        1,
        "a name of the record's own has no limit"
    );
    let many = |count: usize| format!("{{{}}}", vec![r#""a":1"#; count].join(","));
    assert_eq!(texts(&many(10_000)).len(), 10_000);
    assert!(read(many(10_001).as_bytes()).is_err());
    let deep =
        |levels: usize| format!("{}{}", r#"{"a":"#.repeat(levels), format_args!("1{}", "}".repeat(levels)));
    assert_eq!(texts(&deep(32)).len(), 1);
    assert!(read(deep(33).as_bytes()).unwrap_err().contains("32 层"));
}

#[test]
fn nul_is_a_character_like_any_other_here() {
    assert_eq!(text(&texts(r#"{"a":"x\u0000y"}"#), "a"), ["x\0y"]);
}

#[test]
fn what_is_no_object_says_so() {
    for (record, what) in [
        ("", "不是 JSON 对象"),
        ("[]", "不是 JSON 对象"),
        ("{", "不是合法的 JSON"),
        ("{}x", "不是合法的 JSON"),
        (r#"{"a":1}{"b":2}"#, "不是合法的 JSON"),
        ("{1:2}", "不是合法的 JSON"),
        (r#"{"a":.5}"#, "不是合法的 JSON"),
        (r#"{"a":+1}"#, "不是合法的 JSON"),
        (r#"{"a":0x1F}"#, "不是合法的 JSON"),
        (r#"{"a":NaN}"#, "不是合法的 JSON"),
        ("{'a':1}", "不是合法的 JSON"),
    ] {
        assert!(read(record.as_bytes()).unwrap_err().contains(what), "{record}");
    }
}
