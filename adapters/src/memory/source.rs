//! A source in memory: rows of services as JSON, read by page number or by (time, id). Its rows can be changed between
//! two pages, as those of a real one are. Leaves what the rows mean to the mappings.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    error::{AdapterError, Certainty},
    source::{Ask, Document, Extent, Page, Resume, Source, hex},
};

mod keyset;
mod paged;

/// How a service of a source in memory is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryPaging {
    /// Pages by number from 1, the whole list's total announced with each.
    Page {
        /// Records a page, more than 0.
        size: usize,
    },
    /// Pages by place from 0, the whole list's total announced with each.
    Offset {
        /// Records a page, more than 0.
        size: usize,
    },
    /// Each page gives the token of the next, no total announced.
    Next {
        /// Records a page, more than 0.
        size: usize,
    },
    /// Records after (time, id) inside the window, no total announced.
    Keyset {
        /// Records a page, more than 0.
        size: usize,
        /// Member of a row that holds its time, RFC 3339.
        time: &'static str,
        /// Member of a row that holds its id.
        id: &'static str,
        /// How far before the settled moment a pass begins, in seconds.
        overlap_s: u32,
    },
}

/// A source in memory; clones share their rows.
#[derive(Debug, Clone, Default)]
pub struct MemorySource(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    services: BTreeMap<String, Offer>,
    asked: u64,
    landed: u64,
}

#[derive(Debug)]
struct Offer {
    paging: MemoryPaging,
    part: usize,
    rows: Vec<Value>,
}

/// What one answer holds, before it is put into bytes.
struct Slice {
    rows: Vec<Value>,
    announced: Option<u64>,
    to: Resume,
    reached: Option<chrono::DateTime<chrono::Utc>>,
    more: bool,
}

impl MemorySource {
    /// A source without services.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Offers a service; its documents are cut into parts of at most `part` records.
    pub fn offer(&self, service: &str, paging: MemoryPaging, part: usize) {
        let offer = Offer { paging, part: part.max(1), rows: Vec::new() };
        self.state().services.insert(service.to_owned(), offer);
    }

    /// Adds a row at the end of a service's list; one that is not offered is not changed.
    pub fn add(&self, service: &str, row: Value) {
        self.change(service, |rows| rows.push(row));
    }

    /// Changes a service's rows in place.
    pub fn change(&self, service: &str, change: impl FnOnce(&mut Vec<Value>)) {
        if let Some(offer) = self.state().services.get_mut(service) {
            change(&mut offer.rows);
        }
    }

    /// Pages asked for so far.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.state().asked
    }

    /// Pages it was told have landed.
    #[must_use]
    pub fn landed_pages(&self) -> u64 {
        self.state().landed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn page(&self, ask: &Ask) -> Result<Page, AdapterError> {
        let mut state = self.state();
        state.asked += 1;
        let offer = state
            .services
            .get(&ask.service)
            .ok_or_else(|| AdapterError::config(format!("内存来源没有服务 {}", ask.service)))?;
        let slice = match &offer.paging {
            MemoryPaging::Page { size } => paged::by_number(&offer.rows, *size, ask)?,
            MemoryPaging::Offset { size } => paged::by_place(&offer.rows, *size, ask)?,
            MemoryPaging::Next { size } => paged::by_token(&offer.rows, *size, ask)?,
            MemoryPaging::Keyset { size, time, id, overlap_s } => keyset::slice(
                &offer.rows,
                &keyset::Order { size: *size, time, id, overlap_s: *overlap_s },
                ask,
            ),
        };
        whole(offer.part, slice, ask)
    }
}

impl Source for MemorySource {
    async fn fetch(&self, ask: &Ask) -> Result<Page, AdapterError> {
        self.page(ask)
    }

    async fn landed(&self, _page: &Page) -> Result<(), AdapterError> {
        self.state().landed += 1;
        Ok(())
    }
}

/// The answer in bytes, and what it means for the pass.
fn whole(part: usize, slice: Slice, ask: &Ask) -> Result<Page, AdapterError> {
    let mut bytes = b"{\"rows\":[".to_vec();
    let from = bytes.len();
    let mut parts: Vec<Extent> = Vec::new();
    for (place, row) in (0_u32..).zip(&slice.rows) {
        let is_new = usize::try_from(place).is_ok_and(|place| place % part == 0);
        if place > 0 {
            bytes.push(b',');
        }
        let start = offset(bytes.len());
        bytes.extend_from_slice(row.to_string().as_bytes());
        let to = offset(bytes.len());
        match parts.last_mut().filter(|_| !is_new) {
            Some(extent) => (extent.count, extent.to) = (extent.count + 1, to),
            None => parts.push(Extent { first: place, count: 1, from: start, to }),
        }
    }
    let digest = hex(&Sha256::digest(bytes.get(from..).unwrap_or_default()));
    let count = offset(slice.rows.len());
    if count > 0 && ask.before.as_ref() == Some(&digest) {
        return Err(wrong("这一页与上一页完全相同：对方没有翻页"));
    }
    bytes.extend_from_slice(b"]}");
    let asked = format!("内存 {} {:?}", ask.service, ask.resume);
    Ok(Page {
        documents: vec![Document { bytes, parts, asked }],
        count,
        announced: slice.announced,
        to: slice.to,
        reached: slice.reached,
        more: slice.more,
        digest,
    })
}

fn offset(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn wrong(what: &str) -> AdapterError {
    AdapterError::remote(what, Certainty::Received)
}

#[cfg(test)]
mod tests;
