//! The rows of the roster: read as it stands under a number, and the fence that keeps a judging from one that is no longer.

mod changing;
mod history;

use sea_orm::QueryResult;

use super::{Result, Store, StoreError, Write};
use crate::roster::{Crosswalk, Identifier, Merge, Roster, Said, Span, Subject};
pub use changing::Word;
pub use history::{Changed, Rows};

/// What the column `type` says of a legal person.
const ENTERPRISE: &str = "enterprise";
/// The same of a site.
const SITE: &str = "site";

/// The present number: that of the newest change.
pub(super) const NUMBER: &str = "SELECT COALESCE(MAX(no), 0) FROM roster_change";

impl Store {
    /// The roster's number: that of its newest change; 0 before the first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn roster_number(&self) -> Result<i64> {
        number(self.one(NUMBER, vec![]).await?)
    }

    /// The identifiers that stood under a number. Rows made later, by whatever change, say nothing of it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn crosswalk(&self, under: i64) -> Result<Crosswalk> {
        let sql = "SELECT scheme, value, from_at, to_at, subject FROM identifier \
             WHERE made <= $1 AND (ended IS NULL OR ended > $1) ORDER BY no";
        let mut crosswalk = Crosswalk::new(under);
        for row in self.all(sql, vec![under.into()]).await? {
            let (scheme, value): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let span = Span { from: row.try_get_by_index(2)?, to: row.try_get_by_index(3)? };
            crosswalk.add(&scheme, &value, span, row.try_get_by_index(4)?);
        }
        Ok(crosswalk)
    }
}

/// A row that stands under the number $1.
const STANDS: &str = "made <= $1 AND (ended IS NULL OR ended > $1)";

impl Store {
    /// What is known of a subject now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known_of(&self, one: i64) -> Result<Roster> {
        let sql = format!("{SUBJECTS} WHERE subject = $1 AND ended IS NULL ORDER BY no");
        let rows = self.all(&sql, vec![one.into()]).await?;
        let subjects = rows.iter().map(subject).collect::<Result<_>>()?;
        Ok(Roster { subjects, ..Roster::default() })
    }

    /// The whole roster as it stood under a number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn roster(&self, under: i64) -> Result<Roster> {
        let sql = format!("{SUBJECTS} WHERE {STANDS} ORDER BY no");
        let subjects =
            self.all(&sql, vec![under.into()]).await?.iter().map(subject).collect::<Result<_>>()?;
        let sql = format!("{IDENTIFIERS} WHERE {STANDS} ORDER BY no");
        let rows = self.all(&sql, vec![under.into()]).await?;
        let identifiers = rows.iter().map(identifier).collect::<Result<_>>()?;
        let sql = format!("{MERGES} WHERE {STANDS} ORDER BY no");
        let merges = self.all(&sql, vec![under.into()]).await?.iter().map(merge).collect::<Result<_>>()?;
        Ok(Roster { number: under, subjects, identifiers, merges })
    }
}

const SUBJECTS: &str = "SELECT no, subject, type, sort, name, region, industry, scale, state, parent, source, from_at, to_at, \
     made, ended FROM subject";
const IDENTIFIERS: &str =
    "SELECT no, scheme, value, subject, source, from_at, to_at, made, ended FROM identifier";
const MERGES: &str = "SELECT no, subject, into_subject, made, ended FROM subject_merge";

impl Write {
    /// Fails unless the roster is the one of this number still: what was judged by another is judged again. Comes after the
    /// numbers, so that the order of changes is that of versions.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when it is not.
    pub async fn is_roster(&self, wanted: i64) -> Result<()> {
        let present = number(self.one(NUMBER, vec![]).await?)?;
        if present == wanted { Ok(()) } else { Err(StoreError::Moved("名册")) }
    }
}

fn number(row: Option<QueryResult>) -> Result<i64> {
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
}

fn subject(row: &QueryResult) -> Result<Subject> {
    let what: String = row.try_get_by_index(2)?;
    Ok(Subject {
        row: row.try_get_by_index(0)?,
        subject: row.try_get_by_index(1)?,
        said: Said {
            is_site: what == SITE,
            sort: row.try_get_by_index(3)?,
            name: row.try_get_by_index(4)?,
            region: row.try_get_by_index(5)?,
            industry: row.try_get_by_index(6)?,
            scale: row.try_get_by_index(7)?,
            state: row.try_get_by_index(8)?,
            parent: row.try_get_by_index(9)?,
        },
        source: row.try_get_by_index(10)?,
        span: Span { from: row.try_get_by_index(11)?, to: row.try_get_by_index(12)? },
    })
}

fn identifier(row: &QueryResult) -> Result<Identifier> {
    Ok(Identifier {
        row: row.try_get_by_index(0)?,
        scheme: row.try_get_by_index(1)?,
        value: row.try_get_by_index(2)?,
        subject: row.try_get_by_index(3)?,
        source: row.try_get_by_index(4)?,
        span: Span { from: row.try_get_by_index(5)?, to: row.try_get_by_index(6)? },
    })
}

fn merge(row: &QueryResult) -> Result<Merge> {
    Ok(Merge {
        row: row.try_get_by_index(0)?,
        subject: row.try_get_by_index(1)?,
        into: row.try_get_by_index(2)?,
    })
}
