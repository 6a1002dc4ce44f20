//! Pages by number, by place and by token over a list in file order. Says when the announced total cannot be true; leaves
//! totals that move between pages to the pipeline.

use serde_json::Value;

use super::{Slice, offset, wrong};
use crate::{
    error::AdapterError,
    source::{Ask, Next, Resume},
};

/// The page of the number asked for.
///
/// # Errors
/// When more was read in this pass than the list holds now, or nothing is left although something must be.
pub(super) fn by_number(rows: &[Value], size: usize, ask: &Ask) -> Result<Slice, AdapterError> {
    let number = if let Resume::Page(number) = ask.resume { number } else { 1 };
    let skipped = place(number.saturating_sub(1)).saturating_mul(size);
    let slice = counted(rows, skipped, size, ask)?;
    let to = Resume::Page(number.saturating_add(u64::from(slice.more)));
    Ok(Slice { to, ..slice })
}

/// The page at the place asked for.
///
/// # Errors
/// As [`by_number`].
pub(super) fn by_place(rows: &[Value], size: usize, ask: &Ask) -> Result<Slice, AdapterError> {
    let from = if let Resume::Offset(from) = ask.resume { from } else { 0 };
    let slice = counted(rows, place(from), size, ask)?;
    let to = Resume::Offset(from.saturating_add(offset(slice.rows.len())));
    Ok(Slice { to, ..slice })
}

/// The page of the token asked for: a place written as a text.
///
/// # Errors
/// When the token is none of ours.
pub(super) fn by_token(rows: &[Value], size: usize, ask: &Ask) -> Result<Slice, AdapterError> {
    let from = match &ask.resume {
        Resume::Next(next) => next.token.parse().map_err(|_| wrong("没有给过这个令牌"))?,
        _ => 0,
    };
    let slice = Slice { announced: None, ..counted(rows, from, size, ask)? };
    if !slice.more {
        return Ok(slice);
    }
    let token = from.saturating_add(slice.rows.len()).to_string();
    let next = Next::after(&ask.resume, token).ok_or_else(|| wrong("令牌重复"))?;
    Ok(Slice { to: Resume::Next(next), ..slice })
}

fn counted(rows: &[Value], skipped: usize, size: usize, ask: &Ask) -> Result<Slice, AdapterError> {
    let page: Vec<Value> = rows.iter().skip(skipped).take(size).cloned().collect();
    let (total, read) = (offset(rows.len()), ask.read.saturating_add(offset(page.len())));
    if total < read || (page.is_empty() && total > read) {
        return Err(wrong(&format!("对方宣称的总数与实际不符：宣称 {total} 条，读到 {read} 条")));
    }
    let to = ask.resume.clone();
    Ok(Slice { rows: page, announced: Some(total), to, reached: None, more: read < total })
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
