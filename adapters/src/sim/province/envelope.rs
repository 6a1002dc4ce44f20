//! What a sender posts: `{"datas": Base64(AES-128-CBC(JSON array))}`, and who says to send it (HTTP Basic).

use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::judge::Fields;
use crate::codec::cipher::Cipher;

/// One record as posted.
#[derive(Debug, Clone)]
pub(super) struct Posted {
    /// Its JSON text.
    pub(super) text: String,
    /// Its fields; none when it is no object.
    pub(super) fields: Option<Fields>,
}

#[derive(Deserialize)]
struct Envelope {
    datas: String,
}

/// The plain text of a body, or nothing when it cannot be opened.
pub(super) fn open(cipher: &Cipher, body: &[u8]) -> Option<Vec<u8>> {
    let envelope: Envelope = serde_json::from_slice(body).ok()?;
    cipher.open(&envelope.datas).ok()
}

/// The records of a plain text, or nothing when it is no JSON array.
pub(super) fn records(plain: &[u8]) -> Option<Vec<Posted>> {
    let texts: Vec<&RawValue> = serde_json::from_slice(plain).ok()?;
    let posted =
        |raw: &&RawValue| Posted { text: raw.get().to_owned(), fields: serde_json::from_str(raw.get()).ok() };
    Some(texts.iter().map(posted).collect())
}

/// User and password of HTTP Basic (RFC 7617).
pub(super) fn credentials(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    let decoded =
        BASE64_STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests;
