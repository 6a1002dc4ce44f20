//! Digests over parts that cannot run into each other: every part goes in with its length.
//! Leaves what is digested to the callers.

use sha2::{Digest as _, Sha256};

/// SHA-256.
pub type Digest = [u8; 32];

/// Builds one digest from parts.
pub(crate) struct Digester(Vec<u8>);

impl Digester {
    /// A digest for one purpose: two purposes never give the same one.
    pub(crate) fn new(purpose: &str) -> Self {
        let mut digester = Self(Vec::with_capacity(1024));
        digester.part(purpose.as_bytes());
        digester
    }

    /// Adds a part.
    pub(crate) fn part(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, text: &str) {
        self.part(text.as_bytes());
    }

    /// The digest of all parts in order.
    pub(crate) fn finish(self) -> Digest {
        Sha256::digest(&self.0).into()
    }
}

/// The first 16 bytes as 32 lower-case hexadecimal digits, the shape of an id.
pub(crate) fn hex_id(digest: &Digest) -> String {
    hex(digest.get(..16).unwrap_or_default())
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        for nibble in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[&str]) -> Digest {
        let mut digester = Digester::new("test");
        for part in parts {
            digester.text(part);
        }
        digester.finish()
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["a"]), of(&["a", ""]));
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
        assert_ne!(Digester::new("one").finish(), Digester::new("two").finish());
    }

    #[test]
    fn an_id_is_the_first_half_in_hexadecimal() {
        let mut digest = [0u8; 32];
        digest[0] = 0xa1;
        digest[15] = 0x0f;
        assert_eq!(hex_id(&digest), "a100000000000000000000000000000f");
    }
}
