//! A workbook: never a panic, never more memory than a sheet may need; what is read has its rows in order and no word of the
//! first line twice. By the first byte the whole file is fuzzed, or one member of a well-formed archive: what a checksum
//! hides from mutation is where the parser is.
#![no_main]

use std::io::{Cursor, Write as _};

use adapters::codec::xlsx;
use libfuzzer_sys::fuzz_target;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const MEMBERS: [(&str, &str); 7] = [
    (
        "[Content_Types].xml",
        r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#,
    ),
    (
        "xl/worksheets/sheet1.xml",
        r#"<worksheet><dimension ref="A1:C2"/><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>数量</t></is></c></row><row r="2"><c r="A2" s="1"><v>45449.5</v></c><c r="B2"><v>7</v></c><c r="C2" t="b"><v>1</v></c></row></sheetData></worksheet>"#,
    ),
    ("xl/sharedStrings.xml", r#"<sst count="1" uniqueCount="1"><si><t>名称</t></si></sst>"#),
    (
        "xl/styles.xml",
        r#"<styleSheet><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="隐患" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "_rels/.rels",
        r#"<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
    ),
];

fuzz_target!(|input: &[u8]| {
    let Some((which, text)) = input.split_first() else { return };
    let which = usize::from(*which) % (MEMBERS.len() + 1);
    if which == 0 {
        read(text);
    } else {
        read(&archive(which - 1, text));
    }
});

fn archive(fuzzed: usize, text: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::with_capacity(4096)));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (at, (name, usual)) in MEMBERS.iter().enumerate() {
        archive.start_file(*name, options).unwrap();
        archive.write_all(if at == fuzzed { text } else { usual.as_bytes() }).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn read(bytes: &[u8]) {
    let _ = xlsx::is_workbook(bytes);
    let Ok(sheet) = xlsx::read_sheet(bytes, "隐患") else { return };
    let mut words: Vec<&String> = sheet.header.iter().filter(|word| !word.is_empty()).collect();
    let count = words.len();
    words.sort();
    words.dedup();
    assert_eq!(words.len(), count);
    assert!(sheet.rows.is_sorted_by(|one, other| one.number < other.number));
    assert!(sheet.rows.iter().all(|row| !row.cells.is_empty()));
}
