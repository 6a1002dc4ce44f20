//! Records with no version yet.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "held")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub document: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i64,
    pub part: i64,
    pub source: String,
    pub service: String,
    pub kind: String,
    pub id_space: String,
    pub id: String,
    pub said: String,
    pub byte_from: i64,
    pub byte_length: i64,
    pub source_digest: String,
    pub revision: i64,
    pub reason: String,
    pub state: String,
    pub since: i64,
    pub settled_at: Option<i64>,
    pub roster: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
