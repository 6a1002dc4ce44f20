//! Rows written and read again by another reader, and what a spreadsheet program would do to them.

use proptest::prelude::*;

use super::*;

fn written(rows: &[Vec<String>]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut csv = CsvRows::begin(&mut out).unwrap();
    for row in rows {
        csv.row(row.iter().map(String::as_str)).unwrap();
    }
    csv.finish().unwrap();
    out
}

fn read(bytes: &[u8]) -> Vec<Vec<String>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap();
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').unwrap_or(text)
}

#[test]
fn commas_quotes_and_line_ends_stay_in_their_cells() {
    let row: Vec<String> = ["a,b", "他说\"好\"", "一\r\n二", "", " x "].map(str::to_owned).to_vec();
    let bytes = written(&[row.clone(), row.clone()]);
    let line = "\"a,b\",\"他说\"\"好\"\"\",\"一\r\n二\",, x \r\n";
    assert_eq!(String::from_utf8(bytes.clone()).unwrap(), format!("\u{feff}{line}{line}"));
    assert_eq!(read(&bytes), [row.clone(), row]);
}

#[test]
fn nothing_becomes_a_formula() {
    for text in
        ["=1+1", "+8613800000000", "-1", "@SUM(A1)", "\tx", "\r=1", "\n=1", "  =cmd", "＝1+1", "'quoted"]
    {
        assert_eq!(guarded(text), format!("'{text}"));
    }
    for text in ["", "甲=乙", "a-b", "2024-06-06", "a'b"] {
        assert_eq!(guarded(text), text);
    }
}

#[test]
fn no_digit_is_lost() {
    for text in ["410101199001011234", "123456789012", "0012", "00", "1234567890.12"] {
        assert_eq!(guarded(text), format!("'{text}"));
    }
    for text in ["0", "0.5", "41", "12345678901", "1.50", "4101A"] {
        assert_eq!(guarded(text), text);
    }
}

#[test]
fn nul_is_seen() {
    assert_eq!(guarded("甲\0乙"), "甲␀乙");
}

#[test]
fn rows_have_the_numbers_that_a_spreadsheet_program_shows() {
    for (text, numbers) in [
        ("a,b\n1,2\n3,4\n", vec![2, 3]),
        ("a,b\r\n1,2\r\n3,4", vec![2, 3]),
        ("a,b\n\n1,2\n\n\n3,4\n", vec![3, 6]),
        ("\r\na,b\r\n\r\n\"1\r\n\r\n1\",2\r\n\r\n3,4\r\n", vec![4, 6]),
    ] {
        let sheet = super::read(text.as_bytes()).unwrap();
        assert_eq!(sheet.rows.iter().map(|row| row.number).collect::<Vec<_>>(), numbers, "{text:?}");
    }
}

#[test]
fn a_first_line_wider_than_any_sheet_is_told_before_its_words_are_compared() {
    let wide: Vec<String> = (0..2_000_000).map(|at| at.to_string()).collect();
    assert_eq!(super::read(wide.join(",").as_bytes()).unwrap_err().0, "第 1 行超过 16384 列");
}

proptest! {
    #[test]
    fn what_was_written_comes_back(rows in proptest::collection::vec(
        proptest::collection::vec("[=+@'\"\\-0-9,;\t\r\n \u{3000}a-c隐患\\PC]{0,12}", 2..5), 1..5)) {
        let back: Vec<Vec<String>> = read(&written(&rows))
            .into_iter()
            .map(|row| row.iter().map(|cell| unguarded(cell).to_owned()).collect())
            .collect();
        prop_assert_eq!(back, rows);
    }

    #[test]
    fn no_cell_begins_as_a_formula_does(text in "[ \u{3000}\t\r\n]{0,2}[=+@\\-]\\PC{0,6}") {
        prop_assert!(guarded(&text).starts_with('\''));
    }
}

#[test]
fn a_list_is_read_back_under_its_words() {
    let rows: [&[&str]; 3] = [&["编码", "金额", "来源回执"], &["0012", "=1+1", "5/0"], &["", "一\n二", ""]];
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
    let sheet = super::read(&written(&rows)).unwrap();
    assert_eq!(sheet.header, ["编码", "金额", "来源回执"]);
    let cells: Vec<(u32, Vec<&str>)> = sheet
        .rows
        .iter()
        .map(|row| (row.number, row.cells.iter().map(|(_, text, _)| text.as_str()).collect()))
        .collect();
    assert_eq!(cells, [(2, vec!["0012", "=1+1", "5/0"]), (3, vec!["一\n二"])]);
}

#[test]
fn what_is_no_list_is_told() {
    let told = |bytes: &[u8]| super::read(bytes).unwrap_err().0;
    assert!(told(b"\xb1\xe0\xc2\xeb,a\r\n1,2").contains("CSV UTF-8"), "saved in a Chinese code page");
    assert!(told("a,b,a\n1,2,3".as_bytes()).contains("有两列都叫“a”"));
    assert!(told(b"").contains("一行都没有"));
}
