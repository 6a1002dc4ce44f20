//! One value through one parser.

use chrono_tz::Asia::Shanghai;
use sha2::Digest as _;

use super::*;

fn value(text: &str, form: Form) -> Value<'_> {
    Value { text, form }
}

fn read(parse: &Parse, text: &str) -> Result<String, Unread> {
    parse.read(value(text, Form::Text)).map(|value| value.text)
}

fn levels() -> Arc<CodeTable> {
    Arc::new(CodeTable::new("level", vec![("0".into(), "一般".into()), ("1".into(), "重大".into())]))
}

fn source() -> Arc<SourceTable> {
    let codes = [("重大隐患".into(), "1".into()), ("1".into(), "0".into())].into();
    Arc::new(SourceTable { name: "park-level".to_owned(), codes })
}

fn clockwork() -> Clockwork {
    let formats =
        vec![TimeFormat::compile("%Y%m%d%H%M%S").unwrap(), TimeFormat::compile("epoch_ms").unwrap()];
    Clockwork { formats, zone: Some(Shanghai), at: None }
}

#[test]
fn text_is_trimmed_and_an_image_is_not() {
    assert_eq!(read(&Parse::Text, " 隐患\u{3000}"), Ok("隐患".to_owned()));
    let image = Parse::Image { links: false };
    assert_eq!(
        read(&image, " R0lGODlhAA== "),
        Ok(format!("blob:{}", crate::digest::hex(&sha2::Sha256::digest(b"GIF89a\0"))))
    );
    assert_eq!(read(&image, "http://a/b.jpg"), Err(Unread::Unparsed));
    assert_eq!(read(&Parse::Image { links: true }, " http://a/b.jpg"), Ok("http://a/b.jpg".to_owned()));
}

#[test]
fn no_parser_takes_lists_or_nul() {
    for parse in [Parse::Text, Parse::Image { links: true }, Parse::Int, Parse::Id { space: "uuid".into() }] {
        assert_eq!(parse.read(value("[1]", Form::Nested)), Err(Unread::WrongType));
        assert_eq!(parse.read(value("a\0", Form::Text)), Err(Unread::Unstorable));
    }
}

#[test]
fn a_number_or_truth_value_is_a_text_as_written() {
    assert_eq!(Parse::Text.read(value("1.10", Form::Number)).unwrap().text, "1.10");
    assert_eq!(Parse::Text.read(value("true", Form::Bool)).unwrap().text, "true");
}

#[test]
fn a_source_table_is_the_only_judge_where_there_is_one() {
    let own = Parse::Code { from: None, table: levels(), labels: false };
    assert_eq!(read(&own, " 1 "), Ok("1".to_owned()));
    assert_eq!(read(&own, "重大"), Err(Unread::UnknownCode));
    let theirs = Parse::Code { from: Some(source()), table: levels(), labels: false };
    assert_eq!(read(&theirs, "重大隐患"), Ok("1".to_owned()));
    // the same number means the opposite there
    assert_eq!(read(&theirs, "1"), Ok("0".to_owned()));
    assert_eq!(read(&theirs, "0"), Err(Unread::UnknownCode));
}

#[test]
fn ids_depend_on_their_space() {
    let uuid = Parse::Id { space: "uuid".into() };
    assert_eq!(read(&uuid, "17"), Err(Unread::Unparsed));
    assert_eq!(read(&Parse::Id { space: "src:x".into() }, " 17"), Ok("17".to_owned()));
}

#[test]
fn numbers_and_times() {
    assert_eq!(read(&Parse::Int, "1.5"), Err(Unread::Unparsed));
    assert_eq!(read(&Parse::Decimal, "1.50"), Ok("1.5".to_owned()));
    assert_eq!(
        read(&Parse::DateTime(clockwork()), "20240606080000"),
        Ok("2024-06-06T08:00:00+08:00".to_owned())
    );
    assert_eq!(read(&Parse::Date(clockwork()), "1717632000000"), Ok("2024-06-06".to_owned()));
    assert_eq!(read(&Parse::Time(clockwork()), "1717632000000"), Ok("08:00:00".to_owned()));
    assert_eq!(read(&Parse::Time(clockwork()), "never"), Err(Unread::Unparsed));
}

#[test]
fn every_parser_can_be_shown() {
    for (parse, shown) in [
        (Parse::Text, "text"),
        (Parse::Image { links: false }, "image"),
        (Parse::Int, "int"),
        (Parse::Decimal, "decimal"),
        (Parse::Id { space: "mine:7".into() }, "id mine:7"),
        (Parse::Code { from: None, table: levels(), labels: false }, "codes level"),
        (Parse::Code { from: Some(source()), table: levels(), labels: false }, "table park-level"),
        (Parse::DateTime(clockwork()), "datetime %Y%m%d%H%M%S | epoch_ms Asia/Shanghai"),
        (Parse::Date(Clockwork { zone: None, ..clockwork() }), "date %Y%m%d%H%M%S | epoch_ms"),
        (Parse::Time(clockwork()), "time %Y%m%d%H%M%S | epoch_ms Asia/Shanghai"),
    ] {
        assert_eq!(parse.shown(), shown);
    }
}

#[test]
fn an_id_of_values_tells_absent_from_empty_places() {
    let id = |texts: &[Option<&str>]| {
        let values: Vec<Option<Value<'_>>> =
            texts.iter().map(|text| text.map(|text| value(text, Form::Text))).collect();
        digest_id(&values)
    };
    let first = id(&[Some("a"), Some("b")]).unwrap();
    assert_eq!(first.len(), 32);
    assert_eq!(id(&[Some(" a"), Some("b ")]).unwrap(), first);
    assert_ne!(id(&[Some("ab"), None]).unwrap(), first);
    assert_ne!(id(&[Some("b"), Some("a")]).unwrap(), first);
    assert_eq!(id(&[Some("a"), None]), id(&[Some("a"), Some("  ")]));
    assert_ne!(id(&[Some("a"), None]), id(&[None, Some("a")]));
    assert_eq!(id(&[None, Some("")]), None);
    assert_eq!(id(&[]), None);
}
