//! Where values end, against a table and against `serde_json`'s own reading of a stream.

use proptest::prelude::*;
use serde_json::{StreamDeserializer, Value, value::RawValue};

use super::*;

fn end(text: &str) -> Result<usize, (usize, &'static str)> {
    value(text.as_bytes(), 0).map_err(|broken| (broken.at, broken.what))
}

#[test]
fn values_end_where_they_should() {
    for (text, after) in [
        ("1,2", 1),
        ("-1.5e+10 ", 8),
        ("true]", 4),
        ("nul}", 3),
        (r#""a,b" ,"#, 5),
        (r#""a\"b","#, 6),
        (r#""a\\","#, 5),
        (r#""\u00e9""#, 8),
        ("{}", 2),
        ("[[],[{}]],", 9),
        (r#"{"a":"}"} "#, 9),
        (r#"{"a":["]",{"b":"\"}"}]},1"#, 23),
    ] {
        assert_eq!(end(text), Ok(after), "{text}");
    }
}

#[test]
fn what_does_not_end_is_told_with_its_place() {
    for (text, at, what) in [
        ("", 0, "内容在这里断了"),
        (",", 0, "这里应该是一个值"),
        ("]", 0, "这里应该是一个值"),
        (":1", 0, "这里应该是一个值"),
        (r#""abc"#, 0, "这个引号没有另一半"),
        (r#""abc\"#, 0, "这个引号没有另一半"),
        (r#""abc\""#, 0, "这个引号没有另一半"),
        (r#"{"a":"b"#, 5, "这个引号没有另一半"),
        (r#"{"a":[1,2}"#, 9, "括号不配对"),
        ("[{]", 2, "括号不配对"),
        ("[[1]", 4, "内容在这里断了，括号没有合上"),
    ] {
        assert_eq!(end(text), Err((at, what)), "{text}");
    }
}

#[test]
fn a_hundred_and_twenty_eight_levels_and_no_more() {
    let nest = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(end(&nest(128)), Ok(256));
    assert_eq!(end(&nest(129)), Err((128, "嵌套超过 128 层")));
    // alternating brackets: the stack of bits is right at every level
    let mixed = format!("{}{}", r#"[{"":"#.repeat(64), "}]".repeat(64));
    assert_eq!(end(&mixed), Ok(mixed.len()));
    let crossed = format!("{}{}{}", r#"[{"":"#.repeat(64), "}]".repeat(63), "]}");
    assert_eq!(end(&crossed), Err((crossed.len() - 2, "括号不配对")));
}

#[test]
fn skipping_stops_at_the_first_other_byte_or_the_end() {
    assert_eq!(skip(b"  a", 0, is_space), 2);
    assert_eq!(skip(b"  a", 2, is_space), 2);
    assert_eq!(skip(b" \t\r\n", 0, is_space), 4);
    assert_eq!(skip(b"a", 9, is_space), 9);
    assert!(!is_space(0x0b) && !is_space(0xa0));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[\\\\\"{}\\[\\],: a\u{9690}]{0,10}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[\\\\\"{}a]{0,4}", inner, 0..4)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn a_stream_is_cut_as_serde_json_cuts_it(values in prop::collection::vec(any_value(), 1..6)) {
        let texts: Vec<String> = values.iter().map(Value::to_string).collect();
        let text = texts.join(" ");
        let mut at = 0;
        let reader = serde_json::de::StrRead::new(&text);
        let stream = StreamDeserializer::<_, &RawValue>::new(reader);
        for raw in stream {
            let from = skip(text.as_bytes(), at, is_space);
            at = value(text.as_bytes(), from).unwrap();
            prop_assert_eq!(&text[from..at], raw.unwrap().get());
        }
        prop_assert_eq!(at, text.len());
    }

    #[test]
    fn an_end_is_always_inside(bytes: Vec<u8>, from in 0usize..40) {
        match value(&bytes, from) {
            Ok(to) => prop_assert!(from < to && to <= bytes.len()),
            Err(broken) => prop_assert!(broken.at <= bytes.len().max(from)),
        }
    }
}
