//! Systems that live in memory: a source whose rows a test or a trial run moves by hand, and a receiver that keeps a
//! ledger of its own to compare with. They speak the traits and nothing else: no network, no file, no clock.
//! Leaves systems that speak HTTP to [`crate::sim`].

mod destination;
mod ledger;
mod mood;
mod source;

pub use destination::MemoryDestination;
pub use ledger::{Arrival, Entry, Ledger};
pub use mood::{Mood, OnBad, Reply};
pub use source::{MemoryPaging, MemorySource};
