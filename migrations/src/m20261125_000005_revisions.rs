//! The life of a revision: how it became active, who said so, and how far the ledger was derived again under it.

use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait, sea_orm::DbErr};

use crate::dialect;

/// Adds what is known of an activation, a part's versions written again, and the table of replays.
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m20261125_000005_revisions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, include_str!("m20261125_000005_revisions.sql")).await
    }
}
