//! The plans of the hot statements, as made by the steps themselves: none reads a large table from end to end, whatever
//! the statistics say.

use std::sync::{Arc, Mutex};

use sea_orm::{ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement};
use tests::{
    Db, Files, World,
    faults::Breaker,
    on_both,
    rows::{alarm, plant, tank},
};

/// What each is for, and words by which it is known among all statements of a story.
const HOT: [(&str, &str); 23] = [
    ("heads of a part's keys", "SELECT r.n, h.no"),
    ("parts to judge", "FROM part p JOIN document d"),
    ("held records under another revision", "h.revision <> $2"),
    ("whether there is something to send", "OR EXISTS (SELECT 1 FROM delivery r"),
    ("where the log goes on", "SELECT MIN(seq) FROM version"),
    ("where a turning ends", "SELECT MAX(seq) FROM version WHERE"),
    ("the log turned into rows", "INSERT INTO delivery"),
    ("the first row that is due", "SELECT grp, version, COALESCE(split"),
    ("rows that are due", "SELECT d.record, d.version, d.grp"),
    ("parents confirmed", "WHERE d.confirmed IS NOT NULL"),
    ("rows that wait", "SET state = 'waiting'"),
    ("rows frozen", "SET state = 'sent'"),
    ("outcomes of a batch", "SET state = CASE"),
    ("children woken", "t.waits_for IS NOT NULL AND t.waits_for = r.parent"),
    ("documents of a checkpoint", "FROM document WHERE no >"),
    ("counts of a checkpoint", "FROM part WHERE counted >"),
    ("batches of a checkpoint", "FROM batch WHERE no >"),
    ("attempts of a checkpoint", "FROM attempt WHERE no >"),
    ("versions not compared yet", "CASE WHEN h.head = v.seq"),
    ("what is of the same day", ".record DESC LIMIT $2"),
    ("the other side of a pair", "k.record = r.record"),
    ("pairs of a record", "p.state FROM"),
    ("what is compared from now on", "INSERT INTO look_alike_key"),
];

/// Tables that grow with the records.
const LARGE: [&str; 13] = [
    "record",
    "version",
    "delivery",
    "part",
    "document",
    "batch",
    "batch_member",
    "held",
    "issue",
    "blob",
    "attempt",
    "look_alike_key",
    "look_alike",
];

/// Plants whose names are compared.
fn files() -> Files {
    let rule = "as_of = \"updateDate\"\n[look_alike]\ntext = \"name\"\nday = \"updateDate\"\nsimilarity = 85";
    Files::small().replacing("kinds/plant.toml", "as_of = \"updateDate\"", rule)
}

