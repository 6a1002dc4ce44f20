//! What measuring asked for: one index of records less. See `docs/performance.md`.

use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager, async_trait,
    sea_orm::{ConnectionTrait, DbBackend, DbErr},
};

use crate::dialect;

/// Joins the two indexes of `record` into one.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261125_000004_speed"
    }
}

/// No row is copied.
const POSTGRES: &str = "ALTER TABLE record DROP CONSTRAINT record_kind_id_space_id_key, ADD UNIQUE (kind, id, id_space); \
     DROP INDEX record_by_id";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if connection.get_database_backend() == DbBackend::Postgres {
            connection.execute_unprepared(POSTGRES).await.map(drop)
        } else {
            dialect::run(manager, include_str!("m20261125_000004_speed.sql")).await
        }
    }
}
