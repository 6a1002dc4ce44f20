//! A database that goes away, lets nobody in or nothing be written, under the running program: it says so, waits, and goes on
//! by itself, with nothing lost and nothing doubled.

use std::path::Path;

use tests::{
    Db,
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
    stage.finish().await;
    let store = gateway::store::Store::open(&role.url).await.unwrap();
    let audit = store.audit().await.unwrap();
    assert_eq!(agree(&db, &stage, &audit).await.confirmed, 9);
    store.close().await.unwrap();
    drop(stage);
    role.drop().await;
    db.close().await;
}
