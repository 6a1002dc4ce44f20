//! How far each service of each source is read.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::{Lease, Result, Store, StoreError, Write, entity::cursor, moment, ms, rows};

/// A pass under way: from `settled` to a fixed `until`, page by page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// What it covers.
    pub window: adapters::Window,
    /// Where its next page begins.
    pub resume: adapters::Resume,
    /// Records in its pages so far.
    pub read: u64,
    /// Pages so far.
    pub pages: u64,
    /// Digest of the record list of the page before.
    pub before: Option<String>,
    /// The total its first page announced.
    pub announced: Option<u64>,
    /// The latest moment and id read so far: what settles.
    pub reached: Option<(i64, String)>,
    /// How often it began again because the total had moved.
    pub again: u32,
    /// The lease epoch that read its last page: another epoch resumes a pass by page number from its first page.
    pub epoch: i64,
    /// The revision that read its last page: another one may page otherwise.
    pub revision: i64,
    /// Its first document; none: not known, because it has none yet or was begun by a release that did not note it.
    #[serde(default)]
    pub first: Option<i64>,
}

/// Where a service stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Everything up to here is read: moment (ms) and id.
    pub settled: Option<(i64, String)>,
    /// The pass under way.
    pub pass: Option<Pass>,
    /// Whether a run was asked for and has not ended.
    pub due: bool,
    /// The last scheduled moment that a run was asked for.
    pub ran_for: Option<DateTime<Utc>>,
    /// Whether the next pass reads from the beginning.
    pub full_due: bool,
    /// The last scheduled moment that a full read was asked for.
    pub full_for: Option<DateTime<Utc>>,
    /// Failures in a row.
    pub failures: u32,
    /// Not to be asked before this.
    pub not_before: Option<DateTime<Utc>>,
    /// The last failure, in Chinese.
    pub last_error: Option<String>,
    /// When it failed.
    pub last_error_at: Option<DateTime<Utc>>,
    /// When a page last landed.
    pub last_page_at: Option<DateTime<Utc>>,
    /// When a pass last came to its end.
    pub last_whole_at: Option<DateTime<Utc>>,
    /// Raised by every write: the compare of compare-and-set.
    pub(crate) writes: i64,
}

impl Store {
    /// A service's cursor; a service never read stands at the beginning.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cursor(&self, source: &str, service: &str) -> Result<Cursor> {
        let row =
            cursor::Entity::find_by_id((source.to_owned(), service.to_owned())).one(&self.connection).await?;
        row.map_or_else(|| Ok(Cursor::default()), read)
    }

    /// All cursors of a source, by service.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cursors(&self, source: &str) -> Result<Vec<(String, Cursor)>> {
        let rows =
            cursor::Entity::find().filter(cursor::Column::Source.eq(source)).all(&self.connection).await?;
        rows.into_iter().map(|row| Ok((row.service.clone(), read(row)?))).collect()
    }
}

impl Write {
    /// Moves a cursor from what was read to `to`.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when somebody else moved it since; [`StoreError::LostLease`].
    pub async fn move_cursor(
        &self,
        lease: &Lease,
        source: &str,
        service: &str,
        was: &Cursor,
        to: &Cursor,
    ) -> Result<()> {
        self.fence(lease).await?;
        let sql = "INSERT INTO cursor (source, service, settled_at, settled_id, pass, writes, due, ran_for, failures, not_before, \
             last_error, last_error_at, last_page_at, last_whole_at, full_due, full_for) \
             VALUES ($1,$2,$3,$4,$5,$6 + 1,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16) \
             ON CONFLICT (source, service) DO UPDATE SET settled_at = excluded.settled_at, settled_id = excluded.settled_id, \
             pass = excluded.pass, writes = excluded.writes, due = excluded.due, ran_for = excluded.ran_for, \
             failures = excluded.failures, not_before = excluded.not_before, last_error = excluded.last_error, \
             last_error_at = excluded.last_error_at, last_page_at = excluded.last_page_at, last_whole_at = excluded.last_whole_at, \
             full_due = excluded.full_due, full_for = excluded.full_for \
             WHERE cursor.writes = $6";
        let pass = to.pass.as_ref().map(serde_json::to_string).transpose();
        let pass = pass.map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let values = vec![
            source.into(),
            service.into(),
            to.settled.as_ref().map(|(at, _)| *at).into(),
            to.settled.as_ref().map(|(_, id)| rows::plain(id)).into(),
            pass.into(),
            was.writes.into(),
            i64::from(to.due).into(),
            to.ran_for.map(ms).into(),
            i64::from(to.failures).into(),
            to.not_before.map(ms).into(),
            to.last_error.as_deref().map(rows::plain).into(),
            to.last_error_at.map(ms).into(),
            to.last_page_at.map(ms).into(),
            to.last_whole_at.map(ms).into(),
            i64::from(to.full_due).into(),
            to.full_for.map(ms).into(),
        ];
        if self.run(sql, values).await? == 1 { Ok(()) } else { Err(StoreError::Moved("读取位置")) }
    }
}

fn read(row: cursor::Model) -> Result<Cursor> {
    let pass = row.pass.as_deref().map(serde_json::from_str).transpose();
    Ok(Cursor {
        settled: row.settled_at.zip(row.settled_id),
        pass: pass.map_err(|error| StoreError::Corrupt(format!("读取位置：{error}")))?,
        due: row.due != 0,
        ran_for: row.ran_for.map(moment),
        full_due: row.full_due != 0,
        full_for: row.full_for.map(moment),
        failures: u32::try_from(row.failures).unwrap_or(u32::MAX),
        not_before: row.not_before.map(moment),
        last_error: row.last_error,
        last_error_at: row.last_error_at.map(moment),
        last_page_at: row.last_page_at.map(moment),
        last_whole_at: row.last_whole_at.map(moment),
        writes: row.writes,
    })
}
