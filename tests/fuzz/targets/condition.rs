//! The text of a condition: never a panic; what compiles judges a record as itself in parentheses does.
#![no_main]

use fuzz::{SLIP, SLIP_LEVEL, compiled, file, record, tables};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Some(alone) = judged(text) else { return };
    // but for the depth there may be
    assert!(judged(&format!("({text})")).is_none_or(|within| within == alone));
});

/// How many issues the condition makes; none where it does not compile.
fn judged(condition: &str) -> Option<usize> {
    let codes = if condition.contains("level") { SLIP_LEVEL } else { "" };
    let kind = format!(
        "{SLIP}{codes}[[rule]]\ncode = \"c\"\nmessage = \"m\"\ncheck = {}\n",
        toml::Value::from(condition)
    );
    let mut files = vec![file("kinds/slip.toml", &kind)];
    files.extend(tables(codes));
    let mapping = compiled(&files)?.plain("slip", None)?;
    Some(mapping.map(record(), fuzz::NOW.parse().unwrap()).issues.len())
}
