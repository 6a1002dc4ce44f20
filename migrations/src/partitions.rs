//! A table of PostgreSQL made a partitioned one, by ranges of its number, without copying a row: the table itself becomes
//! the first partition. Its columns and indexes are asked of the database, so that earlier steps may change them.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, Statement};

/// Numbers below this have the first partition.
pub(crate) async fn boundary<C: ConnectionTrait>(connection: &C) -> Result<i64, DbErr> {
    let sql = "SELECT (seq / span + 1) * span FROM counter WHERE name = 'ledger'";
    number(connection, sql).await?.ok_or_else(|| DbErr::Custom("没有计数器".into()))
}

async fn number<C: ConnectionTrait>(connection: &C, sql: &str) -> Result<Option<i64>, DbErr> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    connection.query_one_raw(statement).await?.map(|row| row.try_get_by_index(0)).transpose()
}

/// Makes `table` a partitioned one by `key`, its primary key. What it holds becomes the partition up to `boundary`.
pub(crate) async fn partition<C: ConnectionTrait>(
    connection: &C,
    table: &str,
    key: &str,
    boundary: i64,
) -> Result<(), DbErr> {
    let indexes = indexes(connection, table).await?;
    let first = format!("{table}_0");
    let renamed = indexes
        .iter()
        .map(|(name, _)| format!("ALTER INDEX {name} RENAME TO {}", name.replacen(table, &first, 1)));
    let parent = format!(
        "CREATE TABLE {table} (LIKE {first} INCLUDING DEFAULTS INCLUDING STORAGE) PARTITION BY RANGE ({key})"
    );
    let statements: Vec<String> = [format!("ALTER TABLE {table} RENAME TO {first}")]
        .into_iter()
        .chain(renamed)
        .chain([
            format!("ALTER INDEX {table}_pkey RENAME TO {first}_pkey"),
            parent,
            format!("ALTER TABLE {table} ADD PRIMARY KEY ({key})"),
        ])
        .chain(indexes.iter().map(|(_, definition)| definition.clone()))
        .chain([attach(table, &first, boundary)])
        .collect();
    let sql = statements.join("; ");
    connection.execute_unprepared(&sql).await.map(drop)
}

/// Words that make `first` the partition of all numbers below `boundary`.
fn attach(table: &str, first: &str, boundary: i64) -> String {
    format!("ALTER TABLE {table} ATTACH PARTITION {first} FOR VALUES FROM (MINVALUE) TO ({boundary})")
}

/// Names and definitions of a table's indexes, its primary key's apart.
async fn indexes<C: ConnectionTrait>(connection: &C, table: &str) -> Result<Vec<(String, String)>, DbErr> {
    let sql = format!(
        "SELECT indexname::text, indexdef FROM pg_indexes WHERE schemaname = current_schema() \
         AND tablename = '{table}' AND indexname <> '{table}_pkey' ORDER BY 1"
    );
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}
