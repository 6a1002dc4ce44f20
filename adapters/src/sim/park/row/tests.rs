//! That a touch changes one value and nothing else.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NAMES: Names = Names { id: "ID", time: "T", time_format: "%Y%m%d%H%M%S" };

#[test]
fn a_touch_moves_the_time_and_leaves_the_rest_as_written() {
    let mut row = Row::new(r#"{"Z":1.10,"ID":"A-b","T":"1","Z":12345678901234567890123}"#.to_owned(), NAMES);
    assert_eq!((row.id.as_str(), row.time.as_str(), row.key().as_str()), ("A-b", "1", "ab"));
    row.touch(NAMES, "2");
    assert_eq!(row.text, r#"{"Z":1.10,"ID":"A-b","T":"2","Z":12345678901234567890123}"#);
    assert_eq!(row.time, "2");
}

#[test]
fn a_row_without_key_or_time_is_served_all_the_same() {
    for text in [r#"{"ID":null,"T":7}"#, "[1]", "17"] {
        let mut row = Row::new(text.to_owned(), NAMES);
        assert_eq!(row.id, "");
        row.touch(NAMES, "9");
        // a number stays one: a time written as one is touched as one
        assert_eq!(row.text, if text.starts_with('{') { r#"{"ID":null,"T":9}"# } else { text });
    }
}

#[test]
fn a_key_written_twice_is_touched_at_its_first_place_and_kept_twice() {
    let mut row = Row::new(r#"{"T":"1","ID":"a","T":"2"}"#.to_owned(), NAMES);
    assert_eq!(row.time, "1");
    row.touch(NAMES, "9");
    assert_eq!(row.text, r#"{"T":"9","ID":"a","T":"2"}"#);
}

#[test]
fn rows_are_of_the_first_pass_unless_said_otherwise() {
    let row = Row::new("{}".to_owned(), NAMES);
    assert_eq!((row.from_pass, row.clone().served_from(2).from_pass), (1, 2));
    assert_eq!(row.digest(), row.clone().served_from(2).digest(), "when a row is served does not change it");
}

proptest! {
    #[test]
    fn a_touch_leaves_every_other_column_and_their_order(
        names in prop::collection::btree_set("[a-z]{1,6}", 0..8),
        text in any::<String>(),
        number in any::<f64>(),
        time in "[0-9]{14}",
    ) {
        let values = [json!(text), json!(number), Value::Null, json!([1, {"T": "x"}]), json!("")];
        let mut columns: Vec<String> = names
            .iter()
            .zip(values.iter().cycle())
            .map(|(name, value)| format!("{}:{value}", json!(name)))
            .collect();
        let bare = |columns: &[String], time: &str| {
            let mut all = columns.to_vec();
            all.insert(columns.len() / 2, format!(r#""T":"{time}""#));
            format!("{{{}}}", all.join(","))
        };
        columns.push(r#""ID":"k""#.to_owned());
        let mut row = Row::new(bare(&columns, "0"), NAMES);
        row.touch(NAMES, &time);
        prop_assert_eq!(&row.text, &bare(&columns, &time));
        prop_assert_eq!((row.id.as_str(), &row.time), ("k", &time));
    }

    #[test]
    fn no_text_is_too_strange_to_be_a_row(text in any::<String>()) {
        let mut row = Row::new(text.clone(), NAMES);
        row.touch(NAMES, "1");
        prop_assert!(row.text == text || serde_json::from_str::<Value>(&text).is_ok());
    }
}
