//! The tables: the same on both databases, made once, and as `migrations/schema.sql` says.

use std::path::Path;

use tests::{Db, on_both, state::Asked};

const HEAD: &str = "-- All tables and indexes as they stand after every step, in SQLite's words. Kept true by the tests:\n\
     -- LIANWANG_WRITE_SCHEMA=1 cargo test -p tests --test it schema   writes it anew.\n";

async fn schema() -> String {
    let db = Db::sqlite();
    db.store().await;
    let asked = Asked::open(&db).await;
    let sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'seaql%' \
         AND name NOT LIKE 'sqlite%' ORDER BY rowid";
    let statements: Vec<String> = asked.column(sql).await;
    asked.close().await;
    statements.iter().fold(HEAD.to_owned(), |text, statement| format!("{text}\n{statement};\n"))
}

#[expect(clippy::disallowed_methods, reason = "the switch that rewrites the file, read here alone")]
fn rewrites() -> bool {
    std::env::var("LIANWANG_WRITE_SCHEMA").is_ok_and(|value| value == "1")
}

#[tokio::test]
async fn the_schema_file_is_what_the_steps_make() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/schema.sql");
    let made = schema().await;
    if rewrites() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differs =
        made.lines().zip(kept.lines().chain(std::iter::repeat(""))).find(|(made, kept)| made != kept);
    assert!(made == kept, "rewrite it with LIANWANG_WRITE_SCHEMA=1; first difference: {differs:?}");
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    on_both(async |db| {
        let store = db.store().await;
        assert_eq!(store.pending_migrations().await.unwrap(), 0);
        assert_eq!(store.migrate().await.unwrap(), 0);
        store.close().await.unwrap();
    })
    .await;
}

/// `table.column`, whether it may be absent, and what it holds: number, text or bytes.
async fn columns(db: &Db) -> Vec<String> {
    let sqlite = "SELECT m.name || '.' || p.name || ' ' || p.\"notnull\" || ' ' || p.type FROM sqlite_master m \
         JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sea%' ORDER BY 1";
    let postgres = "SELECT (table_name || '.' || column_name || ' ' || CASE is_nullable WHEN 'NO' THEN '1' ELSE '0' END || ' ' \
         || CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'text' THEN 'TEXT' WHEN 'bytea' THEN 'BLOB' ELSE data_type END) \
         COLLATE \"C\" FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE 'sea%' ORDER BY 1";
    let asked = Asked::open(db).await;
    let columns = asked.column(if db.name == "SQLite" { sqlite } else { postgres }).await;
    asked.close().await;
    columns
}

async fn indexes(db: &Db) -> Vec<String> {
    let sqlite = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1";
    let postgres = "SELECT indexname::text COLLATE \"C\" FROM pg_indexes WHERE schemaname = current_schema() \
         AND indexname::text NOT IN (SELECT conname::text FROM pg_constraint) ORDER BY 1";
    let asked = Asked::open(db).await;
    let indexes = asked.column(if db.name == "SQLite" { sqlite } else { postgres }).await;
    asked.close().await;
    indexes
}

#[tokio::test]
async fn both_databases_have_the_same_tables_columns_and_indexes() {
    let sqlite = Db::sqlite();
    sqlite.store().await;
    let (wanted, wanted_indexes) = (columns(&sqlite).await, indexes(&sqlite).await);
    assert!(wanted.len() > 150 && wanted_indexes.len() > 10, "{} columns", wanted.len());
    let Some(postgres) = Db::postgres().await else { return };
    postgres.store().await;
    assert_eq!(columns(&postgres).await, wanted);
    assert_eq!(indexes(&postgres).await, wanted_indexes);
    postgres.close().await;
}

/// Byte order everywhere: what sorts or compares must not depend on a locale.
#[tokio::test]
async fn texts_sort_by_bytes_on_both() {
    on_both(async |db| {
        db.store().await;
        for (n, id) in (1..).zip(["b", "B", "a", "é", "A", "中"]) {
            db.run(&format!("INSERT INTO lease (name, holder, epoch, until) VALUES ('{id}', 'h', {n}, 0)"))
                .await;
        }
        let asked = Asked::open(db).await;
        let names: Vec<String> = asked.column("SELECT name FROM lease ORDER BY name").await;
        assert_eq!(names, ["A", "B", "a", "b", "é", "中"]);
        asked.close().await;
    })
    .await;
}
