//! That what is on the disk is what is remembered, wherever a kill fell.

use proptest::prelude::*;

use super::super::memory::TakenRecord;
use super::*;

fn entry(batch: &str) -> Entry {
    Entry {
        path: "p".to_owned(),
        batch: batch.to_owned(),
        received: 1,
        taken: vec![],
        refused: vec!["a".to_owned()],
        orphans: 0,
    }
}

fn read(path: &Path) -> (Journal, Vec<String>) {
    let mut seen = Vec::new();
    let journal = Journal::open(path, |entry| seen.push(entry.batch)).unwrap();
    (journal, seen)
}

#[test]
fn what_was_written_is_read_again_and_a_cut_line_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.ndjson");
    let (mut journal, seen) = read(&path);
    assert!(seen.is_empty());
    journal.write(&entry("one")).unwrap();
    journal.write(&entry("two")).unwrap();
    drop(journal);

    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 3]).unwrap();
    let (mut journal, seen) = read(&path);
    assert_eq!(seen, ["one"]);
    journal.write(&entry("three")).unwrap();
    drop(journal);
    assert_eq!(read(&path).1, ["one", "three"]);
}

#[test]
fn a_broken_line_ends_what_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.ndjson");
    let (mut journal, _) = read(&path);
    journal.write(&entry("one")).unwrap();
    drop(journal);
    let mut text = std::fs::read_to_string(&path).unwrap();
    let whole = text.clone();
    text.push_str("{\"path\":7}\n");
    text.push_str(&whole);
    std::fs::write(&path, text).unwrap();
    assert_eq!(read(&path).1, ["one"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), whole, "what cannot be believed is not kept");
}

#[test]
fn a_folder_is_no_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let error = Journal::open(folder.path(), |_| ()).unwrap_err().to_string();
    assert!(error.starts_with(&format!("用不了模拟省平台的账 {}：", folder.path().display())), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn cut_at_any_byte_the_whole_lines_before_it_remain(count in 1_usize..5, cut in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.ndjson");
        let (mut journal, _) = read(&path);
        for number in 0..count {
            let taken = TakenRecord { id: format!("{number:032x}"), digest: "d".to_owned(), state: None };
            journal.write(&Entry { taken: vec![taken], ..entry(&number.to_string()) }).unwrap();
        }
        drop(journal);
        let text = std::fs::read(&path).unwrap();
        let kept = &text[..cut.index(text.len() + 1)];
        std::fs::write(&path, kept).unwrap();
        let whole = kept.split(|byte| *byte == b'\n').count() - 1;
        let wanted: Vec<String> = (0..whole).map(|number| number.to_string()).collect();
        prop_assert_eq!(read(&path).1, wanted);
    }
}