/// A story that makes every hot statement; what it made.
async fn made(db: &Db) -> Vec<Statement> {
    let seen: Arc<Mutex<Vec<Statement>>> = Arc::default();
    let keep = Arc::clone(&seen);
    let store = db.store().await.watched(move |statement| keep.lock().unwrap().push(statement.clone()));
    let mut world = World::on(store, Breaker::counting(), &files()).await;
    world.park().add("tanks", tank(11, 1, 1, "重大"));
    world.park().add("tanks", tank(12, 1, 1, "特大"));
    world.park().add("alarms", alarm(21, 11, 1));
    world.run().await;
    world.park().add("plants", plant(1, 2, "甲"));
    world.activate(&files().replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n")).await;
    world.run().await;
    world.park().add("plants", plant(2, 3, "甲"));
    world.run().await;
    world.audit().await;
    world.store().leaves(0).await.unwrap();
    let seen = seen.lock().unwrap();
    seen.clone()
}

/// A ledger as it is after a while: 100,000 records that all went out long ago.
const GROWN: [&str; 10] = [
    "INSERT INTO record (no, kind, id_space, id, source, head, document, place, source_digest, content_digest) {n} \
     SELECT i, 'tank', 'uuid', 'x' || i, 'park', i, i, 0, 's' || i, 'c' || i FROM n",
    "INSERT INTO version (seq, record, kind, document, part, place, byte_from, byte_length, revision, content, \
     content_digest, digest_alg, parents, inputs, test, at) {n} \
     SELECT i, i, 'tank', i, 0, 0, 0, 9, 1, '{}', 'c' || i, 'sha256', '[]', '[]', 0, 0 FROM n",
    "INSERT INTO delivery (destination, record, kind, lane, grp, version, state, confirmed, changed_at) {n} \
     SELECT 'receiver', i, 'tank', 'main', '', i, 'confirmed', i, 0 FROM n",
    "INSERT INTO document (no, source, service, blob, digest_alg, length, asked, located, received_at, revision) {n} \
     SELECT i, 'park', 'tanks', 'b' || i, 'sha256', 9, '', 1, 0, 1 FROM n",
    "INSERT INTO held (document, place, part, source, service, kind, id_space, id, byte_from, byte_length, source_digest, \
     revision, reason, state, since) {n} \
     SELECT i, 0, 0, 'park', 'tanks', 'tank', 'uuid', 'x' || i, 0, 9, 's' || i, 1, '', 'accepted', 0 FROM n",
    "INSERT INTO batch (id, no, destination, kind, path, lane, grp, state, size, payload, revision, attempts, frozen_at) {n} \
     SELECT 'b' || i, i, 'receiver', 'tank', 't_tank', 'main', '', 'settled', 1, 'b', 1, 1, 0 FROM n",
    "INSERT INTO part (document, part, source, service, kind, first, located, byte_from, byte_to, state, found, accepted, \
     unchanged, rejected, held) {n} SELECT i, 0, 'park', 'tanks', 'tank', 0, 1, 0, 9, 'judged', 1, 1, 0, 0, 0 FROM n",
    "INSERT INTO attempt (batch, n, no, at, sent_digest, sent_with, outcome, what) {n} \
     SELECT 'b' || i, 1, i, 0, '', '', 'taken', '' FROM n",
    "INSERT INTO look_alike_key (record, kind, owner_scheme, owner, day, text) {n} \
     SELECT i, 'plant', 'chem', CAST(410900000 + i % 500 AS TEXT), '2026-11-20', 't' || i FROM n",
    "INSERT INTO look_alike (no, kind, a, b, score, found_at, state) {n} SELECT i, 'plant', i, i + 1, 90, 0, 'two' FROM n",
];

async fn grow(db: &Db) {
    let numbers = "WITH RECURSIVE n(i) AS (SELECT -100000 UNION ALL SELECT i + 1 FROM n WHERE i < -1)";
    for sql in GROWN {
        db.run(&sql.replace("{n}", numbers)).await;
    }
}

/// The plan, one step a line.
async fn plan(connection: &DatabaseConnection, statement: &Statement) -> Vec<String> {
    let is_sqlite = connection.get_database_backend() == DatabaseBackend::Sqlite;
    let ask = if is_sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
    let explained = Statement { sql: format!("{ask} {}", statement.sql), ..statement.clone() };
    let rows = connection.query_all_raw(explained).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(if is_sqlite { 3 } else { 0 }).unwrap()).collect()
}

/// Whether a step of SQLite's reads a large table, which it names by its alias, from end to end.
fn scans_in_sqlite(step: &str, sql: &str) -> bool {
    let Some(alias) = step.strip_prefix("SCAN ").and_then(|rest| rest.split_whitespace().next()) else {
        return false;
    };
    let is_named = |table: &str, word: &str| sql.contains(&format!("{word} {table} {alias} "));
    let is_changed = |table: &str| sql.contains(&format!("UPDATE {table} AS {alias} "));
    LARGE.iter().any(|table| {
        alias == *table || is_named(table, "FROM") || is_named(table, "JOIN") || is_changed(table)
    })
}

/// Whether a step of PostgreSQL's reads a large table, or a whole index, from end to end; `next` is the line after it.
fn scans_in_postgres(step: &str, next: &str) -> bool {
    let on = |table: &str| {
        let after = step.split_once(&format!("Seq Scan on {table}")).map(|(_, after)| after);
        // a partition is named after its first number
        after.is_some_and(|after| {
            after.trim_start_matches(|c: char| c == '_' || c.is_ascii_digit()).starts_with(' ')
        })
    };
    let whole = step.contains("Index Scan") || step.contains("Index Only Scan");
    LARGE.iter().any(|table| on(table)) || (whole && !next.contains("Index Cond") && !is_small(step))
}

