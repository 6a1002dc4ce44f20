//! The version log turned into delivery rows: one set-based statement behind one position per destination.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::Value;

use super::{Result, Write, ms, rows::join, scope::taken};

/// Sequence numbers looked at in one turning.
const TURN: i64 = 20_000;

/// Outcomes to count for versions that their row no longer owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Passed {
    pub(super) confirmed: i64,
    pub(super) refused: i64,
    pub(super) superseded: i64,
    pub(super) abandoned: i64,
}

impl Passed {
    /// Counts `n` versions whose row stood in `state` when a newer version took it.
    pub(super) fn leave(&mut self, state: &str, n: i64) {
        match state {
            "confirmed" => self.confirmed += n,
            "refused" => self.refused += n,
            "abandoned" => self.abandoned += n,
            _ => self.superseded += n,
        }
    }
}

impl Write {
    /// Reads the log from the destination's position; true when there was something.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn turn_log(&self, destination: &str, now: DateTime<Utc>) -> Result<bool> {
        let sql = "SELECT position FROM destination WHERE name = $1";
        let Some(row) = self.one(sql, vec![destination.into()]).await? else { return Ok(false) };
        let position: i64 = row.try_get_by_index(0)?;
        let Some(upto) = self.turn_end(position).await? else { return Ok(false) };
        let newest = format!(
            "SELECT v.record AS record, v.kind AS kind, MAX(v.seq) AS version {IN_SCOPE} GROUP BY v.record, v.kind"
        );
        self.turn(destination, &newest, vec![position.into(), upto.into()], now).await?;
        self.pass_over(destination, position, upto).await?;
        self.run(
            "UPDATE destination SET position = $2 WHERE name = $1",
            vec![destination.into(), upto.into()],
        )
        .await?;
        Ok(true)
    }

    /// The last version of the next turning, if the log goes on after `position`. Ends of ranges of the primary key,
    /// so that no statistics can make a database read the log to find them.
    async fn turn_end(&self, position: i64) -> Result<Option<i64>> {
        let first = self.one("SELECT MIN(seq) FROM version WHERE seq > $1", vec![position.into()]).await?;
        let first: Option<i64> = first.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
        let Some(first) = first else { return Ok(None) };
        let sql = "SELECT MAX(seq) FROM version WHERE seq >= $1 AND seq < $2";
        let last = self.one(sql, vec![first.into(), first.saturating_add(TURN).into()]).await?;
        Ok(last.map(|row| row.try_get_by_index(0)).transpose()?.flatten())
    }

    /// Counts the versions of a range that were never a row's because a newer one is in the same range.
    async fn pass_over(&self, destination: &str, position: i64, upto: i64) -> Result<()> {
        let sql = format!("SELECT v.kind, COUNT(*) - COUNT(DISTINCT v.record) {IN_SCOPE} GROUP BY v.kind");
        let rows = self.all(&sql, vec![destination.into(), position.into(), upto.into()]).await?;
        for row in rows {
            let superseded = row.try_get_by_index(1)?;
            let kind: String = row.try_get_by_index(0)?;
            self.add_tally(destination, &kind, Passed { superseded, ..Passed::default() }).await?;
        }
        Ok(())
    }

    /// Makes `candidates` (record, kind, version; `$1` is the destination) owed. A row in a frozen batch remembers
    /// the version as its next. A row that owes a newer one already (its kind was given back before the log was
    /// read) keeps it. In a batch that is being halved the newer version takes its row's place in the half.
    ///
    /// # Errors
    /// When the database refuses.
    pub(super) async fn turn(
        &self,
        destination: &str,
        candidates: &str,
        values: Vec<Value>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let bind = |more: &[Value]| [vec![destination.into()], values.clone(), more.to_vec()].concat();
        let counted = format!(
            "WITH c AS ({candidates}) SELECT d.kind, d.state, CASE WHEN d.next_version IS NULL THEN 0 ELSE 1 END AS next, \
             CASE WHEN c.version < COALESCE(d.next_version, d.version) THEN 1 ELSE 0 END AS old, \
             COUNT(*) FROM c {} GROUP BY 1, 2, 3, 4",
            join(self.backend(), "delivery", "d", "d.destination = $1 AND d.record = c.record")
        );
        let mut passed: BTreeMap<String, Passed> = BTreeMap::new();
        for row in self.all(&counted, bind(&[])).await? {
            let (state, next, old): (String, i32, i32) =
                (row.try_get_by_index(1)?, row.try_get_by_index(2)?, row.try_get_by_index(3)?);
            let counts = passed.entry(row.try_get_by_index(0)?).or_default();
            if old != 0 {
                counts.superseded += row.try_get_by_index::<i64>(4)?;
            } else if state != "sent" || next != 0 {
                counts.leave(&state, row.try_get_by_index(4)?);
            }
        }
        for (kind, counts) in passed {
            self.add_tally(destination, &kind, counts).await?;
        }
        let at = values.len() + 2;
        let state = join(self.backend(), "version", "v", "v.seq = c.version");
        self.run(&upsert(candidates, &state, at), bind(&[ms(now).into()])).await?;
        Ok(())
    }

    /// Adds to the outcomes of versions that no row owes any more.
    pub(super) async fn add_tally(&self, destination: &str, kind: &str, passed: Passed) -> Result<()> {
        if passed == Passed::default() {
            return Ok(());
        }
        let sql = "INSERT INTO tally (destination, kind, confirmed, refused, superseded, abandoned) VALUES ($1,$2,$3,$4,$5,$6) \
             ON CONFLICT (destination, kind) DO UPDATE SET confirmed = tally.confirmed + excluded.confirmed, \
             refused = tally.refused + excluded.refused, superseded = tally.superseded + excluded.superseded, \
             abandoned = tally.abandoned + excluded.abandoned";
        let values = vec![
            destination.into(),
            kind.into(),
            passed.confirmed.into(),
            passed.refused.into(),
            passed.superseded.into(),
            passed.abandoned.into(),
        ];
        self.run(sql, values).await?;
        Ok(())
    }
}

