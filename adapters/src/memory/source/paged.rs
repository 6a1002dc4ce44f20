//! Pages by number over a list in file order. Says when the announced total cannot be true; leaves totals that move
//! between pages to the pipeline.

use serde_json::Value;

use super::{Slice, offset, wrong};
use crate::{
    error::AdapterError,
    source::{Ask, Resume},
};

/// The page asked for.
///
/// # Errors
/// When more was read in this pass than the list holds now, or nothing is left although something must be.
pub(super) fn slice(rows: &[Value], size: usize, ask: &Ask) -> Result<Slice, AdapterError> {
    let number = match ask.resume {
        Resume::Page(number) => number,
        Resume::Start | Resume::After(_) => 1,
    };
    let skipped = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX).saturating_mul(size);
    let page: Vec<Value> = rows.iter().skip(skipped).take(size).cloned().collect();
    let (total, read) = (offset(rows.len()), ask.read.saturating_add(offset(page.len())));
    if total < read || (page.is_empty() && total > read) {
        return Err(wrong(&format!("对方宣称的总数与实际不符：宣称 {total} 条，读到 {read} 条")));
    }
    let more = read < total;
    let to = Resume::Page(number.saturating_add(u64::from(more)));
    Ok(Slice { rows: page, announced: Some(total), to, reached: None, more })
}
