//! Many rows in one bind, so that one statement writes or joins a whole part, NULLs included: typed arrays that
//! PostgreSQL unnests, a JSON array that SQLite takes apart.

mod cell;
mod text;

use mappings::Key;
use sea_orm::{DbBackend, Value};
use serde::Serialize;

use super::{Result, StoreError};
pub(crate) use cell::{Cell, Col, column};
pub(crate) use text::plain;
use text::without_nul;

/// The columns of a row set: name, type.
pub(crate) type Cols = &'static [(&'static str, Col)];

/// A row of a row set; declared with [`row!`].
pub(crate) trait Row: Serialize + Sized {
    /// Its columns in order.
    const COLUMNS: Cols;

    /// The rows as one array a column.
    fn columns(rows: &[Self]) -> Vec<Value>;
}

/// Declares the struct of a row whose fields are its columns, in order.
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis $name:ident $(<$life:lifetime>)? { $($field:ident: $type:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(serde::Serialize)]
        $vis struct $name $(<$life>)? { $($field: $type),+ }

        impl $(<$life>)? $crate::store::rows::Row for $name $(<$life>)? {
            const COLUMNS: $crate::store::rows::Cols =
                &[$((stringify!($field), <$type as $crate::store::rows::Cell>::COL)),+];

            fn columns(rows: &[Self]) -> Vec<sea_orm::Value> {
                vec![$($crate::store::rows::column(rows.iter().map(|row| &row.$field))),+]
            }
        }
    };
}
pub(crate) use row;

/// A FROM item named `r`, and what to bind for it from its first parameter on: it comes after all others.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    backend: DbBackend,
    /// The FROM item.
    pub(crate) from: String,
    values: Vec<Value>,
}

impl Bound {
    /// `rows`, bound from parameter `first` on.
    pub(crate) fn new<R: Row>(backend: DbBackend, first: usize, rows: &[R]) -> Result<Self> {
        if backend == DbBackend::Postgres {
            return Ok(Self { backend, from: unnested(first, R::COLUMNS), values: R::columns(rows) });
        }
        let json = serde_json::to_string(rows).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let values = vec![without_nul(json).into()];
        Ok(Self { backend, from: taken_apart(first, R::COLUMNS), values })
    }

    /// An UPDATE of the rows of `table` (named `t`) that `key` finds for each row of `r`, where `also` holds. `key` names
    /// the columns of one index and no more: another condition could make a planner without statistics prefer an index
    /// that only looks small.
    pub(crate) fn update(&self, table: &str, set: &str, key: &str, also: &str) -> String {
        let from = &self.from;
        if self.backend == DbBackend::Postgres {
            return format!(
                "UPDATE {table} AS t SET {set} FROM {from} CROSS JOIN LATERAL \
                 (SELECT t.ctid AS at FROM {table} t WHERE {key} OFFSET 0) x WHERE t.ctid = x.at AND {also}"
            );
        }
        format!("UPDATE {table} AS t SET {set} FROM {from} WHERE {key} AND {also}")
    }

    /// The same values under another FROM item named `r`.
    pub(crate) fn with(&self, from: String) -> Self {
        Self { from, ..self.clone() }
    }

    /// All values of the statement: `before`, then the rows.
    pub(crate) fn after<const N: usize>(&self, before: [Value; N]) -> Vec<Value> {
        before.into_iter().chain(self.values.iter().cloned()).collect()
    }
}

/// A join of `table` (as `alias`) to the FROM items before it, one look into an index for each of their rows: a planner
/// without statistics, or one that thinks the rows before it many, would begin with the table.
pub(crate) fn join(backend: DbBackend, table: &str, alias: &str, matching: &str) -> String {
    if backend == DbBackend::Postgres {
        format!("CROSS JOIN LATERAL (SELECT * FROM {table} {alias} WHERE {matching} OFFSET 0) {alias}")
    } else {
        format!("JOIN {table} {alias} ON {matching}")
    }
}

/// The same where there may be no such row.
pub(crate) fn left_join(backend: DbBackend, table: &str, alias: &str, matching: &str) -> String {
    if backend == DbBackend::Postgres {
        format!("LEFT JOIN LATERAL (SELECT * FROM {table} {alias} WHERE {matching} OFFSET 0) {alias} ON true")
    } else {
        format!("LEFT JOIN {table} {alias} ON {matching}")
    }
}

/// Sets in the select list advance together and are never put aside, which functions in FROM are: half the time.
fn unnested(first: usize, columns: Cols) -> String {
    let list: Vec<String> = (first..)
        .zip(columns)
        .map(|(param, (name, col))| format!("{} AS {name}", col.unnested(param)))
        .collect();
    format!("(SELECT {}) AS r", list.join(", "))
}

fn taken_apart(param: usize, columns: Cols) -> String {
    let list: Vec<String> = columns.iter().map(|(name, _)| format!("value ->> '{name}' AS {name}")).collect();
    format!("(SELECT {} FROM json_each(${param})) AS r", list.join(", "))
}

row! {
    /// A key to look for.
    pub(super) KeyRow<'a> {
        kind: &'a str,
        id_space: &'a str,
        id: &'a str,
    }
}

impl<'a> KeyRow<'a> {
    pub(super) fn of(key: &'a Key) -> Self {
        Self { kind: &key.kind, id_space: &key.id_space, id: &key.id }
    }
}
