//! The real program, tortured: killed, stopped, its database taken away, several of it at once. After each: one outcome
//! for every record, both equations, and the simulated province's own ledger is ours.

mod database;
mod kills;
mod replicas;
mod room;
