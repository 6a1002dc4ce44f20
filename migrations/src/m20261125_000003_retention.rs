//! What ages can be dropped so that the disk shrinks: versions, issues and raw bytes lie in partitions on PostgreSQL, the
//! bytes apart from what is known of them; tables for what was dropped. See `docs/retention.md`.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

use crate::{dialect, partitions};

/// Splits the bytes off, partitions what grows, makes the tables of what was dropped.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261125_000003_retention"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        dialect::run(manager, include_str!("m20261125_000003_retention.sql")).await?;
        if connection.get_database_backend() == DbBackend::Postgres {
            connection.execute_unprepared("ALTER INDEX blob_pkey RENAME TO blob_was_pkey").await?;
        }
        dialect::run(manager, include_str!("m20261125_000003_retention_blob.sql")).await?;
        if connection.get_database_backend() == DbBackend::Postgres {
            partition(connection).await
        } else {
            dialect::run(manager, SQLITE_BYTES).await
        }
    }

    // left to itself it is one on PostgreSQL only
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const SQLITE_BYTES: &str = "CREATE TABLE blob_bytes (
    no INTEGER NOT NULL PRIMARY KEY,
    bytes BLOB NOT NULL
);
INSERT INTO blob_bytes SELECT b.no, w.bytes FROM blob b JOIN blob_was w ON w.digest = b.digest;
DROP TABLE blob_was";

/// Long bytes stay where they lie: only the number is written beside them. They are compressed already.
const POSTGRES_BYTES: &str = "ALTER TABLE blob_was ADD COLUMN no BIGINT; \
     UPDATE blob_was SET no = b.no FROM blob b WHERE b.digest = blob_was.digest; \
     ALTER TABLE blob_was DROP COLUMN digest, DROP COLUMN digest_alg, DROP COLUMN length, DROP COLUMN cipher, \
     DROP COLUMN key_id, ALTER COLUMN no SET NOT NULL, ALTER COLUMN bytes SET STORAGE EXTERNAL; \
     ALTER TABLE blob_was RENAME TO blob_bytes; ALTER TABLE blob_bytes ADD PRIMARY KEY (no)";

async fn partition<C: ConnectionTrait>(connection: &C) -> Result<(), DbErr> {
    connection.execute_unprepared(POSTGRES_BYTES).await?;
    let boundary = partitions::boundary(connection).await?;
    for (table, key) in [("version", "seq"), ("issue", "no"), ("blob_bytes", "no")] {
        partitions::partition(connection, table, key, boundary).await?;
    }
    connection.execute_unprepared(&format!("UPDATE counter SET ahead = {boundary}")).await.map(drop)
}
