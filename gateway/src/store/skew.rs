//! How far this machine's clock is from the database's: leases of several nodes are counted on their own clocks, and so are
//! limits across a takeover.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DbBackend;

use super::{Result, Store};

/// More than this and a node must not work.
pub const MOST: TimeDelta = TimeDelta::seconds(2);

impl Store {
    /// How far `clock` is ahead of the database's (behind: negative), to within half the question's own time; none on SQLite,
    /// whose clock is this machine's.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn skew(&self, clock: &(dyn Fn() -> DateTime<Utc> + Send + Sync)) -> Result<Option<TimeDelta>> {
        if self.backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let asked = clock();
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
        let Some(row) = self.one(sql, vec![]).await? else { return Ok(None) };
        let middle = asked + (clock() - asked) / 2;
        Ok(Some(middle - super::moment(row.try_get_by_index(0)?)))
    }
}
