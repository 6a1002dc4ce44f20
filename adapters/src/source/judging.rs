//! Whether an answer is a page: status, success rule, list in its place, totals and progress. Pure. Everything else is
//! an error that carries the bytes. Leaves the inside of records to the decoder and the cursor to the pipeline.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};

use super::{
    Ask, Document, Page, RequestConfig, RestConnect, Resume,
    asking::page_number,
    order::{Advance, Order},
};
use crate::{
    codec::json::{Envelope, List, Listing, locate},
    error::{AdapterError, Blame, Certainty, Retry},
    http::{Reply, paging::PagingConfig, retry_after, success::SuccessRule},
};

/// What a service's answers must be.
#[derive(Debug)]
pub(super) struct Judging {
    list: String,
    null_list: bool,
    total: Option<String>,
    success: Option<SuccessRule>,
    paging: PagingConfig,
    order: Option<Order>,
}

/// What an answer says besides its records.
struct Said<'e> {
    total: Option<&'e str>,
    success: Option<&'e str>,
    message: Option<&'e str>,
}

/// What a page is worth for the pass.
struct Progress {
    announced: Option<u64>,
    to: Resume,
    reached: Option<DateTime<Utc>>,
    more: bool,
}

impl Judging {
    pub(super) fn new(request: &RequestConfig, connect: &RestConnect, zone: Tz) -> Self {
        let format = request.time_format.as_ref().unwrap_or(&connect.time_format);
        Self {
            list: request.list.clone(),
            null_list: request.null_list,
            total: request.total.clone(),
            success: request.success.clone().or_else(|| connect.success.clone()),
            paging: request.paging.clone(),
            order: Order::of(&request.paging, format, zone),
        }
    }

    /// The page, if the answer is one.
    ///
    /// # Errors
    /// What is wrong with the answer, with its bytes.
    pub(super) fn page(
        &self,
        ask: &Ask,
        reply: Reply,
        asked: &str,
        now: DateTime<Utc>,
    ) -> Result<Page, AdapterError> {
        let status = reply.status;
        match self.read(ask, &reply, now) {
            Ok((list, digest, progress)) => Ok(Page {
                documents: vec![Document { bytes: reply.body, parts: list.parts, asked: asked.to_owned() }],
                count: list.count,
                announced: progress.announced,
                to: progress.to,
                reached: progress.reached,
                more: progress.more,
                digest,
            }),
            Err(error) => Err(error.with_seen(Some(status), reply.body)),
        }
    }

    fn read(
        &self,
        ask: &Ask,
        reply: &Reply,
        now: DateTime<Utc>,
    ) -> Result<(List, String, Progress), AdapterError> {
        refused(reply, now)?;
        let envelope =
            locate(&reply.body, &self.list, &self.paths()).map_err(|error| wrong(error.to_string()))?;
        let said = self.said(&envelope);
        if let Some(what) = self.success.as_ref().and_then(|rule| rule.failure(said.success, said.message)) {
            return Err(wrong(what));
        }
        let announced = said.total.map(total).transpose()?;
        let list = self.list(&envelope, announced)?;
        let bytes = slice(&reply.body, &list);
        let digest = hex(&Sha256::digest(bytes));
        if list.count > 0 && ask.before.as_deref() == Some(&digest) {
            return Err(wrong("这一页与上一页完全相同：对方没有翻页"));
        }
        let progress = self.progress(ask, &list, &reply.body, announced)?;
        Ok((list, digest, progress))
    }

    fn paths(&self) -> Vec<&str> {
        let rule = self.success.as_ref();
        let paths = [
            self.total.as_deref(),
            rule.map(|rule| rule.at.as_str()),
            rule.and_then(|rule| rule.message.as_deref()),
        ];
        paths.into_iter().map(Option::unwrap_or_default).collect()
    }

