//! The one place where HTTP clients are built: timeouts, no redirects to other hosts, no retries behind our back, a
//! cap on the body with the bytes kept. Leaves the meaning of an answer to `source` and `destination`.

use std::time::Duration;

use reqwest::{
    Request, Response,
    header::{HeaderMap, RETRY_AFTER},
    redirect,
};

use super::failure;
use crate::error::AdapterError;

/// Limits of one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For connecting, TLS included, in milliseconds.
    pub connect_timeout_ms: u64,
    /// For silence while reading the answer, in milliseconds.
    pub read_timeout_ms: u64,
    /// For the whole exchange, in milliseconds.
    pub timeout_ms: u64,
    /// The longest answer taken, unpacked, in MB (2^20 bytes).
    pub body_cap_mb: u32,
}

/// What the limits are unless the configuration says otherwise.
pub(crate) mod limits {
    pub(crate) const fn connect_timeout_ms() -> u64 {
        5_000
    }

    pub(crate) const fn read_timeout_ms() -> u64 {
        30_000
    }

    pub(crate) const fn timeout_ms() -> u64 {
        120_000
    }

    pub(crate) const fn body_cap_mb() -> u32 {
        64
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout_ms: limits::connect_timeout_ms(),
            read_timeout_ms: limits::read_timeout_ms(),
            timeout_ms: limits::timeout_ms(),
            body_cap_mb: limits::body_cap_mb(),
        }
    }
}

impl Limits {
    fn cap_bytes(&self) -> usize {
        usize::try_from(self.body_cap_mb).unwrap_or(usize::MAX).saturating_mul(1 << 20)
    }
}

/// A whole answer, as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, unpacked.
    pub body: Vec<u8>,
}

impl Reply {
    /// A header as text; none when absent or not text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `Retry-After` as written.
    #[must_use]
    pub fn retry_after(&self) -> Option<&str> {
        self.header(RETRY_AFTER.as_str())
    }
}

/// Sends requests within limits.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    limits: Limits,
}

/// Makes ring this process's TLS provider. May be called any number of times.
pub fn install_tls() {
    // an error says that a provider is there already, which is what is wanted
    let _ = rustls::crypto::ring::default_provider().install_default();
}

impl Client {
    /// A client with these limits.
    ///
    /// # Errors
    /// When the machine's TLS roots cannot be read.
    #[expect(clippy::disallowed_methods, reason = "the one home of reqwest::Client::builder")]
    pub fn build(limits: Limits) -> Result<Self, AdapterError> {
        install_tls();
        reqwest::Client::builder()
            .connect_timeout(Duration::from_millis(limits.connect_timeout_ms))
            .read_timeout(Duration::from_millis(limits.read_timeout_ms))
            .timeout(Duration::from_millis(limits.timeout_ms))
            .redirect(redirect::Policy::custom(follow_at_home))
            .retry(reqwest::retry::never())
            .no_proxy()
            .user_agent(concat!("lianwang/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(|inner| Self { inner, limits })
            .map_err(|error| {
                AdapterError::config(format!("无法建立 HTTP 客户端：{}", failure::causes(&error)))
            })
    }

    /// Sends one request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// When no answer came, or not all of it, or more than the cap; the bytes that came are in it.
    pub async fn send(&self, request: Request) -> Result<Reply, AdapterError> {
        let response = self.inner.execute(request).await.map_err(|error| failure::unanswered(&error))?;
        self.read(response).await
    }

    async fn read(&self, mut response: Response) -> Result<Reply, AdapterError> {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let cap = self.limits.cap_bytes();
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    let room = cap.saturating_sub(body.len());
                    body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
                    if chunk.len() > room {
                        return Err(
                            failure::over_the_cap(self.limits.body_cap_mb).with_seen(Some(status), body)
                        );
                    }
                }
                Ok(None) => return Ok(Reply { status, headers, body }),
                Err(error) => return Err(failure::cut(&error, body.len()).with_seen(Some(status), body)),
            }
        }
    }
}

const MOST_REDIRECTS: usize = 3;

/// Only to the same origin and only where the method stays: a POST that silently became a GET reads another page.
fn follow_at_home(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let home = attempt.previous().first().is_some_and(|first| first.origin() == attempt.url().origin());
    let same_method = matches!(attempt.status().as_u16(), 307 | 308);
    if home && same_method && attempt.previous().len() <= MOST_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}
