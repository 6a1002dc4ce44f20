//! Answers both simulators give: JSON with a status, a page nobody expects, a wait.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// JSON text with a status.
pub(super) fn json(status: StatusCode, text: impl Into<Body>) -> Response {
    typed(status, "application/json; charset=utf-8", text)
}

/// The JSON of a value with status 200.
pub(super) fn json_of(value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => json(StatusCode::OK, text),
        Err(error) => json(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

/// An order carried out: 204.
pub(super) fn done() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// An order that means nothing, and why: 400.
pub(super) fn not_understood(why: &str) -> Response {
    json(StatusCode::BAD_REQUEST, serde_json::json!({ "code": "400", "message": why }).to_string())
}

/// A login page where data was asked for.
pub(super) fn html() -> Response {
    let page =
        "<!DOCTYPE html><html><head><title>登录</title></head><body>会话已过期，请重新登录</body></html>";
    typed(StatusCode::OK, "text/html; charset=utf-8", page)
}

/// The same answer with one header more.
pub(super) fn with_header(mut response: Response, name: HeaderName, value: u64) -> Response {
    response.headers_mut().insert(name, HeaderValue::from(value));
    response
}

/// 429 with `Retry-After`, in whole seconds.
pub(super) fn busy(text: String, after: Duration) -> Response {
    let seconds = after.as_millis().div_ceil(1000);
    let answer = json(StatusCode::TOO_MANY_REQUESTS, text);
    with_header(answer, header::RETRY_AFTER, u64::try_from(seconds).unwrap_or(u64::MAX))
}

/// Lets time pass: being slow is what is simulated.
#[expect(clippy::disallowed_methods, reason = "a simulated delay; nothing of the hub waits here")]
pub(super) async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}

/// SHA-256 of bytes, in hex.
pub(super) fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn typed(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha_256_in_hex() {
        // FIPS 180-2, appendix B.1
        assert_eq!(digest(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_part_of_a_second_is_rounded_up_for_retry_after() {
        let answer = busy(String::new(), Duration::from_millis(1001));
        assert_eq!(answer.headers().get(header::RETRY_AFTER).unwrap(), "2");
    }
}
