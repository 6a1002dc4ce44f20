//! Bytes as received.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "document")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub no: i64,
    pub source: String,
    pub service: String,
    pub blob: String,
    pub digest_alg: String,
    pub cipher: Option<String>,
    pub key_id: Option<String>,
    pub length: i64,
    pub asked: String,
    pub located: i64,
    pub received_at: i64,
    pub revision: i64,
    pub recovered: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
