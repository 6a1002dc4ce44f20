//! A sheet of a workbook: its first line that is not blank names the columns, each line after it is a record.

use std::{
    collections::BTreeMap,
    io::{self, Cursor, Read as _},
};

use calamine::{Data, Reader as _, Xlsx, XlsxError};

use crate::record::Form;

/// Most bytes of a workbook that is opened: what it unpacks to is held in memory.
const MOST_BYTES: usize = 64 << 20;
/// Most bytes that a workbook unpacks to.
const MOST_UNPACKED: u64 = 512 << 20;
/// Most cells that are read.
const MOST_CELLS: usize = 20_000_000;
/// Lines and columns of the largest sheet there is.
const MOST_LINES: u32 = 1_048_576;
const MOST_COLUMNS: u32 = 16_384;

/// Why a workbook cannot be read, in Chinese.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// One sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// The words of its first line, by column.
    pub header: Vec<String>,
    /// The lines after it that are not blank.
    pub rows: Vec<Row>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number as people count, from 1.
    pub number: u32,
    /// Column, text and form of every cell that is not blank.
    pub cells: Vec<(usize, String, Form)>,
}

/// Whether bytes are a workbook: a ZIP archive.
#[must_use]
pub fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Reads the first sheet. Days and moments come as `2024-06-06` and `2024-06-06 08:00:00`, numbers without a needless `.0`.
///
/// # Errors
/// When it is no workbook, too large, holds no line, or a word of its first line stands twice.
pub fn read(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    read_sheet(bytes, "")
}

/// Reads the sheet of this title, as [`Marked`](super::Marked) names it; the first where there is none.
///
/// # Errors
/// As [`read`].
pub fn read_sheet(bytes: &[u8], title: &str) -> Result<Sheet, Unreadable> {
    let mut book = opened(bytes)?;
    let (names, wanted) = (book.sheet_names(), super::sheet_name(title));
    let chosen = names.iter().find(|name| **name == wanted).or(names.first()).cloned();
    let name = chosen.ok_or_else(|| Unreadable("工作簿里没有工作表".into()))?;
    let mut lines = lines(&mut book, &name)?.into_iter();
    let head = lines.next().ok_or_else(|| Unreadable(format!("工作表 {name} 是空的")))?;
    Ok(Sheet { name, header: header(head)?, rows: lines.collect() })
}

/// The lines that are not blank, cell by cell: two cells in opposite corners are two cells, not a sheet of them.
fn lines(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Vec<Row>, Unreadable> {
    let mut cells = match book.worksheet_cells_reader(name) {
        Err(XlsxError::NotAWorksheet(_)) => return Ok(Vec::new()),
        other => other.map_err(broken)?,
    };
    let mut lines: BTreeMap<u32, Vec<(usize, String, Form)>> = BTreeMap::new();
    let mut count = 0;
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let Some((text, form)) = written(cell.get_value().clone().into()) else { continue };
        let (row, column) = cell.get_position();
        if row >= MOST_LINES || column >= MOST_COLUMNS {
            return Err(broken("单元格在工作表之外"));
        }
        count += 1;
        if count > MOST_CELLS {
            return Err(Unreadable(format!("工作表超过 {MOST_CELLS} 个单元格")));
        }
        let column = usize::try_from(column).unwrap_or_default();
        lines.entry(row + 1).or_default().push((column, text, form));
    }
    Ok(lines.into_iter().map(|(number, cells)| Row { number, cells: in_order(cells) }).collect())
}

/// By column, each once; of a cell that is written twice the last counts.
fn in_order(mut cells: Vec<(usize, String, Form)>) -> Vec<(usize, String, Form)> {
    cells.reverse();
    cells.sort_by_key(|(column, ..)| *column);
    cells.dedup_by_key(|(column, ..)| *column);
    cells
}

/// The names of the sheets, in order.
///
/// # Errors
/// When it is no workbook or too large.
pub fn sheet_names(bytes: &[u8]) -> Result<Vec<String>, Unreadable> {
    Ok(opened(bytes)?.sheet_names())
}

