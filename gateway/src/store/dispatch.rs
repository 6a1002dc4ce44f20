//! Rows that are due, the parents they need, and freezing them into a batch.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use mappings::{Content, Key, Parent};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{
    Result, Store, StoreError, Write,
    batches::Open,
    entity::batch,
    ms,
    rows::{Bound, KeyRow, join, row},
    verdicts::all,
};

/// A record that is due at a destination, with the version it owes.
#[derive(Debug, Clone)]
pub struct Due {
    /// The record's number.
    pub record: i64,
    /// The version owed.
    pub version: i64,
    /// Whose records may share a batch.
    pub group: String,
    /// Which half of a refused batch it belongs to.
    pub split: Option<String>,
    /// Its key.
    pub key: Key,
    /// Its state.
    pub content: Content,
    /// What it refers to.
    pub parents: Vec<Parent>,
}

/// A place in a queue of due rows: everything after it is still to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// The group.
    pub group: String,
    /// The version in it.
    pub version: i64,
}

impl Default for After {
    /// Before everything.
    fn default() -> Self {
        Self { group: String::new(), version: i64::MIN }
    }
}

impl After {
    /// Goes to the end of its group; whether there are groups.
    pub fn pass_group(&mut self) -> bool {
        self.version = i64::MAX;
        !self.group.is_empty()
    }
}

/// A batch to freeze.
#[derive(Debug, Clone)]
pub struct NewBatch<'a> {
    /// The destination.
    pub destination: &'a str,
    /// The kind.
    pub kind: &'a str,
    /// The receiver's name for it.
    pub path: &'a str,
    /// The revision that encoded it.
    pub revision: i64,
    /// The bytes to send, again and again the same.
    pub payload: Vec<u8>,
    /// Its members and their ids at the receiver.
    pub members: Vec<(&'a Due, String)>,
}

impl NewBatch<'_> {
    /// The batch as it is to be sent.
    fn opened(self, id: String) -> Open {
        let first = self.members.first().map(|(due, _)| *due);
        Open {
            id,
            kind: self.kind.to_owned(),
            path: self.path.to_owned(),
            group: first.map(|due| due.group.clone()).unwrap_or_default(),
            revision: self.revision,
            split: first.and_then(|due| due.split.clone()),
            attempts: 0,
            due_since: None,
            members: self
                .members
                .into_iter()
                .map(|(due, wire_id)| (due.record, due.version, wire_id))
                .collect(),
            payload: self.payload,
        }
    }
}

impl Store {
    /// Whether a record that was accepted up to a moment still waits for its parent at a destination.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn waits_since(&self, destination: &str, accepted: DateTime<Utc>) -> Result<bool> {
        let sql = "SELECT 1 FROM delivery d JOIN version v ON v.seq = d.version WHERE d.destination = $1 \
             AND d.state = 'waiting' AND d.waits_for IS NOT NULL AND v.at <= $2 LIMIT 1";
        Ok(self.one(sql, vec![destination.into(), ms(accepted).into()]).await?.is_some())
    }

    /// Whether the log has something for a destination, one of its rows is due, or it was last served under other rules.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_work(&self, destination: &str, revision: i64, now: DateTime<Utc>) -> Result<bool> {
        // the newest number, not EXISTS: a planner takes a seq > $1 for a third of the log and reads it from its beginning
        let sql = "SELECT 1 FROM destination d WHERE d.name = $1 AND (COALESCE(d.revision, 0) <> $3 \
             OR \
             (SELECT MAX(v.seq) FROM version v) > d.position \
             OR EXISTS (SELECT 1 FROM delivery r WHERE r.destination = $1 AND r.state = 'due' \
             AND (r.not_before IS NULL OR r.not_before <= $2)))";
        Ok(self.one(sql, vec![destination.into(), ms(now).into(), revision.into()]).await?.is_some())
    }
}

