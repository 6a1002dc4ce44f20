//! The life of a revision: begun, applied beside a running service, refused, gone back from, compared, and pinned on all
//! that was made under it. The commands are processes, see `tests::process`.

use adapters::Environment;
use gateway::{
    pipeline::{StepError, activate::activate_for},
    scheduler::node::Node,
    store::revisions::{How, Reason},
};
use serde_json::{Value, json};
use tests::{
    Db, Files, World,
    http::{running::until, sample},
    on_both,
    process::{line_of, terminate},
    rows::{plant, tank},
    stage::{Stage, eager},
    state::Asked,
};

const TITLE: &str = "title = \"样例园区\"";

async fn number(db: &Db, sql: &str) -> i64 {
    let asked = Asked::open(db).await;
    let number = asked.number(sql).await;
    asked.close().await;
    number
}

/// The configuration without a schedule: nothing is read by itself.
fn silent() -> Files {
    sample::files(50)
}

async fn revisions(stage: &Stage) -> Vec<Value> {
    serde_json::from_str(&stage.run(&["revisions", "--json"]).await.said(0)).unwrap()
}

#[tokio::test]
async fn a_beginning_passes_check_and_never_overwrites() {
    let stage = Stage::new("sqlite://begun.db", &silent()).await;
    assert!(stage.program.run(&["init", "begun"]).await.said(0).contains("lianwang check begun"));
    let said = stage.program.run(&["check", "begun"]).await.said(0);
    assert!(said.contains("检查通过。") && said.contains("PARK_URL"), "{said}");
    let again = stage.program.run(&["init", "begun"]).await.complained(2);
    assert!(again.contains("一个字都没有动"), "{again}");
}

#[tokio::test]
async fn what_is_applied_beside_a_running_service_is_worked_by_without_a_restart() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &silent()).await;
        let mut service = stage.program.start(&stage.arguments(&["run", "--listen", "127.0.0.1:0"]));
        line_of(&mut service, "状态页 ").await;
        stage.family(1).await;

        let second = eager().copied("national-park", "second");
        let more = stage.program.configure("more", &second).display().to_string();
        let apply = ["apply", &more, "--store", &stage.store, "--why", "读第二个来源", "--by", "张三"];
        let said = stage.program.run(&apply).await.said(0);
        assert!(said.contains("已启用") && said.contains("不用重启"), "{said}");
        let read = "SELECT COUNT(DISTINCT source) FROM cursor WHERE last_whole_at IS NOT NULL";
        until("both are read", async || number(db, read).await == 2).await;
        let confirmed = "SELECT COUNT(*) FROM delivery WHERE state = 'confirmed'";
        until("the family is sent", async || number(db, confirmed).await == 3).await;
        let history = revisions(&stage).await;
        assert_eq!(history.len(), 2);
        assert_eq!((&history[0]["active"], &history[0]["how"]), (&json!(true), &json!("apply")));
        assert_eq!((&history[0]["who"], &history[0]["why"]), (&json!("张三"), &json!("读第二个来源")));
        assert!(history[0]["served"].is_string(), "{history:?}");

        assert!(stage.program.run(&apply).await.said(0).contains("什么都没有改变"));
        let back = stage.run(&["apply", "--back", "--why", "先不读"]).await.said(0);
        assert!(back.contains("已启用"), "{back}");
        let served = "SELECT COUNT(*) FROM activation WHERE served IS NOT NULL";
        until("it works by the first again", async || number(db, served).await == 3).await;
        assert_eq!(terminate(service).await.code, Some(0));
        let refused = stage.run(&["apply", "--back", "--why", "再退"]).await.complained(2);
        assert!(refused.contains("退不回去"), "{refused}");
        let audit = serde_json::from_str(&stage.run(&["audit", "--json"]).await.said(0)).unwrap();
        assert_eq!(Value::get(&audit, "holds"), Some(&json!(true)));
    })
    .await;
}

/// Who starts with a directory must not undo what somebody applied since.
#[tokio::test]
async fn a_restart_with_its_directory_does_not_undo_an_apply() {
    let db = Db::sqlite();
    let stage = Stage::new(&db.url, &silent()).await;
    assert_eq!(stage.run(&["refine"]).await.code, Some(0), "the directory leads");
    let other = silent().replacing(sample::SOURCE_FILE, TITLE, "title = \"改名\"");
    let other = stage.program.configure("other", &other).display().to_string();
    let switched = stage.program.run(&["--config", &other, "--store", &stage.store, "refine"]).await;
    assert_eq!((switched.code, switched.err.as_str()), (Some(0), ""), "still the directory leads");
    assert_eq!(revisions(&stage).await.len(), 2);
    assert!(stage.run(&["apply", "--why", "定了"]).await.said(0).contains("已启用"));

    let ended = stage.program.run(&["--config", &other, "--store", &stage.store, "refine"]).await;
    assert!(ended.code == Some(0) && ended.err.contains("lianwang apply"), "{ended:?}");
    let mut service =
        stage.program.start(&["run", "--listen", "127.0.0.1:0", "--config", &other, "--store", &stage.store]);
    line_of(&mut service, "状态页 ").await;
    assert_eq!(terminate(service).await.code, Some(0));
    let history = revisions(&stage).await;
    assert_eq!(history.len(), 3, "nothing was activated: {history:?}");
    assert_eq!(history[0]["why"], "定了");

    let broken = stage.program.configure("broken", &silent().with(sample::SOURCE_FILE, "title = "));
    let broken = broken.display().to_string();
    let ended = stage.program.run(&["--config", &broken, "--store", &stage.store, "refine"]).await;
    assert!(ended.code == Some(0) && ended.err.contains("有错"), "what was applied works on: {ended:?}");
}

