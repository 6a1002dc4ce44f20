//! Checkpoints and holding them against the ledger: what the law changes is no difference, whatever else is, and named.

use std::{path::PathBuf, sync::Arc};

use chrono::TimeDelta;
use gateway::{
    pipeline::{Against, against, checkpoint},
    proof::{Folder, Journal, checkpoints::Head},
};
use tempfile::TempDir;
use tests::{
    Db, Files, World, on_both,
    rows::{plant, tank},
    stage::{Stage, eager},
    state::Asked,
};

/// A world whose proof lies in a folder that goes away with it.
struct Proven {
    world: World,
    folder: Folder,
    _home: TempDir,
}

impl Proven {
    async fn new(db: &Db) -> Self {
        let home = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let folder = Folder::new(home.path(), &db.url).unwrap();
        let mut world = World::new(db, &Files::small()).await;
        world.keep_proof(&folder);
        Self { world, folder, _home: home }
    }

    /// A plant accepted and confirmed, one rejected, a tank held; a checkpoint over it.
    async fn first_night(db: &Db) -> Self {
        let mut proven = Self::new(db).await;
        proven.world.park().add("plants", plant(1, 1, "甲"));
        proven.world.park().add("plants", plant(2, 1, ""));
        proven.world.park().add("tanks", tank(11, 2, 1, "特大"));
        proven.world.run().await;
        proven.checkpoint().await.unwrap();
        proven
    }

    async fn checkpoint(&self) -> Option<Head> {
        checkpoint(&self.world.context).await.unwrap()
    }

    fn file(&self) -> PathBuf {
        self.folder.checkpoints("hub")
    }

    async fn against(&self) -> Against {
        against(&self.world.context, &self.file(), &self.folder, &|_| {}).await.unwrap()
    }

    /// What the first difference is told as.
    async fn told(&self) -> String {
        let against = self.against().await;
        format!("{:?}", against.apart.clone().unwrap_or_else(|| panic!("no difference: {against:?}")))
    }

    async fn agrees(&self) -> Against {
        let against = self.against().await;
        assert_eq!(against.apart, None);
        against
    }
}

#[tokio::test]
async fn what_the_ledger_s_own_law_changes_later_is_no_difference() {
    on_both(async |db| {
        let mut proven = Proven::first_night(db).await;
        let first = proven.agrees().await;
        assert_eq!((first.checkpoints, first.later), (1, 0));
        assert_eq!(proven.checkpoint().await, None, "nothing was committed since");
        // the held tank is released: its part counts otherwise, under a later number
        let mended = Files::small().replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n");
        proven.world.activate(&mended).await;
        proven.world.run().await;
        proven.agrees().await;
        let second = proven.checkpoint().await.unwrap();
        assert_eq!((second.checkpoint, second.after > 0), (2, true));
        let both = proven.agrees().await;
        assert!(both.checkpoints == 2 && both.leaves > first.leaves, "{both:?}");
        // age takes bytes, and what it did is proven like everything else
        proven.world.wait(TimeDelta::days(2));
        proven.world.age().await;
        proven.checkpoint().await.unwrap();
        let text = std::fs::read_to_string(proven.file()).unwrap();
        assert!(text.contains("\"what\":\"retention\""), "{text}");
        assert_eq!(proven.agrees().await.checkpoints, 3);
    })
    .await;
}

/// What is done to the ledger, how it is undone, what is said of it.
const TAMPERED: [(&str, &str, [&str; 2]); 11] = [
    (
        "UPDATE document SET received_at = received_at + 1",
        "UPDATE document SET received_at = received_at - 1",
        ["（来源 park 的 ", "：接收时刻，文件记 "],
    ),
    (
        "UPDATE document SET blob = 'f' || blob",
        "UPDATE document SET blob = substr(blob, 2)",
        ["文档 ", "原文摘要，文件记 “"],
    ),
    (
        "UPDATE part SET unchanged = unchanged + 1, rejected = rejected - 1 WHERE rejected > 0",
        "UPDATE part SET unchanged = unchanged - 1, rejected = rejected + 1 WHERE unchanged > 0",
        ["第 0 段（来源 park 的 plants）的研判计数：退回，文件记 1，账目是 0", ""],
    ),
    (
        "UPDATE part SET counted = counted + 1000, found = found + 1",
        "UPDATE part SET counted = counted - 1000, found = found - 1",
        ["的研判计数：发现，文件记 ", ""],
    ),
    (
        "UPDATE batch SET size = size + 1",
        "UPDATE batch SET size = size - 1",
        ["批次 receiver-", "条数，文件记 1，账目是 2"],
    ),
    (
        "UPDATE batch SET id = id || 'x'",
        "UPDATE batch SET id = substr(id, 1, length(id) - 1)",
        ["文件里有批次 receiver-", "账目里没有"],
    ),
    (
        "UPDATE attempt SET outcome = 'xaken'",
        "UPDATE attempt SET outcome = 'taken'",
        ["批次 receiver-", "第 1 次发送：结果，文件记 “taken”，账目是 “xaken”"],
    ),
    (
        "UPDATE activation SET why = why || '改'",
        "UPDATE activation SET why = substr(why, 1, length(why) - 1)",
        ["号启用记录：理由，文件记 “测试”，账目是 “测试改”", ""],
    ),
    (
        "UPDATE activation SET who = '某人'",
        "UPDATE activation SET who = ''",
        ["谁，文件记 “”，账目是 “某人”", ""],
    ),
    (
        "UPDATE revision SET hash = 'f' || hash",
        "UPDATE revision SET hash = substr(hash, 2)",
        ["号配置：配置摘要，文件记", ""],
    ),
    (
        "UPDATE blob_bytes SET bytes = (SELECT b.bytes FROM blob_bytes b ORDER BY b.no LIMIT 1)",
        "",
        ["与摘要不符", ""],
    ),
];

