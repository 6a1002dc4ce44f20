//! The province's receiver of the national exchange: opens what is posted, checks records, parents and codes by its
//! own tables, answers in the platform's shapes, remembers what it took and can be told to misbehave.

mod answer;
mod api;
mod arrivals;
mod envelope;
mod forms;
mod journal;
mod judge;
mod memory;

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;
use serde::{Deserialize, Serialize};

use self::{journal::Journal, memory::Memory};
use super::{fault::Faults, serving};
use crate::{
    clock::{Clock, SystemClock},
    codec::cipher::Cipher,
};

pub use answer::ProvinceFault;

/// What the receiver does with a batch that holds a bad record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnBad {
    /// Takes the good ones, names the bad ones.
    #[default]
    TakeRest,
    /// Takes none, names the bad ones.
    RefuseAll,
    /// Takes none, names none.
    RefuseUnnamed,
}

impl FromStr for OnBad {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "take-rest" => Ok(Self::TakeRest),
            "refuse-all" => Ok(Self::RefuseAll),
            "refuse-unnamed" => Ok(Self::RefuseUnnamed),
            other => Err(format!("不认识 {other}：可写 take-rest、refuse-all 或 refuse-unnamed")),
        }
    }
}

/// How the receiver is set up.
#[derive(Debug, Clone)]
pub struct ProvinceOptions {
    /// The cipher key senders use.
    pub key: [u8; 16],
    /// The cipher's initialization vector.
    pub iv: [u8; 16],
    /// HTTP Basic is asked for: user = companyCode of every record, this password. None: everybody may send.
    pub password: Option<String>,
    /// What to do with a batch that holds a bad record.
    pub on_bad: OnBad,
    /// Append-only file of what was taken (NDJSON); read at start, so that a restart remembers.
    pub ledger: Option<PathBuf>,
    /// Parents came some other way: none is missed.
    pub parents_elsewhere: bool,
}

impl ProvinceOptions {
    /// A receiver with this key and IV that lets everybody in and takes what is good.
    #[must_use]
    pub fn new(key: [u8; 16], iv: [u8; 16]) -> Self {
        Self { key, iv, password: None, on_bad: OnBad::default(), ledger: None, parents_elsewhere: false }
    }
}

/// The receiver as a router: `POST /{sec_path}`, `GET /ledger?full=1`, `POST /fault`.
///
/// # Errors
/// When the ledger file cannot be read or written.
pub fn router(options: &ProvinceOptions, clock: Arc<dyn Clock>) -> io::Result<Router> {
    Ok(api::routes(Arc::new(Province::open(options, clock)?)))
}

/// Runs the receiver as a process of its own; with `with_parent` it ends when standard input does.
///
/// # Errors
/// When the ledger file cannot be used or the address cannot be bound.
pub async fn run_province(options: ProvinceOptions, addr: SocketAddr, with_parent: bool) -> io::Result<()> {
    serving::run(addr, router(&options, Arc::new(SystemClock))?, with_parent).await
}

/// The receiver's state.
#[derive(Debug)]
struct Province {
    cipher: Cipher,
    password: Option<String>,
    on_bad: OnBad,
    faults: Faults<ProvinceFault>,
    desk: Mutex<Desk>,
    clock: Arc<dyn Clock>,
}

/// What only one request at a time may touch.
#[derive(Debug)]
struct Desk {
    memory: Memory,
    journal: Option<Journal>,
    parents_elsewhere: bool,
}

impl Province {
    fn open(options: &ProvinceOptions, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let mut memory = Memory::default();
        let journal = match &options.ledger {
            Some(path) => Some(Journal::open(path, |entry| memory.remember(entry))?),
            None => None,
        };
        Ok(Self {
            cipher: Cipher::new(&options.key, &options.iv),
            password: options.password.clone(),
            on_bad: options.on_bad,
            faults: Faults::none(),
            desk: Mutex::new(Desk { memory, journal, parents_elsewhere: options.parents_elsewhere }),
            clock,
        })
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
