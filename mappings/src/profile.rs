//! What an industry adds to kinds: checks on their fields and between them.
//! Leaves compiling to `compile::profiles`, the checks themselves to `demand`.

use std::collections::BTreeMap;

use crate::{demand::Demands, digest::Digest};

/// A compiled profile.
#[derive(Debug)]
pub struct Profile {
    pub(crate) name: String,
    pub(crate) label: String,
    /// What it rests on.
    pub(crate) source: Option<String>,
    /// By kind name.
    pub(crate) demands: BTreeMap<String, Demands>,
    pub(crate) digest: Digest,
}

impl Profile {
    /// Name, such as `chem`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name for people, in Chinese.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What it demands of a kind, if anything.
    pub(crate) fn demands(&self, kind: &str) -> Option<&Demands> {
        self.demands.get(kind).filter(|demands| !demands.is_empty())
    }
}
