//! The way in for `tests/fuzz`, which sees what is public: a file opened, every value of it placed, and the document made of
//! it read again.

use adapters::{AnyDecoder, Decode as _, Part};

use super::{Opened, Wanted, services, written};

/// What a file held, and what the document made of it holds.
#[derive(Debug)]
pub struct Placed {
    /// Its records, as the hub shows them to itself.
    pub records: Vec<String>,
    /// Those of the document, read part by part as it says, with how many each part says it has.
    pub parts: Vec<(u32, Vec<String>)>,
    /// Whether the document is the file itself.
    pub as_it_is: bool,
}

/// Opens a file.
///
/// # Errors
/// Why it cannot be opened, in Chinese.
pub fn placed(bytes: &[u8], list: Option<&str>, service: &str) -> Result<Placed, String> {
    let decoder = AnyDecoder::default();
    let opened = Opened::of(bytes, &Wanted { decoder, list, service }, None)?;
    let _ = (services(bytes, &[service]), opened.header().len());
    let records = opened.records()?;
    for record in &records {
        match record {
            Ok(good) => good.fields.iter().for_each(|(path, _)| drop(opened.stands(good, path).to_string())),
            Err(bad) => drop(opened.begins(bad.offset).to_string()),
        }
    }
    let document = written(&opened)?;
    let read = document.parts.iter().map(|extent| {
        let range =
            usize::try_from(extent.from).unwrap_or_default()..usize::try_from(extent.to).unwrap_or_default();
        let bytes = document.bytes.get(range).unwrap_or_default();
        let part = Part { bytes, first: extent.first, offset: extent.from };
        (extent.count, decoder.decode(&part).map(shown).collect())
    });
    Ok(Placed {
        parts: read.collect(),
        as_it_is: document.bytes == bytes,
        records: records.into_iter().map(shown).collect(),
    })
}

fn shown(record: Result<adapters::SourceRecord<'_>, adapters::Undecodable>) -> String {
    match record {
        Ok(good) => format!("{:?}", good.fields),
        Err(bad) => bad.what,
    }
}
