//! Temporary: iterating on some modules alone.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#[path = "../it/national_park.rs"]
mod national_park;
#[path = "../it/receivers.rs"]
mod receivers;
#[path = "../it/traps.rs"]
mod traps;
