//! A chemical park's platform: ten services with realistic dirty records in its own words, or the files of a folder,
//! by page number and by change time. It keeps a ledger of what it served and can be told to misbehave.

mod answer;
mod api;
mod columns;
mod dirt;
mod generate;
mod records;
mod row;
mod shelf;
mod tables;
pub(super) mod words;

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::Router;
use chrono::{FixedOffset, NaiveDateTime};

use self::{row::Names, shelf::Shelf};
use super::{fault::Faults, serving};
use crate::clock::{Clock, SystemClock};

pub use answer::ParkFault;

/// What the platform holds and how it behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkOptions {
    /// The same seed gives the same park.
    pub seed: u64,
    /// How many enterprises, at most 9,999; about 120 records each.
    pub enterprises: u32,
    /// Serve the JSON arrays of this folder (`<service>.json`, national words) instead of a generated park.
    pub records_dir: Option<PathBuf>,
    /// Most rows in an answer; a larger page size is refused.
    pub page_limit: usize,
    /// The text `X-Token` must have; none: everybody may read.
    pub token: Option<String>,
    /// Write every row's time of change before each pass but the first. Never done to the rows of a folder.
    pub touched_nightly: bool,
    /// Nothing wrong, nothing sent twice, nothing late.
    pub clean: bool,
}

impl Default for ParkOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            enterprises: 12,
            records_dir: None,
            page_limit: 200,
            token: None,
            touched_nightly: true,
            clean: false,
        }
    }
}

/// The platform as a router:
/// `GET /api/{service}/list?pageNo=&pageSize=`,
/// `GET /api/{service}/changes?from=&until=&afterTime=&afterId=&limit=`,
/// `GET /ledger`, `POST /fault`, `POST /touch`, `POST /rows/{service}`.
///
/// # Errors
/// When the folder of records cannot be read.
pub fn router(options: &ParkOptions, clock: Arc<dyn Clock>) -> io::Result<Router> {
    Ok(api::routes(Arc::new(Park::open(options, clock)?)))
}

/// Runs the platform as a process of its own; with `with_parent` it ends when standard input does.
///
/// # Errors
/// When the folder cannot be read or the address cannot be bound.
pub async fn run_park(options: ParkOptions, addr: SocketAddr, with_parent: bool) -> io::Result<()> {
    serving::run(addr, router(&options, Arc::new(SystemClock))?, with_parent).await
}

/// The platform's state.
#[derive(Debug)]
struct Park {
    shelves: Mutex<Vec<Shelf>>,
    faults: Faults<ParkFault>,
    names: Names,
    nightly: bool,
    page_limit: usize,
    token: Option<String>,
    clock: Arc<dyn Clock>,
}

impl Park {
    fn open(options: &ParkOptions, clock: Arc<dyn Clock>) -> io::Result<Self> {
        let generated = options.records_dir.is_none();
        let (names, shelves) = match &options.records_dir {
            Some(folder) => (records::NAMES, records::read(folder)?),
            None => (columns::NAMES, generated_shelves(options)),
        };
        Ok(Self {
            shelves: Mutex::new(shelves),
            faults: Faults::none(),
            names,
            nightly: generated && options.touched_nightly,
            page_limit: options.page_limit.max(1),
            token: options.token.clone(),
            clock,
        })
    }

    fn shelves(&self) -> MutexGuard<'_, Vec<Shelf>> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time on the platform's wall: Asia/Shanghai, which has had no other offset since 1991.
    fn wall(&self) -> NaiveDateTime {
        let offset = FixedOffset::east_opt(8 * 3600);
        offset.map_or_else(NaiveDateTime::default, |east| self.clock.now().with_timezone(&east).naive_local())
    }
}

fn generated_shelves(options: &ParkOptions) -> Vec<Shelf> {
    generate::generate(options.seed, options.enterprises, options.clean)
        .into_iter()
        .map(|table| Shelf::new(table.name, columns::NAMES, table.rows))
        .collect()
}
