//! The same by the program: refused, asked, killed in the middle, done, gone on with.

use std::os::unix::process::ExitStatusExt as _;

use gateway::ledger::Audit;
use tests::{
    Db, on_both,
    stage::{Stage, agree, eager},
};

const PROOF: &str = "node = \"np\"\n[proof]\ndir = \"proof\"\n";

async fn told(stage: &Stage, command: &[&str], code: i32) -> String {
    let ended = stage.run(command).await;
    assert_eq!(ended.code, Some(code), "{command:?}: {ended:?}");
    format!("{}{}", ended.out, ended.err)
}

async fn audit(stage: &Stage) -> Audit {
    serde_json::from_str(&stage.run(&["audit", "--json"]).await.said(0)).unwrap()
}

/// A family sent, a dump, two more sent, the dump restored.
async fn restored(db: &Db) -> Stage {
    let stage = Stage::new(&db.url, &eager().with("lianwang.toml", PROOF)).await;
    stage.family(1).await;
    stage.finish().await;
    let dump = db.dump().await;
    for n in [2, 3] {
        stage.family(n).await;
        stage.finish().await;
    }
    told(&stage, &["checkpoint"], 0).await;
    db.restore(&dump).await;
    stage
}

#[tokio::test]
async fn a_restored_ledger_is_refused_until_it_is_brought_forward() {
    on_both(async |db| {
        let stage = restored(db).await;
        for command in [
            &["run", "--listen", "127.0.0.1:0"][..],
            &["pull", "national-park"],
            &["forward"],
            &["checkpoint"],
        ] {
            assert!(told(&stage, command, 1).await.contains("lianwang recover"), "{command:?}");
        }
        let older = told(&stage, &["audit"], 1).await;
        assert!(older.contains("账目比接收日志旧") && older.contains("已发批次 6 个"), "{older}");
        assert!(older.contains("lianwang recover"), "{older}");
        let json = stage.run(&["audit", "--json"]).await;
        let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
        assert_eq!(json["older"].as_array().unwrap().len(), 1, "{json}");
        let asked = told(&stage, &["recover"], 2).await;
        assert!(asked.contains("节点 np：") && asked.contains("没有确认，什么也没有改"), "{asked}");
        let done = told(&stage, &["recover", "--yes"], 0).await;
        assert!(done.contains("补回批次 6 个；按日志里的应答结清 6 个"), "{done}");
        assert!(told(&stage, &["recover"], 0).await.contains("没有要补的"));
        stage.finish().await;
        assert_eq!(agree(db, &stage, &audit(&stage).await).await.confirmed, 9);
        let held = told(&stage, &["audit", "--deep", "--against", "proof/checkpoints/np.ndjson"], 0).await;
        assert!(held.contains("随数据库还原丢失、已由补账登记的：") && held.contains("与账目一致"), "{held}");
    })
    .await;
}

#[tokio::test]
async fn killed_in_the_middle_and_run_again_it_ends_the_same() {
    on_both(async |db| {
        let stage = restored(db).await;
        // 14 commits: begun, 6 batches, 6 answers, ended; each life gets a little further
        for n in 1..=3 {
            for side in ["before", "after"] {
                let order = format!("recover:{n}:{side}");
                let arguments = stage.arguments(&["recover", "--yes"]);
                let child = stage.program.start_with(&arguments, &[("LIANWANG_KILL_AT", &order)]);
                let ended = child.wait_with_output().await.unwrap();
                assert_eq!(ended.status.signal(), Some(9), "{order}: {ended:?}");
                // a dead one's lease runs out by itself
                db.run("UPDATE lease SET until = 0").await;
            }
        }
        assert!(told(&stage, &["forward"], 1).await.contains("lianwang recover"));
        told(&stage, &["recover", "--yes"], 0).await;
        stage.finish().await;
        assert_eq!(agree(db, &stage, &audit(&stage).await).await.confirmed, 9);
    })
    .await;
}
