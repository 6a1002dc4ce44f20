//! Counts and ratios, the same bytes every time, and what a night does.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;
use crate::ManualClock;

type Fields = BTreeMap<String, String>;

fn clock() -> ManualClock {
    // 2024-08-01 00:00:00 in Asia/Shanghai
    ManualClock::starting(DateTime::from_timestamp(1_722_441_600, 0).unwrap())
}

fn bulk(options: &BulkOptions) -> Bulk {
    Bulk { rows: Rows::open(options).unwrap(), night: Mutex::default(), clock: Arc::new(clock()) }
}

fn hazards(records: u64) -> Bulk {
    bulk(&BulkOptions { records, ..BulkOptions::default() })
}

/// One night's rows, page by page.
fn night(bulk: &Bulk, size: u64) -> Vec<Fields> {
    let mut rows = Vec::new();
    for page in 0.. {
        let answer: Value = serde_json::from_str(&bulk.page(page, size).unwrap()).unwrap();
        assert_eq!((&answer["code"], &answer["data"]["total"]), (&"0".into(), &bulk.rows.count().into()));
        let records: Vec<Fields> = serde_json::from_value(answer["data"]["records"].clone()).unwrap();
        if records.is_empty() {
            break;
        }
        rows.extend(records);
    }
    rows
}

fn differing(one: &[Fields], other: &[Fields], but: &str) -> Vec<usize> {
    let without = |row: &Fields| row.clone().into_iter().filter(|(name, _)| name != but).collect::<Fields>();
    (0..one.len()).filter(|place| without(&one[*place]) != without(&other[*place])).collect()
}

#[test]
fn a_hazard_has_27_columns_and_about_a_kilobyte() {
    let bulk = hazards(1_000);
    let page = bulk.page(0, 1_000).unwrap();
    assert!((900..1_100).contains(&(page.len() / 1_000)), "{}", page.len());
    assert!(night(&bulk, 1_000).iter().all(|row| row.len() == 27));
}

#[test]
fn one_in_a_hundred_is_bad_and_two_are_sent_again() {
    let rows = night(&hazards(1_000), 300);
    assert_eq!(rows.len(), 1_000);
    let bad: Vec<usize> =
        (0..rows.len()).filter(|place| rows[*place]["DEADLINE"] == "2024/6/31 9:30").collect();
    assert_eq!(bad, (0..10).map(|hundred| hundred * 100 + 57).collect::<Vec<_>>());
    assert!(rows.iter().enumerate().skip(49).step_by(50).all(|(place, row)| *row == rows[place - 17]));
    let distinct: BTreeSet<&String> = rows.iter().map(|row| &row["ID"]).collect();
    assert_eq!(distinct.len(), 980);
}

#[test]
fn labels_and_spellings_are_mixed() {
    let rows = night(&hazards(1_000), 1_000);
    for (column, least) in [("DANGER_LEVEL", 3), ("DANGER_STATE", 3), ("DANGER_SRC", 6), ("CORP_CODE", 250)] {
        let words: BTreeSet<&String> = rows.iter().map(|row| &row[column]).collect();
        assert!(words.len() >= least, "{column} {words:?}");
    }
    for mark in ['-', '/'] {
        assert!(rows.iter().filter(|row| row["REGIST_TIME"].contains(mark)).count() > 250);
    }
    assert!(
        rows.iter().filter(|row| row["REGIST_TIME"].bytes().all(|byte| byte.is_ascii_digit())).count() > 250
    );
    for row in &rows {
        assert_eq!(row["DANGER_STATE"] == "已验收", !row["ACCEPT_PERSON"].is_empty(), "{row:?}");
        assert!(
            row["HAZARD_CODE"].len() == 12 && row["HAZARD_CODE"].starts_with(&row["CORP_CODE"]),
            "{row:?}"
        );
    }
}

#[test]
fn the_same_rows_come_whatever_the_page() {
    assert_eq!(night(&hazards(250), 7), night(&hazards(250), 250));
}

#[test]
fn a_later_night_touches_every_row_and_changes_one_in_a_hundred() {
    let bulk = hazards(1_000);
    let (first, second) = (night(&bulk, 400), night(&bulk, 400));
    assert!(second.iter().all(|row| row["UPDATE_TIME"] == "2024-08-01 00:00:00"));
    assert!(first.iter().all(|row| row["UPDATE_TIME"] != "2024-08-01 00:00:00"));
    let changed = differing(&first, &second, "UPDATE_TIME");
    assert_eq!(changed, (0..10).map(|hundred| hundred * 100 + 7).collect::<Vec<_>>());
    assert_eq!(differing(&second, &night(&bulk, 400), "UPDATE_TIME"), changed, "and again the next");
}

fn file(text: &str, records: u64) -> (tempfile::NamedTempFile, BulkOptions) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let (touch, change) = (Some("at".to_owned()), Some("said".to_owned()));
    let options = BulkOptions { records, file: Some(file.path().to_owned()), touch, change };
    (file, options)
}

fn lines(count: u32) -> String {
    let line =
        |number| format!("{{\"id\":\"{number}\",\"at\":\"2023/6/3 6:16\",\"said\":\"句{number}\"}}\r\n\n");
    (0..count).map(line).collect()
}

#[test]
fn a_file_is_served_line_by_line_and_has_its_nights() {
    let (_file, options) = file(&lines(210), 0);
    let bulk = bulk(&options);
    let (first, second) = (night(&bulk, 100), night(&bulk, 100));
    assert_eq!(first.len(), 210);
    assert_eq!((first[209]["id"].as_str(), first[209]["said"].as_str()), ("209", "句209"));
    assert!(second.iter().all(|row| row["at"] == "2024/8/1 0:00"), "in its own spelling");
    assert_eq!(differing(&first, &second, "at"), [7, 107, 207]);
    assert_eq!(second[107]["said"], "句107（第2夜复核）");
}

#[test]
fn so_many_of_a_files_first_lines_and_rows_without_the_column_as_they_are() {
    let (_file, options) = file(&(lines(3) + "{\"id\":\"x\"}"), 0);
    let whole = bulk(&options);
    night(&whole, 10);
    assert_eq!(night(&whole, 10)[3], Fields::from([("id".to_owned(), "x".to_owned())]));
    assert_eq!(night(&bulk(&BulkOptions { records: 2, ..options }), 10).len(), 2);
}

#[test]
fn a_file_that_is_not_there_or_not_objects_is_told() {
    let missing = BulkOptions { file: Some("/nowhere/rows.ndjson".into()), ..BulkOptions::default() };
    assert!(Rows::open(&missing).unwrap_err().to_string().contains("没有这个文件"));
    let (_file, options) = file("{}\n[1]\n", 0);
    assert!(Rows::open(&options).unwrap_err().to_string().contains("第 2 行不是一个 JSON 对象"));
}
