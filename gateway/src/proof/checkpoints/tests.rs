//! A file of checkpoints: its roots, its chain, what a crash leaves, what a change of it is seen as.

use chrono::TimeZone as _;
use proptest::prelude::*;

use super::*;

fn leaf(no: i64, text: &str) -> Leaf {
    let says = BTreeMap::from([("why".to_owned(), Value::from(text))]);
    Leaf { no, what: "activation".into(), key: no.to_string(), says }
}

fn after(last: Option<&Sealed>, upto: i64) -> Head {
    Head {
        checkpoint: last.map_or(1, |last| last.head.checkpoint + 1),
        node: "hub".into(),
        at: Utc.with_ymd_and_hms(2026, 11, 25, 20, 30, 0).unwrap(),
        after: last.map_or(0, |last| last.head.upto),
        upto,
        leaves: 0,
        root: String::new(),
        previous: last.map_or(String::new(), |last| last.digest.clone()),
    }
}

/// A file of two checkpoints, of two leaves and of one.
fn two(path: &Path) -> Sealed {
    let first = tail(path, None).unwrap().append(after(None, 9), &[leaf(3, "一"), leaf(7, "二")]).unwrap();
    let tail = tail(path, Some(1)).unwrap();
    assert_eq!(tail.last, Some(first.clone()));
    tail.append(after(Some(&first), 20), &[leaf(12, "三")]).unwrap()
}

fn read(path: &Path) -> (Vec<i64>, Option<Flaw>) {
    let mut file = Checkpoints::open(path).unwrap();
    let mut whole = Vec::new();
    loop {
        match file.next_one().unwrap() {
            None => return (whole, None),
            Some(Ok(checkpoint)) => whole.push(checkpoint.sealed.head.checkpoint),
            Some(Err(flaw)) => return (whole, Some(flaw)),
        }
    }
}

#[test]
fn what_was_written_is_read_and_gone_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoints/hub.ndjson");
    let second = two(&path);
    assert_eq!(read(&path), (vec![1, 2], None));
    assert_eq!(tail(&path, Some(2)).unwrap().last, Some(second));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(r#"{"no":7,"what":"activation","key":"7","says":{"why":"二"}}"#), "{text}");
    assert_eq!(text.lines().count(), 5);
}

/// The roots that the reference tests of Certificate Transparency give for these leaves.
#[test]
fn roots_are_those_of_the_reference() {
    let wanted = [
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ];
    // only those of the reference's leaves that are text
    let leaves = ["", "\0", "\u{10}", " !", "01"];
    for (count, hash) in wanted {
        assert_eq!(root(leaves.iter().take(count).copied()), hash, "{count}");
    }
}

#[test]
fn every_change_of_a_line_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.ndjson");
    two(&path);
    let whole = fs::read_to_string(&path).unwrap();
    let cases = [
        ("一", "丁", 1, FlawKind::Root(1), vec![]),
        ("三", "丁", 4, FlawKind::Root(2), vec![1]),
        ("\"upto\":9", "\"upto\":8", 4, FlawKind::Chain(2), vec![1]),
        ("\"leaves\":2", "\"leaves\":1", 1, FlawKind::Root(1), vec![]),
        ("\"checkpoint\":2", "\"checkpoint\":3", 4, FlawKind::Chain(3), vec![1]),
        ("{\"checkpoint\":1", "[\"checkpoint\":1", 1, FlawKind::Unreadable, vec![]),
        ("\"after\":0", "\"after\":1", 1, FlawKind::Chain(1), vec![]),
        // numbers begin with 1: what has another was read without its leaves being held against their root
        ("\"checkpoint\":1", "\"checkpoint\":0", 1, FlawKind::Chain(0), vec![]),
        ("\"checkpoint\":1", "\"checkpoint\":9223372036854775807", 4, FlawKind::Chain(2), vec![i64::MAX]),
    ];
    for (was, now, line, kind, before) in cases {
        fs::write(&path, whole.replacen(was, now, 1)).unwrap();
        assert_eq!(read(&path), (before, Some(Flaw { line, kind })), "{was}");
    }
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    for (left, line, kind, before) in [
        (lines[..2].concat(), 3, FlawKind::Short(1), vec![]),
        (lines[..4].concat(), 5, FlawKind::Short(2), vec![1]),
        (whole[..whole.len() - 1].to_owned(), 5, FlawKind::Short(2), vec![1]),
        ([&lines[..1], &lines[2..]].concat().concat(), 1, FlawKind::Root(1), vec![]),
    ] {
        fs::write(&path, &left).unwrap();
        assert_eq!(read(&path), (before, Some(Flaw { line, kind })), "{left}");
    }
}

