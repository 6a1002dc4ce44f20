//! Archives that unpack to more than they say, or than memory bears.

use std::io::Write as _;

use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

/// An archive of one file of so many zeros.
fn zeros(count: usize) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).unwrap();
    archive.write_all(&vec![0; count]).unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn an_archive_may_unpack_to_so_much_and_no_more() {
    let small = zeros(10_000);
    assert_eq!(unpacked(&small, 10_001), Ok(()));
    for most in [0, 1, 9_999] {
        assert!(unpacked(&small, most).unwrap_err().0.contains("解开后超过"), "{most}");
    }
}

#[test]
fn a_directory_that_says_less_than_comes_is_not_believed() {
    let mut lying = zeros(1_000_000);
    let said = 1_000_000_u32.to_le_bytes();
    let found: Vec<usize> = (0..lying.len() - 4).filter(|at| lying[*at..at + 4] == said).collect();
    assert!(!found.is_empty());
    for at in found {
        lying[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    assert!(unpacked(&lying, 100_000).is_err());
}

#[test]
fn what_is_no_archive_is_told() {
    assert!(sheet_names(b"PK\x03\x04 and nothing").unwrap_err().0.contains("不是可读的 .xlsx"));
}
