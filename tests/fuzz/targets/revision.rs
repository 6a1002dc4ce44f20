//! What the ledger and the proof keep as JSON: a stored configuration, a record's content. Never a panic; what is read is
//! written as itself; two configurations differ from themselves in nothing.
#![no_main]

use gateway::config::{Revision, difference};
use libfuzzer_sys::fuzz_target;
use mappings::Content;

fuzz_target!(|text: &str| {
    if let Some(content) = Content::from_json(text) {
        assert_eq!(Content::from_json(&content.to_json()), Some(content));
    }
    let Ok(revision) = Revision::from_bytes(text.as_bytes()) else { return };
    assert_eq!(Revision::from_bytes(&revision.to_bytes()).unwrap(), revision);
    assert!(difference::between(&revision.files, &revision.files).is_empty());
    let _ = difference::between(&revision.files, &[]).len();
});
