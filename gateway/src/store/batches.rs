//! Open batches, and the attempts to deliver them.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use super::{
    Result, Store, Write,
    entity::{attempt, batch, batch_member},
    ms, rows,
};

/// A frozen batch that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Its id.
    pub id: String,
    /// The kind.
    pub kind: String,
    /// The receiver's name for it.
    pub path: String,
    /// The group.
    pub group: String,
    /// The revision that froze it.
    pub revision: i64,
    /// Which half of which batch it is.
    pub split: Option<String>,
    /// Attempts so far.
    pub attempts: u32,
    /// Since when it may go again.
    pub due_since: Option<DateTime<Utc>>,
    /// Members: record, version, id at the receiver.
    pub members: Vec<(i64, i64, String)>,
    /// The bytes.
    pub payload: Vec<u8>,
}

impl Open {
    /// Whether its turn has come and gone: new batches went first for long enough.
    #[must_use]
    pub fn overdue(&self, now: DateTime<Utc>) -> bool {
        self.due_since.is_some_and(|since| now - since > TimeDelta::minutes(1))
    }
}

/// One attempt, for the ledger.
#[derive(Debug, Clone, Default)]
pub struct Attempt {
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// SHA-256 of what went out.
    pub sent_digest: String,
    /// The wrapping's parameters.
    pub sent_with: String,
    /// The answer's bytes.
    pub answer: Vec<u8>,
    /// `taken`, `named`, `whole`, `busy`, `unknown`, `failed`.
    pub outcome: &'static str,
    /// In words.
    pub what: String,
}

impl Store {
    /// The open batch that is to be sent next: the least tried, then the oldest.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_batch(&self, destination: &str, now: DateTime<Utc>) -> Result<Option<Open>> {
        let row = batch::Entity::find()
            .filter(batch::Column::Destination.eq(destination))
            .filter(batch::Column::State.ne("settled"))
            .filter(batch::Column::NotBefore.is_null().or(batch::Column::NotBefore.lte(ms(now))))
            .order_by_asc(batch::Column::Attempts)
            .order_by_asc(batch::Column::No)
            .one(&self.connection)
            .await?;
        match row {
            Some(row) => self.opened(row).await.map(Some),
            None => Ok(None),
        }
    }

    async fn opened(&self, row: batch::Model) -> Result<Open> {
        let members = batch_member::Entity::find()
            .filter(batch_member::Column::Batch.eq(&row.id))
            .order_by_asc(batch_member::Column::Ord)
            .all(&self.connection)
            .await?;
        Ok(Open {
            payload: self.blob(&row.payload).await?,
            id: row.id,
            kind: row.kind,
            path: row.path,
            group: row.grp,
            revision: row.revision,
            split: row.split,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            due_since: row.not_before.map(super::moment),
            members: members
                .into_iter()
                .map(|member| (member.record, member.version, member.wire_id))
                .collect(),
        })
    }

    /// When the next open batch or row of a destination comes due, if any waits for a moment after `now`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next_due(&self, destination: &str, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        let sql = "SELECT MIN(t) FROM (SELECT not_before AS t FROM batch WHERE destination = $1 AND state <> 'settled' \
             UNION ALL SELECT not_before AS t FROM delivery WHERE destination = $1 AND state = 'due' \
             UNION ALL SELECT not_before AS t FROM destination WHERE name = $1) x WHERE t > $2";
        let Some(row) = self.one(sql, vec![destination.into(), ms(now).into()]).await? else {
            return Ok(None);
        };
        Ok(row.try_get_by_index::<Option<i64>>(0)?.map(super::moment))
    }
}

impl Write {
    /// Records an attempt. The counter's lock is held already.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_attempt(&self, open: &Open, made: &Attempt, now: DateTime<Utc>) -> Result<()> {
        let no = self.numbers(1).await?;
        let answer = match made.answer.as_slice() {
            [] => None,
            answer => Some(self.put_blob(no, answer, now).await?),
        };
        let row = attempt::Model {
            batch: open.id.clone(),
            n: i64::from(open.attempts) + 1,
            no,
            at: ms(now),
            status: made.status.map(i64::from),
            sent_digest: made.sent_digest.clone(),
            sent_with: made.sent_with.clone(),
            answer,
            outcome: made.outcome.into(),
            what: rows::plain(&made.what),
        };
        row.into_active_model().insert(self.tx()).await?;
        self.run("UPDATE batch SET attempts = attempts + 1 WHERE id = $1", vec![open.id.as_str().into()])
            .await?;
        Ok(())
    }

    /// Leaves a batch open, to be sent again as it is after `wait`. `unknown`: it may have arrived.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn postpone(
        &self,
        open: &Open,
        unknown: bool,
        wait: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let sql = "UPDATE batch SET not_before = $2, state = CASE WHEN $3 = 1 THEN 'unknown' ELSE state END WHERE id = $1";
        let values = vec![open.id.as_str().into(), ms(now + wait).into(), i64::from(unknown).into()];
        self.run(sql, values).await?;
        Ok(())
    }
}
