//! Systems that records are read from.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::AdapterError;

mod any;
mod asking;
mod config;
mod judging;
mod order;
mod progress;
mod rest;

pub use any::AnySource;
pub use config::{ConnectConfig, Method, RequestConfig, RestConnect, ServiceConfig, SourceConfig};
pub(crate) use judging::hex;
pub use rest::RestSource;
pub(crate) use rest::below;

/// A place in a service ordered by (time, id), both as the source writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The record's time, as the source wrote it.
    pub time: String,
    /// The record's id, as the source wrote it.
    pub id: String,
}

/// What a pass covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The settled moment, from which the source subtracts its own overlap; none: from the beginning.
    pub from: Option<DateTime<Utc>>,
    /// Up to this moment, fixed for the whole pass.
    pub until: DateTime<Utc>,
}

/// Where in a pass the next page begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// The pass begins.
    Start,
    /// After this record, ordered by (time, id).
    After(Mark),
    /// This page, counted as the source counts.
    Page(u64),
    /// At this place, counted in records as the source counts.
    Offset(u64),
    /// What the page before said comes next.
    Next(Next),
}

impl Resume {
    /// Whether a pass that stands here and broke begins again at its first page: a place in a list that moved meanwhile is
    /// another place, and nobody promises how long a token lives. A place after a record is the same whatever happened.
    #[must_use]
    pub fn begins_again(&self) -> bool {
        match self {
            Self::Start | Self::After(_) => false,
            Self::Page(_) | Self::Offset(_) | Self::Next(_) => true,
        }
    }
}

/// A token for the next page, and what finds a source that goes in circles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Next {
    /// The token, as the source wrote it.
    pub token: String,
    /// Pages of this pass before the one it asks for.
    pub pages: u64,
    /// The token after the last page whose number is a power of two: every circle comes back to it (Brent, 1980).
    pub mark: String,
}

impl Next {
    /// The place after a page that was asked for at `resume` and gave `token`; none when the token was given before, so
    /// that the pass would go in a circle. A circle is found after at most three times the pages before its end.
    #[must_use]
    pub fn after(resume: &Resume, token: String) -> Option<Self> {
        let Resume::Next(before) = resume else {
            return Some(Self { mark: token.clone(), token, pages: 1 });
        };
        if token == before.token || token == before.mark {
            return None;
        }
        let pages = before.pages.saturating_add(1);
        let mark = if pages.is_power_of_two() { token.clone() } else { before.mark.clone() };
        Some(Self { token, pages, mark })
    }
}

/// One request for one page of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Which list.
    pub service: String,
    /// What the pass covers.
    pub window: Window,
    /// Where the page begins.
    pub resume: Resume,
    /// Records of this pass in earlier pages.
    pub read: u64,
    /// SHA-256 (hex) of the record list of the page before in this pass.
    pub before: Option<String>,
    /// The moment of asking.
    pub now: DateTime<Utc>,
}

/// A run of records inside a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Place of the first record, from 0.
    pub first: u32,
    /// How many records.
    pub count: u32,
    /// First byte.
    pub from: u64,
    /// Byte after the last.
    pub to: u64,
}

/// Bytes as received (a transport cipher opened first).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The record list, cut into parts of at most 5,000 records or 4 MB.
    pub parts: Vec<Extent>,
    /// What was asked, without secrets, for people (`GET /api/… ?page=3`).
    pub asked: String,
}

/// A complete answer: whole, well-formed, successful by its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What came. REST: one document.
    pub documents: Vec<Document>,
    /// Records in the page.
    pub count: u64,
    /// The total the source announced, where it announces one.
    pub announced: Option<u64>,
    /// Where the next page of this pass begins; at the pass's end, where it ended.
    pub to: Resume,
    /// The latest moment among the records' times, where the service is ordered by time: what settles.
    pub reached: Option<DateTime<Utc>>,
    /// Whether there is a next page.
    pub more: bool,
    /// SHA-256 (hex) of the record list: a page that repeats is not progress.
    pub digest: String,
}

/// A system that records are read from.
pub trait Source {
    /// Reads one page. The answer is complete and successful, or an error that carries the bytes.
    fn fetch(&self, ask: &Ask) -> impl Future<Output = Result<Page, AdapterError>> + Send;

    /// Called after the page is committed. Calling it twice, or never after a crash, does no harm.
    fn landed(&self, page: &Page) -> impl Future<Output = Result<(), AdapterError>> + Send;
}
