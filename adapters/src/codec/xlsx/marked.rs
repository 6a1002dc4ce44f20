//! A workbook that gives rows back to who wrote them: one sheet a list, all cells texts, the bad ones filled and with a note.
//! Written row by row through temporary files, so that memory does not grow with the rows. Leaves what is bad to whoever asks.

use std::{collections::HashSet, io::Write};

use rust_xlsxwriter::{Color, Format, FormatAlign, IgnoreError, Note, Workbook, Worksheet, XlsxError};

use super::{fitting, sheet_name};

/// Rows of a sheet whose bad cells get notes: notes are held in memory and slow every spreadsheet program down.
pub const NOTED_ROWS: u32 = 2_000;
/// How the workbook's format numbers a size of paper.
const A4: u8 = 9;
/// Characters a line for people is wide, and points it is high, with room for a larger font.
const LINE_WIDE: u32 = 100;
const LINE_HIGH: u32 = 18;
/// Most rows of a sheet beside its first.
const MOST_ROWS: u32 = 1_048_575;
/// Most characters of a note.
const NOTE_CHARS: usize = 2_000;

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its word in the first line.
    pub word: String,
    /// Whether it is there but not shown.
    pub hidden: bool,
    /// Characters it is wide.
    pub width: u16,
    /// The note on its word; empty: none.
    pub note: String,
}

/// What is to be said of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Mark {
    /// Nothing.
    #[default]
    Plain,
    /// Worth a look: pale yellow.
    Noticed,
    /// Somebody else decides: amber.
    Open,
    /// To be mended: red.
    Wrong,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MarkedCell {
    /// Its text as written; shown as a cell can hold it, never as a formula or a number.
    pub text: String,
    /// How it is filled.
    pub mark: Mark,
    /// The note on it; empty: none.
    pub note: String,
}

/// The workbook.
pub struct Marked {
    book: Workbook,
    names: HashSet<String>,
    /// The sheet that is written and its next row.
    at: Option<(usize, u32)>,
    sheets: usize,
    formats: [Format; 4],
}

impl Default for Marked {
    fn default() -> Self {
        let text = Format::new().set_num_format("@").set_text_wrap().set_align(FormatAlign::Top);
        let filled = |color| text.clone().set_background_color(Color::RGB(color));
        let formats = [text.clone(), filled(0x00FF_F9DB), filled(0x00FF_D58A), filled(0x00FF_9C9C)];
        Self { book: Workbook::new(), names: HashSet::new(), at: None, sheets: 0, formats }
    }
}

impl Marked {
    /// Begins a sheet.
    ///
    /// # Errors
    /// In Chinese, when the temporary file cannot be made or there are more columns than a sheet has.
    pub fn begin(&mut self, title: &str, heads: &[Head]) -> Result<(), String> {
        self.begun(title, heads).map_err(|error| failed(&error))
    }

    /// The next row of the sheet that was begun last.
    ///
    /// # Errors
    /// In Chinese, when the sheet is full or its temporary file cannot be written.
    pub fn row(&mut self, cells: &[MarkedCell]) -> Result<(), String> {
        let Some((sheet, row)) = self.at else { return Err("还没有工作表".to_owned()) };
        if row > MOST_ROWS {
            return Err(format!("一个工作表放不下超过 {MOST_ROWS} 行"));
        }
        self.at = Some((sheet, row + 1));
        let sheet = self.book.worksheet_from_index(sheet).map_err(|error| failed(&error))?;
        written(sheet, row, cells, &self.formats).map_err(|error| failed(&error))
    }

    /// Adds a sheet of lines for people and writes the workbook.
    ///
    /// # Errors
    /// In Chinese, when it cannot be written.
    pub fn finish(mut self, title: &str, lines: &[String], mut out: impl Write + Send) -> Result<(), String> {
        self.explained(title, lines).map_err(|error| failed(&error))?;
        self.book.save_to_writer(&mut out).map_err(|error| failed(&error))?;
        out.flush().map_err(|error| failed(&error.into()))
    }

