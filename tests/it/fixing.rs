//! Values of single records put right by a line of a file: what stands, what the receiver has, and that the sender's word comes
//! back when the line is taken out.

mod following;
mod standing;

use chrono::TimeDelta;
use gateway::pipeline::{
    Step,
    explain::{self, ExplainedVersion},
    refine::replay::Walk,
};
use mappings::Key;
use serde_json::{Value, json};
use tests::{
    Files, World,
    http::sample,
    on_both,
    rows::{plant, tank, wire},
    stage::Stage,
    state::Asked,
};

use crate::aliases::{activate, number, proven};

const HEAD: &str = "kind,id_space,id,field,was,is,note\n";
const VERSIONS: &str = "SELECT COUNT(*) FROM version";
const HELD: &str = "SELECT COUNT(*) FROM held WHERE state = 'held'";

/// The small world with the level of a tank put right.
fn fixing(files: &Files, tank: u32, was: &str, is: &str) -> Files {
    files
        .clone()
        .with("fixes.csv", &format!("{HEAD}tank,uuid,{},level,{was},{is},张三 电话核实\n", wire(tank)))
}

/// The level that the receiver has of a tank.
fn level(world: &World, tank: u32) -> String {
    let body = world.ledger().entry("t_tank", &wire(tank)).unwrap().body.clone();
    serde_json::from_str::<Value>(&body).unwrap()["level"].as_str().unwrap_or_default().to_owned()
}

/// How often the receiver was told of a tank.
async fn told(db: &tests::Db, tank: u32) -> i64 {
    let id = wire(tank);
    number(
        db,
        &format!("SELECT COUNT(*) FROM version v JOIN record r ON r.no = v.record WHERE r.id = '{id}'"),
    )
    .await
}

/// The state a tank stands at.
async fn newest(world: &World, tank: u32) -> ExplainedVersion {
    let key = Key { kind: "tank".into(), id_space: "uuid".into(), id: wire(tank) };
    let found = explain::find(&world.context, "tank", &wire(tank)).await.unwrap();
    explain::explain(&world.context, &key, found[0].1).await.unwrap().versions.pop().unwrap()
}

fn codes(version: &ExplainedVersion) -> Vec<&str> {
    version.issues.iter().map(|issue| issue.code.as_str()).collect()
}

/// Derives all that was received again: nothing more comes of it.
async fn replayed(world: &mut World) {
    world.wait(TimeDelta::minutes(1));
    world.refine_all("park").await;
    let mut walk = Walk::new("park", None, false);
    while !matches!(walk.step(&world.context).await.unwrap(), Step::Idle) {}
    assert_eq!(walk.changes.versions, 0);
    world.until_idle().await;
}

async fn world(db: &tests::Db, files: &Files, levels: [&str; 2]) -> World {
    let mut world = World::new(db, files).await;
    world.park().add("plants", plant(1, 1, "甲"));
    for (n, level) in (11..).zip(levels) {
        world.park().add("tanks", tank(n, 1, 1, level));
    }
    world.run().await;
    world
}

#[tokio::test]
async fn a_word_held_in_one_record_is_put_right_there_and_lets_it_go() {
    on_both(async |db| {
        let files = Files::keyset();
        let mut world = world(db, &files, ["特大", "特大"]).await;
        assert_eq!(number(db, HELD).await, 2);
        activate(&mut world, &fixing(&files, 11, "特大", "1")).await;
        assert_eq!((level(&world, 11).as_str(), number(db, HELD).await), ("1", 1), "{}", db.name);
        let version = newest(&world, 11).await;
        assert_eq!(codes(&version), ["fixed"]);
        assert!(version.issues[0].message.contains("从 特大 订正为 1：张三 电话核实"), "{version:?}");
        assert_eq!(version.fields["level"].rule, "table park-level; fix 特大 → 1 张三 电话核实");
        proven(db, &world).await;
    })
    .await;
}

#[tokio::test]
async fn what_stands_is_put_right_at_once_and_goes_back_when_the_line_is_taken_out() {
    on_both(async |db| {
        let files = Files::keyset();
        let mut world = world(db, &files, ["一般", "一般"]).await;
        let before = number(db, VERSIONS).await;
        activate(&mut world, &fixing(&files, 11, "3", "1")).await;
        for _ in 0..2 {
            assert_eq!((level(&world, 11).as_str(), level(&world, 12).as_str()), ("1", "3"), "{}", db.name);
            assert_eq!(number(db, VERSIONS).await, before + 1, "one new state, of this record");
            assert_eq!(codes(&newest(&world, 11).await), ["fixed"]);
            proven(db, &world).await;
            replayed(&mut world).await;
        }
        activate(&mut world, &files).await;
        assert_eq!((level(&world, 11).as_str(), told(db, 11).await), ("3", 3));
        assert_eq!(codes(&newest(&world, 11).await), Vec::<&str>::new());
        proven(db, &world).await;
    })
    .await;
}

