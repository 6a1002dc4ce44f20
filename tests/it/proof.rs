//! The proof outside the database: the journal of what is sent, checkpoints, a restored ledger brought forward.

mod checkpoints;
mod journal;
mod recovery;
