//! Records read again where they lie, document by document. What is gone says why. Leaves what they mean to whoever asks.

use std::{iter::Peekable, ops::ControlFlow};

use adapters::{AnyDecoder, Decode as _, SourceRecord};
use sha2::{Digest as _, Sha256};

use super::{Context, Result};
use crate::{
    pipeline::{reading, refine},
    store::{parts::Pending, taken::At},
};

/// What lies at a place.
#[derive(Debug)]
pub(in crate::pipeline) enum Found<'r> {
    /// A record and its bytes.
    Record(SourceRecord<'r>, &'r [u8]),
    /// Bytes that are none.
    Unreadable(&'r [u8]),
    /// Why nobody can say any more.
    Gone(String),
    /// There is no record at this place.
    Absent,
}

/// Told of each record by its number among the places.
pub(in crate::pipeline) type Each<'e> = dyn FnMut(usize, &Found<'_>) -> ControlFlow<()> + Send + 'e;

/// Bytes in 16 bytes.
pub(in crate::pipeline) fn short(bytes: &[u8]) -> u128 {
    Sha256::digest(bytes).first_chunk().map_or(0, |first| u128::from_be_bytes(*first))
}

/// The same as hex: what a correction says of what it mends.
pub(in crate::pipeline) fn hex(bytes: &[u8]) -> String {
    format!("{:032x}", short(bytes))
}

/// Reads what lies at these places, which are in order; one document is in memory at a time.
pub(in crate::pipeline) async fn visit(
    context: &Context,
    source: &str,
    places: &[At],
    each: &mut Each<'_>,
) -> Result<()> {
    let decoder = refine::decoder(context.active().await?.as_ref(), source);
    let mut from = 0;
    for run in places.chunk_by(|a, b| a.0 == b.0) {
        let wanted = (from..).zip(run.iter().map(|at| at.1));
        from += run.len();
        let Some(document) = run.first().map(|at| at.0) else { continue };
        if one_document(context, decoder, document, wanted, each).await?.is_break() {
            break;
        }
    }
    Ok(())
}

async fn one_document(
    context: &Context,
    decoder: AnyDecoder,
    document: i64,
    wanted: impl Iterator<Item = (usize, u32)>,
    each: &mut Each<'_>,
) -> Result<ControlFlow<()>> {
    let mut wanted = wanted.peekable();
    let why = match context.store.document(document).await? {
        None => format!("账上没有第 {document} 号文档"),
        Some(landed) => match context.store.original(&landed.digest).await? {
            Err(lost) => lost.why(),
            Ok(bytes) => {
                let parts = context.store.parts_of(document).await?;
                if in_parts(decoder, &bytes, &parts, &mut wanted, each).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
                return Ok(absent(wanted, each));
            }
        },
    };
    let gone = Found::Gone(why);
    for (index, _) in wanted {
        if each(index, &gone).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn absent(rest: impl Iterator<Item = (usize, u32)>, each: &mut Each<'_>) -> ControlFlow<()> {
    for (index, _) in rest {
        each(index, &Found::Absent)?;
    }
    ControlFlow::Continue(())
}

fn in_parts(
    decoder: AnyDecoder,
    document: &[u8],
    parts: &[Pending],
    wanted: &mut Peekable<impl Iterator<Item = (usize, u32)>>,
    each: &mut Each<'_>,
) -> ControlFlow<()> {
    for (n, part) in (1..).zip(parts) {
        let next = parts.get(n).map_or(u32::MAX, |next| next.first);
        if wanted.peek().is_none_or(|(_, place)| *place >= next) {
            continue;
        }
        for record in decoder.decode(&reading::part(document, part.from, part.to, part.first)) {
            let (place, found) = match record {
                Ok(record) => {
                    let bytes = bytes_of(document, record.offset, record.length);
                    (record.place, Found::Record(record, bytes))
                }
                Err(bad) => (bad.place, Found::Unreadable(bytes_of(document, bad.offset, bad.length))),
            };
            while let Some((index, _)) = wanted.next_if(|(_, wanted)| *wanted == place) {
                each(index, &found)?;
            }
            if wanted.peek().is_none_or(|(_, wanted)| *wanted >= next) {
                break;
            }
        }
        // a place that decoding did not come to: not lost without a word
        while let Some((index, _)) = wanted.next_if(|(_, wanted)| *wanted < next) {
            each(index, &Found::Absent)?;
        }
    }
    ControlFlow::Continue(())
}

fn bytes_of(document: &[u8], from: u64, length: u32) -> &[u8] {
    reading::part(document, from, from.saturating_add(u64::from(length)), 0).bytes
}
