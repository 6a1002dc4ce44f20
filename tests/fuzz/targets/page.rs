//! An answer with a record list, as JSON: never a panic; what is found at the list's path is what `serde_json` finds there;
//! the parts hold the records counted, each at its bytes and the same when it is read alone.
#![no_main]

use adapters::{
    Decode, Part,
    codec::{
        JsonRecords,
        json::{List, Listing, locate},
    },
    source::Extent,
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const WANTED: [&str; 4] = ["total", "code", "data.total", "data"];

fuzz_target!(|bytes: &[u8]| {
    for path in ["", "rows", "data.rows"] {
        let Ok(envelope) = locate(bytes, path, &WANTED) else { continue };
        assert_eq!(envelope.values.len(), WANTED.len());
        let whole: Option<Value> = serde_json::from_slice(bytes).ok();
        let there = whole.as_ref().and_then(|whole| {
            path.split('.').filter(|name| !name.is_empty()).try_fold(whole, |value, name| value.get(name))
        });
        match envelope.listing {
            Listing::Found(list) => {
                if let Some(there) = there {
                    assert_eq!(there.as_array().map(Vec::len), usize::try_from(list.count).ok());
                }
                holds(bytes, &list);
            }
            Listing::Null | Listing::Missing { .. } | Listing::NoList => {
                assert!(there.is_none_or(|there| !there.is_array()));
            }
        }
    }
    loose(bytes);
});

fn holds(document: &[u8], list: &List) {
    let range = usize::try_from(list.from).unwrap()..usize::try_from(list.to).unwrap();
    assert!(document[range.start] == b'[' && document[range.end - 1] == b']');
    let mut next = 0;
    for extent in &list.parts {
        assert_eq!(extent.first, next);
        next += extent.count;
        records(document, extent);
    }
    assert_eq!(u64::from(next), list.count);
}

fn records(document: &[u8], extent: &Extent) {
    let range = usize::try_from(extent.from).unwrap()..usize::try_from(extent.to).unwrap();
    let part = Part { bytes: &document[range], first: extent.first, offset: extent.from };
    let mut place = extent.first;
    for record in JsonRecords.decode(&part) {
        let (at, offset, length) = match &record {
            Ok(good) => (good.place, good.offset, good.length),
            Err(bad) => (bad.place, bad.offset, bad.length),
        };
        assert_eq!(at, place);
        place += 1;
        let from = usize::try_from(offset).unwrap();
        let bytes = &document[from..from + usize::try_from(length).unwrap()];
        let alone = Part { bytes, first: at, offset };
        assert_eq!(JsonRecords.decode(&alone).collect::<Vec<_>>(), [record]);
    }
    assert_eq!(place - extent.first, extent.count);
}

/// Bytes that nobody found a list in are read to their end all the same.
fn loose(bytes: &[u8]) {
    let mut before = None;
    for record in JsonRecords.decode(&Part { bytes, first: 0, offset: 0 }) {
        let (offset, length) = match &record {
            Ok(good) => (good.offset, good.length),
            Err(bad) => (bad.offset, bad.length),
        };
        assert!(before.is_none_or(|before| before < offset) && length > 0);
        before = Some(offset);
    }
}
