//! A code table: never a panic; it makes rules or an error; the codes it gave, written as CSV, are the same table. The first
//! byte tells ours from a source's.
#![no_main]

use fuzz::{LEVEL, compiled, file};
use libfuzzer_sys::fuzz_target;
use mappings::Rulebook;

const KIND: &str = "kind = \"k\"\nlabel = \"k\"\n[fields]\nid = { label = \"i\", type = \"id\" }\nlevel = { label = \"l\", type = \"code\", table = \"level\" }\n";
const SOURCE: &str = "[[services]]\nname = \"s\"\n";
const MAPPING: &str = "kind = \"k\"\nid_space = \"src:p\"\nselect = { service = \"s\" }\n[fields]\nid = \"ID\"\nlevel = { from = \"L\", table = \"words\" }\n";

fuzz_target!(|input: &[u8]| {
    let Some((which, text)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    if which % 2 == 0 { ours(text) } else { theirs(text) }
});

fn ours(text: &str) {
    let Some(rules) = compiled(&[file("kinds/k.toml", KIND), file("tables/level.csv", text)]) else { return };
    let codes = codes(&rules);
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["code", "label"]).unwrap();
    codes.iter().for_each(|(code, label)| csv.write_record([code, label]).unwrap());
    let csv = String::from_utf8(csv.into_inner().unwrap()).unwrap();
    if codes.iter().all(|(code, _)| !code.starts_with('#')) {
        let again = compiled(&[file("kinds/k.toml", KIND), file("tables/level.csv", &csv)]).unwrap();
        assert_eq!(self::codes(&again), codes, "{csv}");
    }
}

fn theirs(text: &str) {
    compiled(&[
        file("kinds/k.toml", KIND),
        file("sources/p/m.toml", MAPPING),
        file("sources/p/source.toml", SOURCE),
        file("tables/level.csv", LEVEL),
        file("tables/words.csv", text),
    ]);
}

fn codes(rules: &Rulebook) -> Vec<(String, String)> {
    let table = rules.kind("k").unwrap().field("level").unwrap().table().unwrap();
    let codes: Vec<_> = table.codes().map(|(code, label)| (code.to_owned(), label.to_owned())).collect();
    assert!(codes.iter().all(|(code, label)| table.has(code) && table.label(code) == Some(label)));
    let _ = table.nearest(codes.first().map_or("x", |(_, label)| label), 3);
    codes
}
