//! Records that travel together, frozen.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "batch")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub no: i64,
    pub destination: String,
    pub kind: String,
    pub path: String,
    pub lane: String,
    pub grp: String,
    pub state: String,
    pub size: i64,
    pub payload: String,
    pub revision: i64,
    pub split: Option<String>,
    pub attempts: i64,
    pub not_before: Option<i64>,
    pub frozen_at: i64,
    pub settled_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
