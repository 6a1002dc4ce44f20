//! Rewriting a partition of PostgreSQL: what stays is copied into a table of the same range beside, which then takes its
//! place; the old one's files are gone at the commit. The copy is made before the counter's lock is taken, so that the
//! long part of it holds nobody up.

use sea_orm::ConnectionTrait;

use super::{
    super::{Result, Write, partitions::Partitioned},
    Range, Rule, bounds, stays,
};

/// Longest wait for readers of the table (a long `audit` is one) while the counter's lock is held.
const READERS: &str = "SET LOCAL lock_timeout = '2s'";

impl Write {
    /// Copies what stays of a range up to the number `seen`; returns the new table's name. Its check spares the exchange
    /// from looking at every row.
    pub(super) async fn copy_rest(&self, table: &Partitioned, range: &Range, seen: i64) -> Result<String> {
        let Partitioned { table, key } = table;
        let rest = format!("{table}_{}_{seen}", range.low.max(0));
        let least =
            if range.low == i64::MIN { String::new() } else { format!(" AND {key} >= {}", range.low) };
        let made = format!(
            "CREATE TABLE {rest} (LIKE {table} INCLUDING ALL, \
             CONSTRAINT {rest}_within CHECK ({key} IS NOT NULL{least} AND {key} < {}))",
            range.high
        );
        self.tx().execute_unprepared(&made).await?;
        let sql = format!(
            "INSERT INTO {rest} SELECT p.* FROM {table} p WHERE p.{key} >= $1 AND p.{key} < $2 AND p.{key} <= $3 \
             AND NOT EXISTS (SELECT 1 FROM retention_gone g WHERE g.key = p.{key})"
        );
        self.run(&sql, vec![range.low.into(), range.high.into(), seen.into()]).await?;
        Ok(rest)
    }

    /// Under the counter's lock: what was written since, and what has come to stay after all (bytes that came again).
    pub(super) async fn catch_up(
        &self,
        rule: &Rule,
        table: &Partitioned,
        range: &Range,
        seen: i64,
        rest: &str,
    ) -> Result<()> {
        let Partitioned { table, key } = table;
        let sql = format!(
            "INSERT INTO {rest} SELECT p.* FROM {table} p WHERE p.{key} >= $1 AND p.{key} < $2 AND p.{key} > $3"
        );
        self.run(&sql, vec![range.low.into(), range.high.into(), seen.into()]).await?;
        let again = format!(
            "INSERT INTO {rest} SELECT p.* FROM retention_gone g JOIN {table} p ON p.{key} = g.key \
             WHERE p.{key} >= $2 AND p.{key} < $3 AND ({})",
            stays::stays(rule.what)
        );
        if self.run(&again, bounds(rule, range.low, range.high)).await? > 0 {
            let sql = format!("DELETE FROM retention_gone WHERE key IN (SELECT {key} FROM {rest})");
            self.run(&sql, vec![]).await?;
        }
        Ok(())
    }

    /// Puts the new table in the partition's place.
    pub(super) async fn exchange(
        &self,
        table: &Partitioned,
        range: &Range,
        partition: &str,
        rest: &str,
    ) -> Result<()> {
        let low = if range.low == i64::MIN { "MINVALUE".to_owned() } else { range.low.to_string() };
        let (table, high) = (table.table, range.high);
        let sql = format!(
            "{READERS}; DROP TABLE {partition}; \
             ALTER TABLE {table} ATTACH PARTITION {rest} FOR VALUES FROM ({low}) TO ({high}); \
             ALTER TABLE {rest} DROP CONSTRAINT {rest}_within"
        );
        self.tx().execute_unprepared(&sql).await?;
        Ok(())
    }
}
