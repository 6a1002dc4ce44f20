//! Short texts with a form of their own: ids, notations, masks, references, waits, ciphers, cells, addresses of a ledger.
//! Never a panic; a normal form is its own normal form; what is sealed opens; what is guarded for a spreadsheet is what was
//! written behind one apostrophe.
#![no_main]

use std::sync::OnceLock;

use adapters::{
    Reference,
    codec::{cipher::Cipher, csv::guarded, xlsx},
    http::{retry_after, success::cut},
};
use chrono::{DateTime, Utc};
use fuzz::{LEVEL, file, slip};
use gateway::{proof, store::Place};
use libfuzzer_sys::fuzz_target;
use mappings::{Notation, Rulebook, mask, normal_id};

fuzz_target!(|text: &str| {
    for notation in [Notation::Uscc, Notation::IdNumber, Notation::Mobile, Notation::Phone] {
        let once = notation.normal(text);
        assert_eq!(notation.normal(&once), once, "{notation:?}");
    }
    for space in ["uuid", "registered", "src:a", "mine:x"] {
        if let Some(once) = normal_id(space, text) {
            assert_eq!(normal_id(space, &once).as_ref(), Some(&once), "{space}");
        }
    }
    for personal in [None, Some("name"), Some("phone"), Some("id-number"), Some("image"), Some("other")] {
        assert_eq!(mask(personal, text).is_empty(), text.is_empty());
    }
    let _ = (table().nearest(text, 3), cut(text, 3), Notation::parse(text));
    if let Some(reference) = Reference::parse(text) {
        assert_eq!(Reference::parse(&reference.to_string()), Some(reference));
    }
    let now: DateTime<Utc> = fuzz::NOW.parse().unwrap();
    assert!(retry_after(text, now).is_none_or(|wait| wait.as_secs() <= 86_400));
    sealed(text);
    cells(text);
    if let Some(Place::Sqlite(path)) = Place::of(text) {
        assert_ne!(proof::default_folder(text), path);
    }
});

fn table() -> &'static mappings::CodeTable {
    static RULES: OnceLock<Rulebook> = OnceLock::new();
    let rules = RULES.get_or_init(|| {
        let files = [slip("level"), file("tables/level.csv", LEVEL)];
        Rulebook::compile(&files).0.unwrap()
    });
    rules.kind("slip").unwrap().field("level").unwrap().table().unwrap()
}

fn sealed(text: &str) {
    let cipher = Cipher::new(b"0123456789abcdef", b"fedcba9876543210");
    assert_eq!(cipher.open(&cipher.seal(text.as_bytes())).unwrap(), text.as_bytes());
    let _ = (cipher.open(text), Cipher::from_texts(text, text));
}

fn cells(text: &str) {
    let shown = guarded(text);
    let written = shown.strip_prefix('\'').unwrap_or(&shown);
    assert_eq!(written, text.replace('\0', "␀"));
    let _ = xlsx::fitting(text);
}