impl Write {
    /// The first due records of one kind behind a place that may share a batch, at most `limit`: of one group, oldest first.
    ///
    /// # Errors
    /// When the database does not answer, or content cannot be read back.
    pub async fn due(
        &self,
        destination: &str,
        kind: &str,
        after: &After,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Due>> {
        let open =
            "destination = $1 AND kind = $2 AND state = 'due' AND (not_before IS NULL OR not_before <= $3)";
        let first = format!(
            "SELECT grp, version, COALESCE(split, '') FROM delivery WHERE {open} AND (grp, version) > ($4, $5) AND NOT EXISTS \
             (SELECT 1 FROM batch b WHERE b.destination = $1 AND b.state <> 'settled' \
             AND b.grp <> '' AND b.grp = delivery.grp) ORDER BY grp, version LIMIT 1"
        );
        let mut values = vec![destination.into(), kind.into(), ms(now).into()];
        let place = [after.group.as_str().into(), after.version.into()];
        let Some(first) = self.one(&first, [values.as_slice(), &place].concat()).await? else {
            return Ok(Vec::new());
        };
        let (group, version, split): (String, i64, String) =
            (first.try_get_by_index(0)?, first.try_get_by_index(1)?, first.try_get_by_index(2)?);
        values.extend([i64::from(limit).into(), group.into(), split.into(), version.into()]);
        let sql = format!(
            "SELECT d.record, d.version, d.grp, d.split, h.id_space, h.id, v.content, v.parents FROM \
             (SELECT record, version, grp, split FROM delivery WHERE {open} AND grp = $5 AND COALESCE(split, '') = $6 \
             AND version >= $7 ORDER BY version LIMIT $4) d {} {} ORDER BY d.version",
            join(self.backend(), "version", "v", "v.seq = d.version"),
            join(self.backend(), "record", "h", "h.no = d.record"),
        );
        let rows = self.all(&sql, values).await?;
        rows.iter().map(|row| due(row, kind)).collect()
    }

    /// Which of these keys are confirmed at the destination (in any version).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn confirmed(&self, destination: &str, keys: &[Key]) -> Result<HashSet<Key>> {
        if keys.is_empty() {
            return Ok(HashSet::new());
        }
        let wanted: Vec<KeyRow<'_>> = keys.iter().map(KeyRow::of).collect();
        let bound = Bound::new(self.backend(), 2, &wanted)?;
        let sql = format!(
            "SELECT h.kind, h.id_space, h.id FROM {} {} {} WHERE d.confirmed IS NOT NULL",
            bound.from,
            join(
                self.backend(),
                "record",
                "h",
                "h.kind = r.kind AND h.id_space = r.id_space AND h.id = r.id"
            ),
            join(self.backend(), "delivery", "d", "d.destination = $1 AND d.record = h.no"),
        );
        let found = self.all(&sql, bound.after([destination.into()])).await?;
        found
            .iter()
            .map(|row| {
                Ok(Key {
                    kind: row.try_get_by_index(0)?,
                    id_space: row.try_get_by_index(1)?,
                    id: row.try_get_by_index(2)?,
                })
            })
            .collect()
    }

