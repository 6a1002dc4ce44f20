//! A database that goes away, lets nobody in or nothing be written, under the running program: it says so, waits, and goes on
//! by itself, with nothing lost and nothing doubled.

use std::path::Path;

use tests::{
    Cut, Db, SmallDisk,
    http::running::until,
    process::{line_of, terminate},
    stage::{Stage, agree, eager},
};

/// What is done to the program's user, how it is undone, what the program says meanwhile.
const TROUBLES: [(&str, &str, &str); 3] = [
    ("NOLOGIN", "LOGIN", "数据库不让登录"),
    ("SET default_transaction_read_only = on", "RESET default_transaction_read_only", "数据库只读"),
    ("CONNECTION LIMIT 0", "CONNECTION LIMIT -1", "连不上数据库"),
];

/// Both ways a commit may be cut, each at several moments of a record's path.
const CUTS: [Cut; 8] =
    [Cut::Before, Cut::After, Cut::After, Cut::Before, Cut::Before, Cut::After, Cut::Before, Cut::After];

async fn arrived(stage: &Stage) -> usize {
    stage.province.ledger().await["last"].as_object().unwrap().len()
}

async fn says(log: &Path, words: &str) {
    until(words, async || std::fs::read_to_string(log).unwrap().contains(words)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_database_refuses_is_said_and_made_up_for() {
    let Some(db) = Db::postgres().await else { return };
    let role = db.role().await.unwrap();
    let stage = Stage::new(&role.url, &eager()).await;
    let log = stage.program.folder().join("log");
    let arguments = stage.arguments(&["run", "--listen", "127.0.0.1:0"]);
    let mut child = stage.program.start_logging(&arguments, &log);
    line_of(&mut child, "状态页 ").await;
    for (n, (trouble, undone, words)) in (1..).zip(TROUBLES) {
        role.alter(trouble).await;
        stage.family(n).await;
        says(&log, words).await;
        role.alter(undone).await;
        until(trouble, async || arrived(&stage).await == 3 * usize::try_from(n).unwrap()).await;
    }
    assert_eq!(terminate(child).await.code, Some(0));
    agreed(&db, &stage, 3).await;
    drop(stage);
    role.drop().await;
    db.close().await;
}

fn all(families: u32) -> usize {
    3 * usize::try_from(families).unwrap()
}

/// Waits until the first `families` families have arrived.
async fn all_of(stage: &Stage, families: u32) {
    until("all arrived", async || arrived(stage).await == all(families)).await;
}

async fn agreed(db: &Db, stage: &Stage, families: u32) {
    stage.finish().await;
    let store = gateway::store::Store::open(&stage.store).await.unwrap();
    let audit = store.audit().await.unwrap();
    assert_eq!(agree(db, stage, &audit).await.confirmed, all(families));
    store.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_cut_before_or_after_it_is_done_loses_and_doubles_nothing() {
    let Some(db) = Db::postgres().await else { return };
    let cable = db.cable().await.unwrap();
    let stage = Stage::new(&cable.url, &eager()).await;
    let mut child = stage.program.start(&stage.arguments(&["run", "--listen", "127.0.0.1:0"]));
    line_of(&mut child, "状态页 ").await;
    for (n, cut) in (1..).zip(CUTS) {
        cable.cut(cut);
        stage.family(n).await;
        until("the cut", async || cable.is_cut()).await;
        all_of(&stage, n).await;
    }
    assert_eq!(terminate(child).await.code, Some(0));
    agreed(&db, &stage, 8).await;
    drop((stage, cable));
    db.close().await;
}

/// The program on a ledger whose disk is full for a while.
async fn outlives_a_full_disk(db: &Db, store: &str, disk: &SmallDisk) {
    // told to read on whatever is free: the database itself is to refuse
    let stage = Stage::new(store, &eager().with("lianwang.toml", "[disk]\nfree_percent = 0\n")).await;
    let log = stage.program.folder().join("log");
    let mut child = stage.program.start_logging(&stage.arguments(&["run", "--listen", "127.0.0.1:0"]), &log);
    line_of(&mut child, "状态页 ").await;
    stage.family(1).await;
    all_of(&stage, 1).await;
    disk.fill();
    let full = || std::fs::read_to_string(&log).unwrap().contains("磁盘满了");
    let mut families = 1;
    while !full() {
        // what pages of its own have left, it still takes
        families += 1;
        stage.family(families).await;
        until("taken or full", async || full() || arrived(&stage).await == all(families)).await;
    }
    disk.empty();
    all_of(&stage, families).await;
    assert_eq!(terminate(child).await.code, Some(0));
    agreed(db, &stage, families).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_sqlite_is_said_and_outlived() {
    let Some(disk) = SmallDisk::mount() else { return };
    let db = disk.sqlite();
    outlives_a_full_disk(&db, &db.url, &disk).await;
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_under_postgresql_is_said_and_outlived() {
    let Some(db) = Db::postgres().await else { return };
    let Some(disk) = SmallDisk::mount() else { return };
    let role = db.role().await.unwrap();
    let space = disk.keep_for(&db, &role).await;
    outlives_a_full_disk(&db, &role.url, &disk).await;
    role.drop().await;
    disk.forget(db, &space).await;
}