    fn begun(&mut self, title: &str, heads: &[Head]) -> Result<(), XlsxError> {
        let name = self.name(title);
        let head = Format::new().set_bold().set_background_color(Color::RGB(0x00DD_EBF7)).set_text_wrap();
        let text = Format::new().set_num_format("@");
        let sheet = self.book.add_worksheet_with_constant_memory()?.set_name(name)?;
        sheet.set_freeze_panes(1, 1)?;
        sheet.set_landscape().set_paper_size(A4).set_repeat_rows(0, 0)?.set_repeat_columns(0, 0)?;
        for (column, asks) in (0_u16..).zip(heads) {
            sheet.set_column_format(column, &text)?.set_column_width(column, f64::from(asks.width))?;
            if asks.hidden {
                sheet.set_column_hidden(column)?;
            }
            sheet.write_string_with_format(0, column, fitting(&asks.word), &head)?;
            if !asks.note.is_empty() {
                sheet.insert_note(0, column, &Note::new(asks.note.as_str()).add_author_prefix(false))?;
            }
        }
        let last = u16::try_from(heads.len().saturating_sub(1)).unwrap_or(u16::MAX);
        sheet.ignore_error_range(0, 0, MOST_ROWS, last, IgnoreError::NumberStoredAsText)?;
        self.at = Some((self.sheets, 1));
        self.sheets += 1;
        Ok(())
    }

    /// A name that no sheet has yet, whatever its case: spreadsheet programs do not tell them apart by it.
    fn name(&mut self, title: &str) -> String {
        let wanted = sheet_name(title);
        let mut name = if wanted.is_empty() { "_".to_owned() } else { wanted.clone() };
        let mut n = 2;
        while !self.names.insert(name.to_lowercase()) {
            name = wanted.chars().take(27).chain(format!("~{n}").chars()).collect();
            n += 1;
        }
        name
    }

    fn explained(&mut self, title: &str, lines: &[String]) -> Result<(), XlsxError> {
        let name = self.name(title);
        let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        let sheet = self.book.add_worksheet().set_name(name)?;
        // what people see first, wherever it stands
        sheet.set_active(true);
        sheet.set_column_width(0, LINE_WIDE)?.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
        for (row, line) in (0_u32..).zip(lines) {
            // some programs do not find out by themselves how high a wrapped line is
            let wide: u32 = line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
            sheet.set_row_height(row, LINE_HIGH * wide.div_ceil(LINE_WIDE).max(1))?;
            sheet.write_string_with_format(row, 0, fitting(line), &wrapped)?;
        }
        Ok(())
    }
}

fn written(
    sheet: &mut Worksheet,
    row: u32,
    cells: &[MarkedCell],
    formats: &[Format; 4],
) -> Result<(), XlsxError> {
    let [plain, noticed, open, wrong] = formats;
    for (column, cell) in (0_u16..).zip(cells) {
        let format = match cell.mark {
            Mark::Plain => plain,
            Mark::Noticed => noticed,
            Mark::Open => open,
            Mark::Wrong => wrong,
        };
        if !cell.text.is_empty() {
            sheet.write_string_with_format(row, column, fitting(&cell.text), format)?;
        } else if cell.mark != Mark::Plain {
            sheet.write_blank(row, column, format)?;
        }
        if !cell.note.is_empty() && row <= NOTED_ROWS {
            let text: String = fitting(&cell.note).chars().take(NOTE_CHARS).collect();
            sheet.insert_note(
                row,
                column,
                &Note::new(text).add_author_prefix(false).set_width(300).set_height(120),
            )?;
        }
    }
    Ok(())
}

fn failed(error: &XlsxError) -> String {
    format!("写不出工作簿：{error}")
}

#[cfg(test)]
mod tests;
