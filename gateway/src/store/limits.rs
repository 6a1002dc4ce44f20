//! Documents with more rejected records than their service allows, and letting them go. Leaves counting to `refine`.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::QueryResult;

use super::{
    Result, Store, StoreError, Write, moment,
    rows::{Bound, plain, row},
    verdicts::Under,
};

/// Why records of such a document are held: the word in their rows.
pub const ERROR_LIMIT: &str = "error-limit";

/// A document found to be over its service's limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverLimit {
    /// Its list.
    pub service: String,
    /// Records found in it.
    pub found: u64,
    /// Records of it that would be rejected.
    pub rejected: u64,
    /// What is allowed, as the configuration says it.
    pub allowed: String,
}

/// A document over its limit, as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    /// Its number.
    pub document: i64,
    /// The source.
    pub source: String,
    /// What was found.
    pub limit: OverLimit,
    /// When that was found.
    pub at: DateTime<Utc>,
    /// When a person let it go.
    pub released_at: Option<DateTime<Utc>>,
    /// Its records that are still held for it.
    pub left: u64,
}

/// Held records of one source and list for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldFor {
    /// The source.
    pub source: String,
    /// The list.
    pub service: String,
    /// All that is wrong with them, `code field` joined by `; `.
    pub reason: String,
    /// How many.
    pub count: i64,
    /// The oldest of them.
    pub since: DateTime<Utc>,
}

row! { OverRow<'a> {
    document: i64,
    service: &'a str,
    found: u64,
    rejected: u64,
    allowed: &'a str,
} }

row! { DocumentRow { no: i64 } }

const OVER: &str = "SELECT o.document, o.source, o.service, o.found, o.rejected, o.allowed, o.at, o.released_at, \
     (SELECT COUNT(*) FROM held h WHERE h.source = o.source AND h.document = o.document AND h.state = 'held' \
     AND h.reason = 'error-limit') FROM over_limit o";

impl Store {
    /// Lets documents go, all of them or none: their records are judged one by one from now on.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when one of them is not held whole, or no longer.
    pub async fn release(&self, documents: &[i64], why: &str, who: &str, at: DateTime<Utc>) -> Result<()> {
        let write = self.write("release").await?;
        let sql = "UPDATE over_limit SET released_at = $1, why = $2, who = $3 WHERE document = $4 AND released_at IS NULL";
        for document in documents {
            let values = vec![super::ms(at).into(), plain(why).into(), plain(who).into(), (*document).into()];
            if write.run(sql, values).await? != 1 {
                return Err(StoreError::Moved("待定文档"));
            }
        }
        write.commit().await
    }
}

impl Write {
    /// Notes documents that are held whole.
    pub(super) async fn note_over(&self, under: &Under<'_>, over: &[(i64, OverLimit)]) -> Result<()> {
        if over.is_empty() {
            return Ok(());
        }
        let row = |(document, over): &'_ (i64, OverLimit)| -> (i64, String, String, u64, u64) {
            (*document, over.service.clone(), over.allowed.clone(), over.found, over.rejected)
        };
        let owned: Vec<_> = over.iter().map(row).collect();
        let rows: Vec<OverRow<'_>> = owned
            .iter()
            .map(|(document, service, allowed, found, rejected)| OverRow {
                document: *document,
                service,
                found: *found,
                rejected: *rejected,
                allowed,
            })
            .collect();
        let bound = Bound::new(self.backend(), 4, &rows)?;
        let sql = format!(
            "INSERT INTO over_limit (document, source, service, found, rejected, allowed, revision, at) \
             SELECT document, $1, service, found, rejected, allowed, $2, $3 FROM {}",
            bound.from
        );
        self.run(&sql, bound.after([under.source.into(), under.revision.into(), under.at.into()])).await?;
        Ok(())
    }
}

impl Store {
    /// Of these documents those that are held whole now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_whole(&self, documents: &[i64]) -> Result<HashMap<i64, OverLimit>> {
        if documents.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<DocumentRow> = documents.iter().map(|no| DocumentRow { no: *no }).collect();
        let bound = Bound::new(self.backend(), 1, &rows)?;
        let sql =
            format!("{OVER} WHERE o.released_at IS NULL AND o.document IN (SELECT r.no FROM {})", bound.from);
        let rows = self.all(&sql, bound.after([])).await?;
        rows.iter().map(|row| over(row).map(|over| (over.document, over.limit))).collect()
    }

    /// Documents that were held whole and of which something still is; all when asked for.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn over_limit(&self, all: bool) -> Result<Vec<Over>> {
        let rows = self.all(&format!("{OVER} ORDER BY o.document"), vec![]).await?;
        let found: Result<Vec<Over>> = rows.iter().map(over).collect();
        Ok(found?.into_iter().filter(|over| all || over.left > 0).collect())
    }

    /// What is held, by source, list and reason.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_for(&self) -> Result<Vec<HeldFor>> {
        let sql = "SELECT source, service, reason, COUNT(*), MIN(since) FROM held WHERE state = 'held' \
             GROUP BY source, service, reason ORDER BY source, service, reason";
        let rows = self.all(sql, vec![]).await?;
        rows.iter()
            .map(|row| {
                Ok(HeldFor {
                    source: row.try_get_by_index(0)?,
                    service: row.try_get_by_index(1)?,
                    reason: row.try_get_by_index(2)?,
                    count: row.try_get_by_index(3)?,
                    since: moment(row.try_get_by_index(4)?),
                })
            })
            .collect()
    }
}

fn over(row: &QueryResult) -> Result<Over> {
    let count = |index: usize| -> Result<u64> {
        let number: i64 = row.try_get_by_index(index)?;
        Ok(u64::try_from(number).unwrap_or_default())
    };
    let released: Option<i64> = row.try_get_by_index(7)?;
    Ok(Over {
        document: row.try_get_by_index(0)?,
        source: row.try_get_by_index(1)?,
        limit: OverLimit {
            service: row.try_get_by_index(2)?,
            found: count(3)?,
            rejected: count(4)?,
            allowed: row.try_get_by_index(5)?,
        },
        at: moment(row.try_get_by_index(6)?),
        released_at: released.map(moment),
        left: count(8)?,
    })
}
