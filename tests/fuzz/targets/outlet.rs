//! An outlet's file, or (by the first byte) a destination's `[wire]`: never a panic; what compiles writes a record as one
//! JSON object or says what is wrong.
#![no_main]

use fuzz::{compiled, file, slip, tables};
use libfuzzer_sys::fuzz_target;
use mappings::{Content, Key};

const OUTLET: &str = "kind = \"slip\"\npath = \"p\"\n";
const CONTENT: &str = r#"{"at":"2024-06-06T00:00:00+00:00","cost":"1.5","count":"7","day":"2024-06-06","hour":"08:00:00","id":"17","level":"0","name":"便\"条"}"#;

fuzz_target!(|input: &[u8]| {
    let Some((which, text)) = input.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let (wire, outlet) = if which % 2 == 0 { ("", text) } else { (text, OUTLET) };
    let mut files = vec![
        file("destinations/d/destination.toml", wire),
        file("destinations/d/o.toml", outlet),
        slip(text),
    ];
    files.extend(tables(text));
    let Some(rules) = compiled(&files) else { return };
    let content = Content::from_json(CONTENT).unwrap();
    let key = Key { kind: "slip".into(), id_space: "src:p".into(), id: "17".into() };
    for outlet in rules.outlets("d") {
        match outlet.encode(&key, &content, &[]) {
            Ok(json) => assert!(serde_json::from_str::<serde_json::Value>(&json).unwrap().is_object()),
            Err(issues) => assert!(!issues.is_empty()),
        }
    }
});
