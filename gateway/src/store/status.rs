//! Figures for people, read in a few cheap statements.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use mappings::Issue;
use sea_orm::DbBackend;

use crate::ledger::Found;

use super::{Result, Store, moment};

/// A service's figures: by (source, service).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ServiceFigures {
    /// By current verdict, of what is judged.
    pub found: Found,
    /// Landed, not judged yet.
    pub unjudged: i64,
    /// Paths that no mapping named.
    pub unknown_fields: i64,
}

/// The issues of one record, as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// When.
    pub at: DateTime<Utc>,
    /// The source.
    pub source: String,
    /// Its list.
    pub service: String,
    /// The kind.
    pub kind: String,
    /// The record's id; empty when it has none.
    pub id: String,
    /// The verdict.
    pub verdict: String,
    /// What is wrong; values are masked where personal.
    pub issues: Vec<Issue>,
}

impl Store {
    /// Figures of every (source, service) that ever landed something.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn service_figures(&self) -> Result<BTreeMap<(String, String), ServiceFigures>> {
        let sql = "SELECT source, service, CAST(SUM(found) AS BIGINT), CAST(SUM(accepted) AS BIGINT), \
             CAST(SUM(unchanged) AS BIGINT), CAST(SUM(rejected) AS BIGINT), CAST(SUM(held) AS BIGINT), \
             CAST(SUM(CASE WHEN state = 'pending' THEN located ELSE 0 END) AS BIGINT), (SELECT COUNT(*) FROM unknown_field u \
             WHERE u.source = part.source AND u.service = part.service) FROM part GROUP BY source, service";
        let rows = self.all(sql, vec![]).await?;
        rows.iter()
            .map(|row| {
                let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
                let found = Found {
                    found: number(2)?,
                    accepted: number(3)?,
                    unchanged: number(4)?,
                    rejected: number(5)?,
                    held: number(6)?,
                };
                let key = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                Ok((key, ServiceFigures { found, unjudged: number(7)?, unknown_fields: number(8)? }))
            })
            .collect()
    }

    /// The latest records with issues, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn latest_issues(&self, limit: u32) -> Result<Vec<Noted>> {
        let sql =
            "SELECT at, source, service, kind, id, verdict, issues FROM issue ORDER BY no DESC LIMIT $1";
        let rows = self.all(sql, vec![i64::from(limit).into()]).await?;
        rows.iter()
            .map(|row| {
                let issues: String = row.try_get_by_index(6)?;
                Ok(Noted {
                    at: moment(row.try_get_by_index(0)?),
                    source: row.try_get_by_index(1)?,
                    service: row.try_get_by_index(2)?,
                    kind: row.try_get_by_index(3)?,
                    id: row.try_get_by_index(4)?,
                    verdict: row.try_get_by_index(5)?,
                    issues: serde_json::from_str(&issues).unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Rows by (destination, kind, state), and batches that may or may not have arrived by destination.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delivery_states(&self) -> Result<BTreeMap<(String, String, String), i64>> {
        let sql = "SELECT destination, kind, state, COUNT(*) FROM delivery GROUP BY destination, kind, state";
        let rows = self.all(sql, vec![]).await?;
        rows.iter()
            .map(|row| {
                let key = (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
                Ok((key, row.try_get_by_index(3)?))
            })
            .collect()
    }

    /// Batches of a destination that may or may not have arrived, and when one was last settled.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn batch_figures(&self, destination: &str) -> Result<(i64, Option<DateTime<Utc>>)> {
        let sql = "SELECT COUNT(CASE WHEN state = 'unknown' THEN 1 END), MAX(settled_at) FROM batch WHERE destination = $1";
        let Some(row) = self.one(sql, vec![destination.into()]).await? else { return Ok((0, None)) };
        Ok((row.try_get_by_index(0)?, row.try_get_by_index::<Option<i64>>(1)?.map(moment)))
    }

    /// The newest failure among batches of a destination that are still open: when and what.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_failure(&self, destination: &str) -> Result<Option<(DateTime<Utc>, String)>> {
        let sql = "SELECT a.at, a.what FROM batch b JOIN attempt a ON a.batch = b.id \
             WHERE b.destination = $1 AND b.state <> 'settled' ORDER BY a.at DESC LIMIT 1";
        let Some(row) = self.one(sql, vec![destination.into()]).await? else { return Ok(None) };
        Ok(Some((moment(row.try_get_by_index(0)?), row.try_get_by_index(1)?)))
    }

    /// Whether nothing was ever done here: none of our tables, or no configuration ever active.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_untouched(&self) -> Result<bool> {
        use migrations::MigratorTrait;
        match self.pending_migrations().await? {
            0 => Ok(self.one("SELECT no FROM revision LIMIT 1", vec![]).await?.is_none()),
            pending => Ok(pending == migrations::Migrator::migrations().len()),
        }
    }

    /// Bytes the ledger takes on the disk, indexes included, the database's own log not: all of a SQLite file, the tables
    /// of our schema on PostgreSQL.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stored_bytes(&self) -> Result<u64> {
        let sql = match self.backend() {
            DbBackend::Postgres => {
                "SELECT CAST(COALESCE(SUM(pg_total_relation_size(c.oid)), 0) AS BIGINT) FROM pg_class c \
                 JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'"
            }
            _ => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        };
        let Some(row) = self.one(sql, vec![]).await? else { return Ok(0) };
        Ok(u64::try_from(row.try_get_by_index::<i64>(0)?).unwrap_or(0))
    }

    /// Records of which any destination has confirmed a version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn confirmed_records(&self) -> Result<i64> {
        let row = self.one("SELECT COUNT(*) FROM delivery WHERE confirmed IS NOT NULL", vec![]).await?;
        row.map_or(Ok(0), |row| Ok(row.try_get_by_index(0)?))
    }
}