#[test]
fn what_a_crash_broke_off_is_cut_away_and_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.ndjson");
    let second = two(&path);
    let whole = fs::read_to_string(&path).unwrap();
    let first = whole.split_inclusive('\n').take(3).collect::<String>();
    for cut in first.len() + 1..whole.len() {
        if !whole.is_char_boundary(cut) {
            continue;
        }
        fs::write(&path, &whole[..cut]).unwrap();
        let tail = tail(&path, Some(1)).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), first);
        let before = tail.last.clone();
        assert_eq!(tail.append(after(before.as_ref(), 20), &[leaf(12, "三")]).unwrap(), second);
        assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    }
}

#[test]
fn what_the_ledger_knows_of_is_never_cut_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.ndjson");
    two(&path);
    let whole = fs::read_to_string(&path).unwrap();
    let first = whole.split_inclusive('\n').take(3).collect::<String>();
    fs::write(&path, &whole[..whole.len() - 3]).unwrap();
    assert!(matches!(tail(&path, Some(2)), Err(ProofError::Broken { .. })));
    fs::write(&path, &first).unwrap();
    let told = tail(&path, Some(2)).unwrap_err().to_string();
    assert!(told.contains("第 2 个检查点，文件只到第 1 个"), "{told}");
    // a break before the end was no crash
    fs::write(&path, whole.replacen("\"upto\":9", "\"upto\":8", 1)).unwrap();
    assert!(matches!(tail(&path, None), Err(ProofError::Broken { line: 4, .. })));
    // a file that is not there any more is begun anew
    fs::remove_file(&path).unwrap();
    assert_eq!(tail(&path, Some(2)).unwrap().last, None);
}

proptest! {
    /// The definition of RFC 6962 §2.1, written down as it stands there.
    #[test]
    fn roots_are_those_of_the_definition(leaves in prop::collection::vec(".{0,9}", 1..40)) {
        fn tree(leaves: &[String]) -> [u8; 32] {
            use sha2::Digest as _;
            let mut hasher = Sha256::new();
            if let [leaf] = leaves {
                hasher.update([0]);
                hasher.update(leaf);
            } else {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                hasher.update([1]);
                hasher.update(tree(left));
                hasher.update(tree(right));
            }
            hasher.finalize().into()
        }
        prop_assert_eq!(root(leaves.iter().map(String::as_str)), hex(&tree(&leaves)));
    }
}

#[test]
fn how_far_a_file_reaches_is_read_from_its_heads_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.ndjson");
    assert_eq!(reach(&path).unwrap(), 0, "there is none");
    two(&path);
    assert_eq!(reach(&path).unwrap(), 20);
    let whole = fs::read_to_string(&path).unwrap();
    // whatever became of a leaf, nothing up to there may be called by its number again
    fs::write(&path, whole.replacen("一", "丁", 1)).unwrap();
    assert_eq!(reach(&path).unwrap(), 20);
    let second = whole.find("{\"checkpoint\":2").unwrap();
    fs::write(&path, &whole[..second + 5]).unwrap();
    assert_eq!(reach(&path).unwrap(), 9);
}
