//! How a vendor's platform writes a row.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::*;

fn node() -> Node {
    Node {
        id: Uuid::from_u128(0xabc),
        parent: Uuid::nil(),
        measure: Uuid::nil(),
        company: "410900017".to_owned(),
        hazard: "410900017001".to_owned(),
        born: NaiveDate::from_ymd_opt(2024, 6, 2).unwrap().and_hms_opt(7, 5, 0).unwrap(),
    }
}

/// The JSON of a hundred rows drawn the same way with different dice.
fn drawn(draw: fn(Draft) -> Draft) -> Vec<Value> {
    let row = |number: u64| {
        let row = draw(Draft::of(&node(), Dice::of(number, "row"))).done(node().born);
        serde_json::from_str(&row.text).unwrap()
    };
    (0..100).map(row).collect()
}

fn texts(rows: &[Value], column: &str) -> BTreeSet<String> {
    rows.iter().map(|row| row.get(column).map_or("absent".to_owned(), Value::to_string)).collect()
}

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn a_moment_is_written_in_exactly_three_ways() {
    let rows = drawn(|row| row.moment("AT", node().born));
    let ways = [r#""2024-06-02 07:05:00""#, r#""20240602070500""#, r#""2024/6/2 7:05""#];
    assert_eq!(texts(&rows, "AT"), set(&ways));
}

#[test]
fn nothing_is_written_as_nothing_null_or_an_empty_text() {
    assert_eq!(texts(&drawn(|row| row.nothing("NONE")), "NONE"), set(&["absent", "null", "\"\""]));
}

#[test]
fn a_count_is_a_number_or_a_text_and_a_number_a_number() {
    let rows = drawn(|row| row.count("COUNT", 3).number("NUMBER", 4));
    assert_eq!(texts(&rows, "COUNT"), set(&["3", "\"3\""]));
    assert_eq!(texts(&rows, "NUMBER"), set(&["4"]));
}

#[test]
fn an_id_has_three_spellings_and_a_reference_its_own() {
    let rows = drawn(|row| row.reference("ABOVE", Uuid::from_u128(0xdef)));
    let spellings = |tail: &str| {
        let plain = format!("{tail:0>32}");
        let hyphens = format!("00000000-0000-0000-0000-{tail:0>12}");
        set(&[&format!("\"{plain}\""), &format!("\"{}\"", plain.to_uppercase()), &format!("\"{hyphens}\"")])
    };
    assert_eq!(texts(&rows, "ID"), spellings("abc"));
    assert_eq!(texts(&rows, "ABOVE"), spellings("def"));
    assert!(rows.iter().any(|row| row["ID"].to_string().len() != row["ABOVE"].to_string().len()));
}

#[test]
fn a_spoilt_column_stands_once_and_the_rest_is_untouched() {
    let good = Draft::of(&node(), Dice::of(1, "x")).text("NAME", "罐区").text("LEVEL", "一般");
    let bad = good.clone().spoilt("NAME", Value::Null);
    let (good, bad) = (good.done(node().born), bad.done(node().born));
    assert_eq!(good.text.matches("\"NAME\"").count(), 1);
    assert_eq!(bad.text.matches("\"NAME\":null").count(), 1);
    let mut mended: Value = serde_json::from_str(&bad.text).unwrap();
    mended["NAME"] = "罐区".into();
    assert_eq!(mended, serde_json::from_str::<Value>(&good.text).unwrap());
}

#[test]
fn every_row_ends_with_the_platforms_own_columns() {
    let row = Draft::of(&node(), Dice::of(1, "x")).done(node().born);
    assert_eq!(row.time, "2024-06-02 07:12:00");
    let value: Value = serde_json::from_str(&row.text).unwrap();
    assert_eq!((&value["DEL_FLAG"], &value["UPDATE_BY"]), (&"否".into(), &"系统".into()));
    assert_eq!(value["CORP_CODE"], "410900017");
}
