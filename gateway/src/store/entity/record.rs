//! One row per key, with its head.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "record")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub no: i64,
    pub kind: String,
    pub id_space: String,
    pub id: String,
    pub source: String,
    pub head: i64,
    pub document: i64,
    pub place: i64,
    pub source_digest: String,
    pub content_digest: String,
    pub as_of: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
