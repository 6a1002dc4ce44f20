//! A profile's file: never a panic; it makes rules or an error; what compiles is held to a record, and never lets pass what
//! the kind alone rejects.
#![no_main]

use fuzz::{compiled, file, record, slip, tables};
use libfuzzer_sys::fuzz_target;
use mappings::Outcome;

fuzz_target!(|text: &str| {
    let mut files = vec![slip(text), file("profiles/p.toml", text)];
    files.extend(tables(text));
    let Some(rules) = compiled(&files) else { return };
    let _ = rules.run_examples();
    let now = fuzz::NOW.parse().unwrap();
    let bare = rules.plain("slip", None).unwrap().map(record(), now);
    for profile in rules.profiles() {
        let Some(mapping) = rules.plain("slip", Some(profile.name())) else { continue };
        let mapped = mapping.map(record(), now);
        assert!(bare.outcome == Outcome::Good || mapped.outcome != Outcome::Good);
    }
});