/// Tables with a row or a few for each destination and service.
fn is_small(step: &str) -> bool {
    [" on destination ", " on destination_kind ", " on cursor ", " on lease ", " on counter "]
        .iter()
        .any(|table| step.contains(table))
}

/// Whether a step of SQLite's takes the bound rows apart inside the loop over another table: all of them for each of its rows.
fn takes_apart_again(steps: &[String]) -> bool {
    let mut before = steps.iter().take_while(|step| !step.starts_with("SCAN json_each"));
    let is_loop = |step: &String| step.starts_with("SEARCH") || step.starts_with("SCAN");
    steps.iter().any(|step| step.starts_with("SCAN json_each")) && before.any(is_loop)
}

fn scans(db: &Db, steps: &[String], sql: &str) -> Vec<String> {
    let ends = steps.iter().skip(1).map(String::as_str).chain([""]);
    let found = steps.iter().zip(ends).filter(|(step, next)| {
        if db.name == "SQLite" { scans_in_sqlite(step, sql) } else { scans_in_postgres(step, next) }
    });
    found.map(|(step, _)| step.clone()).collect()
}

#[tokio::test]
async fn hot_statements_use_an_index_whatever_the_statistics_say() {
    on_both(async |db| {
        let statements = made(db).await;
        grow(db).await;
        let connection = Database::connect(&db.url).await.unwrap();
        let mut bad = Vec::new();
        for analysed in [false, true] {
            if analysed {
                connection.execute_unprepared("ANALYZE").await.unwrap();
            }
            for (what, words) in HOT {
                let statement = statements.iter().find(|statement| statement.sql.contains(words));
                let statement = statement.unwrap_or_else(|| panic!("the story never asked for {what}"));
                let steps = plan(&connection, statement).await;
                let scans = scans(db, &steps, &statement.sql);
                assert!(!steps.is_empty());
                if !scans.is_empty() || takes_apart_again(&steps) {
                    bad.push(format!(
                        "{} analysed={analysed}: {what}: {steps:#?}\n{}",
                        db.name, statement.sql
                    ));
                }
            }
        }
        connection.close().await.unwrap();
        assert!(bad.is_empty(), "{}", bad.join("\n"));
    })
    .await;
}

#[test]
fn a_scan_is_told_from_a_search() {
    let sql = "SELECT 1 FROM delivery d JOIN destination k ";
    assert!(scans_in_sqlite("SCAN d", sql) && scans_in_sqlite("SCAN delivery", sql));
    assert!(scans_in_sqlite("SCAN t", "UPDATE delivery AS t SET state = 'due' FROM r"));
    assert!(
        !scans_in_sqlite("SCAN k", sql)
            && !scans_in_sqlite("SEARCH d USING INDEX delivery_due (destination=?)", sql)
    );
    let steps = |lines: &[&str]| lines.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(takes_apart_again(&steps(&[
        "SEARCH t USING INDEX delivery_due (destination=?)",
        "SCAN json_each VIRTUAL"
    ])));
    assert!(!takes_apart_again(&steps(&["MATERIALIZE r", "SCAN json_each VIRTUAL", "SEARCH t USING INDEX"])));
    assert!(scans_in_postgres("  ->  Seq Scan on version v  (cost=0.00..1.00)", ""));
    assert!(scans_in_postgres("  ->  Seq Scan on version_0 v_1  (cost=0.00..1.00)", ""));
    assert!(scans_in_postgres("  ->  Parallel Seq Scan on version_4194304_77 v_1  (cost=0.00..1.00)", ""));
    assert!(!scans_in_postgres("  ->  Seq Scan on counter  (cost=0.00..1.00)", ""));
    assert!(scans_in_postgres(
        "  ->  Index Scan using version_pkey on version v  (cost",
        "  Filter: (kind = $1)"
    ));
    assert!(!scans_in_postgres(
        "  ->  Index Scan using version_pkey on version v  (cost",
        "  Index Cond: (seq > $1)"
    ));
    assert!(!scans_in_postgres("  ->  Index Scan using destination_pkey on destination d  (cost", ""));
}
