//! What a database's errors mean: told by their codes, never by their words.

use sea_orm::{DbErr, RuntimeErr, sqlx};

use super::StoreError;

impl StoreError {
    /// Whether others held what was wanted for too long: it can be tried again.
    pub(super) fn is_contention(&self) -> bool {
        // lock_not_available, deadlock_detected
        self.code().is_some_and(|code| ["55P03", "40P01"].contains(&code.as_str()))
    }

    /// The database's own code of the error, where it has one (SQLSTATE, or SQLite's extended number).
    fn code(&self) -> Option<String> {
        let Self::Database(DbErr::Conn(cause) | DbErr::Exec(cause) | DbErr::Query(cause)) = self else {
            return None;
        };
        let RuntimeErr::SqlxError(error) = cause else { return None };
        let sqlx::Error::Database(error) = &**error else { return None };
        error.code().map(std::borrow::Cow::into_owned)
    }
}
