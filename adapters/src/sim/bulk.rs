//! A park that serves as many hazards as asked for, or somebody's records from a file, cheaply: what is measured with it
//! is the hub. A request for the first page begins a night; every night but the first has touched every row and changed
//! one in a hundred. Leaves what a row says to `hazard`, rows of a file to `lines`, their moments to `respell`.

mod hazard;
mod lines;
mod respell;

use std::{
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde::Deserialize;

use self::lines::Lines;
use super::{reply, serving};
use crate::clock::{Clock, SystemClock};

/// Row `i` of every 50 that is another row again, and how far back that one is.
const AGAIN: (u64, u64) = (49, 17);
/// Row `i` of every 100 that is bad.
const BAD: u64 = 57;
/// Row `i` of every 100 that changes every night.
const CHANGED: u64 = 7;
/// Most rows in an answer.
const PAGE_LIMIT: u64 = 20_000;
/// About what a hazard takes, in bytes.
const ROW_BYTES: usize = 1_100;

/// What is served.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BulkOptions {
    /// How many rows; of a file: at most so many of its first, all if 0.
    pub records: u64,
    /// Serve the lines of this file, one JSON object each, instead of hazards.
    pub file: Option<PathBuf>,
    /// The column of a file's rows that every night but the first sets to now, spelled as it was, in Asia/Shanghai.
    pub touch: Option<String>,
    /// The text column of a file's rows that every night but the first changes in one row of a hundred.
    pub change: Option<String>,
}

/// The park as a router: `GET /rows?pageNo=&pageSize=`, `GET /nothing` (a list without rows), `GET /ledger`.
///
/// # Errors
/// When the file cannot be read or a line of it is no JSON object.
pub fn router(options: &BulkOptions, clock: Arc<dyn Clock>) -> io::Result<Router> {
    let bulk = Arc::new(Bulk { rows: Rows::open(options)?, night: Mutex::default(), clock });
    let router = Router::new().route("/rows", get(rows)).route("/nothing", get(nothing));
    Ok(router.route("/ledger", get(ledger)).with_state(bulk))
}

/// Runs the park as a process of its own; with `with_parent` it ends when standard input does.
///
/// # Errors
/// When the file cannot be read or the address cannot be bound.
pub async fn run_bulk(options: BulkOptions, addr: SocketAddr, with_parent: bool) -> io::Result<()> {
    serving::run(addr, router(&options, Arc::new(SystemClock))?, with_parent).await
}

#[derive(Debug)]
struct Bulk {
    rows: Rows,
    night: Mutex<Night>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
enum Rows {
    /// So many hazards.
    Made(u64),
    /// Those of a file.
    Read(Lines),
}

/// A night: its number, from 1, and when it began, also as the park writes moments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Night {
    number: u32,
    at: DateTime<Utc>,
    began: String,
    served: u64,
}

impl Night {
    /// Whether a row has changed tonight.
    fn changes(&self, index: u64) -> bool {
        self.number > 1 && index % 100 == CHANGED
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageQuery {
    page_no: u64,
    page_size: u64,
}

async fn rows(State(bulk): State<Arc<Bulk>>, Query(asked): Query<PageQuery>) -> Response {
    if asked.page_no == 0 || asked.page_size == 0 || asked.page_size > PAGE_LIMIT {
        return reply::not_understood(&format!("pageNo 从 1 起，pageSize 在 1 到 {PAGE_LIMIT} 之间"));
    }
    match bulk.page(asked.page_no - 1, asked.page_size) {
        Ok(text) => reply::json(StatusCode::OK, text),
        Err(error) => reply::json(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

async fn nothing() -> Response {
    reply::json(StatusCode::OK, begun(0) + ENDED)
}

async fn ledger(State(bulk): State<Arc<Bulk>>) -> Response {
    let night = bulk.night().clone();
    reply::json_of(
        &serde_json::json!({ "nights": night.number, "rows": bulk.rows.count(), "served": night.served }),
    )
}

impl Bulk {
    fn page(&self, page: u64, size: u64) -> io::Result<String> {
        let total = self.rows.count();
        let from = page.saturating_mul(size).min(total);
        let to = from.saturating_add(size).min(total);
        let night = self.tonight(page == 0, to - from);
        let mut out = begun(total);
        out.reserve(usize::try_from(to - from).unwrap_or(0).saturating_mul(ROW_BYTES));
        self.rows.write(&mut out, from, to, &night)?;
        Ok(out + ENDED)
    }

    /// The night of a request, begun by it if it asks for the first page.
    fn tonight(&self, begins: bool, rows: u64) -> Night {
        let mut night = self.night();
        if begins {
            night.number += 1;
            night.at = self.clock.now();
            night.began = wall(night.at).format("%Y-%m-%d %H:%M:%S").to_string();
        }
        night.served += rows;
        night.clone()
    }

    fn night(&self) -> MutexGuard<'_, Night> {
        self.night.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What stands before the rows of a page.
fn begun(total: u64) -> String {
    format!(r#"{{"code":"0","message":"成功","data":{{"total":{total},"records":["#)
}

/// What stands after them.
const ENDED: &str = "]}}";

/// The time on the park's wall: Asia/Shanghai, which has had no other offset since 1991.
fn wall(at: DateTime<Utc>) -> NaiveDateTime {
    at.naive_utc() + TimeDelta::hours(8)
}

impl Rows {
    fn open(options: &BulkOptions) -> io::Result<Self> {
        match &options.file {
            Some(path) => Ok(Self::Read(Lines::open(path, options)?)),
            None => Ok(Self::Made(options.records)),
        }
    }

    fn count(&self) -> u64 {
        match self {
            Self::Made(count) => *count,
            Self::Read(lines) => lines.count(),
        }
    }

    /// Writes rows `[from, to)`, with commas between.
    fn write(&self, out: &mut String, from: u64, to: u64, night: &Night) -> io::Result<()> {
        match self {
            Self::Made(_) => hazard::write(out, from..to, night),
            Self::Read(lines) => lines.write(out, from, to, night)?,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