/// Versions in `($2, $3]` that destination `$1` takes.
const IN_SCOPE: &str = concat!(
    "FROM version v JOIN destination_kind k ON k.destination = $1 AND k.kind = v.kind \
     AND v.seq > k.start_seq AND (k.until_seq IS NULL OR v.seq <= k.until_seq) AND ",
    taken!(),
    " WHERE v.seq > $2 AND v.seq <= $3"
);

fn upsert(candidates: &str, state: &str, at: usize) -> String {
    format!(
        "WITH c AS ({candidates}) \
         INSERT INTO delivery (destination, record, kind, lane, grp, version, state, changed_at) \
         SELECT $1, c.record, c.kind, 'main', CASE WHEN d.grouped = 1 THEN COALESCE(v.owner, '') ELSE '' END, c.version, 'due', ${at} \
         FROM c {state} JOIN destination d ON d.name = $1 WHERE true \
         ON CONFLICT (destination, record) DO UPDATE SET \
         next_version = CASE WHEN delivery.state = 'sent' THEN excluded.version ELSE NULL END, \
         version = CASE WHEN delivery.state = 'sent' THEN delivery.version ELSE excluded.version END, \
         grp = CASE WHEN delivery.state = 'sent' THEN delivery.grp ELSE excluded.grp END, \
         state = CASE WHEN delivery.state = 'sent' THEN 'sent' ELSE 'due' END, \
         batch = CASE WHEN delivery.state = 'sent' THEN delivery.batch ELSE NULL END, \
         split = CASE WHEN delivery.state IN ('sent', 'due') THEN delivery.split ELSE NULL END, \
         reason = NULL, not_before = NULL, waits_for = NULL, changed_at = excluded.changed_at \
         WHERE excluded.version > COALESCE(delivery.next_version, delivery.version)"
    )
}
