//! How a receiver in memory behaves: what it does with bad rows, and what happens at its next deliveries.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// What a receiver does with a batch that holds bad rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnBad {
    /// It takes the others.
    #[default]
    TakeRest,
    /// It takes none.
    RefuseAll,
}

/// What happens at one delivery.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reply {
    /// It judges the rows and says so.
    #[default]
    Judge,
    /// HTTP 429, with `Retry-After` in seconds where one is given; nothing is taken.
    Busy(Option<u64>),
    /// HTTP 200 with a page nobody can read; nothing is taken.
    Mumble,
    /// HTTP 200 with a page nobody can read, after the rows were judged.
    MumbleAfter,
    /// The line is cut after the rows were judged.
    Cut,
    /// No connection.
    Down,
    /// A refusal in words that speak of no data, naming no row; nothing is taken.
    Ill,
    /// Our own limit says to wait this long; nothing is sent.
    Paced(Duration),
}

/// How a receiver behaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mood {
    /// With bad rows.
    pub on_bad: OnBad,
    /// Whether its refusals name no row (words about data only).
    pub silent: bool,
    /// Rows it refuses, by normal id, with its reason.
    pub refuses: BTreeMap<String, String>,
    /// Parents it checks: path → (member, path of the parent).
    pub parents: BTreeMap<String, Vec<(String, String)>>,
    /// What happens at the next deliveries, in order; then it judges.
    pub next: VecDeque<Reply>,
    /// What happens whenever `next` is empty.
    pub usual: Reply,
}

impl Mood {
    /// What happens now.
    pub(super) fn reply(&mut self) -> Reply {
        self.next.pop_front().unwrap_or(self.usual)
    }
}
