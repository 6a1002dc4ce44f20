//! The changes of the roster, newest first, and the rows each made and ended.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{IDENTIFIERS, MERGES, SUBJECTS, identifier, merge, subject};
use crate::{
    roster::Roster,
    store::{Result, Store, moment},
};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// Its number, the roster's from then on.
    pub no: i64,
    /// `take`, `confirm`, `merge` or `undo`.
    pub how: String,
    /// The file, the identifier, the subjects, the change undone.
    pub what: String,
    /// Why.
    pub why: String,
    /// Who.
    pub who: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The change that undid it.
    pub undone_by: Option<i64>,
}

/// Which rows of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// Those it made.
    Made,
    /// Those it ended.
    Ended,
}

impl Store {
    /// The changes of the roster, newest first, at most `most`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn roster_changes(&self, most: u32) -> Result<Vec<Changed>> {
        let sql =
            "SELECT no, how, what, why, who, at, undone_by FROM roster_change ORDER BY no DESC LIMIT $1";
        let rows = self.all(sql, vec![i64::from(most).into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Changed {
                    no: row.try_get_by_index(0)?,
                    how: row.try_get_by_index(1)?,
                    what: row.try_get_by_index(2)?,
                    why: row.try_get_by_index(3)?,
                    who: row.try_get_by_index(4)?,
                    at: moment(row.try_get_by_index(5)?),
                    undone_by: row.try_get_by_index(6)?,
                })
            })
            .collect()
    }

    /// The rows that a change made or ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn roster_rows(&self, change: i64, rows: Rows) -> Result<Roster> {
        let column = match rows {
            Rows::Made => "made",
            Rows::Ended => "ended",
        };
        let of = |table: &str| format!("{table} WHERE {column} = $1 ORDER BY no");
        let subjects = self.all(&of(SUBJECTS), vec![change.into()]).await?;
        let identifiers = self.all(&of(IDENTIFIERS), vec![change.into()]).await?;
        let merges = self.all(&of(MERGES), vec![change.into()]).await?;
        Ok(Roster {
            number: change,
            subjects: subjects.iter().map(subject).collect::<Result<_>>()?,
            identifiers: identifiers.iter().map(identifier).collect::<Result<_>>()?,
            merges: merges.iter().map(merge).collect::<Result<_>>()?,
        })
    }
}
