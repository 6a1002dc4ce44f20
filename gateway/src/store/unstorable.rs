//! What a database says of a value that it will not store, told from what it says when it is ill itself.

use sea_orm::{DbErr, RuntimeErr, sqlx};

use super::{StoreError, rows};

/// SQLSTATE classes that speak of values: data exceptions, limits exceeded (PostgreSQL 15, appendix A), and what a
/// trigger or check of the server's owner says.
const CLASSES: [&str; 4] = ["22", "54", "23514", "P0001"];

/// The same of SQLite (sqlite3.h): too big, a check, a trigger.
const CODES: [&str; 3] = ["18", "275", "1811"];

/// Longer words are cut: they may repeat the value.
const MOST_WORDS: usize = 500;

impl StoreError {
    /// The database's words, where it refused values rather than failed.
    #[must_use]
    pub fn unstorable(&self) -> Option<String> {
        let Self::Database(
            DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)),
        ) = self
        else {
            return None;
        };
        let sqlx::Error::Database(said) = error.as_ref() else { return None };
        let code = said.code()?;
        let of_values = CODES.contains(&code.as_ref()) || CLASSES.iter().any(|class| code.starts_with(class));
        of_values.then(|| rows::plain(&said.message().chars().take(MOST_WORDS).collect::<String>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_ill_itself_says_nothing_of_values() {
        let ill = [
            StoreError::Database(DbErr::Custom("x".into())),
            StoreError::Database(DbErr::Exec(RuntimeErr::SqlxError(sqlx::Error::PoolTimedOut.into()))),
            StoreError::Database(DbErr::Query(RuntimeErr::SqlxError(sqlx::Error::WorkerCrashed.into()))),
            StoreError::Moved("记录"),
        ];
        for error in ill {
            assert_eq!(error.unstorable(), None, "{error}");
        }
    }
}
