//! What a destination takes, since when.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "destination_kind")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub destination: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    pub rank: i64,
    pub takes_test: i64,
    pub from_seq: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub start_seq: i64,
    pub until_seq: Option<i64>,
    pub owner_scheme: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
