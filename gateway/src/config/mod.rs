//! The configuration: files → one revision → something to work with, or all that is wrong with it.
//! Leaves the rules' own language to `mappings`, the adapters' keys to `adapters`, activation to the store.

pub mod compiled;
mod connecting;
pub mod destination_file;
pub mod difference;
pub mod directory;
pub mod disk;
pub mod embedded;
pub mod environment;
mod error_limit;
pub mod hub;
pub mod proof;
mod quote;
mod reading;
pub mod retention;
pub mod revision;
mod snapshot;
pub mod source_file;
pub mod starting;
mod timing;

use std::{io, path::Path};

use mappings::{Problem, Severity};

pub use compiled::{Compiled, compile};
pub use destination_file::{DestinationFile, Send};
pub use disk::Disk;
pub use error_limit::ErrorLimit;
pub use hub::Hub;
pub use proof::Proof;
pub(crate) use reading::suggestion;
pub use retention::Retention;
pub use revision::Revision;
pub use snapshot::Snapshot;
pub use source_file::{ServiceFile, SourceFile};

/// A configuration as found: compiled if it holds, and all its problems.
#[derive(Debug)]
pub struct Loaded {
    /// There unless a problem is an error.
    pub compiled: Option<Compiled>,
    /// By file and line.
    pub problems: Vec<Problem>,
}

/// The hub's own settings alone, whatever else is wrong; what counts by default where the file says nothing or nonsense.
///
/// # Errors
/// When the directory cannot be read.
pub fn hub_of(directory: Option<&Path>) -> io::Result<Hub> {
    let files = match directory {
        Some(directory) => directory::read(directory)?.files,
        None => embedded::demo(),
    };
    Ok(hub::read(files.iter().find(|file| file.path == hub::FILE), &mut Vec::new()))
}

/// Reads a directory over the shipped files; none: the demo's.
///
/// # Errors
/// When the directory cannot be read.
pub fn load(directory: Option<&Path>) -> io::Result<Loaded> {
    let Some(directory) = directory else {
        let (compiled, problems) = compile(Revision::new(embedded::demo()));
        return Ok(Loaded { compiled, problems });
    };
    let read = directory::read(directory)?;
    let (compiled, mut problems) =
        compile(Revision::new(directory::lay_over(embedded::shipped(), read.files)));
    problems.splice(0..0, read.problems);
    let fails = problems.iter().any(|problem| problem.severity == Severity::Error);
    Ok(Loaded { compiled: compiled.filter(|_| !fails), problems })
}

#[cfg(test)]
mod tests;
