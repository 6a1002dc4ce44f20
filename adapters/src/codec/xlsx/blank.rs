//! A blank workbook: a sheet to fill in, with choices where there are codes, a sheet of all choices, a sheet of explanations.

use rust_xlsxwriter::{Color, DataValidation, Format, Formula, Note, Workbook, XlsxError};

/// Lines for which choices are offered.
const LINES: u32 = 10_000;

/// What a blank workbook asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blank {
    /// Name of the sheet to fill in; what a sheet's name may not hold is left out.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its word in the first line.
    pub header: String,
    /// Its name for programs.
    pub name: String,
    /// Whether every line needs it: marked with a star.
    pub required: bool,
    /// What it takes, for people.
    pub explanation: String,
    /// What may be chosen; empty: anything.
    pub choices: Vec<String>,
}

/// The bytes of the workbook.
///
/// # Errors
/// In Chinese, when a text is longer than a cell takes.
pub fn blank(asked: &Blank) -> Result<Vec<u8>, String> {
    written(asked).map_err(|error| format!("写不出模板：{error}"))
}

fn written(asked: &Blank) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    sheet(&mut book, asked)?;
    explanations(&mut book, asked)?;
    choices(&mut book, asked)?;
    book.save_to_buffer()
}

fn sheet(book: &mut Workbook, asked: &Blank) -> Result<(), XlsxError> {
    let head = Format::new().set_bold().set_background_color(Color::RGB(0x00DD_EBF7)).set_text_wrap();
    let needed = head.clone().set_font_color(Color::RGB(0x00C0_0000));
    // long digits and leading zeros stay what they are only in cells of text
    let text = Format::new().set_num_format("@");
    let sheet = book.add_worksheet().set_name(super::sheet_name(&asked.title))?;
    sheet.set_freeze_panes(1, 0)?;
    let mut offered = 0_u16;
    for (column, asks) in (0_u16..).zip(&asked.columns) {
        let (word, format) =
            if asks.required { (format!("{}*", asks.header), &needed) } else { (asks.header.clone(), &head) };
        sheet.set_column_format(column, &text)?.set_column_width(column, width(&asks.header))?;
        sheet.write_with_format(0, column, word, format)?;
        sheet.insert_note(0, column, &Note::new(&asks.explanation).add_author_prefix(false))?;
        if !asks.choices.is_empty() {
            let last = asks.choices.len() + 1;
            let letter = super::cell_name(offered.into(), 1).replace('1', "");
            let offer = Formula::new(format!("=代码!${letter}$2:${letter}${last}"));
            let validation = DataValidation::new().allow_list_formula(offer);
            sheet.add_data_validation(1, column, LINES, column, &validation)?;
            offered += 1;
        }
    }
    Ok(())
}

fn explanations(book: &mut Workbook, asked: &Blank) -> Result<(), XlsxError> {
    let head = Format::new().set_bold();
    let sheet = book.add_worksheet().set_name("说明")?;
    for (column, (word, width)) in
        (0_u16..).zip([("列", 24.0), ("字段", 24.0), ("必填", 8.0), ("要求", 80.0)])
    {
        sheet.write_with_format(0, column, word, &head)?.set_column_width(column, width)?;
    }
    for (row, asks) in (1_u32..).zip(&asked.columns) {
        sheet.write(row, 0, &asks.header)?.write(row, 1, &asks.name)?;
        sheet.write(row, 2, if asks.required { "是" } else { "" })?.write(row, 3, &asks.explanation)?;
    }
    Ok(())
}

fn choices(book: &mut Workbook, asked: &Blank) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet().set_name("代码")?;
    let offered = asked.columns.iter().filter(|asks| !asks.choices.is_empty());
    for (column, asks) in (0_u16..).zip(offered) {
        sheet.write(0, column, &asks.header)?.set_column_width(column, 24.0)?;
        for (row, choice) in (1_u32..).zip(&asks.choices) {
            sheet.write(row, column, choice)?;
        }
    }
    Ok(())
}

/// Wide enough for its word: a Chinese character is as wide as two letters.
fn width(header: &str) -> f64 {
    let wide = header.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<u32>();
    f64::from(wide.clamp(10, 40)) + 3.0
}
