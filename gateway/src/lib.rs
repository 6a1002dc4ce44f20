//! # The path of a record
//!
//! A **source** offers **services**. [`pipeline::pull`] asks for a page, and *lands* it: the bytes as received, cut into
//! **parts**, and the cursor that says how far the service is read, in one transaction. [`pipeline::refine`] takes the
//! parts in landing order, decodes them, maps each record to the province's words and judges it against the newest
//! state of its key: accepted (a **version** is written), unchanged, rejected or held. [`pipeline::forward`] turns the
//! version log into **delivery** rows, freezes due rows into a **batch**, sends it and settles every member.
//!
//! The database is the only queue: each of the three looks at it, does a bounded amount of work in one transaction and
//! returns. A crash anywhere is the same as a pause.
//!
//! | module | answers for |
//! |---|---|
//! | [`config`] | files → one revision → compiled rules and settings |
//! | [`store`] | the ledger in SQLite or PostgreSQL |
//! | [`pipeline`] | the reconcilers, and explaining what they did |
//! | [`ledger`] | the two equations |
//! | [`proof`] | files outside the database: the journal, the checkpoints |
//! | [`retry`] | when to try again |
//! | `alike` | whether two texts say the same |
//! | [`roster`] | whose records are |
//! | [`scheduler`] | when a source is read; the tasks of a running hub |
//! | [`server`] | the status page, health, metrics |
//! | [`cli`] | the commands |

mod alike;
pub mod cli;
pub mod config;
pub mod ledger;
pub mod pipeline;
pub mod proof;
pub mod retry;
pub mod roster;
pub mod scheduler;
pub mod server;
pub mod store;
