//! Everything that must be the same after a run with a fault and after one without, as lines of text: versions,
//! outcomes, what the receivers have, verdicts, cursors. Not: attempts, batches, numbers, times; nor which of two
//! versions went out before the newer one, since that is a matter of who came first.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, QueryResult, Statement, TryGetable};

use crate::{Db, World};

/// A ledger to ask in plain SQL.
#[derive(Debug)]
pub struct Asked(DatabaseConnection);

impl Asked {
    /// Opens a connection of its own.
    pub async fn open(db: &Db) -> Self {
        Self(Database::connect(&db.url).await.unwrap())
    }

    /// The rows of a query.
    pub async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        self.0.query_all_raw(statement).await.unwrap()
    }

    /// The rows of a query of one column.
    pub async fn column<T: TryGetable>(&self, sql: &str) -> Vec<T> {
        self.rows(sql).await.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// The one number a query gives.
    pub async fn number(&self, sql: &str) -> i64 {
        *self.column(sql).await.first().unwrap()
    }

    /// Gives the connection back.
    pub async fn close(self) {
        self.0.close().await.unwrap();
    }
}

/// Queries of one text column; every line of every answer is part of the state.
const LINES: [&str; 7] = [
    "SELECT 'version ' || h.kind || ' ' || h.id || ' ' || v.content FROM version v JOIN record h ON h.no = v.record \
     ORDER BY h.kind, h.id, v.seq",
    "SELECT 'delivery ' || d.destination || ' ' || d.kind || ' ' || h.id || ' ' || d.state || ' ' \
     || COALESCE(d.reason, '-') || ' ' || COALESCE(d.waits_for, '-') || ' ' || v.content \
     || CASE WHEN d.confirmed IS NULL THEN '' ELSE ' known' END || CASE WHEN d.next_version IS NULL THEN '' ELSE ' next' END \
     FROM delivery d JOIN record h ON h.no = d.record JOIN version v ON v.seq = d.version ORDER BY d.destination, h.kind, h.id",
    "SELECT DISTINCT 'held ' || kind || ' ' || id || ' ' || state || ' ' || reason FROM held ORDER BY 1",
    "SELECT DISTINCT 'rejected ' || kind || ' ' || digest FROM rejection ORDER BY 1",
    "SELECT 'cursor ' || source || ' ' || service || ' ' || COALESCE(CAST(settled_at AS TEXT), '-') || ' ' \
     || COALESCE(settled_id, '-') || ' due ' || CAST(due AS TEXT) || CASE WHEN pass IS NULL THEN '' ELSE ' open' END \
     FROM cursor ORDER BY source, service",
    "SELECT 'open ' || destination || ' ' || kind || ' ' || state FROM batch WHERE state <> 'settled' ORDER BY no",
    "SELECT 'alike ' || a.kind || ' ' || a.id || ' ' || b.id || ' ' || p.state || ' ' || CAST(p.score AS TEXT) FROM look_alike p \
     JOIN record a ON a.no = p.a JOIN record b ON b.no = p.b ORDER BY 1",
];

/// The state of a world whose sources are read by (time, id): counts of verdicts are part of it, since nothing is read
/// twice. A source read by page number begins again after a fault and so finds more; say `counted = false` for it.
pub async fn final_state(db: &Db, world: &World, counted: bool) -> Vec<String> {
    let asked = Asked::open(db).await;
    let mut state = Vec::new();
    for sql in LINES {
        state.extend(asked.column::<String>(sql).await);
    }
    asked.close().await;
    let audit = world.audit().await;
    for (kind, figures) in &audit.kinds {
        let all = if counted { format!("{figures:?}") } else { format!("accepted {}", figures.accepted) };
        state.push(format!("figures {kind} {all}"));
    }
    for (name, destination) in &audit.destinations {
        for (kind, owed) in &destination.kinds {
            let (waiting, excluded) = (owed.waiting, owed.excluded);
            state.push(format!(
                "owed {name} {kind} {} pending {} waiting {waiting} excluded {excluded}",
                owed.owed, owed.pending
            ));
        }
    }
    for (name, receiver) in &world.receivers {
        let ledger = receiver.ledger();
        assert!(ledger.doubled().is_empty(), "{name}: one record as two things: {:?}", ledger.doubled());
        assert!(
            ledger.changed_batches().is_empty(),
            "{name}: other bytes under one id: {:?}",
            ledger.changed_batches()
        );
        state.extend(
            ledger.entries.iter().map(|((path, id), entry)| format!("has {name} {path} {id} {}", entry.body)),
        );
    }
    state
}
