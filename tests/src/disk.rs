//! A disk whose free space a test decides.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use gateway::store::space::{Gauge, Space};

/// A disk of a hundred bytes, all of them free at first; clones are the same disk.
#[derive(Debug, Clone)]
pub struct Disk(Arc<AtomicU64>);

impl Default for Disk {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(100)))
    }
}

impl Disk {
    /// So many percent are free from now on.
    pub fn leave(&self, percent: u64) {
        self.0.store(percent, Ordering::SeqCst);
    }
}

impl Gauge for Disk {
    fn read(&self, _path: Option<&Path>) -> Option<Space> {
        Some(Space { free: self.0.load(Ordering::SeqCst), total: 100 })
    }
}
