//! The tables: the same on both databases, made once, and as `migrations/schema.sql` says.

use migrations::{Migrator, MigratorTrait};
use sea_orm::Database;
use tests::{Db, Files, World, faults::Breaker, on_both, rows::plant, state::Asked};

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

#[tokio::test]
async fn the_schema_file_is_what_the_steps_make() {
    tests::kept::is_kept("migrations/schema.sql", &schema().await);
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

/// A step of two statements, of which the second cannot be run.
#[tokio::test]
async fn a_step_that_fails_leaves_nothing_and_is_made_again_whole() {
    on_both(async |db| {
        let connection = Database::connect(&db.created()).await.unwrap();
        let steps = Migrator::migrations();
        let before = steps.iter().position(|step| step.name() == "m20261125_000007_indexes").unwrap();
        Migrator::up(&connection, Some(u32::try_from(before).unwrap())).await.unwrap();
        db.run("DROP INDEX delivery_due").await;
        Migrator::up(&connection, None).await.unwrap_err();
        assert!(indexes(db).await.contains(&"record_by_id".to_owned()), "{}", db.name);
        db.run("CREATE INDEX delivery_due ON delivery (state)").await;
        Migrator::up(&connection, None).await.unwrap();
        assert!(!indexes(db).await.contains(&"record_by_id".to_owned()), "{}", db.name);
        connection.close().await.unwrap();
    })
    .await;
}

/// `table.column`, whether it may be absent, and what it holds: number, text or bytes.
async fn columns(db: &Db) -> Vec<String> {
    let sqlite = "SELECT m.name || '.' || p.name || ' ' || p.\"notnull\" || ' ' || p.type FROM sqlite_master m \
         JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sea%' ORDER BY 1";
    let postgres = "SELECT (table_name || '.' || column_name || ' ' || CASE is_nullable WHEN 'NO' THEN '1' ELSE '0' END || ' ' \
         || CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'text' THEN 'TEXT' WHEN 'bytea' THEN 'BLOB' ELSE data_type END) \
         COLLATE \"C\" FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE 'sea%' \
         AND NOT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relname = table_name AND c.relispartition) ORDER BY 1";
    let asked = Asked::open(db).await;
    let columns = asked.column(if db.name == "SQLite" { sqlite } else { postgres }).await;
    asked.close().await;
    columns
}

async fn indexes(db: &Db) -> Vec<String> {
    let sqlite = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1";
    let postgres = "SELECT indexname::text COLLATE \"C\" FROM pg_indexes WHERE schemaname = current_schema() \
         AND indexname::text NOT IN (SELECT conname::text FROM pg_constraint) \
         AND NOT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = current_schema() AND c.relname = tablename AND c.relispartition) ORDER BY 1";
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

/// SHA-256 of `hello`, and its bytes as zstd packs them.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const PACKED: &str = "28B52FFD200529000068656C6C6F";

/// Rows as the first release wrote them: one record found and accepted, a page that was none, an answer.
const FIRST_RELEASE: [&str; 9] = [
    "INSERT INTO blob (digest, digest_alg, bytes, length) VALUES ('{hello}', 'sha-256', {packed}, 5)",
    "INSERT INTO blob (digest, digest_alg, bytes, length) VALUES ('other', 'sha-256', {packed}, 5)",
    "INSERT INTO document (no, source, service, blob, digest_alg, length, asked, located, received_at, revision) \
     VALUES (1, 'old', 'plants', '{hello}', 'sha-256', 5, '', 1, 1000, 1)",
    "INSERT INTO part (document, part, source, service, kind, first, located, byte_from, byte_to, state, revision, found, \
     accepted, unchanged, rejected, held, judged_at) VALUES (1, 0, 'old', 'plants', 'plant', 0, 1, 0, 5, 'judged', 1, 1, 1, 0, 0, 0, 1000)",
    "INSERT INTO version (seq, record, kind, document, part, place, byte_from, byte_length, revision, content, \
     content_digest, digest_alg, parents, inputs, test, at) \
     VALUES (2, 2, 'plant', 1, 0, 0, 0, 5, 1, '{}', 'c', 'sha-256', '[]', '[]', 0, 1000)",
    "INSERT INTO record (no, kind, id_space, id, source, head, document, place, source_digest, content_digest) \
     VALUES (2, 'plant', 'src:old', '7', 'old', 2, 1, 0, 's', 'c')",
    "INSERT INTO issue (no, source, service, document, part, place, kind, id_space, id, verdict, issues, revision, at) \
     VALUES (3, 'old', 'plants', 1, 0, 0, 'plant', 'src:old', '7', 'accepted', '[]', 1, 1000)",
    "INSERT INTO failed_fetch (no, source, service, at, what, blob, length) VALUES (4, 'old', 'plants', 2000, '', '{hello}', 5)",
    "UPDATE counter SET seq = 4",
];

#[tokio::test]
async fn a_ledger_of_the_first_release_is_brought_up_with_all_it_holds_and_goes_on() {
    on_both(async |db| {
        let connection = Database::connect(db.created()).await.unwrap();
        Migrator::up(&connection, Some(1)).await.unwrap();
        connection.close().await.unwrap();
        let packed =
            if db.name == "SQLite" { format!("X'{PACKED}'") } else { format!("'\\x{PACKED}'::bytea") };
        for sql in FIRST_RELEASE {
            db.run(&sql.replace("{hello}", HELLO).replace("{packed}", &packed)).await;
        }
        let mut world = World::on(db.store().await, Breaker::counting(), &Files::small()).await;
        assert_eq!(world.store().blob(HELLO).await.unwrap(), b"hello");
        assert!(world.store().blob("other").await.unwrap_err().to_string().contains("与摘要不符"));
        world.park().add("plants", plant(1, 1, "甲"));
        world.run().await;
        let audit = world.audit().await;
        assert_eq!((audit.sum.found, audit.sum.accepted), (2, 2));
        assert_eq!(audit.destinations["receiver"].sum.confirmed, 2);
        let asked = Asked::open(db).await;
        assert_eq!(asked.number("SELECT used_at FROM blob WHERE digest LIKE '2cf2%'").await, 2000);
        assert_eq!(asked.number("SELECT COUNT(*) FROM version").await, 2);
        assert_eq!(asked.number("SELECT COUNT(*) FROM issue WHERE no = 3").await, 1);
        assert_eq!(
            asked.number("SELECT COUNT(*) FROM blob_bytes b JOIN blob i ON i.no = b.no").await,
            asked.number("SELECT COUNT(*) FROM blob").await
        );
        asked.close().await;
    })
    .await;
}
