//! The history of the ledger's tables: one file a step, never changed once released.
//! Leaves to `gateway::store` everything that reads or writes them.

mod dialect;
mod m20261123_000001_ledger;
mod m20261125_000003_retention;
mod m20261125_000005_revisions;
mod m20261125_000006_proof;
mod m20261125_000007_keys;
mod partitions;

use sea_orm_migration::{MigrationTrait, async_trait};
pub use sea_orm_migration::{MigratorTrait, sea_orm::DbErr};

/// All steps, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_ledger::Migration),
            Box::new(m20261125_000003_retention::Migration),
            Box::new(m20261125_000005_revisions::Migration),
            Box::new(m20261125_000006_proof::Migration),
            Box::new(m20261125_000007_keys::Migration),
        ]
    }
}
