//! Workbooks that clerks fill in: their rows as records under the words of the first line, blank ones with choices, and
//! rows given back with their bad cells marked.
//! Leaves what the words mean to whoever asks.

mod blank;
mod fitting;
mod marked;
mod rows;

pub use blank::{Blank, Column, blank};
pub use fitting::{fitting, unpictured};
pub use marked::{Head, Mark, Marked, MarkedCell, NOTED_ROWS};
pub use rows::{Row, Sheet, Unreadable, is_workbook, read, read_sheet, sheet_names};

/// The name of a cell, such as `C5`: columns from 0, rows from 1 as people count them.
#[must_use]
pub fn cell_name(column: usize, row: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(u8::try_from(rest % 26).unwrap_or_default() + b'A');
        rest /= 26;
    }
    letters.reverse();
    format!("{}{row}", String::from_utf8(letters).unwrap_or_default())
}

/// A sheet's name made of a title: at most 31 characters, without those that a name may not hold.
#[must_use]
pub fn sheet_name(title: &str) -> String {
    title.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect()
}

#[cfg(test)]
mod tests;
