//! Where a test may break a step: before a commit (nothing happened) or after it (happened, reported failed).

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
    /// What happens at `point` this time.
    fn trip(&self, point: &'static str) -> Trip;
}

/// The switch of a running hub.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFaults;

impl Switch for NoFaults {
    fn trip(&self, _point: &'static str) -> Trip {
        Trip::Pass
    }
}