#[tokio::test]
async fn a_sender_that_says_something_else_is_heard_and_the_fix_told() {
    on_both(async |db| {
        let files = fixing(&Files::keyset(), 11, "3", "1");
        let mut world = world(db, &files, ["一般", "一般"]).await;
        assert_eq!(level(&world, 11), "1", "put right at its first sight");
        world.park().add("tanks", tank(11, 5, 1, "较大"));
        world.run().await;
        assert_eq!(level(&world, 11), "2");
        assert_eq!(codes(&newest(&world, 11).await), ["fix-outlived"]);
        // mended at the source as it was put right here: nothing more is said
        world.park().add("tanks", tank(11, 9, 1, "重大"));
        world.run().await;
        assert_eq!((level(&world, 11).as_str(), codes(&newest(&world, 11).await).len()), ("1", 0));
        assert_eq!(told(db, 11).await, 3);
        proven(db, &world).await;
    })
    .await;
}

/// `fix` of a family's measure by a person with a reason.
fn fix<'a>(id: &'a str, field: &'a str, new: &'a str) -> Vec<&'a str> {
    vec!["fix", "control_measure", id, field, new, "--why", "与园区核实", "--by", "张三"]
}

async fn listed(stage: &Stage) -> Vec<Value> {
    serde_json::from_str(&stage.run(&["fix", "--json"]).await.said(0)).unwrap()
}

async fn ways(db: &tests::Db) -> Vec<String> {
    let asked = Asked::open(db).await;
    let sql = "SELECT v.content FROM version v JOIN record r ON r.no = v.record \
         WHERE r.kind = 'control_measure' ORDER BY v.seq";
    let contents: Vec<String> = asked.column(sql).await;
    asked.close().await;
    let way = |json: String| {
        serde_json::from_str::<Value>(&json).unwrap()["dataSrc"].as_str().unwrap_or_default().to_owned()
    };
    contents.into_iter().map(way).collect()
}

#[tokio::test]
async fn the_command_writes_the_line_lists_it_and_takes_it_back() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        stage.family(1).await;
        let mut odd = sample::measure(13, 11);
        odd["dataSrc"] = "人工".into();
        stage.park.post("/rows/control_measure", &json!([odd])).await;
        stage.finish().await;
        assert!(stage.run(&["fix"]).await.said(0).contains("没有订正"));
        // held: nothing stands, so its sender's word is asked for
        let (good, held) = (wire(12), wire(13));
        let complained = stage.run(&fix(&held, "dataSrc", "隐患排查")).await.complained(2);
        assert!(complained.contains("还没有收下过：用 --was 写出"), "{complained}");
        let said =
            stage.run(&[fix(&held, "dataSrc", "隐患排查"), vec!["--was", "人工"]].concat()).await.said(0);
        assert!(said.contains("人工 → 2") && said.contains("refine"), "{said}");
        stage.finish().await;
        assert_eq!(ways(db).await, ["1", "2"], "{}", db.name);
        // accepted: what stands is what it was
        let said = stage.run(&fix(&good, "dataSrc", "2")).await.said(0);
        assert!(said.contains("1 → 2") && said.contains("lianwang refine"), "{said}");
        assert_eq!(listed(&stage).await[1]["state"], json!("open"));
        // nothing waits to be judged, and still it is followed
        assert_eq!(number(db, HELD).await, 0);
        let said = stage.run(&["refine"]).await.said(0);
        assert!(said.contains("研判：1 条"), "{}: {said}", db.name);
        assert_eq!(ways(db).await, ["1", "2", "2"]);
        let all = listed(&stage).await;
        assert_eq!((all.len(), &all[1]["was"], &all[1]["is"]), (2, &json!("1"), &json!("2")));
        assert_eq!((&all[0]["state"], &all[1]["state"]), (&json!("in-force"), &json!("in-force")));
        assert!(all[1]["note"].as_str().unwrap().ends_with("张三 与园区核实"), "{all:?}");
        assert!(stage.run(&["fix"]).await.said(0).contains("dataSrc：人工 → 2"));

        let undo = ["fix", "undo", "control_measure", &good, "dataSrc", "--why", "看错了", "--by", "张三"];
        assert!(stage.run(&undo).await.said(0).contains("已撤销 1 处订正"));
        assert!(stage.run(&undo).await.complained(2).contains("没有订正"));
        let _ = stage.run(&["refine"]).await.said(0);
        assert_eq!(ways(db).await, ["1", "2", "2", "1"]);
        assert_eq!(listed(&stage).await.len(), 1);
        let audit: Value =
            serde_json::from_str(&stage.run(&["audit", "--json", "--deep"]).await.said(0)).unwrap();
        assert_eq!(audit["holds"], json!(true), "{}: {audit}", db.name);
        let history = stage.run(&["revisions"]).await.said(0);
        assert!(history.contains("看错了") && history.contains("张三"), "{history}");
    })
    .await;
}

