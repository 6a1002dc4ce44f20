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
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_the_national_cipher_opens() {
        // transport.md §7, pattern 1
        let key = *b"0123456789abcdef";
        let sealed = "Ga3jiNOxxP0pfmGnTTuJUL/PRrElvGtRaq1Q37m+CDEcT5KKosVkwiXR0963LyxF";
        let body = format!(r#"{{"datas":"{sealed}"}}"#);
        let plain = open(&Cipher::new(&key, &key), body.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(plain.clone()).unwrap(), r#"[{"id":"1","dangerName":"隐患"}]"#);
        let posted = records(&plain).unwrap();
        assert_eq!(posted[0].text, r#"{"id":"1","dangerName":"隐患"}"#);
        assert!(open(&Cipher::new(b"another key 1234", &key), body.as_bytes()).is_none());
        assert!(open(&Cipher::new(&key, &key), b"{}").is_none());
    }

    #[test]
    fn a_record_that_is_no_object_has_no_fields() {
        let posted = records(b"[1,{}]").unwrap();
        assert!(posted[0].fields.is_none() && posted[1].fields.is_some());
        assert!(records(b"{}").is_none());
    }

    #[test]
    fn basic_credentials_are_read_as_rfc_7617_prints_them() {
        let headers = |value: &str| HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        let given = credentials(&headers("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        assert_eq!(given, Some(("Aladdin".to_owned(), "open sesame".to_owned())));
        for wrong in ["Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic ???", "Basic", ""] {
            assert_eq!(credentials(&headers(wrong)), None, "{wrong}");
        }
    }
}
