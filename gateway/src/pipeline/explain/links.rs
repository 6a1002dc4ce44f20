//! Where in a file that a person brought a record stands, what it mends and what mends it.

use std::ops::ControlFlow;

use serde::Serialize;

use crate::{
    pipeline::{
        Context, Result, file,
        rejections::bytes::{self, Found},
    },
    store::taken::{At, TakenFile},
};

/// What ties a record to a file and to other records.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Links {
    /// The file it was taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<FromFile>,
    /// What it mends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Receipt>,
    /// What mends it, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrected_by: Vec<Receipt>,
}

/// A file that a person brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FromFile {
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes, hex.
    pub digest: String,
    /// Sheet and line, or line and column; empty: its bytes can no longer be read.
    pub at: String,
    /// Who brought it.
    pub who: String,
    /// Why.
    pub why: String,
}

/// Document and place, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The document's number.
    pub document: i64,
    /// The place in it.
    pub place: u32,
}

impl Receipt {
    const fn of((document, place): At) -> Self {
        Self { document, place }
    }
}

/// The links of the record at a place.
pub(super) async fn links(context: &Context, at: At) -> Result<Links> {
    let corrects = context.store.corrects(at).await?;
    Ok(Links {
        file: match context.store.taken_file(at.0).await? {
            Some(taken) => Some(from_file(context, taken, at.1).await?),
            None => None,
        },
        corrects: corrects.map(Receipt::of),
        corrected_by: Vec::new(),
    })
}

/// The same of a record that made no version: it may have been mended. A repeated one is noted where it came first, and mended
/// where it came last.
pub(super) async fn links_of_bad(context: &Context, source: &str, at: At) -> Result<Links> {
    let mut digest = String::new();
    bytes::visit(context, source, &[at], &mut |_, found| {
        if let Found::Record(_, bytes) | Found::Unreadable(bytes) = found {
            digest = bytes::hex(bytes);
        }
        ControlFlow::Break(())
    })
    .await?;
    let by = context.store.corrected_by(source, at, &digest).await?;
    Ok(Links { corrected_by: by.into_iter().map(Receipt::of).collect(), ..links(context, at).await? })
}

async fn from_file(context: &Context, taken: TakenFile, place: u32) -> Result<FromFile> {
    let TakenFile { service, digest, name, who, why, .. } = taken;
    let bytes = context.store.original(&digest).await?.ok();
    let at = bytes.and_then(|bytes| file::stands(&bytes, &service, place)).unwrap_or_default();
    Ok(FromFile { name, digest, at, who, why })
}
