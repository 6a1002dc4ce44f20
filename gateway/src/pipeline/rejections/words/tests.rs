//! Our words beside the sender's, and a sheet read back.

use adapters::codec::xlsx::Row;
use proptest::prelude::*;

use super::*;

fn column(path: &str, nth: u32) -> Column {
    Column { path: path.to_owned(), nth }
}

fn sheet(header: &[&str], cells: &[&str]) -> Sheet {
    let cells = (0..).zip(cells).filter(|(_, text)| !text.is_empty());
    Sheet {
        name: "t".to_owned(),
        header: header.iter().map(|word| (*word).to_owned()).collect(),
        rows: vec![Row {
            number: 2,
            cells: cells.map(|(at, text)| (at, (*text).to_owned(), Form::Text)).collect(),
        }],
    }
}

#[test]
fn a_path_that_was_said_again_has_a_number_and_words_alike_are_told_apart() {
    let columns =
        [column("a", 1), column("a", 2), column("a ", 1), column("a*", 1), column("", 1), column("b.c", 1)];
    assert_eq!(theirs(&columns), ["a", "a（第 2 次）", "a （第 2 次）", "a*（第 2 次）", "", "b.c"]);
}

#[test]
fn a_word_of_ours_gives_way_to_the_senders() {
    let theirs = ["问题".to_owned(), "a".to_owned()];
    assert_eq!(Word::Issues.among(&theirs), "问题（联网）");
    assert_eq!(Word::Verdict.among(&theirs), "判定");
    let header = ["问题".to_owned(), "问题（联网）".to_owned()];
    assert_eq!(Word::of("问题", &header), None);
    assert_eq!(Word::of("问题（联网）", &header), Some(Word::Issues));
    assert_eq!(Word::of("问题", &header[..1]), Some(Word::Issues));
    assert_eq!(
        Word::Issues.among(&header),
        "问题（联网）（联网）",
        "a sheet that was read as a source of its own"
    );
    assert_eq!(Word::Issues.among(&["问题 *".to_owned()]), "问题（联网）");
}

#[test]
fn a_sheet_of_ours_is_read_as_it_was_sent() {
    let mut read = sheet(
        &["ID", "问题", "名称（第 2 次）", "标签", "照片", "判定", "问题（联网）", "来源回执", "来源写法"],
        &["1", "泄漏", "甲␀", "[\"a\"]", "[x]", "退回", "1. …", "5/0", "标签\n别的"],
    );
    let beside = as_sent(&mut read).unwrap();
    assert_eq!(beside, [Beside { receipt: "5/0".to_owned(), raw: None }]);
    assert_eq!(read.header, ["ID", "问题", "名称", "标签", "照片", "", "", "", ""]);
    let cells: Vec<(&str, Form)> =
        read.rows[0].cells.iter().map(|(_, text, form)| (text.as_str(), *form)).collect();
    assert_eq!(
        &cells[..5],
        [
            ("1", Form::Text),
            ("泄漏", Form::Text),
            ("甲\0", Form::Text),
            ("[\"a\"]", Form::Nested),
            ("[x]", Form::Text)
        ]
    );
}

#[test]
fn a_list_that_was_mended_is_a_text() {
    let mut read = sheet(&["标签", "来源回执", "来源写法"], &["易燃", "5/0", "标签"]);
    as_sent(&mut read).unwrap();
    assert_eq!(read.rows[0].cells[0], (0, "易燃".to_owned(), Form::Text));
}

#[test]
fn another_sheet_stays_as_it_is() {
    let other = sheet(&["ID", "问题", "判定", "名称（第 2 次）"], &["1", "甲␀", "退回", "x"]);
    let mut read = other.clone();
    as_sent(&mut read);
    assert_eq!(read, other);
}

proptest! {
    #[test]
    fn every_column_has_a_word_of_its_own(paths in proptest::collection::vec("[ab（第 2次）* 问题判定]{1,6}", 1..8)) {
        let mut columns: Vec<Column> = Vec::new();
        for path in paths {
            let nth = columns.iter().filter(|column| column.path == path).count();
            columns.push(column(&path, u32::try_from(nth).unwrap() + 1));
        }
        let words = theirs(&columns);
        let ours = Word::ALL.map(|word| word.among(&words));
        let mut seen = std::collections::HashSet::new();
        for word in words.iter().chain(&ours) {
            let read = word.trim().trim_end_matches('*').trim();
            prop_assert!(read.is_empty() || seen.insert(read.to_owned()), "{word} in {words:?}");
        }
    }
}
