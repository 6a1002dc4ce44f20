//! The journal: lines, segments, what a crash leaves, what age takes.

use chrono::TimeZone;

use super::*;
use crate::proof::facts::ReceiptFacts;

fn day(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, day, 1, 0, 0).unwrap()
}

fn landed(no: i64) -> Fact {
    Fact::Document(ReceiptFacts {
        no,
        source: "park".into(),
        service: "plants".into(),
        digest: format!("{no:064}"),
        length: 9,
    })
}

/// Document numbers behind a line.
fn numbers(folder: &Path, after: i64) -> Vec<i64> {
    let lines = Lines::after(folder, after).unwrap().map(Result::unwrap);
    let number = |line: Line| if let Fact::Document(receipt) = line.fact { Some(receipt.no) } else { None };
    lines.filter_map(number).collect()
}

fn three(journal: &Journal) {
    for no in 1..=3 {
        journal.append(landed(no), day(25), false).unwrap();
    }
}

fn files(folder: &Path) -> Vec<String> {
    let segments = segment::list(folder).unwrap();
    segments.iter().map(|segment| segment.path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

fn newest(folder: &Path) -> PathBuf {
    segment::list(folder).unwrap().pop().unwrap().path
}

#[test]
fn lines_come_back_in_order_after_any_of_them_and_after_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), "hub", 30).unwrap();
    assert_eq!((journal.position(), journal.node()), (0, "hub"));
    for no in 1..=4 {
        // line 1 is the file's own
        assert_eq!(journal.append(landed(no), day(25), no % 2 == 0).unwrap(), no + 1);
    }
    drop(journal);
    let again = Journal::open(folder.path(), "hub", 30).unwrap();
    assert_eq!(again.position(), 5);
    assert_eq!(again.append(landed(5), day(25), true).unwrap(), 6);
    assert_eq!(numbers(folder.path(), 0), [1, 2, 3, 4, 5]);
    assert_eq!(numbers(folder.path(), 3), [3, 4, 5]);
    assert_eq!(numbers(folder.path(), 6), [0; 0]);
}

#[test]
fn two_processes_write_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let (hub, command) =
        (Journal::open(folder.path(), "hub", 30).unwrap(), Journal::open(folder.path(), "hub", 30).unwrap());
    for no in (1..=20).step_by(2) {
        hub.append(landed(no), day(25), false).unwrap();
        command.append(landed(no + 1), day(25), false).unwrap();
    }
    assert_eq!(numbers(folder.path(), 0), (1..=20).collect::<Vec<_>>());
    // the other began a new day's file and packed the old one
    command.append(landed(21), day(26), false).unwrap();
    hub.append(landed(22), day(26), true).unwrap();
    assert_eq!(numbers(folder.path(), 0), (1..=22).collect::<Vec<_>>());
    assert_eq!(files(folder.path()).len(), 2);
}

#[test]
fn a_torn_last_line_is_cut_away_and_said_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), "hub", 30).unwrap();
    three(&journal);
    drop(journal);
    let path = newest(folder.path());
    let whole = fs::read(&path).unwrap();
    let last = whole.len() - whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() - 1;
    for left in [1, last / 2, last - 1] {
        fs::write(&path, &whole[..whole.len() - last + left]).unwrap();
        assert_eq!(numbers(folder.path(), 0), [1, 2], "who only reads passes over it");
        let journal = Journal::open(folder.path(), "hub", 30).unwrap();
        assert_eq!(journal.position(), 3);
        journal.append(landed(7), day(25), true).unwrap();
        assert_eq!(numbers(folder.path(), 0), [1, 2, 7]);
    }
    // torn while this process lives: another one's doing
    let journal = Journal::open(folder.path(), "hub", 30).unwrap();
    OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"n\":").unwrap();
    journal.append(landed(8), day(25), true).unwrap();
    let torn = |line: Line| matches!(line.fact, Fact::Torn { bytes: 5 });
    assert_eq!(
        Lines::after(folder.path(), 0).unwrap().filter(|line| torn(line.as_ref().unwrap().clone())).count(),
        1
    );
    assert_eq!(numbers(folder.path(), 0), [1, 2, 7, 8]);
}

#[test]
fn a_changed_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), "hub", 30).unwrap();
    three(&journal);
    let path = newest(folder.path());
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"no\":2,", "\"no\":9,", 1)).unwrap();
    let told = Lines::after(folder.path(), 0).unwrap().find_map(Result::err).unwrap().to_string();
    assert!(told.contains("第 3 行") && told.contains("校验和不符"), "{told}");
    assert!(Journal::open(folder.path(), "hub", 30).is_err());
    fs::write(&path, text.replacen("\"no\":2,", "\"no\":2,\n", 1)).unwrap();
    assert!(Journal::open(folder.path(), "hub", 30).is_err(), "a line put in between is no torn one");
}