/// A workbook that is no larger, unpacked, than memory bears.
fn opened(bytes: &[u8]) -> Result<Xlsx<Cursor<&[u8]>>, Unreadable> {
    if bytes.len() > MOST_BYTES {
        return Err(Unreadable(format!("工作簿超过 {} MB", MOST_BYTES >> 20)));
    }
    unpacked(bytes, MOST_UNPACKED)?;
    calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(broken)
}

/// Refuses an archive that unpacks to more than `most` bytes: by its own directory, and, since that may say anything, by
/// unpacking it once without keeping what comes.
fn unpacked(bytes: &[u8], most: u64) -> Result<(), Unreadable> {
    let large = || Unreadable(format!("工作簿解开后超过 {} MB，不是正常的表格，没有打开", most >> 20));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if archive.decompressed_size().is_some_and(|said| said > most.into()) {
        return Err(large());
    }
    let mut left = most;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(broken)?;
        let has_texts = file.name().map_err(broken)?.to_ascii_lowercase().ends_with("sharedstrings.xml");
        let (mut file, mut texts) = (file.take(left + 1), Vec::new());
        let came = if has_texts {
            file.read_to_end(&mut texts).map(|n| n as u64)
        } else {
            io::copy(&mut file, &mut io::sink())
        };
        left = left.saturating_sub(came.map_err(broken)?);
        if left == 0 {
            return Err(large());
        }
        if claims_too_much(&texts) {
            return Err(Unreadable("工作簿的文本表说它有的比它能装的还多，不是正常的表格，没有打开".into()));
        }
    }
    Ok(())
}

/// Whether a table of texts claims more texts than it has bytes: the reader makes room for what is claimed.
fn claims_too_much(texts: &[u8]) -> bool {
    const CLAIM: &[u8] = b"uniqueCount";
    // a text in two bytes a letter says the same with zeros between
    let plain: Vec<u8> = texts.iter().copied().filter(|byte| *byte != 0).collect();
    let claims = plain.windows(CLAIM.len()).enumerate().filter(|(_, window)| *window == CLAIM);
    let digits = |(at, _): (usize, &[u8])| {
        let after = plain.iter().skip(at + CLAIM.len()).skip_while(|byte| !byte.is_ascii_digit());
        after
            .take_while(|byte| byte.is_ascii_digit())
            .fold(0_usize, |n, digit| n.saturating_mul(10).saturating_add(usize::from(*digit - b'0')))
    };
    claims.map(digits).any(|claimed| claimed > texts.len())
}

fn broken(error: impl std::fmt::Display) -> Unreadable {
    Unreadable(format!("不是可读的 .xlsx 工作簿：{error}"))
}

fn header(line: Row) -> Result<Vec<String>, Unreadable> {
    let mut words: Vec<String> = Vec::new();
    for (column, word, _) in line.cells {
        words.resize(column.max(words.len()), String::new());
        let word = word.trim().trim_end_matches('*').trim().to_owned();
        if words.contains(&word) && !word.is_empty() {
            return Err(Unreadable(format!("第 {} 行有两列都叫“{word}”", line.number)));
        }
        words.push(word);
    }
    Ok(words)
}

/// A cell as its writer sees it; `None` when it is blank.
fn written(cell: Data) -> Option<(String, Form)> {
    match cell {
        Data::Empty => None,
        Data::String(text) => (!text.trim().is_empty()).then_some((text, Form::Text)),
        Data::Bool(truth) => Some((truth.to_string(), Form::Bool)),
        Data::Int(number) => Some((number.to_string(), Form::Number)),
        Data::Float(number) => Some((number.to_string(), Form::Number)),
        Data::DateTime(moment) => Some((day_or_moment(&moment), Form::Text)),
        Data::DateTimeIso(text) | Data::DurationIso(text) => Some((text, Form::Text)),
        // what a formula came to is an error: kept as shown, so that it is told and not lost
        Data::Error(error) => Some((error.to_string(), Form::Text)),
    }
}

fn day_or_moment(moment: &calamine::ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if moment.is_duration() || moment.as_f64() < 1.0 {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date} {hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests;
