//! A response body that breaks off: some bytes, then the connection ends before the promised length.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, header::CONTENT_LENGTH},
    response::Response,
};
use futures_core::Stream;

/// An answer that promises all of `whole` and ends after its first `kept` bytes. With none kept not even the head of
/// the answer arrives: the line just ends.
pub(super) fn cut_short(whole: &str, kept: usize) -> Response {
    let bytes = whole.as_bytes();
    let shown = Bytes::copy_from_slice(bytes.get(..kept.min(bytes.len())).unwrap_or_default());
    let mut response = Response::new(Body::from_stream(BreaksOff { shown: Some(shown), flushed: kept == 0 }));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes.len().max(kept + 1)));
    response
}

struct BreaksOff {
    shown: Option<Bytes>,
    flushed: bool,
}

impl Stream for BreaksOff {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(shown) = self.shown.take().filter(|shown| !shown.is_empty()) {
            return Poll::Ready(Some(Ok(shown)));
        }
        if !self.flushed {
            // the server flushes what it has when it is told to wait
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionAborted))))
    }
}
