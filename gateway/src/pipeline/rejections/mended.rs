//! Rejections that a corrected row took the place of: once that row is judged, it stands for what it mends, whatever it came
//! to. The same bytes seen again later count anew: their sender has not mended them.

use std::collections::HashMap;

use super::bytes::{Found, short};
use crate::store::taken::{At, Correction};

/// Where what mends a record lies, newest first.
#[derive(Debug, Default)]
pub(super) struct Mended {
    by_place: HashMap<At, At>,
    by_digest: HashMap<u128, At>,
}

impl Mended {
    pub(super) fn of(corrections: Vec<Correction>) -> Self {
        let mut mended = Self::default();
        for Correction { by, of, digest } in corrections {
            let newest = mended.by_place.entry(of).or_insert(by);
            *newest = by.max(*newest);
            if let Ok(digest) = u128::from_str_radix(&digest, 16) {
                let newest = mended.by_digest.entry(digest).or_insert(by);
                *newest = by.max(*newest);
            }
        }
        mended
    }

    /// Whether something newer than the sighting at `at` mends it, or mends the same bytes.
    pub(super) fn closes(&self, at: At, found: &Found<'_>) -> bool {
        let same = match found {
            _ if self.by_digest.is_empty() => None,
            Found::Record(_, bytes) | Found::Unreadable(bytes) => self.by_digest.get(&short(bytes)),
            Found::Gone(_) | Found::Absent => None,
        };
        self.by_place.get(&at).into_iter().chain(same).any(|by| *by > at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::rejections::bytes::hex;

    fn mended(corrections: &[(At, At, &[u8])]) -> Mended {
        let correction = |(by, of, bytes): &(At, At, &[u8])| {
            let digest = if bytes.is_empty() { String::new() } else { hex(bytes) };
            Correction { by: *by, of: *of, digest }
        };
        Mended::of(corrections.iter().map(correction).collect())
    }

    #[test]
    fn a_correction_closes_its_place_and_the_same_bytes_before_it() {
        let mended = mended(&[((9, 0), (3, 1), b"a")]);
        assert!(mended.closes((3, 1), &Found::Gone(String::new())));
        assert!(mended.closes((5, 0), &Found::Unreadable(b"a")), "seen again before it was mended");
        assert!(!mended.closes((5, 0), &Found::Unreadable(b"b")));
        assert!(!mended.closes((10, 0), &Found::Unreadable(b"a")), "seen again since");
        assert!(!mended.closes((9, 0), &Found::Unreadable(b"a")), "taken as it was: it stands for itself");
    }

    #[test]
    fn without_bytes_only_the_place_counts() {
        let mended = mended(&[((9, 0), (3, 1), b"")]);
        assert!(mended.closes((3, 1), &Found::Absent));
        assert!(!mended.closes((3, 2), &Found::Unreadable(b"a")));
    }

    #[test]
    fn the_newest_of_several_counts() {
        let mended = mended(&[((12, 0), (3, 1), b"a"), ((9, 0), (3, 1), b"a")]);
        assert!(mended.closes((10, 0), &Found::Unreadable(b"a")));
    }
}
