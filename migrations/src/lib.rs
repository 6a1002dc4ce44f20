//! The history of the ledger's tables: one file a step, never changed once released.
//! Leaves to `gateway::store` everything that reads or writes them.

mod dialect;
mod m20261125_000003_retention;
mod partitions;
mod step;

use sea_orm_migration::{MigrationTrait, async_trait};
pub use sea_orm_migration::{MigratorTrait, sea_orm::DbErr};
use step::Step;

/// All steps, in order.
#[derive(Debug)]
pub struct Migrator;

macro_rules! step {
    ($name:literal) => {
        Box::new(Step($name, include_str!(concat!($name, ".sql"))))
    };
}

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            step!("m20261123_000001_ledger"),
            Box::new(m20261125_000003_retention::Migration),
            step!("m20261125_000005_revisions"),
            step!("m20261125_000006_proof"),
            step!("m20261125_000007_indexes"),
            step!("m20261126_000008_owner_scope"),
            step!("m20261126_000009_parents"),
            step!("m20261126_000010_unknown_fields"),
            step!("m20261126_000011_error_limit"),
            step!("m20261126_000012_contributions"),
            step!("m20261126_000013_sweeps"),
            step!("m20261126_000014_roster"),
            step!("m20261126_000015_photos"),
            step!("m20261126_000016_corrections"),
            step!("m20261126_000017_aliases"),
            step!("m20261126_000018_look_alikes"),
            step!("m20261126_000019_returned"),
            step!("m20261127_000020_fix_walk"),
            step!("m20261127_000021_held_said"),
        ]
    }
}
