//! The rules, pure: what kinds of record there are, what an industry demands of them, how a source's words become
//! ours and ours a receiver's. Bytes, time of day, network and ledger belong to others; nothing here panics, waits
//! or asks for the time. The language is described in `docs/mapping-language.md`.
//!
//! ```text
//! RuleFile… ─ compile ─► Rulebook ─┬─ Mapping: Record ─► Mapped (key, contribution, issues, outcome)
//!                                  ├─ merge:   Contribution… ─► Version
//!                                  └─ Outlet:  key, content, parents ─► JSON object
//! ```

mod alias;
mod compile;
mod condition;
mod content;
mod demand;
mod describe;
mod digest;
mod example;
mod fix;
mod garbled;
mod image;
mod issue;
mod key;
mod kind;
mod length;
mod look_alike;
mod mapping;
mod mask;
mod merge;
mod notation;
mod outlet;
mod parse;
mod problem;
mod profile;
mod record;
mod rulebook;
mod suggest;
mod table;
mod value;

pub use alias::{ALIASES, Alias, Aliases, Joined};
pub use content::Content;
pub use digest::Digest;
pub use fix::{FIXES, Fix, Fixes};
pub use image::{Format, Image};
pub use issue::{Issue, Level, Outcome};
pub use key::{Key, Parent, normal_id};
pub use kind::{Facet, Field, Kind};
pub use look_alike::LookAlike;
pub use mapping::owner_parts;
pub use mapping::{Codes, Keyed, Mapped, Mapping, Stranger, Strangers, Trace};
pub use mask::mask;
pub use merge::{Contribution, Input, Version, merge, retired, settle};
pub use notation::Notation;
pub use outlet::Outlet;
pub use problem::{Problem, Severity};
pub use profile::Profile;
pub use record::{Form, Record, Value};
pub use rulebook::{RuleFile, Rulebook};
pub use table::CodeTable;
pub use value::FieldType;

/// The engine's semantics: raised when a parse or a check changes meaning, so that everything is derived again.
pub const ENGINE: u32 = 2;

#[cfg(test)]
mod tests;