#[tokio::test]
async fn a_file_written_by_hand_and_applied_is_the_same_as_the_command() {
    let stage = Stage::new("sqlite://fixing.db", &sample::files(50)).await;
    stage.family(1).await;
    stage.finish().await;
    let path = format!("{}/fixes.csv", stage.config);
    let line = format!("control_measure,uuid,{},dataSrc,1,2,手写\n", wire(12));
    std::fs::write(&path, format!("{HEAD}# 手写的\n{line}")).unwrap();
    let diff = stage.run(&["diff"]).await.said(0);
    assert!(diff.contains("订正") && diff.contains("fixes.csv"), "{diff}");
    assert_eq!(stage.run(&["apply", "--why", "核实"]).await.code, Some(0));
    assert_eq!(listed(&stage).await[0]["note"], json!("手写"));
    let undo =
        ["fix", "undo", "control_measure", &format!("uuid/{}", wire(12)), "dataSrc", "--why", "看错了"];
    assert_eq!(stage.run(&undo).await.code, Some(0));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{HEAD}# 手写的\n"));
}

#[tokio::test]
async fn what_is_the_senders_is_refused_and_nothing_changes() {
    let stage = Stage::new("sqlite://fixing.db", &sample::files(50)).await;
    stage.family(1).await;
    stage.finish().await;
    let (measure, nobody) = (wire(12), wire(99));
    for (asked, told) in [
        (fix(&measure, "deleted", "1"), "lianwang return control_measure"),
        (fix(&measure, "riskMeasureDesc", "x"), "是来源的文字，联网不能改"),
        (fix(&measure, "riskEventId", "x"), "是对上级的引用"),
        (fix(&measure, "updateDate", "x"), "是时间"),
        (fix(&measure, "createBy", "x"), "是个人信息"),
        (fix(&measure, "id", "x"), "是主键"),
        (fix(&measure, "dataSource", "2"), "没有字段 dataSource"),
        (fix(&nobody, "dataSrc", "2"), "账上没有"),
    ] {
        let complained = stage.run(&asked).await.complained(2);
        assert!(complained.contains(told), "{told}: {complained}");
    }
    let level = ["fix", "hazard", &wire(15), "dangerLevel", "1", "--why", "x"];
    let complained = stage.run(&level).await.complained(2);
    assert!(
        complained.contains("由来源负责") && complained.contains("lianwang return hazard"),
        "{complained}"
    );
    for (new, told) in [("9", "代码表 control-mode 里没有 9"), ("1", "什么都没有改")] {
        let complained = stage.run(&fix(&measure, "dataSrc", new)).await.complained(1);
        assert!(complained.contains(told) && complained.contains("fixes.csv"), "{complained}");
    }
    let blank = ["fix", "control_measure", &measure, "dataSrc", "2", "--why", " "];
    assert!(stage.run(&blank).await.complained(2).contains("--why 不能是空的"));
    assert!(!std::path::Path::new(&format!("{}/fixes.csv", stage.config)).exists());
}

/// Two values are there, one accepted and a newer one that waits: which of them is meant is for the asker to say.
#[tokio::test]
async fn what_waits_beside_what_stands_is_not_passed_over() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        stage.family(1).await;
        stage.finish().await;
        let mut odd = sample::with(sample::measure(12, 11), &json!({"updateDate": "20240701080000"}));
        odd["dataSrc"] = "人工".into();
        stage.park.post("/rows/control_measure", &json!([odd])).await;
        stage.finish().await;
        let key = wire(12);
        let complained = stage.run(&fix(&key, "dataSrc", "2")).await.complained(2);
        assert!(complained.contains("后来又报过一次"), "{}: {complained}", db.name);
        let said = stage.run(&[fix(&key, "dataSrc", "2"), vec!["--was", "人工"]].concat()).await.said(0);
        assert!(said.contains("人工 → 2"), "{said}");
        stage.finish().await;
        assert_eq!(ways(db).await, ["1", "2"], "{}", db.name);
        // it was let go: what stands is what is meant again, and two lines in a row are no way to put it right
        let complained = stage.run(&fix(&key, "dataSrc", "1")).await.complained(1);
        assert!(complained.contains("2 又被另一行改成别的"), "{}: {complained}", db.name);
    })
    .await;
}
