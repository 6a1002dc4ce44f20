//! Workbooks written and read again, and what is none.

use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;
use crate::record::Form;

fn blank_of(columns: usize) -> Blank {
    let column = |at: usize| Column {
        header: format!("第{at}列"),
        name: format!("field{at}"),
        required: at == 0,
        explanation: "必填；最多 10 字".into(),
        choices: if at == 1 { vec!["一般隐患".into(), "重大隐患".into()] } else { Vec::new() },
    };
    Blank { title: "隐患/信息".into(), columns: (0..columns).map(column).collect() }
}

#[test]
fn a_blank_workbook_is_read_as_its_columns_without_rows() {
    let bytes = blank(&blank_of(30)).unwrap();
    assert!(is_workbook(&bytes));
    let sheet = read(&bytes).unwrap();
    assert_eq!(sheet.name, "隐患信息");
    assert_eq!(sheet.header.first().map(String::as_str), Some("第0列"));
    assert_eq!((sheet.header.len(), sheet.rows.len()), (30, 0));
}

#[test]
fn cells_come_as_their_writer_sees_them() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(2, 1, "编码 ").unwrap().write(2, 2, "次数*").unwrap().write(2, 4, "时间").unwrap();
    let day = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    sheet.write(3, 1, "0012").unwrap().write(3, 2, 5.0).unwrap();
    sheet.write_with_format(3, 4, ExcelDateTime::from_ymd(2024, 6, 6).unwrap(), &day).unwrap();
    let moment = ExcelDateTime::from_ymd(2024, 6, 6).unwrap().and_hms(8, 30, 0).unwrap();
    sheet
        .write(5, 1, true)
        .unwrap()
        .write(5, 2, 0.25)
        .unwrap()
        .write_with_format(5, 4, moment, &day)
        .unwrap();
    let read = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(read.header, ["", "编码", "次数", "", "时间"]);
    let text = |text: &str| text.to_owned();
    assert_eq!(
        read.rows,
        [
            Row {
                number: 4,
                cells: vec![
                    (1, text("0012"), Form::Text),
                    (2, text("5"), Form::Number),
                    (4, text("2024-06-06"), Form::Text)
                ]
            },
            Row {
                number: 6,
                cells: vec![
                    (1, text("true"), Form::Bool),
                    (2, text("0.25"), Form::Number),
                    (4, text("2024-06-06 08:30:00"), Form::Text)
                ]
            },
        ]
    );
}

#[test]
fn what_is_no_workbook_is_told() {
    assert!(!is_workbook(b"{}"));
    assert!(read(b"PK\x03\x04 and then nothing").unwrap_err().0.contains("不是可读的 .xlsx 工作簿"));
    let mut book = Workbook::new();
    book.add_worksheet();
    assert!(read(&book.save_to_buffer().unwrap()).unwrap_err().0.contains("是空的"));
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "编码").unwrap().write(0, 1, "编码*").unwrap();
    assert_eq!(read(&book.save_to_buffer().unwrap()).unwrap_err().0, "第 1 行有两列都叫“编码”");
}

#[test]
fn two_cells_in_opposite_corners_are_two_cells() {
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 0, "编码").unwrap().write(1_048_575, 16_383, "远").unwrap();
    let read = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(read.rows, [Row { number: 1_048_576, cells: vec![(16_383, "远".to_owned(), Form::Text)] }]);
}

#[test]
fn of_a_cell_that_is_written_twice_the_last_counts_and_none_stands_outside_the_sheet() {
    let read = |cells: &str| {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in [
            (
                "_rels/.rels",
                r#"<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
            ),
            (
                "xl/workbook.xml",
                r#"<workbook><sheets><sheet name="a" sheetId="1" r:id="r"/></sheets></workbook>"#,
            ),
            (
                "xl/_rels/workbook.xml.rels",
                r#"<Relationships><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/a.xml"/></Relationships>"#,
            ),
            (
                "xl/worksheets/a.xml",
                &format!("<worksheet><sheetData><row>{cells}</row></sheetData></worksheet>"),
            ),
        ] {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        read(&archive.finish().unwrap().into_inner())
    };
    let cell = |name: &str, text: &str| format!(r#"<c r="{name}" t="str"><v>{text}</v></c>"#);
    let sheet = read(&[cell("B1", "乙"), cell("A1", "甲"), cell("B1", "丙")].concat()).unwrap();
    assert_eq!(sheet.header, ["甲", "丙"]);
    for name in ["A1048577", "XFE1", "A4294967295"] {
        assert!(read(&cell(name, "甲")).unwrap_err().0.contains("不是可读的 .xlsx 工作簿"), "{name}");
    }
}

#[test]
fn cells_have_the_names_people_know() {
    for (column, row, name) in
        [(0, 1, "A1"), (25, 9, "Z9"), (26, 1, "AA1"), (701, 2, "ZZ2"), (702, 3, "AAA3")]
    {
        assert_eq!(cell_name(column, row), name);
    }
}

proptest! {
    #[test]
    fn damaged_workbooks_are_told_and_never_fatal(at in 0usize..4000, with in any::<u8>(), cut in 0usize..4000) {
        let mut bytes = blank(&blank_of(3)).unwrap();
        let (at, cut) = (at % bytes.len(), cut % bytes.len());
        bytes[at] = with;
        let _ = read(&bytes);
        let _ = read(&bytes[..cut]);
    }
}
