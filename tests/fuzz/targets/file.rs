//! A file somebody brings: a source's answer, a list, lines of JSON, a rejection sheet as text or JSON. Never a panic; every
//! value stands somewhere; the document made of the file holds as many records, part by part as it says, and the same ones
//! where it is the file itself.
#![no_main]

use gateway::pipeline::placed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = adapters::codec::csv::read(bytes);
    for (list, service) in [(Some("data.rows"), "s"), (None, "")] {
        let Ok(placed) = placed(bytes, list, service) else { continue };
        for (said, read) in &placed.parts {
            assert_eq!(usize::try_from(*said).unwrap(), read.len());
        }
        let again: Vec<String> = placed.parts.into_iter().flat_map(|(_, read)| read).collect();
        assert_eq!(again.len(), placed.records.len());
        if placed.as_it_is {
            assert_eq!(again, placed.records);
        }
    }
});
