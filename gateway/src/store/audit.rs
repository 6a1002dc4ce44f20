//! The figures of both equations, each side counted from tables that nothing keeps equal but the truth.

use std::collections::BTreeMap;

use sea_orm::QueryResult;

use crate::ledger::{Audit, Broken, Found, Owed};

use super::{
    Result, Store, Write,
    scope::{TAKEN, taken},
};

type ByDestination = BTreeMap<String, BTreeMap<String, Owed>>;

impl Store {
    /// Recounts the ledger: found by decoding against versions, counters and held rows; owed from the version log
    /// against delivery rows and tallies.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit(&self) -> Result<Audit> {
        self.snapshot().await?.audit().await
    }
}

/// All from one moment: a step between two counts would look like a broken equation.
impl Write {
    async fn audit(&self) -> Result<Audit> {
        let mut destinations = ByDestination::new();
        self.declared_kinds(&mut destinations).await?;
        self.count_owed(&mut destinations).await?;
        self.count_rows(&mut destinations).await?;
        self.count_tally(&mut destinations).await?;
        self.count_unread(&mut destinations).await?;
        self.count_excluded(&mut destinations).await?;
        self.count_dropped(&mut destinations).await?;
        let audit = Audit::of(self.found_by_kind().await?, destinations, self.broken_documents().await?);
        Ok(Audit { dropped: self.dropped().await?, ..audit })
    }

    /// Versions that age took: their destinations' scope took them then, and still counts them.
    async fn count_dropped(&self, into: &mut ByDestination) -> Result<()> {
        for row in self.all("SELECT destination, kind, owed, excluded FROM dropped_owed", vec![]).await? {
            let owed = entry(into, &row)?;
            owed.owed += number(&row, 2)?;
            owed.excluded += number(&row, 3)?;
        }
        Ok(())
    }

    async fn dropped(&self) -> Result<i64> {
        let sql = "SELECT CAST(COALESCE(SUM(dropped), 0) AS BIGINT) FROM part WHERE dropped > 0";
        self.one(sql, vec![]).await?.map_or(Ok(0), |row| number(&row, 0))
    }

    async fn found_by_kind(&self) -> Result<BTreeMap<String, Found>> {
        let sql = "SELECT kind, SUM(found), SUM(accepted), SUM(unchanged), SUM(rejected), SUM(held) FROM ( \
             SELECT kind, found, dropped AS accepted, unchanged, rejected, 0 AS held FROM part WHERE state = 'judged' \
             UNION ALL SELECT p.kind, 0, COUNT(v.seq), 0, 0, 0 FROM part p JOIN version v ON v.document = p.document \
             AND v.part = p.part AND v.again = 0 GROUP BY p.kind \
             UNION ALL SELECT kind, 0, 0, 0, 0, COUNT(*) FROM held WHERE state = 'held' GROUP BY kind) t GROUP BY kind";
        let rows = self.all(&numeric(sql), vec![]).await?;
        rows.iter()
            .map(|row| {
                let n = |index| number(row, index);
                let figures =
                    Found { found: n(1)?, accepted: n(2)?, unchanged: n(3)?, rejected: n(4)?, held: n(5)? };
                Ok((row.try_get_by_index(0)?, figures))
            })
            .collect()
    }

    /// Documents whose decoded count differs from versions + unchanged + rejected + held rows, or whose parts'
    /// own counters say otherwise.
    async fn broken_documents(&self) -> Result<Vec<Broken>> {
        let sql = "SELECT p.document, p.kind, p.found, p.unchanged + p.rejected + p.dropped \
             + (SELECT COUNT(*) FROM version v WHERE v.document = p.document AND v.part = p.part AND v.again = 0) \
             + (SELECT COUNT(*) FROM held h WHERE h.document = p.document AND h.part = p.part AND h.state = 'held') AS judged \
             FROM part p WHERE p.state = 'judged'";
        let sql = format!(
            "SELECT document, kind, found, judged FROM ({sql}) t WHERE found <> judged ORDER BY document"
        );
        let rows = self.all(&sql, vec![]).await?;
        rows.iter()
            .map(|row| {
                Ok(Broken {
                    equation: "found".into(),
                    document: Some(row.try_get_by_index(0)?),
                    destination: None,
                    kind: row.try_get_by_index(1)?,
                    left: number(row, 2)?,
                    right: number(row, 3)?,
                })
            })
            .collect()
    }

