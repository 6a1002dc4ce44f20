//! How a list is read page by page: the settings, and the few decisions that need nothing but numbers.
//! Leaves requests to [`super::template`] and what a page holds to `source`.

use serde::Deserialize;

use super::success::Texts;

/// `[services.request.paging]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum PagingConfig {
    /// One request gives the whole list.
    #[default]
    None,
    /// Pages by number. A broken pass begins again at its first page.
    Page {
        /// Number of the first page as the source counts: 1 or 0.
        #[serde(default = "one")]
        first: u64,
        /// Records a page. Without an announced total it must not exceed the source's own maximum:
        /// a shorter page is then the last.
        size: u64,
        /// A pass with more pages than this is an error.
        #[serde(default = "most_pages")]
        max_pages: u64,
    },
    /// Records from a place counted in records. A broken pass begins again at its first page. Without an announced total
    /// it ends at an empty page, so that a source whose own maximum is smaller than `size` is read whole.
    Offset {
        /// Place of the first record as the source counts: 0 or 1.
        #[serde(default)]
        first: u64,
        /// Records a page.
        size: u64,
        /// A pass with more records than this many full pages is an error.
        #[serde(default = "most_pages")]
        max_pages: u64,
    },
    /// Each page gives the token that asks for the next. A broken pass begins again at its first page.
    Next {
        /// Records a page, where the source wants to be told.
        size: Option<u64>,
        /// Path of the token in the answer; absent, null or empty: there is no further page.
        token: String,
        /// When there is a further page, where the source says so beside the token.
        more: Option<More>,
        /// The token of the first page, where the source wants one; else the parameter is left out.
        first: Option<String>,
        /// A pass with more pages than this is an error.
        #[serde(default = "most_pages")]
        max_pages: u64,
    },
    /// Records after (time, id), in a window of time. The source guarantees the order.
    Keyset {
        /// Records a page.
        size: u64,
        /// Path of the time in a record.
        time: String,
        /// Path of the id in a record.
        id: String,
        /// How far before the last settled moment a pass begins, in seconds: records are committed late.
        #[serde(default = "ten_minutes")]
        overlap_s: u32,
        /// A pass with more pages than this is an error.
        #[serde(default = "most_pages")]
        max_pages: u64,
    },
}

/// `more = { at = "hasMore", is = true }`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct More {
    /// Path of the value that tells.
    pub at: String,
    /// The text or texts that mean that there is a further page.
    pub is: Texts,
}

const fn one() -> u64 {
    1
}

const fn most_pages() -> u64 {
    100_000
}

const fn ten_minutes() -> u32 {
    600
}

impl PagingConfig {
    /// Records asked for in one page; none when the list is not paged.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Page { size, .. } | Self::Offset { size, .. } | Self::Keyset { size, .. } => Some(*size),
            Self::Next { size, .. } => *size,
        }
    }

    /// How far before the last settled moment a pass begins, in seconds; 0 where the time plays no part.
    #[must_use]
    pub fn overlap_s(&self) -> u32 {
        match self {
            Self::Keyset { overlap_s, .. } => *overlap_s,
            Self::None | Self::Page { .. } | Self::Offset { .. } | Self::Next { .. } => 0,
        }
    }

    /// Whether a broken pass goes on where it stopped (keyset) rather than at its first page.
    #[must_use]
    pub fn resumes(&self) -> bool {
        matches!(self, Self::Keyset { .. })
    }

    /// Whether `read` records, in `pages` pages where they are counted, are more than any pass may have read before asking
    /// for another page.
    #[must_use]
    pub fn is_endless(&self, read: u64, pages: u64) -> bool {
        match self {
            Self::None => false,
            Self::Page { size, max_pages, .. }
            | Self::Offset { size, max_pages, .. }
            | Self::Keyset { size, max_pages, .. } => read >= size.saturating_mul(*max_pages),
            Self::Next { max_pages, .. } => pages >= *max_pages,
        }
    }

    /// What is wrong with the settings, in Chinese.
    ///
    /// # Errors
    /// When a page of no records or a pass of no pages is asked for.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Page { size: 0, .. }
            | Self::Offset { size: 0, .. }
            | Self::Next { size: Some(0), .. }
            | Self::Keyset { size: 0, .. } => Err("paging.size 必须大于 0".to_owned()),
            Self::Page { max_pages: 0, .. }
            | Self::Offset { max_pages: 0, .. }
            | Self::Next { max_pages: 0, .. }
            | Self::Keyset { max_pages: 0, .. } => Err("paging.max_pages 必须大于 0".to_owned()),
            Self::Next { token, .. } if token.is_empty() => Err("paging.token 不能是空的".to_owned()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
