//! The outcome of every member of a batch, in one transaction, and the children it wakes.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Result, Write,
    batches::Open,
    ms,
    rows::{Bound, join, row},
    turn::Passed,
};

/// What became of one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver has it.
    Confirmed,
    /// The receiver refused it.
    Refused {
        /// In the receiver's words.
        reason: String,
        /// The half it was, alone, when no row was named.
        split: Option<String>,
    },
    /// It goes again in a new batch; with others of the same half, where a batch is being halved.
    Again(Option<String>),
}

impl Write {
    /// Settles a batch: one outcome a member, in member order. Whether rows became due by it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn settle(
        &self,
        destination: &str,
        open: &Open,
        outcomes: &[Outcome],
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let rows: Vec<Row<'_>> = (0..)
            .zip(&open.members)
            .zip(outcomes)
            .map(|((ord, member), outcome)| Row::of(ord, member, outcome))
            .collect();
        // where all are confirmed their batch says so: a row for each would cost as much as sending them
        let all_confirmed = outcomes.iter().all(|outcome| *outcome == Outcome::Confirmed);
        if !all_confirmed {
            self.note_members(&open.id, &rows).await?;
        }
        self.leave_next(destination, &open.id, &rows).await?;
        self.move_rows(destination, &open.id, &rows, now).await?;
        let woken = self.wake(destination, &rows, now).await?;
        let sql = "UPDATE batch SET state = 'settled', settled_at = $2, not_before = NULL WHERE id = $1";
        self.run(sql, vec![open.id.as_str().into(), ms(now).into()]).await?;
        Ok(!all_confirmed || woken > 0)
    }

    async fn note_members(&self, id: &str, rows: &[Row<'_>]) -> Result<()> {
        let bound = Bound::new(self.backend(), 2, rows)?;
        let sql = bound.update(
            "batch_member",
            "outcome = r.outcome, reason = r.reason",
            "t.batch = $1 AND t.ord = r.ord",
            "true",
        );
        self.run(&sql, bound.after([id.into()])).await?;
        Ok(())
    }

    /// A row that owes a newer version already leaves this one's outcome in the tally.
    async fn leave_next(&self, destination: &str, id: &str, rows: &[Row<'_>]) -> Result<()> {
        let bound = Bound::new(self.backend(), 3, rows)?;
        let sql = format!(
            "SELECT d.kind, r.outcome, COUNT(*) FROM {} {} \
             WHERE d.next_version IS NOT NULL AND d.batch = $2 GROUP BY d.kind, r.outcome",
            bound.from,
            join(self.backend(), "delivery", "d", "d.destination = $1 AND d.record = r.record")
        );
        let mut passed: BTreeMap<String, Passed> = BTreeMap::new();
        for row in self.all(&sql, bound.after([destination.into(), id.into()])).await? {
            let outcome: String = row.try_get_by_index(1)?;
            passed.entry(row.try_get_by_index(0)?).or_default().leave(&outcome, row.try_get_by_index(2)?);
        }
        for (kind, counts) in passed {
            self.add_tally(destination, &kind, counts).await?;
        }
        Ok(())
    }

    async fn move_rows(
        &self,
        destination: &str,
        id: &str,
        rows: &[Row<'_>],
        now: DateTime<Utc>,
    ) -> Result<()> {
        let bound = Bound::new(self.backend(), 4, rows)?;
        let sql = bound.update(
            "delivery",
            "state = CASE WHEN t.next_version IS NOT NULL OR r.outcome = 'again' THEN 'due' ELSE r.outcome END, \
             confirmed = CASE WHEN r.outcome = 'confirmed' THEN r.version ELSE t.confirmed END, \
             reason = CASE WHEN t.next_version IS NULL THEN r.reason ELSE NULL END, \
             split = CASE WHEN t.next_version IS NULL OR r.outcome = 'again' THEN r.split ELSE NULL END, \
             grp = CASE WHEN (SELECT d.grouped FROM destination d WHERE d.name = $1) = 0 THEN '' \
             ELSE (SELECT COALESCE(v.owner, '') FROM version v \
             WHERE v.seq = COALESCE(t.next_version, t.version)) END, \
             version = COALESCE(t.next_version, t.version), next_version = NULL, batch = NULL, changed_at = $3",
            "t.destination = $1 AND t.record = r.record",
            "t.batch = $2",
        );
        self.run(&sql, bound.after([destination.into(), id.into(), ms(now).into()])).await?;
        Ok(())
    }

    async fn wake(&self, destination: &str, rows: &[Row<'_>], now: DateTime<Utc>) -> Result<u64> {
        let bound = Bound::new(self.backend(), 3, rows)?;
        let parent = join(self.backend(), "record", "h", "h.no = r.record");
        let confirmed = format!(
            "(SELECT h.kind || '/' || h.id_space || '/' || h.id AS parent FROM {} {parent} WHERE r.outcome = 'confirmed') r",
            bound.from
        );
        let sql = bound.with(confirmed).update(
            "delivery",
            "state = 'due', waits_for = NULL, reason = NULL, changed_at = $2",
            "t.destination = $1 AND t.waits_for IS NOT NULL AND t.waits_for = r.parent",
            "t.state IN ('waiting', 'refused')",
        );
        self.run(&sql, bound.after([destination.into(), ms(now).into()])).await
    }

    /// When every part of a halved batch was refused alone, the receiver is ill, not the rows: all go again after
    /// `wait`. A row that left its half meanwhile (a newer version took it, it waits for a parent) says nothing of it;
    /// one that was confirmed says that the receiver is well. `split` is any half of the batch. True when that was so.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn revive_split(
        &self,
        destination: &str,
        split: &str,
        wait: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let root = split.split('/').next().unwrap_or(split);
        let delivery = join(self.backend(), "delivery", "d", "d.destination = $2 AND d.record = m.record");
        let sql = format!(
            "SELECT COUNT(CASE WHEN d.split >= $3 AND d.split < $4 AND d.state = 'refused' THEN 1 END), \
             COUNT(CASE WHEN d.confirmed >= m.version OR (d.split >= $3 AND d.split < $4 AND d.state <> 'refused') THEN 1 END) \
             FROM batch_member m {delivery} WHERE m.batch = $1"
        );
        let (low, high) = (format!("{root}/"), format!("{root}0"));
        let values = vec![root.into(), destination.into(), low.as_str().into(), high.as_str().into()];
        let Some(row) = self.one(&sql, values).await? else { return Ok(false) };
        let (refused, others): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if refused == 0 || others > 0 {
            return Ok(false);
        }
        let sql = "UPDATE delivery SET state = 'due', split = NULL, not_before = $4, changed_at = $5 \
             WHERE destination = $1 AND state = 'refused' AND split >= $2 AND split < $3";
        let values = vec![destination.into(), low.into(), high.into(), ms(now + wait).into(), ms(now).into()];
        self.run(sql, values).await?;
        Ok(true)
    }
}

row! { Row<'a> {
    ord: i64,
    record: i64,
    version: i64,
    outcome: &'static str,
    reason: Option<&'a str>,
    split: Option<&'a str>,
} }

impl<'a> Row<'a> {
    fn of(ord: i64, member: &'a (i64, i64, String), outcome: &'a Outcome) -> Self {
        let (outcome, reason, split) = match outcome {
            Outcome::Confirmed => ("confirmed", None, None),
            Outcome::Refused { reason, split } => ("refused", Some(reason.as_str()), split.as_deref()),
            Outcome::Again(split) => ("again", None, split.as_deref()),
        };
        Self { ord, record: member.0, version: member.1, outcome, reason, split }
    }
}
