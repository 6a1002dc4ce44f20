//! Workbooks that clerks fill in: their rows as records under the words of the first line, and blank ones with choices.
//! Leaves what the words mean to whoever asks.

mod blank;
mod rows;

pub use blank::{Blank, Column, blank};
pub use rows::{Row, Sheet, Unreadable, is_workbook, read};

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

#[cfg(test)]
mod tests;