#[tokio::test]
async fn a_broken_directory_changes_nothing_and_all_its_problems_are_listed() {
    let db = Db::sqlite();
    let stage = Stage::new(&db.url, &silent()).await;
    let broken = silent()
        .replacing(sample::SOURCE_FILE, TITLE, "titel = \"样例园区\"\nschedule = \"never\"")
        .with("kinds/odd.toml", "kind = \"odd\"\nwrong = 1\n");
    let broken = stage.program.configure("broken", &broken).display().to_string();
    let command = ["apply", &broken, "--store", &stage.store, "--why", "x"];
    let said = stage.program.run(&command).await.complained(1);
    for problem in ["titel", "never", "kinds/odd.toml"] {
        assert!(said.contains(problem), "{problem}: {said}");
    }
    assert_eq!(stage.run(&["refine"]).await.code, Some(0));
    assert_eq!(stage.program.run(&command).await.code, Some(1));
    assert_eq!(revisions(&stage).await.len(), 1);
    assert!(stage.run(&["apply", "--why", " "]).await.complained(2).contains("--why"));
}

#[tokio::test]
async fn a_difference_is_told_by_what_it_belongs_to_and_by_field() {
    let db = Db::sqlite();
    let stage = Stage::new(&db.url, &silent()).await;
    assert_eq!(stage.run(&["refine"]).await.code, Some(0));
    assert!(stage.run(&["diff"]).await.said(0).contains("相同"));
    let other = silent().replacing(sample::SOURCE_FILE, TITLE, "title = \"改名\" # 新名字");
    let other = stage.program.configure("other", &other).display().to_string();
    let told = stage.program.run(&["diff", &other, "--store", &stage.store]).await.said(0);
    let line =
        format!("来源 national-park\n  {} title：\"样例园区\" → \"改名\"\n共 1 处。\n", sample::SOURCE_FILE);
    assert!(told.ends_with(&line), "{told}");
    let json = stage.program.run(&["diff", &other, "--store", &stage.store, "--json"]).await.said(0);
    let json: Value = serde_json::from_str(&json).unwrap();
    let change = json!({"what": "source", "name": "national-park", "file": sample::SOURCE_FILE, "field": "title",
        "old": "\"样例园区\"", "new": "\"改名\""});
    assert_eq!((&json["same"], &json["changes"]), (&json!(false), &json!([change])));
}

const APPLY: Reason<'_> = Reason { how: How::Apply, why: "测试", who: "" };

/// The small world with a header that refers to what this process does not have.
fn lacking() -> Files {
    let (from, to) = ("base_url = \"http://park.invalid\"", "base_url = \"env:NOT_HERE\"");
    Files::small().replacing("sources/park/source.toml", from, to)
}

#[tokio::test]
async fn what_cannot_be_built_here_leaves_the_old_one_in_force_until_others_work_by_it() {
    on_both(async |db| {
        let world = World::new(db, &Files::small()).await;
        let node = Node::new(world.replica("hub"), Environment::default());
        let first = node.context.active().await.unwrap().no;
        let second = activate_for(&node.context, &lacking().revision(), &APPLY).await.unwrap().no;
        assert_eq!(node.context.active().await.unwrap().no, first, "the old one stays");
        let unfit = node.context.in_force().unfit().unwrap();
        assert!((unfit.no, unfit.is_idle) == (second, false) && unfit.why.contains("NOT_HERE"), "{unfit:?}");
        assert!(unfit.to_string().contains("仍按原来的配置运行"));

        let able =
            Node::new(world.replica("other"), Environment::default().with("NOT_HERE", "http://park.invalid"));
        assert_eq!(able.context.active().await.unwrap().no, second);
        let activation = able.context.store.active_activation().await.unwrap().unwrap();
        able.context.store.serve(activation.no, able.context.now()).await.unwrap();
        let stands = node.context.active().await.unwrap_err();
        assert!(matches!(stands, StepError::Unfit(no, _) if no == second), "{stands}");

        activate_for(&able.context, &Files::small().revision(), &Reason { how: How::Back, ..APPLY })
            .await
            .unwrap();
        assert_eq!(node.context.active().await.unwrap().no, first);
        assert_eq!(node.context.in_force().unfit(), None);
    })
    .await;
}

#[tokio::test]
async fn everything_carries_the_revision_that_made_it() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        let first = world.pinned.no;
        let rows = |world: &World, n: u32| {
            world.park().add("plants", plant(n, n, "甲"));
            world.park().add("plants", plant(n + 1, n, ""));
            world.park().add("tanks", tank(n + 10, n, n, "极大"));
        };
        rows(&world, 1);
        world.run().await;
        world.activate(&Files::small().replacing("lianwang.toml", "node", "title = \"第二\"\nnode")).await;
        let second = world.pinned.no;
        assert_ne!(first, second);
        rows(&world, 31);
        world.run().await;
        let asked = Asked::open(db).await;
        for (table, order) in [
            ("document", "no"),
            ("part", "document, part"),
            ("version", "seq"),
            ("issue", "no"),
            ("batch", "no"),
        ] {
            let of: Vec<i64> = asked.column(&format!("SELECT revision FROM {table} ORDER BY {order}")).await;
            assert_eq!((of.first(), of.last()), (Some(&first), Some(&second)), "{table}: {of:?}");
            assert!(of.iter().all(|no| [first, second].contains(no)), "{table}: {of:?}");
        }
        let rejected: Vec<i64> = asked.column("SELECT DISTINCT revision FROM rejection ORDER BY 1").await;
        assert_eq!(rejected, [first, second]);
        let held: Vec<i64> = asked.column("SELECT DISTINCT revision FROM held ORDER BY 1").await;
        assert_eq!(held, [second], "held ones are judged anew");
        asked.close().await;
    })
    .await;
}