    fn said<'e>(&self, envelope: &'e Envelope) -> Said<'e> {
        let mut values = envelope.values.iter().map(Option::as_deref);
        let mut next = |is_asked: bool| values.next().flatten().filter(|_| is_asked);
        let has_message = self.success.as_ref().is_some_and(|rule| rule.message.is_some());
        Said {
            total: next(self.total.is_some()),
            success: next(self.success.is_some()),
            message: next(has_message),
        }
    }

    fn list(&self, envelope: &Envelope, announced: Option<u64>) -> Result<List, AdapterError> {
        let name = if self.list.is_empty() { "应答本身" } else { &self.list };
        match &envelope.listing {
            Listing::Found(list) => Ok(list.clone()),
            Listing::Null if self.null_list || announced == Some(0) => {
                Ok(List { from: 0, to: 0, count: 0, parts: Vec::new() })
            }
            Listing::Null => {
                Err(wrong(format!("记录列表 {name} 是 null；如果这表示空列表，请设 null_list = true")))
            }
            Listing::NoList => Err(wrong(format!("{name} 不是列表"))),
            Listing::Missing { beside } => {
                Err(wrong(format!("在 {name} 没有记录列表；那里有的是：{}", beside.join("、"))))
            }
        }
    }

    fn progress(
        &self,
        ask: &Ask,
        list: &List,
        body: &[u8],
        announced: Option<u64>,
    ) -> Result<Progress, AdapterError> {
        let settled = |to, more| Progress { announced, to, reached: None, more };
        Ok(match &self.paging {
            PagingConfig::None => settled(ask.resume.clone(), whole(list.count, announced)?),
            PagingConfig::Page { size, .. } => {
                let more = numbered(ask.read, list.count, *size, announced)?;
                let page = page_number(&self.paging, &ask.resume).unwrap_or_default();
                settled(Resume::Page(page.saturating_add(u64::from(more))), more)
            }
            PagingConfig::Keyset { size, .. } => {
                let more = rest(list.count, *size, announced)?;
                let order =
                    self.order.as_ref().ok_or_else(|| AdapterError::config("keyset 缺少 time 与 id"))?;
                let Advance { to, reached } =
                    order.advance(&ask.resume, list, body, more, ask.window.until)?;
                Progress { reached, ..settled(to, more) }
            }
        })
    }
}

/// A list without pages is all there is.
fn whole(count: u64, announced: Option<u64>) -> Result<bool, AdapterError> {
    match announced {
        Some(total) if total != count => Err(lies(total, count)),
        _ => Ok(false),
    }
}

/// Whether another page follows, by the announced total, else by the page's fullness.
fn numbered(read: u64, count: u64, size: u64, announced: Option<u64>) -> Result<bool, AdapterError> {
    let read = read.saturating_add(count);
    match announced {
        Some(total) if total < read || (count == 0 && total > read) => Err(lies(total, read)),
        Some(total) => Ok(read < total),
        None => Ok(count >= size),
    }
}

/// In a keyset pass an announced total is the rest of the window, or all of it: never less than the page.
fn rest(count: u64, size: u64, announced: Option<u64>) -> Result<bool, AdapterError> {
    match announced {
        Some(total) if total < count => Err(lies(total, count)),
        _ => Ok(count >= size),
    }
}

fn lies(announced: u64, read: u64) -> AdapterError {
    wrong(format!("对方宣称的总数与实际不符：宣称 {announced} 条，读到 {read} 条"))
}

fn total(text: &str) -> Result<u64, AdapterError> {
    text.trim()
        .parse()
        .map_err(|_| wrong(format!("对方宣称的总数不是数字：{:?}", crate::http::success::cut(text, 40))))
}

fn slice<'b>(body: &'b [u8], list: &List) -> &'b [u8] {
    let place = |at| usize::try_from(at).unwrap_or(usize::MAX);
    body.get(place(list.from)..place(list.to)).unwrap_or_default()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Statuses that are no page, whatever the body says.
fn refused(reply: &Reply, now: DateTime<Utc>) -> Result<(), AdapterError> {
    let status = reply.status;
    let error = match status {
        200..=299 => return Ok(()),
        300..=399 => blamed(format!("HTTP {status}：对方要求转到别处，请改 base_url 或 path")),
        401 | 403 => blamed(format!("HTTP {status}：对方不接受凭据，请检查 [connect] auth")),
        404 | 405 => blamed(format!("HTTP {status}：对方没有这个接口，请检查 path 与 method")),
        429 | 503 => wrong(format!("HTTP {status}：对方繁忙")).with_retry(again(reply, now)),
        _ => wrong(format!("HTTP {status}")),
    };
    Err(error)
}

fn again(reply: &Reply, now: DateTime<Utc>) -> Retry {
    let wait: Option<Duration> = reply.retry_after().and_then(|text| retry_after(text, now));
    wait.map_or(Retry::Later, Retry::After)
}

fn wrong(what: impl Into<String>) -> AdapterError {
    AdapterError::remote(what, Certainty::Received)
}

/// A person here can mend it, but the other side may as well: it is tried again.
fn blamed(what: String) -> AdapterError {
    AdapterError { blame: Blame::Config, ..wrong(what) }
}

#[cfg(test)]
mod tests;
