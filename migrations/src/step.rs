//! A step that is one text, the same for both databases.

use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait, sea_orm::DbErr};

use crate::dialect;

/// The step of this name, and what it runs.
pub(crate) struct Step(pub(crate) &'static str, pub(crate) &'static str);

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.0
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, self.1).await
    }

    // left to itself it is one on PostgreSQL only
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
