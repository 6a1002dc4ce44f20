//! What one judging takes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "part")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub document: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i64,
    pub source: String,
    pub service: String,
    pub kind: String,
    pub first: i64,
    pub located: i64,
    pub byte_from: i64,
    pub byte_to: i64,
    pub state: String,
    pub revision: Option<i64>,
    pub found: i64,
    pub accepted: i64,
    pub unchanged: i64,
    pub rejected: i64,
    pub held: i64,
    pub judged_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
