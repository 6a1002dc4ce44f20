//! Two of the program at one ledger: stopped, killed in turn, each with its share; and a clock that is off.

use std::sync::Arc;

use adapters::{Clock as _, SystemClock};
use chrono::TimeDelta;
use gateway::{pipeline::Context, scheduler::skew, store::Store};
use serde_json::json;
use tests::{
    Db, Files,
    http::running::{RunningClock, until},
    on_both,
    process::{line_of, tell, terminate},
    stage::{DESTINATION_FILE, Stage, agree, eager},
    state::Asked,
};
use tokio::process::Child;

fn shared() -> Files {
    eager().with("lianwang.toml", "node = \"env:LIANWANG_NODE\"\nrepair_s = 1\n")
}

async fn start(stage: &Stage, node: &str) -> Child {
    let arguments = stage.arguments(&["run", "--listen", "127.0.0.1:0"]);
    let log = stage.program.folder().join(node);
    let mut child = stage.program.start_logging_with(&arguments, &log, &[("LIANWANG_NODE", node)]);
    line_of(&mut child, "状态页 ").await;
    child
}

async fn stage(db: &Db, files: &Files) -> Stage {
    let mut stage = Stage::new(&db.url, files).await;
    stage.program = stage.program.with([("LIANWANG_NODE", "hand".to_owned())]);
    stage
}

async fn arrived(stage: &Stage, families: u32) {
    let all = 3 * usize::try_from(families).unwrap();
    until("all arrived", async || stage.province.ledger().await["last"].as_object().unwrap().len() == all)
        .await;
}

async fn agreed(db: &Db, stage: &Stage, families: u32) {
    db.run("UPDATE lease SET until = 0; UPDATE cursor SET not_before = NULL").await;
    stage.finish().await;
    let store = Store::open(&db.url).await.unwrap();
    let audit = store.audit().await.unwrap();
    assert_eq!(agree(db, stage, &audit).await.confirmed, 3 * usize::try_from(families).unwrap());
    store.close().await.unwrap();
}

/// Its lease moves on while it stands still in the middle of a delivery: what it then writes is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stood_still_writes_nothing_after_its_lease_moved_on() {
    let Some(db) = Db::postgres().await else { return };
    let stage = stage(&db, &shared()).await;
    let one = start(&stage, "one").await;
    stage.province.fault(&json!({"kind": "slow", "ms": 3_000})).await;
    stage.family(1).await;
    until("the first batch", async || stage.province.ledger().await["batches"].as_i64().unwrap() > 0).await;
    tell(&one, "STOP").await;
    db.run("UPDATE lease SET until = 0").await;
    let two = start(&stage, "two").await;
    arrived(&stage, 1).await;
    let asked = Asked::open(&db).await;
    let settled = "SELECT COUNT(*) FROM batch WHERE state = 'settled'";
    until("all settled by the other", async || asked.number(settled).await == 3).await;
    asked.close().await;
    tell(&one, "CONT").await;
    let log = stage.program.folder().join("one");
    until("it is told", async || {
        std::fs::read_to_string(&log).unwrap().contains("租约 forward:national 已归别的节点")
    })
    .await;
    terminate(one).await;
    terminate(two).await;
    agreed(&db, &stage, 1).await;
    drop(stage);
    db.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_killed_in_turn_lose_and_double_nothing_share_the_work_and_keep_the_limit() {
    let Some(db) = Db::postgres().await else { return };
    let limited = shared().replacing(DESTINATION_FILE, "requests_per_s = 1000.0", "requests_per_s = 2.0");
    let stage = stage(&db, &limited).await;
    let mut nodes = [("one", start(&stage, "one").await), ("two", start(&stage, "two").await)];
    let asked = Asked::open(&db).await;
    let holders = "SELECT COUNT(DISTINCT holder) FROM lease WHERE until > 0 AND name NOT LIKE 'node:%'";
    for n in 1..=8 {
        stage.family(n).await;
        let (name, child) = &mut nodes[usize::try_from(n % 2).unwrap()];
        if n > 4 {
            until("both have a share", async || asked.number(holders).await == 2).await;
        }
        child.kill().await.unwrap();
        // under its own name it goes on at once
        *child = start(&stage, name).await;
        arrived(&stage, n).await;
    }
    asked.close().await;
    for (_, child) in nodes {
        assert_eq!(terminate(child).await.code, Some(0));
    }
    agreed(&db, &stage, 8).await;
    assert_eq!(stage.province.ledger().await["max_in_any_second"], 2, "whoever sent");
    drop(stage);
    db.close().await;
}

#[tokio::test]
async fn a_clock_that_is_off_by_more_than_two_seconds_is_refused() {
    on_both(async |db| {
        let store = db.store().await;
        for (off_ms, refused) in [(0, false), (90_000, true), (-90_000, true)] {
            let clock = RunningClock::starting(SystemClock.now() + TimeDelta::milliseconds(off_ms));
            let context = Context::new(store.clone(), Arc::new(clock), "hub");
            let wrong = skew::wrong(&context).await.unwrap();
            assert_eq!(wrong.is_some(), refused && db.name == "PostgreSQL", "{off_ms}: {wrong:?}");
        }
    })
    .await;
}
