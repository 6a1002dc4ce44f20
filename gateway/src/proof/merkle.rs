//! Merkle tree hashes of RFC 6962 (§2.1) over leaves that come one by one and are not kept.

use sha2::{Digest, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// A tree that grows: one hash for each complete subtree on its right edge, so as many as its count has bits.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    leaves: u64,
    /// Hashes of complete subtrees with their number of leaves, largest first.
    peaks: Vec<(u64, Hash)>,
}

impl Tree {
    /// Adds a leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        self.leaves += 1;
        let (mut size, mut hash) = (1, hashed(0, &[leaf]));
        while let Some((_, left)) = self.peaks.pop_if(|(peak, _)| *peak == size) {
            hash = hashed(1, &[&left, &hash]);
            size *= 2;
        }
        self.peaks.push((size, hash));
    }

    /// Leaves so far.
    #[must_use]
    pub const fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The root: that of no leaves is the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let folded = self.peaks.iter().rev().map(|(_, hash)| *hash);
        folded.reduce(|right, left| hashed(1, &[&left, &right])).unwrap_or_else(|| Sha256::digest([]).into())
    }
}

fn hashed(prefix: u8, parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([prefix]);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;

    use super::*;
    use crate::store::hex;

    fn root(leaves: &[Vec<u8>]) -> String {
        let mut tree = Tree::default();
        for leaf in leaves {
            tree.push(leaf);
        }
        assert_eq!(tree.leaves(), leaves.len() as u64);
        hex(&tree.root())
    }

    /// The roots that the reference tests of Certificate Transparency give for these leaves.
    #[test]
    fn roots_are_those_of_the_reference() {
        let leaves: Vec<Vec<u8>> = [
            &[][..],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ]
        .map(<[u8]>::to_vec)
        .into();
        let wanted = [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
            (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
        ];
        for (count, hash) in wanted {
            assert_eq!(root(&leaves[..count]), hash, "{count}");
        }
    }

    proptest! {
        #[test]
        fn roots_are_those_of_another_implementation(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 1..200)) {
            let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
            for leaf in &leaves {
                theirs.push(leaf.clone());
            }
            prop_assert_eq!(root(&leaves), hex(theirs.root().as_bytes()));
        }
    }
}
