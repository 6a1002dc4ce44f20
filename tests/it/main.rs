//! Everything that must hold over the whole path, on both databases, in one binary.
#![expect(clippy::unwrap_used, reason = "tests")]

mod faults;
mod path;
