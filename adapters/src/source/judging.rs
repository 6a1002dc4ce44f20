//! Whether an answer is a page: status, success rule, list in its place, totals and progress. Pure. Everything else is
//! an error that carries the bytes. Leaves the inside of records to the decoder and the cursor to the pipeline.

use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};

use super::{
    Ask, Document, Page, RequestConfig, RestConnect, Resume,
    order::{Advance, Order},
    progress::{self, Came},
};
use crate::{
    codec::json::{Envelope, List, Listing, locate},
    error::{AdapterError, Blame, Certainty, Retry},
    http::{
        Reply,
        auth::AuthConfig,
        paging::{More, PagingConfig},
        retry_after,
        success::{SuccessRule, cut},
    },
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
    expired: Option<More>,
}

/// Why an answer is no page.
#[derive(Debug)]
pub(super) struct NoPage {
    pub(super) error: AdapterError,
    /// Whether it says that the token is good no more.
    pub(super) is_expired: bool,
}

impl From<AdapterError> for NoPage {
    fn from(error: AdapterError) -> Self {
        Self { error, is_expired: false }
    }
}

/// What an answer says besides its records.
struct Said<'e> {
    total: Option<&'e str>,
    success: Option<&'e str>,
    message: Option<&'e str>,
    token: Option<&'e str>,
    more: Option<&'e str>,
    expired: Option<&'e str>,
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
            expired: if let AuthConfig::Login(login) = &connect.auth { login.expired.clone() } else { None },
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
    ) -> Result<Page, NoPage> {
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
            Err(NoPage { error, is_expired }) => {
                Err(NoPage { error: error.with_seen(Some(status), reply.body), is_expired })
            }
        }
    }

    fn read(&self, ask: &Ask, reply: &Reply, now: DateTime<Utc>) -> Result<(List, String, Progress), NoPage> {
        let is_expired = reply.status == 401;
        refused(reply, now).map_err(|error| NoPage { error, is_expired })?;
        let paths = self.paths().map(Option::unwrap_or_default);
        let envelope = locate(&reply.body, &self.list, &paths).map_err(|error| wrong(error.to_string()))?;
        let said = self.said(&envelope);
        if let Some(what) = self.expired(&said) {
            return Err(NoPage { error: wrong(what), is_expired: true });
        }
        if let Some(what) = self.success.as_ref().and_then(|rule| rule.failure(said.success, said.message)) {
            return Err(wrong(what).into());
        }
        let announced = said.total.map(total).transpose()?;
        let list = self.list(&envelope, announced)?;
        let bytes = slice(&reply.body, &list);
        let digest = hex(&Sha256::digest(bytes));
        if list.count > 0 && ask.before.as_deref() == Some(&digest) {
            return Err(wrong("这一页与上一页完全相同：对方没有翻页").into());
        }
        let progress = self.progress(ask, &list, &reply.body, announced, &said)?;
        Ok((list, digest, progress))
    }

    /// What stands beside the records, in the order [`Judging::said`] takes it.
    fn paths(&self) -> [Option<&str>; 6] {
        let rule = self.success.as_ref();
        let (token, more) = match &self.paging {
            PagingConfig::Next { token, more, .. } => (Some(token.as_str()), more.as_ref()),
            _ => (None, None),
        };
        [
            self.total.as_deref(),
            rule.map(|rule| rule.at.as_str()),
            rule.and_then(|rule| rule.message.as_deref()),
            token,
            more.map(|more| more.at.as_str()),
            self.expired.as_ref().map(|expired| expired.at.as_str()),
        ]
    }

    fn said<'e>(&self, envelope: &'e Envelope) -> Said<'e> {
        let values = envelope.values.iter().map(Option::as_deref);
        let mut asked = self.paths().into_iter().zip(values).map(|(path, value)| path.and(value));
        let mut next = || asked.next().flatten();
        Said { total: next(), success: next(), message: next(), token: next(), more: next(), expired: next() }
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
        said: &Said<'_>,
    ) -> Result<Progress, AdapterError> {
        let (resume, read, count) = (&ask.resume, ask.read, list.count);
        if let (PagingConfig::Keyset { size, .. }, Some(order)) = (&self.paging, &self.order) {
            let more = progress::rest(count, *size, announced)?;
            let Advance { to, reached } = order.advance(resume, list, body, more, ask.window.until)?;
            return Ok(Progress { announced, to, reached, more });
        }
        let came = Came { resume, read, count, announced, token: said.token, more: self.more(said) };
        let (to, more) = came.next(&self.paging)?;
        Ok(Progress { announced, to, reached: None, more })
    }

    /// The words by which the answer says that the token is good no more.
    fn expired(&self, said: &Said<'_>) -> Option<String> {
        let expired = self.expired.as_ref()?;
        let value = said.expired.filter(|value| expired.is.contain(value))?;
        let words = said.message.map(|words| format!("；对方说：{}", cut(words, 200))).unwrap_or_default();
        Some(format!("{} 是 {value:?}，令牌已失效{words}", expired.at))
    }

    /// Whether the answer says that there is a next page, where its service says so.
    fn more(&self, said: &Said<'_>) -> Option<bool> {
        let PagingConfig::Next { more: Some(more), .. } = &self.paging else { return None };
        Some(said.more.is_some_and(|text| more.is.contain(text)))
    }
}

fn total(text: &str) -> Result<u64, AdapterError> {
    text.trim().parse().map_err(|_| wrong(format!("对方宣称的总数不是数字：{:?}", cut(text, 40))))
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

pub(super) fn wrong(what: impl Into<String>) -> AdapterError {
    AdapterError::remote(what, Certainty::Received)
}

/// A person here can mend it, but the other side may as well: it is tried again.
fn blamed(what: String) -> AdapterError {
    AdapterError { blame: Blame::Config, ..wrong(what) }
}

#[cfg(test)]
mod tests;