    /// Lets records wait for a parent; it wakes them when it is confirmed.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn wait(&self, destination: &str, waiting: &[(i64, String)], now: DateTime<Utc>) -> Result<()> {
        let rows: Vec<WaitRow<'_>> =
            waiting.iter().map(|(record, key)| WaitRow { record: *record, text: key }).collect();
        let set = "state = 'waiting', waits_for = r.text, reason = NULL, split = NULL";
        self.mark(destination, set, &rows, now).await
    }

    /// Ends the waiting of records accepted up to a moment: they count as refused, and come back when the parent does. How many.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn give_up(
        &self,
        destination: &str,
        accepted: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        let sql = "UPDATE delivery SET state = 'refused', reason = '上级一直没有来：' || waits_for, changed_at = $3 \
             WHERE destination = $1 AND state = 'waiting' AND waits_for IS NOT NULL AND EXISTS ( \
             SELECT 1 FROM version v WHERE v.seq = delivery.version AND v.at <= $2)";
        self.run(sql, vec![destination.into(), ms(accepted).into(), ms(now).into()]).await
    }

    /// Refuses records that the destination's own demands refuse, without sending them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn refuse_here(
        &self,
        destination: &str,
        refused: &[(i64, String)],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let rows: Vec<WaitRow<'_>> =
            refused.iter().map(|(record, why)| WaitRow { record: *record, text: why }).collect();
        self.mark(destination, "state = 'refused', reason = r.text, split = NULL", &rows, now).await
    }

    async fn mark(
        &self,
        destination: &str,
        set: &str,
        rows: &[WaitRow<'_>],
        now: DateTime<Utc>,
    ) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let bound = Bound::new(self.backend(), 3, rows)?;
        let sql = bound.update(
            "delivery",
            &format!("{set}, changed_at = $2"),
            "t.destination = $1 AND t.record = r.record",
            "t.state = 'due'",
        );
        self.run(&sql, bound.after([destination.into(), ms(now).into()])).await?;
        Ok(())
    }

    /// Freezes a batch: its payload, its members, their rows.
    ///
    /// # Errors
    /// [`StoreError::Moved`] when a row was no longer due.
    pub async fn freeze(&self, no: i64, new: NewBatch<'_>, now: DateTime<Utc>) -> Result<Open> {
        let id = format!("{}-{no}", new.destination);
        let split = new.members.first().and_then(|(due, _)| due.split.clone());
        let row = batch::Model {
            id: id.clone(),
            no,
            destination: new.destination.into(),
            kind: new.kind.into(),
            path: new.path.into(),
            lane: "main".into(),
            grp: new.members.first().map(|(due, _)| due.group.clone()).unwrap_or_default(),
            state: "frozen".into(),
            size: i64::try_from(new.members.len()).unwrap_or(i64::MAX),
            payload: self.put_blob(no, &new.payload, now).await?,
            revision: new.revision,
            split,
            attempts: 0,
            not_before: None,
            frozen_at: ms(now),
            settled_at: None,
        };
        row.into_active_model().insert(self.tx()).await?;
        self.put_members(&id, &new).await?;
        let rows: Vec<FreezeRow> = new
            .members
            .iter()
            .map(|(due, _)| FreezeRow { record: due.record, version: due.version })
            .collect();
        let bound = Bound::new(self.backend(), 4, &rows)?;
        let sql = bound.update(
            "delivery",
            "state = 'sent', batch = $2, changed_at = $3",
            "t.destination = $1 AND t.record = r.record",
            "t.version = r.version AND t.state = 'due'",
        );
        let before = [new.destination.into(), id.as_str().into(), ms(now).into()];
        let frozen = self.run(&sql, bound.after(before)).await?;
        all(frozen, new.members.len(), "待发记录")?;
        Ok(new.opened(id))
    }

    async fn put_members(&self, id: &str, new: &NewBatch<'_>) -> Result<()> {
        let rows: Vec<MemberRow<'_>> = (0..)
            .zip(&new.members)
            .map(|(ord, (due, wire_id))| MemberRow { ord, record: due.record, version: due.version, wire_id })
            .collect();
        let bound = Bound::new(self.backend(), 2, &rows)?;
        let sql = format!(
            "INSERT INTO batch_member (batch, ord, record, version, wire_id) \
             SELECT $1, ord, record, version, wire_id FROM {}",
            bound.from
        );
        self.run(&sql, bound.after([id.into()])).await?;
        Ok(())
    }
}

fn due(row: &sea_orm::QueryResult, kind: &str) -> Result<Due> {
    let (content, parents): (String, String) = (row.try_get_by_index(6)?, row.try_get_by_index(7)?);
    Ok(Due {
        record: row.try_get_by_index(0)?,
        version: row.try_get_by_index(1)?,
        group: row.try_get_by_index(2)?,
        split: row.try_get_by_index(3)?,
        key: Key { kind: kind.to_owned(), id_space: row.try_get_by_index(4)?, id: row.try_get_by_index(5)? },
        content: Content::from_json(&content)
            .ok_or_else(|| StoreError::Corrupt("版本内容读不回来".into()))?,
        parents: serde_json::from_str(&parents).map_err(|error| StoreError::Corrupt(error.to_string()))?,
    })
}

row! { WaitRow<'a> {
    record: i64,
    text: &'a str,
} }

row! { FreezeRow {
    record: i64,
    version: i64,
} }

row! { MemberRow<'a> {
    ord: i64,
    record: i64,
    version: i64,
    wire_id: &'a str,
} }
