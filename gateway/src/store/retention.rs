//! What age takes, range by range of the ledger's numbers, each in one transaction that leaves the counts behind by which
//! both equations are recounted. Decides what must stay however old; leaves which ages apply to the configuration and
//! when it is done to the scheduler. See `docs/retention.md`.

mod exchange;
mod leaving;
mod shrink;
mod stays;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, Value};

use super::{
    Lease, Result, Store, Write, ms,
    partitions::{self, Partitioned},
};

/// What a rule drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Bytes as received, payloads, answers.
    Raw,
    /// Accepted states that a newer one took the place of.
    Versions,
    /// What was wrong with data.
    Issues,
}

/// What goes, and from which age on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What.
    pub what: What,
    /// Days it is kept.
    pub days: u32,
    /// The moment that comes to.
    pub older_than: DateTime<Utc>,
}

/// Numbers from `low` to before `high`; on PostgreSQL those of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The first; the least there is where the partition has no lower end.
    pub low: i64,
    /// The one after the last.
    pub high: i64,
    partition: Option<String>,
}

/// What goes, or went, of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Gone {
    /// Rows.
    pub rows: i64,
    /// Bytes of what is long in them.
    pub bytes: i64,
}

/// Numbers of one transaction on SQLite: a writer waits no longer for it than for a judging.
const SQLITE_STEP: i64 = 16_384;

/// On PostgreSQL a partition is rewritten when at least one of so many rows goes: what stays is copied a few times at most.
const SHARE: i64 = 4;

impl What {
    /// The word used in the ledger.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Versions => "version",
            Self::Issues => "issue",
        }
    }

    fn table(self) -> Partitioned {
        match self {
            Self::Raw => partitions::BYTES,
            Self::Versions => partitions::VERSION,
            Self::Issues => partitions::ISSUE,
        }
    }
}

impl Store {
    /// The ranges that hold something, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn retention_ranges(&self, what: What) -> Result<Vec<Range>> {
        let Partitioned { table, key } = what.table();
        if self.backend() == DbBackend::Postgres {
            let found = self.partitions(table).await?;
            return Ok(found
                .into_iter()
                .map(|(name, low, high)| Range { low, high, partition: Some(name) })
                .collect());
        }
        let span = self.one("SELECT span FROM counter WHERE name = 'ledger'", vec![]).await?;
        let span: i64 = span.map_or(Ok(SQLITE_STEP), |row| row.try_get_by_index(0))?;
        let step = span.clamp(1, SQLITE_STEP);
        let sql = format!("SELECT DISTINCT {key} / {step} AS n FROM {table} ORDER BY n");
        let rows = self.all(&sql, vec![]).await?;
        rows.iter()
            .map(|row| {
                let low = row.try_get_by_index::<i64>(0)? * step;
                Ok(Range { low, high: low + step, partition: None })
            })
            .collect()
    }

    /// What would go of a range now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn would_drop(&self, rule: &Rule, range: &Range) -> Result<Gone> {
        let sql = format!(
            "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM ({}) t",
            stays::goes(rule.what)
        );
        gone(self.one(&sql, bounds(rule, range.low, range.high)).await?.as_ref())
    }

    /// Drops what goes of a range, if it is worth it. `None`: nothing was, or readers of the table would not let go.
    ///
    /// # Errors
    /// When the database refuses, or the lease is another's.
    pub async fn drop_range(
        &self,
        rule: &Rule,
        range: &Range,
        lease: &Lease,
        revision: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<Gone>> {
        let write = self.write("retain").await?;
        match write.drop_range(rule, range, lease, revision, now).await {
            Ok(None) => Ok(None),
            Ok(Some(gone)) => write.commit().await.map(|()| Some(gone)),
            Err(error) if error.is_contention() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Write {
    async fn drop_range(
        &self,
        rule: &Rule,
        range: &Range,
        lease: &Lease,
        revision: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<Gone>> {
        let table = rule.what.table();
        if range.partition.is_some() {
            // copying a partition may take longer than any other statement
            self.tx().execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        }
        let seen = self.choose(rule, range).await?;
        let chosen = self.chosen().await?;
        if chosen.rows == 0 || !self.is_worth_it(&table, range, chosen.rows).await? {
            return Ok(None);
        }
        let rest = match &range.partition {
            Some(_) => Some(self.copy_rest(&table, range, seen).await?),
            None => None,
        };
        let no = self.numbers(1).await?;
        self.fence(lease).await?;
        if let Some(rest) = &rest {
            self.catch_up(rule, &table, range, seen, rest).await?;
        }
        let gone = self.chosen().await?;
        self.leave(rule.what, no).await?;
        if let (Some(partition), Some(rest)) = (&range.partition, &rest) {
            self.exchange(&table, range, partition, rest).await?;
        } else {
            let Partitioned { table, key } = table;
            let sql = format!("DELETE FROM {table} WHERE {key} IN (SELECT key FROM retention_gone)");
            self.run(&sql, vec![]).await?;
        }
        self.run("DROP TABLE retention_gone", vec![]).await?;
        self.note(rule, range, no, revision, gone, now).await?;
        Ok(Some(gone))
    }

    /// Lists what goes in a table of this transaction; returns the last number that was looked at.
    async fn choose(&self, rule: &Rule, range: &Range) -> Result<i64> {
        let row = self.one("SELECT seq FROM counter WHERE name = 'ledger'", vec![]).await?;
        let seen: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        self.tx().execute_unprepared(stays::list(self.backend())).await?;
        let sql = format!(
            "INSERT INTO retention_gone (key, bytes, record, kind, document, part, test, owner_scheme) {}",
            stays::goes(rule.what)
        );
        self.run(&sql, bounds(rule, range.low, range.high.min(seen.saturating_add(1)))).await?;
        if self.backend() == DbBackend::Postgres {
            self.tx().execute_unprepared("ANALYZE retention_gone").await?;
        }
        Ok(seen)
    }

    async fn chosen(&self) -> Result<Gone> {
        let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM retention_gone";
        gone(self.one(sql, vec![]).await?.as_ref())
    }

    async fn is_worth_it(&self, table: &Partitioned, range: &Range, goes: i64) -> Result<bool> {
        let Some(partition) = &range.partition else { return Ok(true) };
        let sql = format!("SELECT COUNT(*) FROM {partition} WHERE {} IS NOT NULL", table.key);
        let all: i64 = self.one(&sql, vec![]).await?.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        Ok(goes.saturating_mul(SHARE) >= all)
    }

    async fn note(
        &self,
        rule: &Rule,
        range: &Range,
        no: i64,
        revision: i64,
        gone: Gone,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let sql = "INSERT INTO retention_drop (no, at, what, low, high, gone, bytes, days, older_than, revision) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let values = vec![
            no.into(),
            ms(now).into(),
            rule.what.word().into(),
            range.low.into(),
            range.high.into(),
            gone.rows.into(),
            gone.bytes.into(),
            i64::from(rule.days).into(),
            ms(rule.older_than).into(),
            revision.into(),
        ];
        self.run(sql, values).await.map(drop)
    }
}

fn bounds(rule: &Rule, low: i64, high: i64) -> Vec<Value> {
    vec![ms(rule.older_than).into(), low.into(), high.into()]
}

fn gone(row: Option<&sea_orm::QueryResult>) -> Result<Gone> {
    let Some(row) = row else { return Ok(Gone::default()) };
    Ok(Gone { rows: row.try_get_by_index(0)?, bytes: row.try_get_by_index(1)? })
}
