//! What each destination takes, and since when: kept in step with the active configuration.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{
    Result, Store, Write,
    entity::{destination, destination_kind},
    moment, ms, rows,
};

/// A destination as the configuration declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// The kinds it takes, parents first.
    pub kinds: Vec<String>,
    /// Whether batches hold one owner's records only.
    pub grouped: bool,
    /// Whether it takes records marked as tests.
    pub takes_test: bool,
    /// The scheme of the identifier its records must have, such as `chem`; empty: any, or none.
    pub owner_scheme: String,
}

/// How a destination stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The last version turned into delivery rows.
    pub position: i64,
    /// Failures in a row.
    pub failures: u32,
    /// Nothing is sent before this.
    pub not_before: Option<DateTime<Utc>>,
    /// The last failure.
    pub last_error: Option<String>,
    /// When it failed.
    pub last_error_at: Option<DateTime<Utc>>,
    /// When it last answered.
    pub last_answer_at: Option<DateTime<Utc>>,
}

impl Store {
    /// How a destination stands; `None` before it was declared.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn standing(&self, name: &str) -> Result<Option<Standing>> {
        let row = destination::Entity::find_by_id(name).one(&self.connection).await?;
        Ok(row.map(|row| Standing {
            position: row.position,
            failures: u32::try_from(row.failures).unwrap_or(u32::MAX),
            not_before: row.not_before.map(moment),
            last_error: row.last_error,
            last_error_at: row.last_error_at.map(moment),
            last_answer_at: row.last_answer_at.map(moment),
        }))
    }
}

