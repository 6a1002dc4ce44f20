//! A restored ledger brought forward: numbers that were taken stay taken, batches that were sent are made again as they
//! were, with the versions they carry. Everything of a batch in one transaction, so that a recovery broken off anywhere
//! is gone on with. Leaves where facts come from, and their order, to `pipeline`.

mod again;

use chrono::{DateTime, Utc};
use sea_orm::EntityTrait;

use super::{
    Result, Store, StoreError, Write,
    batches::{Attempt, Open},
    entity::revision,
    ms,
    rows::left_join,
    settle::Outcome,
};
use crate::proof::facts::RevisionFacts;

/// A recovery that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovery {
    /// Its number.
    pub no: i64,
    /// The last number of the restored ledger.
    pub low: i64,
    /// The last number that may have been taken.
    pub high: i64,
}

impl Store {
    /// The recovery that was begun and not ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_recovery(&self) -> Result<Option<Recovery>> {
        let sql = "SELECT no, low, high FROM recovery WHERE done_at IS NULL ORDER BY no DESC LIMIT 1";
        let row = self.one(sql, vec![]).await?;
        let read = |row: sea_orm::QueryResult| {
            let number = |index: usize| -> Result<i64> { Ok(row.try_get_by_index(index)?) };
            Ok(Recovery { no: number(0)?, low: number(1)?, high: number(2)? })
        };
        row.map(read).transpose()
    }

    /// Every node that ever noted its journal's position here.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn journal_nodes(&self) -> Result<Vec<String>> {
        let rows = self.all("SELECT node FROM journal ORDER BY node", vec![]).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    /// The destinations there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn destination_names(&self) -> Result<Vec<String>> {
        let rows = self.all("SELECT name FROM destination ORDER BY name", vec![]).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }
}

impl Write {
    /// Takes all numbers up to `high`, so that nothing else is ever called by one that was taken before, and lets every
    /// destination's log go on behind them. All that was accepted before has been turned into rows.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin_recovery(&self, node: &str, high: i64, now: DateTime<Utc>) -> Result<Recovery> {
        let low = self.numbers(0).await? - 1;
        let high = high.max(low);
        self.numbers(usize::try_from(high - low).unwrap_or_default()).await?;
        let no = self.numbers(1).await?;
        self.run("UPDATE destination SET position = $1", vec![high.into()]).await?;
        let sql = "INSERT INTO recovery (no, at, node, low, high) VALUES ($1, $2, $3, $4, $5)";
        self.run(sql, vec![no.into(), ms(now).into(), node.into(), low.into(), high.into()]).await?;
        Ok(Recovery { no, low, high })
    }

    /// Ends a recovery: every source is read at once, from where the restored ledger stands.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end_recovery(&self, recovery: Recovery, now: DateTime<Utc>) -> Result<()> {
        self.run("UPDATE cursor SET due = 1, not_before = NULL, writes = writes + 1", vec![]).await?;
        let sql = "UPDATE recovery SET done_at = $2 WHERE no = $1";
        self.run(sql, vec![recovery.no.into(), ms(now).into()]).await?;
        Ok(())
    }

    /// Has a configuration under the number that what it made carries. True when it was not there.
    ///
    /// # Errors
    /// When the database refuses, or another one has the number.
    pub async fn revision_again(
        &self,
        facts: &RevisionFacts,
        files: &[u8],
        now: DateTime<Utc>,
    ) -> Result<bool> {
        if let Some(row) = revision::Entity::find_by_id(facts.no).one(self.tx()).await? {
            return if row.hash == facts.hash {
                Ok(false)
            } else {
                Err(taken(&format!("第 {} 号配置", facts.no)))
            };
        }
        let engine = u32::try_from(facts.engine).unwrap_or_default();
        self.put_revision(facts.no, &facts.hash, engine, files, now).await?;
        Ok(true)
    }

    /// Settles a batch as it was settled before.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn settle_again(
        &self,
        id: &str,
        made: &Attempt,
        outcomes: impl FnOnce(usize) -> Vec<Outcome>,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let (destination, open) = self.reopened(id).await?;
        self.put_attempt(&open, made, at).await?;
        let outcomes = outcomes(open.members.len());
        self.settle(&destination, &open, &outcomes, at).await?;
        if let Some(split) = &open.split {
            self.revive_split(&destination, split, chrono::TimeDelta::zero(), at).await?;
        }
        Ok(())
    }

    /// Settles one batch that was made again, may have arrived, and has not all of its rows: one of its members is
    /// further by now, or is not owed here. As it was it must not go again; rows that are in it go in a new one. False:
    /// there is none.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn settle_overtaken(&self, now: DateTime<Utc>) -> Result<bool> {
        let delivery = left_join(
            self.backend(),
            "delivery",
            "d",
            "d.destination = b.destination AND d.record = m.record AND d.batch = b.id",
        );
        // what was sent from here has an attempt
        let sql = format!(
            "SELECT b.id FROM batch b JOIN batch_member m ON m.batch = b.id {delivery} \
             WHERE b.state = 'unknown' AND b.attempts = 0 AND d.record IS NULL ORDER BY b.no LIMIT 1"
        );
        let Some(row) = self.one(&sql, vec![]).await? else { return Ok(false) };
        self.again_in_new(&row.try_get_by_index::<String>(0)?, now).await?;
        Ok(true)
    }

    /// Settles a batch whose answer is not known; the rows in it go in a new one.
    async fn again_in_new(&self, id: &str, now: DateTime<Utc>) -> Result<()> {
        let (destination, open) = self.reopened(id).await?;
        let outcomes = vec![Outcome::Again(None); open.members.len()];
        self.settle(&destination, &open, &outcomes, now).await?;
        Ok(())
    }

    /// A batch with its members, without its bytes, and its destination.
    async fn reopened(&self, id: &str) -> Result<(String, Open)> {
        let sql = "SELECT destination, kind, path, grp, revision, split, attempts FROM batch WHERE id = $1";
        let row = self.one(sql, vec![id.into()]).await?;
        let row = row.ok_or_else(|| StoreError::Corrupt(format!("没有批次 {id}")))?;
        let sql = "SELECT record, version, wire_id FROM batch_member WHERE batch = $1 ORDER BY ord";
        let members = self.all(sql, vec![id.into()]).await?;
        let member = |row: &sea_orm::QueryResult| -> Result<(i64, i64, String)> {
            Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?))
        };
        let open = Open {
            id: id.to_owned(),
            kind: row.try_get_by_index(1)?,
            path: row.try_get_by_index(2)?,
            group: row.try_get_by_index(3)?,
            revision: row.try_get_by_index(4)?,
            split: row.try_get_by_index(5)?,
            attempts: u32::try_from(row.try_get_by_index::<i64>(6)?).unwrap_or_default(),
            due_since: None,
            members: members.iter().map(member).collect::<Result<_>>()?,
            payload: Vec::new(),
        };
        Ok((row.try_get_by_index(0)?, open))
    }
}

fn taken(what: &str) -> StoreError {
    StoreError::Corrupt(format!(
        "{what} 在账上是另一份内容：还原之后没有补账就运行过，这个账目补不回来了。请从备份重新还原，再补账"
    ))
}
