//! What the ledger knows of its own proof outside: journals, checkpoints, recoveries. See `docs/proof.md`.

use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait, sea_orm::DbErr};

use crate::dialect;

/// Makes the tables of the proof and the marks of what is proven.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261125_000006_proof"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, include_str!("m20261125_000006_proof.sql")).await
    }
}
