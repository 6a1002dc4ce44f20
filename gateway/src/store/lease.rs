//! Who may work on what. A lease is taken in one statement and carried, with its epoch, by every dependent write.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Result, Store, StoreError, moment, ms};

/// How long a lease lasts, at the least, without a write that extends it.
pub const LEASE: TimeDelta = TimeDelta::seconds(60);

/// Before the name of a lease: the name of the wish for it, itself a lease.
pub const WISH: &str = "wish:";

/// The right to work on one thing until a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What: `pull:SOURCE`, `refine:SOURCE`, `forward:DESTINATION`.
    pub name: String,
    /// Which node.
    pub holder: String,
    /// Which taking: a write with an older epoch fails.
    pub epoch: i64,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Whether it was taken just now: what another holder did a moment ago is not known here.
    pub fresh: bool,
}

impl Lease {
    /// The same lease as it will be after a write at `now`.
    #[must_use]
    pub fn extended(&self, now: DateTime<Utc>, lasts: TimeDelta) -> Self {
        Self { until: now + lasts, fresh: false, ..self.clone() }
    }
}

impl Store {
    /// Takes a lease that is free, run out, or already this holder's (a node takes its own back at once).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lease(
        &self,
        name: &str,
        holder: &str,
        now: DateTime<Utc>,
        lasts: TimeDelta,
    ) -> Result<Option<Lease>> {
        let sql = "INSERT INTO lease (name, holder, epoch, until) VALUES ($1, $2, 1, $3) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = lease.epoch + 1, until = excluded.until \
             WHERE lease.until <= $4 OR lease.holder = excluded.holder RETURNING epoch";
        let until = now + lasts;
        let values = vec![name.into(), holder.into(), ms(until).into(), ms(now).into()];
        let Some(row) = self.one(sql, values).await? else { return Ok(None) };
        let epoch = row.try_get_by_index(0)?;
        Ok(Some(Lease { name: name.to_owned(), holder: holder.to_owned(), epoch, until, fresh: true }))
    }

    /// Extends a lease that is still ours; false when another has taken it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn renew(&self, lease: &Lease) -> Result<bool> {
        let write = self.write("lease-renew").await?;
        match write.fence(lease).await {
            Ok(()) => write.commit().await.map(|()| true),
            Err(StoreError::LostLease(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Gives leases back, so that others need not wait for them to run out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn release_leases(&self, holder: &str) -> Result<()> {
        let write = self.write("lease-release").await?;
        write.run("UPDATE lease SET until = 0 WHERE holder = $1", vec![holder.into()]).await?;
        write.commit().await
    }

    /// The leases that somebody wishes for now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn wished_for(&self, now: DateTime<Utc>) -> Result<Vec<String>> {
        let sql = "SELECT SUBSTR(name, 6) FROM lease WHERE name LIKE 'wish:%' AND until > $1";
        let rows = self.all(sql, vec![ms(now).into()]).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    /// Who holds a lease now, and until when.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn holder(&self, name: &str, now: DateTime<Utc>) -> Result<Option<(String, DateTime<Utc>)>> {
        let sql = "SELECT holder, until FROM lease WHERE name = $1 AND until > $2";
        let Some(row) = self.one(sql, vec![name.into(), ms(now).into()]).await? else { return Ok(None) };
        Ok(Some((row.try_get_by_index(0)?, moment(row.try_get_by_index(1)?))))
    }
}
