//! Files of the repository that are made from something else: equal to what is made now, rewritten on request.

use std::path::Path;

/// Checks a file of the repository against what it is made of; rewrites it first where `LIANWANG_WRITE_SCHEMA=1`.
///
/// # Panics
/// When they differ: with the first line that does, and how to rewrite the file.
#[expect(clippy::disallowed_methods, reason = "the switch that rewrites made files, read here alone")]
pub fn is_kept(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    if std::env::var("LIANWANG_WRITE_SCHEMA").is_ok_and(|value| value == "1") {
        std::fs::write(&file, made).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let differs =
        made.lines().zip(kept.lines().chain(std::iter::repeat(""))).find(|(made, kept)| made != kept);
    assert!(made == kept, "rewrite {path} with LIANWANG_WRITE_SCHEMA=1; first difference: {differs:?}");
}