impl Write {
    /// Brings a destination's scope in step: a new kind starts from the newest version of each record, a kind no
    /// longer taken ends here. `seq` is a number taken by this transaction.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn declare(&self, wanted: &Declared, seq: i64, now: DateTime<Utc>) -> Result<()> {
        self.regroup(wanted).await?;
        self.declare_row(wanted, seq, now).await?;
        let spans = destination_kind::Entity::find()
            .filter(destination_kind::Column::Destination.eq(&wanted.name))
            .all(self.tx())
            .await?;
        let keeps = |span: &destination_kind::Model| {
            span.until_seq.is_none()
                && wanted.kinds.contains(&span.kind)
                && (span.takes_test != 0) == wanted.takes_test
                && span.owner_scheme == wanted.owner_scheme
        };
        for span in spans.iter().filter(|span| span.until_seq.is_none() && !keeps(span)) {
            let sql = "UPDATE destination_kind SET until_seq = $1 WHERE destination = $2 AND kind = $3 AND start_seq = $4";
            let values = vec![
                seq.into(),
                wanted.name.as_str().into(),
                span.kind.as_str().into(),
                span.start_seq.into(),
            ];
            self.run(sql, values).await?;
        }
        for (rank, kind) in (0..).zip(&wanted.kinds) {
            if spans.iter().any(|span| &span.kind == kind && keeps(span)) {
                continue;
            }
            let ended = spans
                .iter()
                .filter(|span| &span.kind == kind)
                .map(|span| span.until_seq.unwrap_or(seq))
                .max();
            self.open_span(wanted, kind, rank, ended.unwrap_or(0), seq, now).await?;
        }
        Ok(())
    }

    /// Notes the revision a destination is served under. Under a new one those who wait look again: the kind they wait
    /// for may no longer be taken, or no longer be ours to send. True when it was another.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn served_under(&self, destination: &str, revision: i64, now: DateTime<Utc>) -> Result<bool> {
        let sql = "UPDATE destination SET revision = $2 WHERE name = $1 AND COALESCE(revision, 0) <> $2";
        if self.run(sql, vec![destination.into(), revision.into()]).await? == 0 {
            return Ok(false);
        }
        let sql = "UPDATE delivery SET state = 'due', waits_for = NULL, changed_at = $2 \
             WHERE destination = $1 AND state = 'waiting' AND kind IN \
             (SELECT k.kind FROM destination_kind k WHERE k.destination = $1 AND k.until_seq IS NULL)";
        self.run(sql, vec![destination.into(), ms(now).into()]).await?;
        Ok(true)
    }

    /// Ends the scope of destinations that the configuration no longer has: nothing new is owed to them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn retire_others(&self, kept: &[&str], seq: i64) -> Result<()> {
        let spans = destination_kind::Entity::find().filter(destination_kind::Column::UntilSeq.is_null());
        for span in spans.all(self.tx()).await? {
            if !kept.contains(&span.destination.as_str()) {
                let sql =
                    "UPDATE destination_kind SET until_seq = $1 WHERE destination = $2 AND until_seq IS NULL";
                self.run(sql, vec![seq.into(), span.destination.into()]).await?;
            }
        }
        Ok(())
    }

    async fn declare_row(&self, wanted: &Declared, seq: i64, now: DateTime<Utc>) -> Result<()> {
        let sql = "INSERT INTO destination (name, position, grouped, failures, created_at) VALUES ($1, $2, $3, 0, $4) \
             ON CONFLICT (name) DO UPDATE SET grouped = excluded.grouped";
        let values =
            vec![wanted.name.as_str().into(), seq.into(), i64::from(wanted.grouped).into(), ms(now).into()];
        self.run(sql, values).await?;
        Ok(())
    }

    /// Puts rows that are not under way in their group, where batches began or ceased to hold one owner's records only.
    async fn regroup(&self, wanted: &Declared) -> Result<()> {
        let sql = "SELECT 1 FROM destination WHERE name = $1 AND grouped <> $2";
        let values = || vec![wanted.name.as_str().into(), i64::from(wanted.grouped).into()];
        if self.one(sql, values()).await?.is_some() {
            let sql = "UPDATE delivery SET grp = CASE WHEN $2 = 1 THEN COALESCE((SELECT v.owner FROM version v \
                 WHERE v.seq = delivery.version), '') ELSE '' END WHERE destination = $1 AND state <> 'sent'";
            self.run(sql, values()).await?;
        }
        Ok(())
    }

    async fn open_span(
        &self,
        wanted: &Declared,
        kind: &str,
        rank: i64,
        from: i64,
        seq: i64,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let span = destination_kind::Model {
            destination: wanted.name.clone(),
            kind: kind.to_owned(),
            rank,
            takes_test: i64::from(wanted.takes_test),
            from_seq: from,
            start_seq: seq,
            until_seq: None,
            owner_scheme: wanted.owner_scheme.clone(),
        };
        span.into_active_model().insert(self.tx()).await?;
        let heads = "SELECT h.no AS record, h.kind AS kind, h.head AS version FROM record h \
             JOIN version v ON v.seq = h.head WHERE h.kind = $2 AND h.head > $3 AND (v.test = 0 OR $4 = 1) \
             AND ($5 = '' OR v.owner_scheme = $5)";
        let values = vec![
            kind.into(),
            from.into(),
            i64::from(wanted.takes_test).into(),
            wanted.owner_scheme.as_str().into(),
        ];
        self.turn(&wanted.name, heads, values, now).await
    }

    /// Notes a failure of the destination as a whole and when to go on.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn destination_failed(
        &self,
        name: &str,
        what: &str,
        wait: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let sql = "UPDATE destination SET failures = failures + 1, not_before = $2, last_error = $3, last_error_at = $4 \
             WHERE name = $1";
        self.run(sql, vec![name.into(), ms(now + wait).into(), rows::plain(what).into(), ms(now).into()])
            .await?;
        Ok(())
    }

    /// Notes that the destination answered.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn destination_answered(&self, name: &str, now: DateTime<Utc>) -> Result<()> {
        let sql =
            "UPDATE destination SET failures = 0, not_before = NULL, last_answer_at = $2 WHERE name = $1";
        self.run(sql, vec![name.into(), ms(now).into()]).await?;
        Ok(())
    }
}
