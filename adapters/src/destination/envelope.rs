//! A destination's form, pure, and the transport wrapping, which needs secrets. The payload is frozen before wrapping;
//! what is put on at each attempt is described and digested for the attempt's record.

use secrecy::ExposeSecret;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{
    EncodeError, Payload,
    config::{CipherName, Envelope},
};
use crate::{
    codec::cipher::Cipher,
    error::{AdapterError, Sent},
    record::WireRecord,
    reference::Environment,
    source::hex,
};

/// Puts records in the form of a JSON array. Needs no settings: it runs under any pinned revision.
#[derive(Debug, Clone, Copy, Default)]
pub struct Encoder;

impl Encoder {
    /// The records' bodies as one JSON array, in order, byte for byte.
    ///
    /// # Errors
    /// When a body is not one JSON object.
    pub fn encode(&self, records: &[WireRecord]) -> Result<Payload, EncodeError> {
        let mut bytes =
            Vec::with_capacity(records.iter().map(|record| record.body.len() + 1).sum::<usize>() + 2);
        bytes.push(b'[');
        for (place, record) in records.iter().enumerate() {
            if place > 0 {
                bytes.push(b',');
            }
            bytes.extend_from_slice(object(record)?.as_bytes());
        }
        bytes.push(b']');
        Ok(Payload { bytes })
    }
}

fn object(record: &WireRecord) -> Result<&str, EncodeError> {
    let raw: &RawValue = serde_json::from_str(&record.body)
        .map_err(|error| EncodeError(format!("记录 {} 不是合法的 JSON：{error}", record.id)))?;
    if raw.get().starts_with('{') {
        Ok(raw.get())
    } else {
        Err(EncodeError(format!("记录 {} 不是 JSON 对象", record.id)))
    }
}

/// The transport wrapping, its secrets resolved.
#[derive(Debug)]
pub(super) struct Wrapping {
    field: Option<String>,
    cipher: Option<Cipher>,
    with: String,
}

impl Wrapping {
    /// Resolves the settings.
    ///
    /// # Errors
    /// A configuration error, never with a secret in it.
    pub(super) fn build(
        envelope: Option<&Envelope>,
        environment: &Environment,
    ) -> Result<Self, AdapterError> {
        let Some(envelope) = envelope else {
            return Ok(Self { field: None, cipher: None, with: "plain".to_owned() });
        };
        let field = Some(envelope.field.clone());
        match (envelope.cipher, &envelope.key, &envelope.iv) {
            (None, None, None) => Ok(Self { field, cipher: None, with: "plain".to_owned() }),
            (Some(CipherName::Aes128Cbc), Some(key), Some(iv)) => {
                let (key_text, iv_text) = (environment.resolve(key)?, environment.resolve(iv)?);
                let cipher = Cipher::from_texts(key_text.expose_secret(), iv_text.expose_secret());
                let cipher = cipher.map_err(|error| AdapterError::config(format!("envelope：{error}")))?;
                let with = format!("aes-128-cbc key={key} iv={iv}");
                Ok(Self { field, cipher: Some(cipher), with })
            }
            _ => Err(AdapterError::config(envelope.problem().unwrap_or_default())),
        }
    }

    /// The body of one attempt, and what to remember of it.
    pub(super) fn wrap(&self, payload: &[u8]) -> (Vec<u8>, Sent) {
        let body = match (&self.field, &self.cipher) {
            (None, _) => payload.to_vec(),
            (Some(field), None) => member(field, payload),
            (Some(field), Some(cipher)) => member(field, format!("\"{}\"", cipher.seal(payload)).as_bytes()),
        };
        let sent = Sent { digest: hex(&Sha256::digest(&body)), with: self.with.clone() };
        (body, sent)
    }
}

fn member(field: &str, value: &[u8]) -> Vec<u8> {
    let name = serde_json::Value::from(field).to_string();
    [b"{", name.as_bytes(), b":", value, b"}"].concat()
}

#[cfg(test)]
mod tests;
