//! What dropped rows leave behind: counts for both equations, what `explain` says of them, and the references to them
//! taken back. The counter's lock is held; the rows are still there.

use super::super::{Result, Write, scope::taken};
use super::What;

/// One part's versions that go; those that a replay wrote beside them name no document.
const OF_PARTS: &str = "UPDATE part SET dropped = part.dropped + g.n FROM \
     (SELECT document, part, COUNT(*) AS n FROM retention_gone GROUP BY document, part) g \
     WHERE part.document = g.document AND part.part = g.part";

const OF_RECORDS: &str = "INSERT INTO dropped_version (record, versions, first, last, dropped) \
     SELECT record, COUNT(*), MIN(key), MAX(key), $1 FROM retention_gone WHERE true GROUP BY record \
     ON CONFLICT (record) DO UPDATE SET versions = dropped_version.versions + excluded.versions, \
     first = CASE WHEN dropped_version.first < excluded.first THEN dropped_version.first ELSE excluded.first END, \
     last = CASE WHEN dropped_version.last > excluded.last THEN dropped_version.last ELSE excluded.last END, \
     dropped = excluded.dropped";

/// Counted as `audit` counts them: every version of a span, and the newest of each record when it opened; excluded where
/// no span of the destination covers it.
const OF_DESTINATIONS: &str = concat!(
    "INSERT INTO dropped_owed (destination, kind, owed, excluded) \
     SELECT destination, kind, CAST(SUM(owed) AS BIGINT), CAST(SUM(excluded) AS BIGINT) FROM ( \
     SELECT k.destination, k.kind, 1 AS owed, 0 AS excluded FROM destination_kind k JOIN retention_gone v ON v.kind = k.kind \
     WHERE v.key > k.start_seq AND (k.until_seq IS NULL OR v.key <= k.until_seq) AND ",
    taken!(),
    " \
     UNION ALL SELECT k.destination, k.kind, 1, 0 FROM destination_kind k JOIN retention_gone v ON v.kind = k.kind \
     WHERE v.key > k.from_seq AND v.key <= k.start_seq AND ",
    taken!(),
    " AND NOT EXISTS ( \
     SELECT 1 FROM version w WHERE w.record = v.record AND w.seq > v.key AND w.seq <= k.start_seq) \
     UNION ALL SELECT d.name, v.kind, 0, 1 FROM destination d JOIN retention_gone v ON NOT EXISTS ( \
     SELECT 1 FROM destination_kind k WHERE k.destination = d.name AND k.kind = v.kind AND v.key > k.from_seq \
     AND (k.until_seq IS NULL OR v.key <= k.until_seq) AND ",
    taken!(),
    ") \
     ) t WHERE true GROUP BY destination, kind \
     ON CONFLICT (destination, kind) DO UPDATE SET owed = dropped_owed.owed + excluded.owed, \
     excluded = dropped_owed.excluded + excluded.excluded"
);

impl Write {
    /// Leaves the counts of what goes; `no` is the drop's number.
    pub(super) async fn leave(&self, what: What, no: i64) -> Result<()> {
        match what {
            What::Raw => {
                let sql =
                    "UPDATE blob SET no = NULL, dropped = $1 WHERE no IN (SELECT key FROM retention_gone)";
                self.run(sql, vec![no.into()]).await?;
            }
            What::Versions => {
                self.run(OF_PARTS, vec![]).await?;
                self.run(OF_RECORDS, vec![no.into()]).await?;
                self.run(OF_DESTINATIONS, vec![]).await?;
                for table in ["batch_member", "version_image"] {
                    let sql =
                        format!("DELETE FROM {table} WHERE version IN (SELECT key FROM retention_gone)");
                    self.run(&sql, vec![]).await?;
                }
            }
            What::Issues => {
                let sql = "DELETE FROM rejection WHERE issue IN (SELECT key FROM retention_gone)";
                self.run(sql, vec![]).await?;
            }
        }
        Ok(())
    }
}