    async fn declared_kinds(&self, into: &mut ByDestination) -> Result<()> {
        for row in self.all("SELECT name FROM destination", vec![]).await? {
            into.entry(row.try_get_by_index(0)?).or_default();
        }
        for row in self.all("SELECT destination, kind FROM destination_kind", vec![]).await? {
            entry(into, &row)?;
        }
        Ok(())
    }

    async fn count_owed(&self, into: &mut ByDestination) -> Result<()> {
        let later = format!("SELECT k.destination, k.kind, COUNT(*) {SCOPED} GROUP BY k.destination, k.kind");
        let first = format!(
            "SELECT k.destination, k.kind, COUNT(*) FROM destination_kind k JOIN version v \
             ON v.kind = k.kind AND v.seq > k.from_seq AND v.seq <= k.start_seq AND {TAKEN} \
             WHERE NOT EXISTS (SELECT 1 FROM version w WHERE w.record = v.record AND w.seq > v.seq AND w.seq <= k.start_seq) \
             GROUP BY k.destination, k.kind"
        );
        for sql in [later, first] {
            for row in self.all(&sql, vec![]).await? {
                entry(into, &row)?.owed += number(&row, 2)?;
            }
        }
        Ok(())
    }

    async fn count_rows(&self, into: &mut ByDestination) -> Result<()> {
        let sql = "SELECT destination, kind, state, COUNT(*), COUNT(next_version) FROM delivery GROUP BY destination, kind, state";
        for row in self.all(sql, vec![]).await? {
            let (state, n): (String, i64) = (row.try_get_by_index(2)?, number(&row, 3)?);
            let owed = entry(into, &row)?;
            match state.as_str() {
                "confirmed" => owed.confirmed += n,
                "refused" => owed.refused += n,
                "abandoned" => owed.abandoned += n,
                _ => owed.pending += n + number(&row, 4)?,
            }
            if state == "waiting" {
                owed.waiting += n;
            }
        }
        Ok(())
    }

    async fn count_tally(&self, into: &mut ByDestination) -> Result<()> {
        let sql = "SELECT destination, kind, confirmed, refused, superseded, abandoned FROM tally";
        for row in self.all(sql, vec![]).await? {
            let owed = entry(into, &row)?;
            owed.confirmed += number(&row, 2)?;
            owed.refused += number(&row, 3)?;
            owed.superseded += number(&row, 4)?;
            owed.abandoned += number(&row, 5)?;
        }
        Ok(())
    }

    /// Versions that the position has not reached are due already.
    async fn count_unread(&self, into: &mut ByDestination) -> Result<()> {
        let sql = format!(
            "SELECT k.destination, k.kind, COUNT(*) {SCOPED} \
             WHERE v.seq > (SELECT d.position FROM destination d WHERE d.name = k.destination) GROUP BY k.destination, k.kind"
        );
        for row in self.all(&sql, vec![]).await? {
            entry(into, &row)?.pending += number(&row, 2)?;
        }
        Ok(())
    }

    async fn count_excluded(&self, into: &mut ByDestination) -> Result<()> {
        let sql = format!(
            "SELECT d.name, v.kind, COUNT(*) FROM destination d JOIN version v ON NOT EXISTS ( \
             SELECT 1 FROM destination_kind k WHERE k.destination = d.name AND k.kind = v.kind AND v.seq > k.from_seq \
             AND (k.until_seq IS NULL OR v.seq <= k.until_seq) AND {TAKEN}) GROUP BY d.name, v.kind"
        );
        for row in self.all(&sql, vec![]).await? {
            entry(into, &row)?.excluded += number(&row, 2)?;
        }
        Ok(())
    }
}

const SCOPED: &str = concat!(
    "FROM destination_kind k JOIN version v ON v.kind = k.kind AND v.seq > k.start_seq \
     AND (k.until_seq IS NULL OR v.seq <= k.until_seq) AND ",
    taken!()
);

fn entry<'a>(into: &'a mut ByDestination, row: &QueryResult) -> Result<&'a mut Owed> {
    let (destination, kind): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(into.entry(destination).or_default().entry(kind).or_default())
}

/// PostgreSQL sums 64-bit integers to `numeric`: brought back to 64 bits.
fn numeric(sql: &str) -> String {
    ["found", "accepted", "unchanged", "rejected", "held"].iter().fold(sql.to_owned(), |sql, name| {
        sql.replace(&format!("SUM({name})"), &format!("CAST(SUM({name}) AS BIGINT)"))
    })
}

fn number(row: &QueryResult, index: usize) -> Result<i64> {
    Ok(row.try_get_by_index(index)?)
}
