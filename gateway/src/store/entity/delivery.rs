//! One record at one destination.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub destination: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub record: i64,
    pub kind: String,
    pub lane: String,
    pub grp: String,
    pub version: i64,
    pub next_version: Option<i64>,
    pub state: String,
    pub batch: Option<String>,
    pub split: Option<String>,
    pub reason: Option<String>,
    pub not_before: Option<i64>,
    pub waits_for: Option<String>,
    pub confirmed: Option<i64>,
    pub changed_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
