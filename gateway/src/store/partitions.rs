//! Partitions of the tables that grow, on PostgreSQL: made before the first number that needs one is used, found for
//! dropping. On SQLite there are none; a range of numbers of the same size stands for one.

use sea_orm::{ConnectionTrait, DbBackend};

use super::{Result, Store, StoreError, Write};

/// A partitioned table and the number it is partitioned by.
pub(super) struct Partitioned {
    /// The table.
    pub(super) table: &'static str,
    /// Its primary key.
    pub(super) key: &'static str,
}

/// The versions.
pub(super) const VERSION: Partitioned = Partitioned { table: "version", key: "seq" };
/// The issues.
pub(super) const ISSUE: Partitioned = Partitioned { table: "issue", key: "no" };
/// The bytes.
pub(super) const BYTES: Partitioned = Partitioned { table: "blob_bytes", key: "no" };

impl Store {
    /// The partitions of a table on PostgreSQL, by range: name, first number (the least there is where there is no lower
    /// end), the number after the last.
    pub(super) async fn partitions(&self, table: &str) -> Result<Vec<(String, i64, i64)>> {
        let sql = "SELECT c.relname::text, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i \
             JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass";
        let rows = self.all(sql, vec![table.into()]).await?;
        let read = |row: &sea_orm::QueryResult| {
            let (name, bound): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let (low, high) = range(&bound)
                .ok_or_else(|| StoreError::Corrupt(format!("分区 {name} 的范围看不懂：{bound}")))?;
            Ok((name, low, high))
        };
        let mut found = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
        found.sort_by_key(|(_, low, _)| *low);
        Ok(found)
    }
}

/// `FOR VALUES FROM (MINVALUE) TO ('4194304')`
fn range(bound: &str) -> Option<(i64, i64)> {
    let mut ends = bound.split('(').skip(1).filter_map(|rest| rest.split(')').next());
    let mut end = || {
        let text = ends.next()?.trim_matches('\'');
        if text == "MINVALUE" { Some(i64::MIN) } else { text.parse().ok() }
    };
    Some((end()?, end()?))
}

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

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn a_partitions_range_is_read() {
        assert_eq!(range("FOR VALUES FROM (MINVALUE) TO ('4194304')"), Some((i64::MIN, 4_194_304)));
        assert_eq!(range("FOR VALUES FROM ('8') TO ('16')"), Some((8, 16)));
        assert_eq!(range("DEFAULT"), None);
    }
}