#[tokio::test]
async fn whatever_else_is_changed_is_named() {
    on_both(async |db| {
        let proven = Proven::first_night(db).await;
        for (change, undo, words) in TAMPERED {
            db.run(change).await;
            let told = proven.told().await;
            assert!(words.iter().all(|word| told.contains(word)), "{change}: {told}");
            assert!(told.contains("checkpoint: Some(1)"), "{told}");
            if !undo.is_empty() {
                db.run(undo).await;
                proven.agrees().await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn rows_that_are_gone_or_came_in_between_are_named() {
    on_both(async |db| {
        let proven = Proven::first_night(db).await;
        let asked = Asked::open(db).await;
        let document = asked.number("SELECT MAX(no) FROM document").await;
        let free = asked.number("SELECT MIN(seq) FROM version").await;
        asked.close().await;
        let head = std::fs::read_to_string(proven.file()).unwrap();
        assert!(head.contains(&format!("\"key\":\"{document}\"")), "{head}");
        for (sql, words) in [
            (
                format!(
                    "INSERT INTO retention_drop (no, at, what, low, high, gone, bytes, days, older_than) \
                     VALUES ({free}, 0, 'raw', 0, 9, 1, 1, 1, 0)"
                ),
                format!("账目里有第 {free} 号清除记录，文件里没有"),
            ),
            (format!("DELETE FROM document WHERE no = {document}"), format!("文件里有文档 {document}（")),
        ] {
            db.run(&sql).await;
            let told = proven.told().await;
            assert!(told.contains(&words), "{sql}: {told}");
            db.run(&format!("DELETE FROM retention_drop WHERE no = {free}")).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_was_changed_or_cut_is_named_with_its_line() {
    on_both(async |db| {
        let mut proven = Proven::first_night(db).await;
        proven.world.park().add("plants", plant(3, 5, "丙"));
        proven.world.run().await;
        proven.checkpoint().await.unwrap();
        let (file, whole) = (proven.file(), std::fs::read_to_string(proven.file()).unwrap());
        let second = whole.find("{\"checkpoint\":2").unwrap();
        let line = 1 + whole[..second].lines().count();
        let cases = [
            (whole.replacen("\"found\":2", "\"found\":3", 1), "line: Some(1), checkpoint: Some(1)", "根不符"),
            (whole.replacen("\"upto\":", "\"upto\":1", 1), "checkpoint: Some(1)", "账目记得的不同"),
            (whole[..whole.len() - 9].to_owned(), "checkpoint: Some(2)", "中间断了"),
            (whole[..second].to_owned(), "checkpoint: Some(1)", "账目记得写到第 2 个：文件被截短了"),
        ];
        for (changed, place, words) in cases {
            std::fs::write(&file, changed).unwrap();
            let told = proven.told().await;
            assert!(told.contains(place) && told.contains(words), "{told}");
        }
        // the last head is held by the ledger: nothing in the file is chained to it
        let last = whole.rfind("\"at\":\"2026").unwrap();
        let changed = format!("{}{}", &whole[..last], whole[last..].replacen("2026", "2025", 1));
        std::fs::write(&file, changed).unwrap();
        let told = proven.told().await;
        assert!(told.contains(&format!("line: Some({line})")) && told.contains("账目记得的不同"), "{told}");
        // an earlier copy elsewhere is no fault: it says so
        let copy = file.with_file_name("copy.ndjson");
        std::fs::write(&copy, &whole[..second]).unwrap();
        let earlier = against(&proven.world.context, &copy, &proven.folder, &|_| {}).await.unwrap();
        assert_eq!((earlier.apart, earlier.checkpoints, earlier.later), (None, 1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_lost_is_begun_anew_and_covers_everything() {
    on_both(async |db| {
        let proven = Proven::first_night(db).await;
        let first = proven.agrees().await;
        std::fs::remove_file(proven.file()).unwrap();
        let head = proven.checkpoint().await.unwrap();
        assert_eq!((head.checkpoint, head.after, head.previous.is_empty()), (2, 0, false));
        assert_eq!(proven.agrees().await.leaves, first.leaves);
    })
    .await;
}

/// One step after the other, a checkpoint after each: nothing is passed over, nothing stands twice but counts that moved.
#[tokio::test]
async fn checkpoints_between_all_steps_cover_what_one_at_the_end_does() {
    on_both(async |db| {
        let mut proven = Proven::new(db).await;
        for n in 1..=3 {
            proven.world.park().add("plants", plant(n, n, if n == 2 { "" } else { "甲" }));
            proven.world.park().add("tanks", tank(10 + n, n, n, if n == 3 { "特大" } else { "一般" }));
        }
        proven.world.ask("park").await.unwrap();
        for step in 0..40 {
            match step % 4 {
                0 | 1 => proven.world.pull("park").await,
                2 => proven.world.refine("park").await,
                _ => proven.world.forward("receiver").await,
            }
            .unwrap();
            proven.checkpoint().await;
        }
        let mended = Files::small().replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n");
        proven.world.activate(&mended).await;
        proven.world.until_idle().await;
        proven.checkpoint().await.unwrap();
        let many = proven.agrees().await;
        assert!(many.checkpoints > 5, "{many:?}");
        let (all, _) = proven.world.store().leaves(0).await.unwrap();
        assert_eq!(
            many.leaves,
            1 + u64::try_from(all.len()).unwrap(),
            "the released tank's part stands twice"
        );
    })
    .await;
}

/// A crash between the file and the ledger's memory of it, on either side of each.
#[tokio::test]
async fn a_checkpoint_broken_off_is_gone_on_from() {
    on_both(async |db| {
        let mut proven = Proven::first_night(db).await;
        for (n, after) in [(4, false), (5, true), (6, false)] {
            proven.world.park().add("plants", plant(n, n, "乙"));
            proven.world.run().await;
            proven.world.breaker.arm(1, after);
            let error = checkpoint(&proven.world.context).await.unwrap_err();
            assert!(error.to_string().contains("checkpoint"), "{error}");
            proven.world.restart();
        }
        proven.agrees().await;
        assert_eq!(proven.checkpoint().await, None, "all of it is in the file");
        proven.world.park().add("plants", plant(7, 7, "丙"));
        proven.world.run().await;
        assert_eq!(proven.checkpoint().await.unwrap().checkpoint, 5);
        assert_eq!(proven.agrees().await.checkpoints, 5);
    })
    .await;
}

/// Each node keeps a file of its own; each covers everything.
#[tokio::test]
async fn two_nodes_prove_the_same_ledger_each_in_its_file() {
    on_both(async |db| {
        let mut proven = Proven::first_night(db).await;
        let journal = Journal::open(&proven.folder.journal("other"), "other", 30).unwrap();
        let other = proven
            .world
            .replica("other")
            .with_journal(Arc::new(journal))
            .with_checkpoints(proven.folder.checkpoints("other"));
        checkpoint(&other).await.unwrap();
        proven.world.park().add("plants", plant(3, 5, "丙"));
        proven.world.run().await;
        let own = proven.checkpoint().await.unwrap();
        let others = checkpoint(&other).await.unwrap().unwrap();
        assert_eq!((own.root, own.after, own.upto), (others.root, others.after, others.upto));
        let file = proven.folder.checkpoints("other");
        let held = against(&other, &file, &proven.folder, &|_| {}).await.unwrap();
        assert_eq!((held.apart, held.leaves), (None, proven.agrees().await.leaves));
    })
    .await;
}

/// By the commands: made at the end of `run` and by hand, held against, told as JSON, exit code 1.
#[tokio::test]
async fn the_commands_write_and_hold_against() {
    on_both(async |db| {
        let stage =
            Stage::new(&db.url, &eager().with("lianwang.toml", "node = \"np\"\n[proof]\ndir = \"proof\"\n"))
                .await;
        stage.family(1).await;
        stage.finish().await;
        let made = stage.run(&["checkpoint"]).await.said(0);
        assert!(
            made.starts_with("第 1 个检查点：") && made.contains("proof/checkpoints/np.ndjson"),
            "{made}"
        );
        assert!(stage.run(&["checkpoint"]).await.said(0).contains("不用写"));
        stage.family(2).await;
        stage.finish().await;
        let arguments = stage.arguments(&["run", "--listen", "127.0.0.1:0"]);
        let mut hub = stage.program.start(&arguments);
        tests::process::line_of(&mut hub, "状态页 ").await;
        assert_eq!(tests::process::terminate(hub).await.code, Some(0));
        let audit = stage.run(&["audit", "--against", "proof/checkpoints/np.ndjson"]).await.said(0);
        assert!(audit.contains("2 个检查点") && audit.contains("与账目一致"), "{audit}");
        db.run("UPDATE batch SET path = 'elsewhere'").await;
        let ended = stage.run(&["audit", "--json", "--against", "proof/checkpoints/np.ndjson"]).await;
        let told: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!(
            (told["holds"].as_bool(), told["against"]["apart"]["checkpoint"].as_i64()),
            (Some(true), Some(1))
        );
        assert!(ended.clone().complained(1).contains("路径，文件记 “"), "{ended:?}");
        assert!(stage.run(&["audit", "--against", "none"]).await.complained(2).contains("没有文件 none"));
    })
    .await;
}
