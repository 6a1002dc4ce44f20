//! A kind's file: never a panic; it makes rules or an error; what compiles has a page, a schema and examples, and maps a
//! record of its own words.
#![no_main]

use fuzz::{FOLDER, compiled, file, record, tables};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut files = vec![file("kinds/folder.toml", FOLDER), file("kinds/k.toml", text)];
    files.extend(tables(text));
    let Some(rules) = compiled(&files) else { return };
    let _ = rules.run_examples();
    for kind in rules.kinds() {
        assert!(rules.json_schema(kind.name(), None).is_some());
        let Some(mapping) = rules.plain(kind.name(), None) else { continue };
        let mapped = mapping.map(record(), fuzz::NOW.parse().unwrap());
        assert_eq!(mapped.contribution.is_some(), mapped.outcome == mappings::Outcome::Good);
    }
});
