//! What a page means for its pass: whether another follows and where that one begins. Pure, numbers and tokens only.
//! Leaves the order of a keyset to [`super::order`] and where the figures stand in an answer to [`super::judging`].

use super::{
    Next, Resume,
    asking::{page_number, place},
    judging::wrong,
};
use crate::{error::AdapterError, http::paging::PagingConfig};

/// The longest token that goes into a request and into the ledger, in bytes.
const LONGEST_TOKEN: usize = 4_096;

/// What a page brought.
#[derive(Debug, Clone, Copy)]
pub(super) struct Came<'a> {
    /// Where it was asked for.
    pub resume: &'a Resume,
    /// Records of the pass before it.
    pub read: u64,
    /// Its records.
    pub count: u64,
    /// The total it announced.
    pub announced: Option<u64>,
    /// The token it gave for the next page.
    pub token: Option<&'a str>,
    /// Whether it said that there is a next page, where the source says so beside the token.
    pub more: Option<bool>,
}

impl Came<'_> {
    /// Where the next page begins and whether there is one, by a paging that counts or follows tokens.
    ///
    /// # Errors
    /// When the announced total cannot be true, or the source goes in a circle or contradicts itself.
    pub(super) fn next(&self, paging: &PagingConfig) -> Result<(Resume, bool), AdapterError> {
        match paging {
            PagingConfig::None | PagingConfig::Keyset { .. } => {
                Ok((self.resume.clone(), whole(self.count, self.announced)?))
            }
            PagingConfig::Page { size, .. } => {
                let more = self.remains()?.unwrap_or(self.count >= *size);
                let page = page_number(paging, self.resume).unwrap_or_default();
                Ok((Resume::Page(page.saturating_add(u64::from(more))), more))
            }
            PagingConfig::Offset { .. } => {
                let more = self.remains()?.unwrap_or(self.count > 0);
                let place = place(paging, self.resume).unwrap_or_default();
                Ok((Resume::Offset(place.saturating_add(self.count)), more))
            }
            PagingConfig::Next { .. } => self.by_token(),
        }
    }

    /// Whether something is left by the announced total; none when nothing is announced.
    fn remains(&self) -> Result<Option<bool>, AdapterError> {
        let read = self.read.saturating_add(self.count);
        match self.announced {
            Some(total) if total < read || (self.count == 0 && total > read) => Err(lies(total, read)),
            announced => Ok(announced.map(|total| read < total)),
        }
    }

    fn by_token(&self) -> Result<(Resume, bool), AdapterError> {
        let read = self.read.saturating_add(self.count);
        let token = self.token.filter(|token| !token.is_empty());
        match (token, self.more) {
            (None, Some(true)) => Err(wrong("对方说还有下一页，却没有给下一页的令牌（paging.token）")),
            (None, _) | (_, Some(false)) => match self.announced {
                Some(total) if total != read => Err(lies(total, read)),
                _ => Ok((self.resume.clone(), false)),
            },
            (Some(token), _) if token.len() > LONGEST_TOKEN => {
                Err(wrong(format!("下一页的令牌超过 {LONGEST_TOKEN} 字节")))
            }
            (Some(token), _) => {
                let circle = || wrong("下一页的令牌前面已经给过：对方在原地打转，没有翻页");
                let next = Next::after(self.resume, token.to_owned()).ok_or_else(circle)?;
                Ok((Resume::Next(next), true))
            }
        }
    }
}

/// A list without pages is all there is.
fn whole(count: u64, announced: Option<u64>) -> Result<bool, AdapterError> {
    match announced {
        Some(total) if total != count => Err(lies(total, count)),
        _ => Ok(false),
    }
}

/// In a keyset pass an announced total is the rest of the window, or all of it: never less than the page.
///
/// # Errors
/// When it is less.
pub(super) fn rest(count: u64, size: u64, announced: Option<u64>) -> Result<bool, AdapterError> {
    match announced {
        Some(total) if total < count => Err(lies(total, count)),
        _ => Ok(count >= size),
    }
}

fn lies(announced: u64, read: u64) -> AdapterError {
    wrong(format!("对方宣称的总数与实际不符：宣称 {announced} 条，读到 {read} 条"))
}

#[cfg(test)]
mod tests;
