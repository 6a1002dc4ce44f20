//! The log of accepted states.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "version")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub record: i64,
    pub kind: String,
    pub document: i64,
    pub part: i64,
    pub place: i64,
    pub byte_from: i64,
    pub byte_length: i64,
    pub revision: i64,
    pub content: String,
    pub content_digest: String,
    pub digest_alg: String,
    pub cipher: Option<String>,
    pub key_id: Option<String>,
    pub parents: String,
    pub inputs: String,
    pub owner_scheme: Option<String>,
    pub owner: Option<String>,
    pub region: Option<String>,
    pub industry: Option<String>,
    pub test: i64,
    pub as_of: Option<i64>,
    pub at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
