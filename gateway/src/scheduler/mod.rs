//! When things run, and what runs them: the crontab dialect, the adapters of a node, commands that run once, and the
//! tasks of a running hub. The only place that waits. Leaves what a step does to `pipeline`.

pub mod dialect;
mod loops;
mod nightly;
pub mod node;
pub mod once;
pub mod runs;
pub mod service;
mod sharing;
pub mod skew;
mod timetable;

pub(crate) use timetable::next as next_run;
