//! All rule files of one moment as one thing with a name: its hash. What was produced under it can be produced again.
//! Leaves storing and compressing it to the store.

use std::{collections::BTreeMap, fmt::Write};

use mappings::RuleFile;
use sha2::{Digest, Sha256};

/// A configuration, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// SHA-256, hex, over the engine's number and every path and text, each preceded by its length.
    pub hash: String,
    /// Its files, sorted by path, each path once.
    pub files: Vec<RuleFile>,
}

impl Revision {
    /// A revision of these files under this engine; of two files with one path the later counts.
    #[must_use]
    pub fn new(files: Vec<RuleFile>) -> Self {
        let files = super::directory::lay_over(files, Vec::new());
        Self { hash: hash(mappings::ENGINE, &files), files }
    }

    /// The files as JSON: an object of path → text.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let texts: BTreeMap<&str, &str> =
            self.files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
        // A map of texts always serializes; an empty answer would not read back, and so not pass for a revision.
        serde_json::to_vec(&texts).unwrap_or_default()
    }

    /// Reads what [`Self::to_bytes`] wrote. The hash is computed anew, for this program's engine.
    ///
    /// # Errors
    /// When the bytes are not such an object.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let texts: BTreeMap<String, String> = serde_json::from_slice(bytes)?;
        Ok(Self::new(texts.into_iter().map(|(path, text)| RuleFile { path, text }).collect()))
    }

    /// One file's text.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }
}

fn hash(engine: u32, files: &[RuleFile]) -> String {
    let mut digest = Sha256::new();
    digest.update(engine.to_be_bytes());
    for text in files.iter().flat_map(|file| [&file.path, &file.text]) {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    digest.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(path: &str, text: &str) -> RuleFile {
        RuleFile { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn the_hash_is_of_engine_paths_and_texts() {
        let one = [file("a", "b")];
        // printf '\0\0\0\1' + '\0\0\0\0\0\0\0\1a' + '\0\0\0\0\0\0\0\1b' | sha256sum
        assert_eq!(hash(1, &one), "dd7de1312ade1a5d5af59931146fa4a529f7b7a14605a7716713a49f51b64921");
        assert_ne!(hash(2, &one), hash(1, &one), "another engine is another revision");
        assert_ne!(hash(1, &[file("ab", "")]), hash(1, &one), "lengths keep neighbours apart");
    }

    #[test]
    fn order_does_not_matter_and_the_later_of_two_counts() {
        let one = Revision::new(vec![file("b", "2"), file("a", "1")]);
        let other = Revision::new(vec![file("a", "0"), file("a", "1"), file("b", "2")]);
        assert_eq!(one, other);
        assert_eq!((one.text("a"), one.text("c")), (Some("1"), None));
    }

    #[test]
    fn bytes_that_are_no_revision_are_refused() {
        assert!(Revision::from_bytes(b"").is_err());
        assert!(Revision::from_bytes(b"[1]").is_err());
    }

    proptest! {
        #[test]
        fn bytes_bring_the_same_revision_back(files in prop::collection::btree_map(".{0,12}", ".{0,40}", 0..6)) {
            let revision = Revision::new(files.iter().map(|(path, text)| file(path, text)).collect());
            prop_assert_eq!(Revision::from_bytes(&revision.to_bytes()).unwrap(), revision);
        }
    }
}
