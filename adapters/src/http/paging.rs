//! How a list is read page by page: the settings, and the few decisions that need nothing but numbers.
//! Leaves requests to [`super::template`] and what a page holds to `source`.

use serde::Deserialize;

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
            Self::Page { size, .. } | Self::Keyset { size, .. } => Some(*size),
        }
    }

    /// How far before the last settled moment a pass begins, in seconds; 0 where the time plays no part.
    #[must_use]
    pub fn overlap_s(&self) -> u32 {
        match self {
            Self::Keyset { overlap_s, .. } => *overlap_s,
            Self::None | Self::Page { .. } => 0,
        }
    }

    /// Whether a broken pass goes on where it stopped (keyset) rather than at its first page.
    #[must_use]
    pub fn resumes(&self) -> bool {
        matches!(self, Self::Keyset { .. })
    }

    /// Whether `read` records are more than any pass may have read before asking for another page.
    #[must_use]
    pub fn is_endless(&self, read: u64) -> bool {
        match self {
            Self::None => false,
            Self::Page { size, max_pages, .. } | Self::Keyset { size, max_pages, .. } => {
                read >= size.saturating_mul(*max_pages)
            }
        }
    }

    /// What is wrong with the settings, in Chinese.
    ///
    /// # Errors
    /// When a page of no records or a pass of no pages is asked for.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Page { size: 0, .. } | Self::Keyset { size: 0, .. } => {
                Err("paging.size 必须大于 0".to_owned())
            }
            Self::Page { max_pages: 0, .. } | Self::Keyset { max_pages: 0, .. } => {
                Err("paging.max_pages 必须大于 0".to_owned())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
