//! Many rows in one bind: a JSON array that the database takes apart, so that one statement writes or joins a
//! whole part, NULLs included, on both databases.

use sea_orm::{DbBackend, Value};
use serde::Serialize;

use super::{Result, StoreError};

/// The type of one column of a row set.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Col {
    Int,
    Text,
}

/// The columns of a row set, in the names its rows serialize to.
pub(crate) type Cols = &'static [(&'static str, Col)];

/// The FROM item for the rows bound as `$param`, named `r`.
pub(crate) fn from(backend: DbBackend, param: u8, columns: Cols) -> String {
    if backend == DbBackend::Postgres {
        let list: Vec<String> =
            columns.iter().map(|(name, col)| format!("{name} {}", col.postgres())).collect();
        return format!("json_to_recordset(${param}::json) AS r({})", list.join(", "));
    }
    let list: Vec<String> = columns.iter().map(|(name, _)| format!("value ->> '{name}' AS {name}")).collect();
    format!("(SELECT {} FROM json_each(${param})) AS r", list.join(", "))
}

/// The rows as one value to bind.
pub(crate) fn bind<R: Serialize>(rows: &[R]) -> Result<Value> {
    serde_json::to_string(rows).map(Value::from).map_err(|error| StoreError::Corrupt(error.to_string()))
}

impl Col {
    const fn postgres(self) -> &'static str {
        match self {
            Self::Int => "bigint",
            Self::Text => "text",
        }
    }
}
