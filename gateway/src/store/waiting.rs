//! Records that wait at a destination for a parent: for whom, since when, and what is known here of that parent.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use mappings::Key;
use sea_orm::QueryResult;

use super::{
    Result, Store, moment,
    rows::{Bound, KeyRow, join},
};

/// A record that waits, or waited too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its source: who mostly owes the parent, too.
    pub source: String,
    /// The parent's key, `kind/id_space/id`.
    pub parent: String,
    /// When its state was accepted.
    pub since: DateTime<Utc>,
    /// Whether the waiting is over: it counts as refused until the parent comes.
    pub ended: bool,
    /// The parent's state at this destination; none: the ledger has no such record.
    pub parent_state: Option<String>,
}

impl Store {
    /// Those that wait at a destination, or waited too long, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn waiting_for(&self, destination: &str, limit: u32) -> Result<Vec<Waiting>> {
        let sql = "SELECT d.kind, h.id, o.source, d.waits_for, v.at, d.state FROM delivery d \
             JOIN record h ON h.no = d.record JOIN version v ON v.seq = d.version \
             LEFT JOIN document o ON o.no = v.document \
             WHERE d.destination = $1 AND d.waits_for IS NOT NULL ORDER BY d.version LIMIT $2";
        let rows = self.all(sql, vec![destination.into(), i64::from(limit).into()]).await?;
        let mut found = rows.iter().map(waiting).collect::<Result<Vec<Waiting>>>()?;
        let states = self.parent_states(destination, &found).await?;
        for one in &mut found {
            one.parent_state = states.get(&one.parent).cloned();
        }
        Ok(found)
    }

    /// How the parents that are in the ledger stand at the destination, by key.
    async fn parent_states(&self, destination: &str, waiting: &[Waiting]) -> Result<HashMap<String, String>> {
        let keys: Vec<Key> = waiting.iter().filter_map(|one| parent_key(&one.parent)).collect();
        let rows: Vec<KeyRow<'_>> = keys.iter().map(KeyRow::of).collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let key = "h.kind = r.kind AND h.id_space = r.id_space AND h.id = r.id";
        let sql = format!(
            "SELECT h.kind || '/' || h.id_space || '/' || h.id, p.state FROM {} {} \
             LEFT JOIN delivery p ON p.destination = $1 AND p.record = h.no",
            bound.from,
            join(self.backend(), "record", "h", key)
        );
        let found = self.all(&sql, bound.after([destination.into()])).await?;
        let state = |row: &QueryResult| -> Result<(String, String)> {
            let state: Option<String> = row.try_get_by_index(1)?;
            Ok((row.try_get_by_index(0)?, state.unwrap_or_else(|| "excluded".to_owned())))
        };
        found.iter().map(state).collect()
    }
}

fn waiting(row: &QueryResult) -> Result<Waiting> {
    let state: String = row.try_get_by_index(5)?;
    Ok(Waiting {
        kind: row.try_get_by_index(0)?,
        id: row.try_get_by_index(1)?,
        source: row.try_get_by_index::<Option<String>>(2)?.unwrap_or_default(),
        parent: row.try_get_by_index(3)?,
        since: moment(row.try_get_by_index(4)?),
        ended: state == "refused",
        parent_state: None,
    })
}

/// A parent's key as it is waited for, `kind/id_space/id`; only the id may hold a slash.
fn parent_key(key: &str) -> Option<Key> {
    let mut parts = key.splitn(3, '/').map(str::to_owned);
    Some(Key { kind: parts.next()?, id_space: parts.next()?, id: parts.next()? })
}
