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
    let json = serde_json::to_string(rows).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(without_nul(json).into())
}

/// PostgreSQL stores no NUL. Values of records were refused for it long before; what is left are words of other systems,
/// which must not stop anything: the character is replaced by the one that stands for the unreadable.
fn without_nul(json: String) -> String {
    if !json.contains("\\u0000") {
        return json;
    }
    let mut clean = String::with_capacity(json.len());
    let mut characters = json.chars();
    while let Some(c) = characters.next() {
        clean.push(c);
        if c == '\\' {
            let escaped: String = characters.by_ref().take(1).collect();
            if escaped == "u" {
                let code: String = characters.by_ref().take(4).collect();
                clean.push('u');
                clean.push_str(if code == "0000" { "fffd" } else { &code });
            } else {
                clean.push_str(&escaped);
            }
        }
    }
    clean
}

/// The same for a text that is bound as it is.
pub(crate) fn plain(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

impl Col {
    const fn postgres(self) -> &'static str {
        match self {
            Self::Int => "bigint",
            Self::Text => "text",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn only_nul_is_replaced(text in "[\\\\u0a\\x00\\n\"]{0,24}") {
            let json = without_nul(serde_json::to_string(&[&text]).unwrap());
            let back: Vec<String> = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(&back[0], &plain(&text));
        }
    }
}
