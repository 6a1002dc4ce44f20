//! A mapping's file: never a panic; it makes rules or an error; what compiles maps, and traces as it maps.
#![no_main]

use fuzz::{compiled, file, record, slip, tables};
use libfuzzer_sys::fuzz_target;

const SOURCE: &str = "zone = \"Asia/Shanghai\"\n[[services]]\nname = \"notes\"\n";

fuzz_target!(|text: &str| {
    let mut files =
        vec![slip(text), file("sources/park/note.toml", text), file("sources/park/source.toml", SOURCE)];
    files.extend(tables(text));
    let Some(rules) = compiled(&files) else { return };
    let _ = rules.run_examples();
    let now = fuzz::NOW.parse().unwrap();
    for mapping in rules.mappings() {
        let mapped = mapping.map(record(), now);
        assert_eq!(mapping.trace(record(), now).0, mapped);
        if let (Ok(key), Some(said)) = (mapping.key(record()), &mapped.key) {
            assert_eq!(key, *said);
        }
        let _ = (mapping.source_digest(record()), mapping.paths().count());
    }
});
