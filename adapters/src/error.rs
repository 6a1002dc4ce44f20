//! What can go wrong with an operation, said so that a caller can decide without reading the text.

use std::time::Duration;

/// Why an operation on another system failed, and what may be done about it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{what}")]
pub struct AdapterError {
    /// What happened, for a person, in Chinese, without secrets.
    pub what: String,
    /// Whose fault it is.
    pub blame: Blame,
    /// Whether and when the same may be tried again.
    pub retry: Retry,
    /// Whether the other side may have taken what was sent.
    pub certainty: Certainty,
    /// HTTP status, when there was one.
    pub status: Option<u16>,
    /// The bytes that came, as far as they came: kept as a failed fetch.
    pub seen: Vec<u8>,
    /// What went out, where something did: an attempt is recorded even when no answer came.
    pub sent: Option<Box<Sent>>,
}

/// What one attempt sent, after transport wrapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// SHA-256 (hex) of the bytes.
    pub digest: String,
    /// Parameters of the wrapping, without secrets.
    pub with: String,
}

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// Our configuration: a person here must change it.
    Config,
    /// The other system.
    Remote,
    /// This program or this machine.
    Us,
}

/// Whether and when the same operation may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not before somebody changes something.
    Never,
    /// After the caller's own schedule.
    Later,
    /// Not before this long (`Retry-After`).
    After(Duration),
    /// What was asked for was not sent: our own limit says to wait this long, or a login came first. Not a failure, counts as
    /// no attempt.
    Paced(Duration),
}

/// Whether the other side may have taken what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It certainly did not get it.
    NotReceived,
    /// It certainly got it (an answer came).
    Received,
    /// Nobody here can know: the same bytes must go again.
    Unknown,
}

impl AdapterError {
    /// An error of the other system that may pass by itself.
    pub fn remote(what: impl Into<String>, certainty: Certainty) -> Self {
        Self {
            what: what.into(),
            blame: Blame::Remote,
            retry: Retry::Later,
            certainty,
            status: None,
            seen: Vec::new(),
            sent: None,
        }
    }

    /// An error that only a change of configuration mends. Nothing was sent.
    pub fn config(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            blame: Blame::Config,
            retry: Retry::Never,
            certainty: Certainty::NotReceived,
            status: None,
            seen: Vec::new(),
            sent: None,
        }
    }

    /// Not an error of anybody: the limit allows the next request only after `wait`; nought where a login came first.
    #[must_use]
    pub fn paced(wait: Duration) -> Self {
        Self {
            what: format!("按限速等待 {} 毫秒", wait.as_millis()),
            blame: Blame::Us,
            retry: Retry::Paced(wait),
            certainty: Certainty::NotReceived,
            status: None,
            seen: Vec::new(),
            sent: None,
        }
    }

    /// The same error with the bytes that came.
    #[must_use]
    pub fn with_seen(mut self, status: Option<u16>, seen: Vec<u8>) -> Self {
        self.status = status.or(self.status);
        self.seen = seen;
        self
    }

    /// The same error with what was sent.
    #[must_use]
    pub fn with_sent(mut self, sent: Sent) -> Self {
        self.sent = Some(Box::new(sent));
        self
    }

    /// The same error with another retry class.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }
}
