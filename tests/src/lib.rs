//! The harness: databases, a small configuration, a world of fake systems under a manual clock, and the fault switch.
//! Leaves what must hold to the tests in `it/`. Sees every crate; seen by none.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "the harness: where it cannot go on, the test has failed"
)]

pub mod db;
pub mod disk;
pub mod faults;
pub mod files;
pub mod http;
pub mod kept;
pub mod process;
pub mod rows;
pub mod stage;
pub mod state;
pub mod sweep;
pub mod world;

pub use db::{Cut, Db, Dump, SmallDisk, on_both};
pub use files::Files;
pub use world::World;
