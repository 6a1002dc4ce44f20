//! Marked workbooks written and read again.

use proptest::prelude::*;

use super::{
    super::{read, read_sheet},
    *,
};

fn head(word: &str) -> Head {
    let note = format!("{word} 的说明");
    Head { word: word.to_owned(), hidden: word.starts_with('来'), width: 12, note }
}

fn cell(text: &str) -> MarkedCell {
    MarkedCell { text: text.to_owned(), ..MarkedCell::default() }
}

fn book(sheets: &[(&str, Vec<Vec<String>>)]) -> Vec<u8> {
    let mut book = Marked::default();
    for (title, rows) in sheets {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(1);
        let heads: Vec<Head> = (0..columns).map(|n| head(&format!("c{n}"))).collect();
        book.begin(title, &heads).unwrap();
        for row in rows {
            book.row(&row.iter().map(|text| cell(text)).collect::<Vec<_>>()).unwrap();
        }
    }
    let mut out = Vec::new();
    book.finish("说明", &["一行".to_owned()], &mut out).unwrap();
    out
}

fn texts(bytes: &[u8], title: &str) -> Vec<Vec<(usize, String)>> {
    let row =
        |row: super::super::Row| row.cells.into_iter().map(|(column, text, _)| (column, text)).collect();
    read_sheet(bytes, title).unwrap().rows.into_iter().map(row).collect()
}

#[test]
fn every_list_has_its_sheet_and_is_found_by_its_title() {
    let row = |text: &str| vec![vec![text.to_owned()]];
    let long = "t".repeat(40);
    let bytes =
        book(&[("t_a", row("1")), ("T_A", row("2")), (&long, row("3")), ("a/b:c", row("4")), ("", row("5"))]);
    assert_eq!(texts(&bytes, "t_a"), [[(0, "1".to_owned())]]);
    assert_eq!(
        texts(&bytes, "T_A~2"),
        [[(0, "2".to_owned())]],
        "names that differ only by case are one to Excel"
    );
    assert_eq!(texts(&bytes, &long), [[(0, "3".to_owned())]]);
    assert_eq!(texts(&bytes, "a/b:c"), [[(0, "4".to_owned())]]);
    assert_eq!(texts(&bytes, "no such sheet"), [[(0, "1".to_owned())]], "else the first");
    assert_eq!(read(&bytes).unwrap().header, ["c0"]);
}

#[test]
fn a_formula_and_long_digits_are_texts() {
    let said = ["=1+1", "+86", "-1", "@x", "410101199001011234", "0012", "_x0041_", "一\n二", "甲\0乙"];
    let bytes = book(&[("t", vec![said.map(str::to_owned).to_vec()])]);
    let sheet = read(&bytes).unwrap();
    let cells: Vec<(&str, crate::Form)> =
        sheet.rows[0].cells.iter().map(|(_, text, form)| (text.as_str(), *form)).collect();
    let shown = ["=1+1", "+86", "-1", "@x", "410101199001011234", "0012", "_x0041_", "一\n二", "甲␀乙"];
    assert_eq!(cells, shown.map(|text| (text, crate::Form::Text)));
}

#[test]
fn bad_cells_are_filled_and_have_a_note_also_where_nothing_stands_in_them() {
    let mut book = Marked::default();
    book.begin("t", &[head("a"), head("b"), head("来源回执")]).unwrap();
    let bad =
        |text: &str, mark| MarkedCell {
            text: text.to_owned(), mark, note: "缺等级\n请填写".to_owned()
        };
    book.row(&[cell("1"), bad("", Mark::Wrong), cell("5/0")]).unwrap();
    book.row(&[bad("x", Mark::Open), bad("y", Mark::Noticed)]).unwrap();
    let mut out = Vec::new();
    book.finish("说明", &[], &mut out).unwrap();
    assert_eq!(
        texts(&out, "t"),
        [vec![(0, "1".to_owned()), (2, "5/0".to_owned())], vec![(0, "x".into()), (1, "y".into())]]
    );
    let sheet = inside(&out, "xl/worksheets/sheet1.xml");
    let style = |cell: &str| -> usize {
        let of =
            sheet.split(&format!("r=\"{cell}\" s=\"")).nth(1).unwrap_or_else(|| panic!("{cell}: {sheet}"));
        of.split('"').next().unwrap().parse().unwrap()
    };
    let fills = fills(&inside(&out, "xl/styles.xml"));
    let marked = ["A2", "B2", "A3", "B3"].map(|cell| fills[style(cell)].as_str());
    assert_eq!(marked, ["", "FFFF9C9C", "FFFFD58A", "FFFFF9DB"]);
    assert!(sheet.contains("hidden=\"1\"") && sheet.contains("state=\"frozen\""), "{sheet}");
    let notes = inside(&out, "xl/comments1.xml");
    assert!(notes.contains(">缺等级"), "nobody's name before it: {notes}");
    assert_eq!(notes.matches("缺等级\n请填写").count(), 3, "{notes}");
}

/// A file of a workbook.
fn inside(book: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
}

/// The colour of each style's fill; empty: none.
fn fills(styles: &str) -> Vec<String> {
    let between = |text: &str, from: &str, to: &str| -> String {
        text.split(from).nth(1).and_then(|rest| rest.split(to).next()).unwrap_or_default().to_owned()
    };
    let colours: Vec<String> = between(styles, "<fills", "</fills>")
        .split("<fill>")
        .skip(1)
        .map(|fill| between(fill, "<fgColor rgb=\"", "\""))
        .collect();
    let formats = between(styles, "<cellXfs", "</cellXfs>");
    let fill = |format: &str| between(format, "fillId=\"", "\"").parse::<usize>().unwrap();
    formats.split("<xf ").skip(1).map(|format| colours[fill(format)].clone()).collect()
}

#[test]
fn a_sheet_that_was_not_begun_takes_no_row_and_too_many_columns_are_told() {
    assert!(Marked::default().row(&[cell("1")]).is_err());
    let heads: Vec<Head> = (0..16_385).map(|n| head(&format!("c{n}"))).collect();
    assert!(Marked::default().begin("t", &heads).unwrap_err().starts_with("写不出工作簿"));
}

#[test]
fn notes_end_where_they_would_fill_the_memory() {
    let mut book = Marked::default();
    book.begin("t", &[head("a")]).unwrap();
    let bad = MarkedCell { text: "x".into(), mark: Mark::Wrong, note: "改".into() };
    for _ in 0..NOTED_ROWS + 10 {
        book.row(std::slice::from_ref(&bad)).unwrap();
    }
    let mut out = Vec::new();
    book.finish("说明", &[], &mut out).unwrap();
    assert_eq!(read(&out).unwrap().rows.len(), usize::try_from(NOTED_ROWS).unwrap() + 10);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_is_read_back_as_the_cell_could_hold_it(rows in proptest::collection::vec(
        proptest::collection::vec(prop_oneof![any::<String>(), "[=+@_x0-9A-F \t\r\n\\-]{0,16}", "\\PC{0,40}"], 3), 1..6)) {
        let bytes = book(&[("t", rows.clone())]);
        let wanted: Vec<Vec<(usize, String)>> = rows
            .iter()
            .map(|row| {
                let fits = row.iter().map(|text| fitting(text).into_owned()).enumerate();
                fits.filter(|(_, text)| !text.trim().is_empty()).collect::<Vec<_>>()
            })
            .filter(|row| !row.is_empty())
            .collect();
        prop_assert_eq!(texts(&bytes, "t"), wanted);
    }
}
