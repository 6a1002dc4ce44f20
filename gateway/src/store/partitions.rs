//! Partitions of the tables that grow, on PostgreSQL: made before the first number that needs one is used, found for
//! dropping. On SQLite there are none; a range of numbers of the same size stands for one.

use sea_orm::{ConnectionTrait, DbBackend};

use super::{Result, Write};

/// A partitioned table and the number it is partitioned by.
pub(super) struct Partitioned {
    /// The table.
    pub(super) table: &'static str,
    /// Its primary key.
    #[expect(dead_code, reason = "dropping asks for it")]
    pub(super) key: &'static str,
}

/// The versions.
pub(super) const VERSION: Partitioned = Partitioned { table: "version", key: "seq" };
/// The issues.
pub(super) const ISSUE: Partitioned = Partitioned { table: "issue", key: "no" };
/// The bytes.
pub(super) const BYTES: Partitioned = Partitioned { table: "blob_bytes", key: "no" };

impl Write {
    /// Makes the partitions up to the one that `last` is in. The counter's lock is held, so nobody else does; a table is
    /// made and attached, which stops no reader, instead of made in its place, which waits for all of them.
    pub(super) async fn make_partitions(&self, last: i64) -> Result<()> {
        let row = self.one("SELECT ahead, span FROM counter WHERE name = 'ledger'", vec![]).await?;
        let Some(row) = row else { return Ok(()) };
        let (mut low, span): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        while low <= last {
            let high = low.saturating_add(span.max(1));
            if self.backend() == DbBackend::Postgres {
                for Partitioned { table, .. } in [VERSION, ISSUE, BYTES] {
                    let name = format!("{table}_{low}");
                    self.tx().execute_unprepared(&made(table, &name, low, high)).await?;
                }
            }
            low = high;
        }
        self.run("UPDATE counter SET ahead = $1 WHERE name = 'ledger'", vec![low.into()]).await?;
        Ok(())
    }
}

fn made(table: &str, name: &str, low: i64, high: i64) -> String {
    format!(
        "CREATE TABLE {name} (LIKE {table} INCLUDING ALL); \
         ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ({low}) TO ({high})"
    )
}
