//! How much of the disk is free where the ledger lies: read before anything is taken in, so that a full disk never stops
//! what must still go out. Leaves what is too little to the configuration.

use std::path::{Path, PathBuf};

use super::{Place, Store};

/// Bytes of a file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Free for us.
    pub free: u64,
    /// Free for us and in use, as `df` counts: neither what is kept for root nor what a quota keeps from us.
    pub total: u64,
}

/// Where the reading comes from; tests put their own in its place.
pub trait Gauge: Send + Sync + std::fmt::Debug {
    /// The file system of `path`, else of the ledger's own files; none where nobody can tell from here.
    fn read(&self, path: Option<&Path>) -> Option<Space>;
}

/// The machine's own file systems. A ledger on a server is not seen from here.
#[derive(Debug, Clone, Default)]
pub(super) struct Disk(Option<PathBuf>);

impl Disk {
    pub(super) fn of(place: Option<Place>) -> Self {
        let Some(Place::Sqlite(file)) = place else { return Self(None) };
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        Self(Some(folder.unwrap_or(Path::new(".")).to_owned()))
    }
}

impl Gauge for Disk {
    fn read(&self, path: Option<&Path>) -> Option<Space> {
        let read = rustix::fs::statvfs(path.or(self.0.as_deref())?).ok()?;
        let bytes = |blocks: u64| blocks.saturating_mul(read.f_frsize);
        let used = read.f_blocks.saturating_sub(read.f_bfree);
        Some(Space { free: bytes(read.f_bavail), total: bytes(used.saturating_add(read.f_bavail)) })
    }
}

impl Space {
    /// Whether less than `percent` of a hundred parts is free.
    #[must_use]
    pub fn is_below(&self, percent: u32) -> bool {
        u128::from(self.free) * 100 < u128::from(self.total) * u128::from(percent)
    }
}

impl Store {
    /// The free space of `path`'s file system, else of the ledger's own; none where nobody can tell from here.
    #[must_use]
    pub fn space(&self, path: Option<&Path>) -> Option<Space> {
        self.gauge.read(path)
    }

    /// The same store with another reading of free space.
    #[must_use]
    pub fn with_gauge(mut self, gauge: std::sync::Arc<dyn Gauge>) -> Self {
        self.gauge = gauge;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_systems_space_is_read_where_the_ledger_lies() {
        let disk = Disk::of(Place::of("sqlite://./ledger.db"));
        let space = disk.read(None).unwrap();
        assert!(space.total > 0 && space.free <= space.total, "{space:?}");
        assert!(Disk::of(Place::of("sqlite://ledger.db")).read(None).is_some());
        let server = Disk::of(Place::of("postgres://u@h/d"));
        assert_eq!(server.read(None), None);
        assert!(server.read(Some(Path::new("/"))).is_some());
        assert_eq!(server.read(Some(Path::new("/no/such/place"))), None);
    }

    #[test]
    fn a_tenth_is_a_tenth_of_any_size() {
        let of = |free, total| Space { free, total }.is_below(10);
        assert!(of(9, 100) && !of(10, 100) && !of(11, 100));
        assert!(of(u64::MAX / 11, u64::MAX) && !of(u64::MAX / 9, u64::MAX));
        assert!(!Space { free: 0, total: 100 }.is_below(0));
    }
}
