//! Where a test may break a step: before a commit (nothing happened) or after it (happened, reported failed).
//! Leaves who breaks it to the tests and to `kill`.

/// Every named boundary: the commits, and the exchanges with other systems between them.
pub const POINTS: [&str; 33] = [
    "migrate",
    "activate",
    "serve",
    "ask",
    "fetch",
    "failed-fetch",
    "land",
    "take",
    "judge",
    "replay",
    "alias",
    "fix",
    "dispatch",
    "journal",
    "deliver",
    "settle",
    "postpone",
    "lease-renew",
    "lease-release",
    "retain",
    "checkpoint-file",
    "checkpoint",
    "recover",
    "give-up",
    "release",
    "sweep",
    "release-sweep",
    "roster",
    "views",
    "look-alikes",
    "look-alike-settle",
    "return",
    "return-undo",
];

/// What happens at a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trip {
    /// It goes on.
    Pass,
    /// It fails and did not happen.
    Before,
    /// It happened and is reported failed.
    After,
}

/// Asked once at every boundary.
pub trait Switch: Send + Sync + std::fmt::Debug {
    /// What happens at `point` this time; asked at commits only.
    fn trip(&self, point: &'static str) -> Trip {
        let _ = point;
        Trip::Pass
    }

    /// `point` is about to happen.
    fn reaching(&self, point: &'static str) {
        let _ = point;
    }

    /// `point` has happened.
    fn passed(&self, point: &'static str) {
        let _ = point;
    }
}

/// The switch of a running hub.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl Switch for NoFaults {}
