//! Everything that must hold over the whole path, on both databases, in one binary.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod ahead;
mod architecture;
mod bench;
mod codes;
mod commands;
mod connecting;
mod conservation;
mod contracts;
mod explaining;
mod faults;
mod golden;
mod hunted;
mod licences;
mod migrations;
mod national_park;
mod order;
mod path;
mod plans;
mod poison;
mod probe;
mod proof;
mod reading;
mod readme;
mod receivers;
mod replay;
mod retention;
mod revisions;
mod schedule;
mod scope;
mod sending;
mod server;
mod telling;
mod torture;
mod traps;
mod wishes;