#[test]
fn files_follow_days_and_size_old_ones_are_packed_and_go_by_age() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), "hub", 3).unwrap();
    journal.append(landed(1), day(1), true).unwrap();
    journal.append(landed(2), day(2), true).unwrap();
    assert_eq!(files(folder.path()), ["000000000001-20261101.ndjson.zst", "000000000003-20261102.ndjson"]);
    journal.large = 1;
    journal.append(landed(3), day(2), true).unwrap();
    assert_eq!(numbers(folder.path(), 0), [1, 2, 3]);
    assert_eq!(numbers(folder.path(), 3), [2, 3], "a packed file's later lines alone");
    journal.append(landed(4), day(5), true).unwrap();
    assert_eq!(numbers(folder.path(), 0), [1, 2, 3, 4], "two days follow the first");
    journal.append(landed(5), day(6), true).unwrap();
    assert_eq!(
        numbers(folder.path(), 0),
        [2, 3, 4, 5],
        "the first is more than three days old, and three follow"
    );
    assert_eq!(Journal::open(folder.path(), "hub", 3).unwrap().position(), journal.position());
    // a clock that goes back begins no file
    journal.large = LARGE;
    journal.append(landed(6), day(7), true).unwrap();
    let last = newest(folder.path());
    journal.append(landed(7), day(4), true).unwrap();
    assert_eq!(newest(folder.path()), last);
}

/// A clock that is ahead makes everything look old; a file named by it is not left alone among others that go.
#[test]
fn a_clock_that_was_ahead_takes_no_file_away_and_leaves_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(folder.path(), "hub", 3).unwrap();
    journal.large = 1;
    for (no, on) in (1..).zip([1, 2, 20, 2, 3]) {
        journal.append(landed(no), day(on), true).unwrap();
        assert_eq!(numbers(folder.path(), 0), (1..=no).collect::<Vec<_>>());
    }
    for (no, on) in (6..).zip(4..=30) {
        journal.append(landed(no), day(on), true).unwrap();
        let left = numbers(folder.path(), 0);
        assert_eq!(left, (left[0]..=no).collect::<Vec<_>>(), "day {on}");
        assert!(left[0] <= 3 || on > 23, "day {on}: {left:?}");
    }
    assert_eq!(numbers(folder.path(), 0).len(), 4);
}

#[test]
fn a_file_taken_away_under_a_running_process_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), "hub", 30).unwrap();
    journal.append(landed(1), day(25), true).unwrap();
    fs::write(newest(folder.path()), "").unwrap();
    let told = journal.append(landed(2), day(25), true).unwrap_err().to_string();
    assert!(told.contains("截短或换过"), "{told}");
    // the ledger may know of line 2: another under that number would never be looked at
    assert_eq!((journal.append(landed(3), day(25), true).unwrap(), journal.position()), (4, 4));
    assert_eq!(numbers(folder.path(), 2), [3]);
}

#[test]
fn a_full_disk_is_said_and_no_half_line_stays() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.path().join("000000000001-20261125.ndjson")).unwrap();
    let journal = Journal::open(folder.path(), "hub", 30).unwrap();
    let told = journal.append(landed(1), day(25), true).unwrap_err().to_string();
    assert!(told.contains("写不进") && told.contains("一律不发送"), "{told}");
    fs::remove_file(folder.path().join("000000000001-20261125.ndjson")).unwrap();
    drop(journal);
    let journal = Journal::open(folder.path(), "hub", 30).unwrap();
    journal.append(landed(1), day(25), true).unwrap();
    assert_eq!(numbers(folder.path(), 0), [1]);
}

#[test]
fn numbers_go_on_behind_what_the_ledger_knows() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(folder.path(), "hub", 30).unwrap();
    journal.go_on_after(40);
    assert_eq!(journal.append(landed(1), day(25), true).unwrap(), 42);
    journal.go_on_after(7);
    assert_eq!(journal.append(landed(2), day(25), true).unwrap(), 43);
    assert_eq!(files(folder.path()), ["000000000041-20261125.ndjson"]);
    assert_eq!(numbers(folder.path(), 42), [2]);
}

/// A day's file begun and left without a line, by a kill or a full disk: the next goes on behind the last line there is.
#[test]
fn a_file_that_was_begun_and_has_no_line_breaks_no_chain() {
    for (left, days) in [("", [26, 26]), ("", [26, 27]), ("{\"n\":5,\"at\":", [26, 26]), ("{\"n\"", [26, 28])]
    {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(folder.path(), "hub", 30).unwrap();
        three(&journal);
        let [begun, on] = days;
        fs::write(folder.path().join(format!("000000000005-202611{begun}.ndjson")), left).unwrap();
        // by who was there all the time, and by who starts
        for (no, journal) in [(4, journal), (5, Journal::open(folder.path(), "hub", 30).unwrap())] {
            journal.append(landed(no), day(on), true).unwrap();
        }
        assert_eq!(numbers(folder.path(), 0), [1, 2, 3, 4, 5], "{left} {days:?}");
        assert_eq!(numbers(folder.path(), 3), [3, 4, 5], "{left} {days:?}");
        let journal = Journal::open(folder.path(), "hub", 30).unwrap();
        journal.append(landed(6), day(29), true).unwrap();
        assert_eq!(numbers(folder.path(), 0), [1, 2, 3, 4, 5, 6], "{left} {days:?}");
    }
}

/// What is written to a file that nobody can find any more is not written.
#[test]
fn files_moved_away_under_a_running_process_are_begun_anew_and_a_folder_that_is_gone_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("hub");
    let journal = Journal::open(&own, "hub", 30).unwrap();
    three(&journal);
    fs::remove_file(newest(&own)).unwrap();
    assert_eq!(journal.append(landed(4), day(25), true).unwrap(), 6);
    assert_eq!((numbers(&own, 0), files(&own)), (vec![4], vec!["000000000005-20261125.ndjson".to_owned()]));
    fs::remove_dir_all(&own).unwrap();
    let told = journal.append(landed(5), day(25), true).unwrap_err().to_string();
    assert!(told.contains("写不进"), "{told}");
}
