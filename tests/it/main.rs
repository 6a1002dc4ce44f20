//! Everything that must hold over the whole path, on both databases, in one binary.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod conservation;
mod faults;
mod licences;
mod order;
mod path;
mod reading;
mod scope;
mod sending;
