//! How far a service is read.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "cursor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub service: String,
    pub settled_at: Option<i64>,
    pub settled_id: Option<String>,
    pub pass: Option<String>,
    pub writes: i64,
    pub due: i64,
    pub ran_for: Option<i64>,
    pub full_due: i64,
    pub full_for: Option<i64>,
    pub failures: i64,
    pub not_before: Option<i64>,
    pub last_error: Option<String>,
    pub last_error_at: Option<i64>,
    pub last_page_at: Option<i64>,
    pub last_whole_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
