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
    ($(#[$meta:meta])* $vis:vis $name:ident $(<$life:lifetime>)? { $($seen:vis $field:ident: $type:ty),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(serde::Serialize)]
        $vis struct $name $(<$life>)? { $($seen $field: $type),+ }

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
        // a limit keeps the rows first, and coalesce keeps `also` from suggesting an index: a planner that began with the table
        // would take the rows apart again for each of its own
        format!(
            "UPDATE {table} AS t SET {set} FROM (SELECT r.*, t.rowid AS at FROM {from} CROSS JOIN {table} t \
             WHERE {key} LIMIT -1) AS r WHERE t.rowid = r.at AND coalesce({also}, 0)"
        )
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
        format!("CROSS JOIN {table} {alias} ON {matching}")
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

#[cfg(test)]
mod tests {
    use super::*;

    row! { Sample<'a> {
        n: i64,
        text: &'a str,
        maybe: Option<&'a str>,
        number: Option<i64>,
    } }

    fn bound(backend: DbBackend, first: usize) -> Bound {
        let rows = [
            Sample { n: 1, text: "甲\0", maybe: Some(""), number: None },
            Sample { n: 2, text: "", maybe: None, number: Some(7) },
        ];
        Bound::new(backend, first, &rows).unwrap()
    }

    #[test]
    fn sqlite_takes_one_json_text_apart() {
        let bound = bound(DbBackend::Sqlite, 3);
        assert!(bound.from.contains("json_each($3)") && bound.from.contains("value ->> 'maybe' AS maybe"));
        let values = bound.after([5_i64.into(), 6_i64.into()]);
        let json = r#"[{"n":1,"text":"甲\ufffd","maybe":"","number":null},{"n":2,"text":"","maybe":null,"number":7}]"#;
        assert_eq!(values, vec![5_i64.into(), 6_i64.into(), Value::from(json)]);
    }

    #[test]
    fn postgresql_gets_one_array_a_column_and_no_null_in_it() {
        let bound = bound(DbBackend::Postgres, 2);
        let wanted = "(SELECT unnest($2::bigint[]) AS n, unnest($3::text[]) AS text, \
                      substr(NULLIF(unnest($4::text[]), ''), 2) AS maybe, \
                      NULLIF(unnest($5::bigint[]), -9223372036854775808) AS number) AS r";
        assert_eq!(bound.from, wanted);
        let values = bound.after([9_i64.into()]);
        let texts = |column: usize| match &values[column] {
            Value::Array(_, Some(cells)) => {
                cells.iter().map(|cell| cell.clone().unwrap()).collect::<Vec<String>>()
            }
            other => panic!("no array: {other:?}"),
        };
        assert_eq!(values.len(), 5);
        assert_eq!(texts(2), ["甲\u{fffd}", ""]);
        assert_eq!(texts(3), ["=", ""], "an empty text is not taken for none");
    }

    #[test]
    fn an_update_looks_into_one_index_and_checks_the_rest_after() {
        let sql =
            bound(DbBackend::Postgres, 1).update("part", "state = 'x'", "t.part = r.n", "t.state = 'y'");
        assert!(sql.starts_with("UPDATE part AS t SET state = 'x' FROM (SELECT unnest($1"), "{sql}");
        assert!(
            sql.ends_with("WHERE t.part = r.n OFFSET 0) x WHERE t.ctid = x.at AND t.state = 'y'"),
            "{sql}"
        );
        let sql = bound(DbBackend::Sqlite, 1).update("part", "state = 'x'", "t.part = r.n", "t.state = 'y'");
        assert!(
            sql.ends_with(
                "WHERE t.part = r.n LIMIT -1) AS r WHERE t.rowid = r.at AND coalesce(t.state = 'y', 0)"
            ),
            "{sql}"
        );
    }

    #[test]
    fn a_join_is_one_look_for_each_row() {
        let postgres = join(DbBackend::Postgres, "record", "h", "h.no = r.n");
        assert_eq!(postgres, "CROSS JOIN LATERAL (SELECT * FROM record h WHERE h.no = r.n OFFSET 0) h");
        assert_eq!(join(DbBackend::Sqlite, "record", "h", "h.no = r.n"), "CROSS JOIN record h ON h.no = r.n");
        let left = left_join(DbBackend::Postgres, "record", "h", "h.no = r.n");
        assert!(left.starts_with("LEFT JOIN LATERAL") && left.ends_with("h ON true"));
        assert_eq!(
            left_join(DbBackend::Sqlite, "record", "h", "h.no = r.n"),
            "LEFT JOIN record h ON h.no = r.n"
        );
    }
}
