//! What is wrong with a record.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "issue")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub no: i64,
    pub source: String,
    pub service: String,
    pub document: i64,
    pub part: i64,
    pub place: i64,
    pub kind: String,
    pub id_space: String,
    pub id: String,
    pub verdict: String,
    pub issues: String,
    pub revision: i64,
    pub at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
