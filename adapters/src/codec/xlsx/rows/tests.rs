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

/// An archive whose table of texts says that it has so many.
fn claiming(table: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("xl/SharedStrings.xml", SimpleFileOptions::default()).unwrap();
    archive.write_all(table).unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_table_of_texts_that_claims_more_than_it_can_hold_is_refused_before_room_is_made() {
    let table = |count: &str| format!("<sst count='2' uniqueCount = '{count}'><si><t>a</t></si></sst>");
    for honest in ["0", "1", "40", ""] {
        assert_eq!(unpacked(&claiming(table(honest).as_bytes()), 10_000), Ok(()), "{honest}");
    }
    for lying in ["29999999999", "999", "99999999999999999999999999"] {
        let refused = unpacked(&claiming(table(lying).as_bytes()), 10_000).unwrap_err();
        assert!(refused.0.contains("文本表"), "{lying}: {refused}");
        let wide: Vec<u8> = table(lying).encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(unpacked(&claiming(&wide), 10_000).is_err(), "{lying}");
    }
}
