//! Whose records are: subjects (enterprises and their sites), their dated identifiers, merges. Pure: `store::roster` reads and
//! writes the rows, `cli` shows them. Attribution is a join by identifier and moment; nothing here is written into versions.

mod change;
mod crosswalk;
pub mod decide;
pub mod named;
pub mod plan;
pub mod sheet;
mod span;
pub mod suggest;
mod undo;

pub use change::{Change, Identifier, Merge, Roster, Said, Subject};
pub use crosswalk::{Crosswalk, USCC};
pub use span::{Span, joined};
pub use undo::undo;
