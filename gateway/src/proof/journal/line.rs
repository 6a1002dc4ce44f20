//! One line of a journal: a number, a moment, a fact, and a checksum that binds it to the line before. Leaves files to
//! `segment`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    proof::facts::{BatchFacts, OutcomeFacts, ReceiptFacts, RevisionFacts},
    store::hex,
};

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number in this node's journal, from 1, without gaps.
    pub n: i64,
    /// When it was written, by the node's clock.
    pub at: DateTime<Utc>,
    /// What it says.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case")]
pub enum Fact {
    /// A file begins.
    Segment {
        /// Whose journal.
        node: String,
        /// Checksum of the line before, in the file before; empty where there is none.
        previous: String,
        /// The program that began it.
        version: String,
    },
    /// The line before was broken off by a crash or a full disk and was cut away.
    Torn {
        /// Its bytes.
        bytes: u64,
    },
    /// A configuration that later lines refer to.
    Revision(RevisionFacts),
    /// A batch is about to be sent.
    Batch(BatchLine),
    /// A batch was answered, and the answer is in the ledger.
    Outcome(OutcomeFacts),
    /// A document landed.
    Document(ReceiptFacts),
}

/// A batch about to be sent, with its bytes and what its members are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchLine {
    /// The batch.
    #[serde(flatten)]
    pub facts: BatchFacts,
    /// Its members.
    pub size: usize,
    /// SHA-256 of its bytes.
    pub digest: String,
    /// Its bytes, zstd and base64.
    pub payload: String,
    /// Its [`crate::proof::facts::Contents`] as JSON, zstd and base64.
    pub contents: String,
}

const LEVEL: i32 = 1;
const SUM: &str = ",\"sum\":\"";
/// Characters of a SHA-256 in hex.
const HEX: usize = 64;

/// Bytes as text: zstd and base64.
///
/// # Errors
/// When there is no memory to compress in.
pub fn pack(bytes: &[u8]) -> std::io::Result<String> {
    Ok(STANDARD.encode(zstd::encode_all(bytes, LEVEL)?))
}

/// What [`pack`] made, as bytes again.
///
/// # Errors
/// When it is not such a text.
pub fn unpack(text: &str) -> std::io::Result<Vec<u8>> {
    let packed = STANDARD.decode(text).map_err(std::io::Error::other)?;
    zstd::decode_all(packed.as_slice())
}

/// The line as written, with its newline, and its checksum, which binds the next.
pub(super) fn seal(previous: &str, line: &Line) -> serde_json::Result<(String, String)> {
    let mut text = serde_json::to_string(line)?;
    let sum = sum(previous, &text);
    text.pop();
    text.push_str(SUM);
    text.push_str(&sum);
    text.push_str("\"}\n");
    Ok((text, sum))
}

/// The line a text (without its newline) is, and its checksum; none where it is not as written after `previous`. The first
/// line of a file says itself what came before it.
pub(super) fn open(previous: Option<&str>, text: &str) -> Option<(Line, String)> {
    let (body, given) = text.strip_suffix("\"}")?.split_at_checked(text.len().checked_sub(HEX + 2)?)?;
    let body = format!("{}}}", body.strip_suffix(SUM)?);
    let line: Line = serde_json::from_str(&body).ok()?;
    let own = if let Fact::Segment { previous, .. } = &line.fact { Some(previous.as_str()) } else { None };
    let sum = sum(previous.or(own)?, &body);
    (sum == given).then_some((line, sum))
}

fn sum(previous: &str, body: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(previous.as_bytes());
    hasher.update(body.as_bytes());
    hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn line(bytes: u64) -> Line {
        Line { n: 7, at: Utc.with_ymd_and_hms(2026, 11, 25, 0, 0, 0).unwrap(), fact: Fact::Torn { bytes } }
    }

    #[test]
    fn a_line_opens_as_it_was_sealed_and_only_after_the_line_before_it() {
        let (text, sum) = seal("before", &line(3)).unwrap();
        assert!(text.starts_with(
            "{\"n\":7,\"at\":\"2026-11-25T00:00:00Z\",\"line\":\"torn\",\"bytes\":3,\"sum\":\""
        ));
        let bare = text.trim_end();
        assert_eq!(open(Some("before"), bare), Some((line(3), sum)));
        assert_eq!(open(Some("another"), bare), None);
        assert_eq!(open(None, bare), None, "only a file's first line knows what came before");
        assert_eq!(open(Some("before"), &bare.replace(":3,", ":4,")), None);
    }

    #[test]
    fn a_batch_is_flat_and_comes_back() {
        let facts = BatchFacts {
            id: "national-9".into(),
            no: 9,
            destination: "national".into(),
            kind: "hazard".into(),
            path: "sec_hidden_danger_info".into(),
            group: String::new(),
            revision: 1,
            split: None,
            frozen_at: 5,
        };
        let payload = pack("[{\"id\":\"一\"}]".as_bytes()).unwrap();
        let batch = BatchLine { facts, size: 1, digest: "d".into(), payload, contents: pack(b"{}").unwrap() };
        let whole = Line { fact: Fact::Batch(batch), ..line(0) };
        let (text, _) = seal("", &whole).unwrap();
        assert!(text.contains("\"line\":\"batch\",\"id\":\"national-9\",\"no\":9"), "{text}");
        let (back, _) = open(Some(""), text.trim_end()).unwrap();
        assert_eq!(back, whole);
        let Fact::Batch(batch) = back.fact else { panic!() };
        assert_eq!(unpack(&batch.payload).unwrap(), "[{\"id\":\"一\"}]".as_bytes());
        assert!(unpack("no base64 !").is_err() && unpack("AAAA").is_err());
    }

    proptest! {
        #[test]
        fn any_change_is_seen(at in any::<prop::sample::Index>(), to in any::<u8>()) {
            let (text, _) = seal("x", &line(12)).unwrap();
            let mut bytes = text.trim_end().as_bytes().to_vec();
            let at = at.index(bytes.len());
            prop_assume!(bytes[at] != to);
            bytes[at] = to;
            let changed = String::from_utf8_lossy(&bytes).into_owned();
            prop_assert_eq!(open(Some("x"), &changed), None);
        }

        #[test]
        fn no_text_is_taken_for_a_line_by_chance_or_makes_it_fail(text in ".{0,200}") {
            prop_assert_eq!(open(Some(""), &text), None);
        }
    }
}
