//! A sheet of a workbook: its first line that is not blank names the columns, each line after it is a record.

use std::io::{self, Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx};

use crate::record::Form;

/// Most bytes of a workbook that is opened: what it unpacks to is held in memory.
const MOST_BYTES: usize = 64 << 20;
/// Most bytes that a workbook unpacks to.
const MOST_UNPACKED: u64 = 512 << 20;
/// Most cells that are read.
const MOST_CELLS: usize = 20_000_000;

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
    let range = book.worksheet_range(&name).map_err(broken)?;
    let (height, width) = range.get_size();
    if height.saturating_mul(width) > MOST_CELLS {
        return Err(Unreadable(format!("工作表超过 {MOST_CELLS} 个单元格")));
    }
    let first = range.start().map_or((0, 0), |start| start);
    let mut lines = range.rows().zip(first.0 + 1..).map(|(cells, number)| line(cells, first.1, number));
    let head = lines.by_ref().find(|line| !line.cells.is_empty());
    let header = header(head.ok_or_else(|| Unreadable(format!("工作表 {name} 是空的")))?)?;
    let rows = lines.filter(|line| !line.cells.is_empty()).collect();
    Ok(Sheet { name, header, rows })
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
        left = left.saturating_sub(io::copy(&mut file.take(left + 1), &mut io::sink()).map_err(broken)?);
        if left == 0 {
            return Err(large());
        }
    }
    Ok(())
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

fn line(cells: &[Data], first_column: u32, number: u32) -> Row {
    let columns = usize::try_from(first_column).unwrap_or_default()..;
    let cells = columns.zip(cells).filter_map(|(column, cell)| {
        let (text, form) = written(cell)?;
        Some((column, text, form))
    });
    Row { number, cells: cells.collect() }
}

/// A cell as its writer sees it; `None` when it is blank.
fn written(cell: &Data) -> Option<(String, Form)> {
    match cell {
        Data::Empty => None,
        Data::String(text) => (!text.trim().is_empty()).then(|| (text.clone(), Form::Text)),
        Data::Bool(truth) => Some((truth.to_string(), Form::Bool)),
        Data::Int(number) => Some((number.to_string(), Form::Number)),
        Data::Float(number) => Some((number.to_string(), Form::Number)),
        Data::DateTime(moment) => Some((day_or_moment(moment), Form::Text)),
        Data::DateTimeIso(text) | Data::DurationIso(text) => Some((text.clone(), Form::Text)),
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
