//! Deriving again under another revision: what differs goes out as a new version, older states stay where they are, and
//! nothing that was accepted is lost, however often it is done and wherever it breaks.

use chrono::TimeDelta;
use gateway::pipeline::{
    Context, Step, deep,
    refine::replay::{Changes, Walk, What},
};
use serde_json::Value;
use tests::{
    Db, Files, World,
    http::sample,
    on_both,
    process::{line_of, terminate},
    rows::{plant, tank, wire},
    stage::Stage,
    state::Asked,
    world::is_fault,
};

const MAPPING: &str = "sources/park/plant.toml";

/// The small world, a plant's name told by another column.
fn told_by(column: &str) -> Files {
    Files::paged().replacing(MAPPING, "name = \"name\"", &format!("name = \"{column}\""))
}

fn put(world: &World, service: &str, rows: &[Value]) {
    world.park().change(service, |shelf| *shelf = rows.to_vec());
}

/// A plant with something in a column that the first mapping does not read.
fn noted(n: u32, minute: u32, name: &str, note: &str) -> Value {
    let mut row = plant(n, minute, name);
    row["note"] = note.into();
    row
}

async fn walked(context: &Context, mut walk: Walk<'_>) -> Changes {
    while !matches!(walk.step(context).await.unwrap(), Step::Idle) {}
    walk.changes
}

async fn looked(world: &World) -> Changes {
    walked(&world.context, Walk::new("park", None, true)).await
}

/// Derives again what was received, a minute later.
async fn replayed(world: &World) -> Changes {
    world.wait(TimeDelta::minutes(1));
    world.refine_all("park").await;
    walked(&world.context, Walk::new("park", None, false)).await
}

fn tally(changes: &Changes, what: What, name: &str) -> u64 {
    let found = changes.by.iter().find(|((_, of, field), _)| *of == what && field.starts_with(name));
    found.map_or(0, |(_, tally)| tally.records)
}

async fn number(db: &Db, sql: &str) -> i64 {
    let asked = Asked::open(db).await;
    let number = asked.number(sql).await;
    asked.close().await;
    number
}

const VERSIONS: &str = "SELECT COUNT(*) FROM version";

/// What the receiver has of a plant.
fn name(world: &World, n: u32) -> String {
    let body: Value = serde_json::from_str(&world.ledger().entry("t_plant", &wire(n)).unwrap().body).unwrap();
    body["name"].as_str().unwrap_or_default().to_owned()
}

/// Both equations, and every verdict derived again.
async fn holds(world: &World) {
    world.audit().await;
    let deep = deep(&world.context, &|_, _| {}).await.unwrap();
    assert_eq!((deep.differences, deep.damaged), (vec![], vec![]));
}

#[tokio::test]
async fn what_differs_goes_out_as_a_version_and_what_comes_again_is_unchanged() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::paged()).await;
        let rows = [plant(1, 2, "乙"), plant(2, 1, "丙"), plant(3, 1, "410900017")];
        put(&world, "plants", &[plant(1, 1, "甲")]);
        world.run().await;
        put(&world, "plants", &rows);
        world.run().await;
        assert_eq!(number(db, VERSIONS).await, 4);

        world.activate(&told_by("corp")).await;
        let before = number(db, "SELECT seq FROM counter").await;
        let changes = looked(&world).await;
        assert_eq!((changes.versions, changes.same, changes.left), (2, 1, 0));
        assert_eq!(tally(&changes, What::Field, "name"), 2);
        let example = &changes.by.values().next().unwrap().examples[0];
        assert!(["乙", "丙"].contains(&example.old.as_str()) && example.new == "410900017", "{example:?}");
        assert_eq!(number(db, "SELECT seq FROM counter").await, before, "who looks writes nothing");

        let lineage = "SELECT COUNT(*) FROM version v JOIN version o ON o.record = v.record AND o.document = v.document \
             AND o.place = v.place AND o.as_of = v.as_of WHERE v.again = 1 AND o.again = 0";
        for (written, all) in [(2, 6), (0, 6)] {
            assert_eq!(replayed(&world).await.versions, written);
            assert_eq!((number(db, VERSIONS).await, number(db, lineage).await), (all, 2));
            holds(&world).await;
        }
        let no = world.pinned.no;
        assert_eq!(number(db, &format!("SELECT COUNT(*) FROM version WHERE again = 1 AND revision = {no}")).await, 2);
        world.until_idle().await;
        assert_eq!([1, 2, 3].map(|n| name(&world, n)), ["410900017"; 3]);

        world.run().await;
        assert_eq!((number(db, VERSIONS).await, world.audit().await.kinds["plant"].unchanged), (6, 3));
        holds(&world).await;
        world.age().await;
        holds(&world).await;
    })
    .await;
}

#[tokio::test]
async fn the_newest_that_was_seen_counts_though_it_made_no_version() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::paged()).await;
        for note in ["旧", "新"] {
            put(&world, "plants", &[noted(1, 5, "甲", note), noted(2, 5, "乙", note)]);
            world.run().await;
        }
        // the same key with an older time of its own, which was stale, and one that is refused by its own rule
        put(
            &world,
            "plants",
            &[
                noted(1, 3, "丙", "更旧"),
                noted(2, 9, "名字比规定的二十个字还要长得多得多得多的一个装置", "坏"),
            ],
        );
        world.run().await;
        assert_eq!(number(db, VERSIONS).await, 2);

        world.activate(&told_by("note").replacing("kinds/plant.toml", "max = 20", "max = 1")).await;
        assert_eq!(replayed(&world).await.versions, 2);
        world.until_idle().await;
        assert_eq!(
            (name(&world, 1), name(&world, 2)),
            ("新".to_owned(), "坏".to_owned()),
            "what is mended is mended"
        );
        holds(&world).await;
        assert_eq!(replayed(&world).await.versions, 0);
    })
    .await;
}

#[tokio::test]
async fn what_would_no_longer_be_accepted_is_said_and_stays_accepted() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::paged()).await;
        put(&world, "plants", &[plant(1, 1, "甲乙"), plant(2, 1, "丙")]);
        put(&world, "tanks", &[tank(11, 1, 1, "一般"), tank(12, 1, 1, "重大")]);
        world.run().await;
        let stricter = Files::paged().replacing("kinds/plant.toml", "max = 20", "max = 1").replacing(
            "tables/park-level.csv",
            "一般,3\n",
            "",
        );
        world.activate(&stricter).await;
        for _ in 0..2 {
            let changes = replayed(&world).await;
            assert_eq!((changes.versions, changes.same, changes.left), (0, 2, 0));
            assert_eq!((tally(&changes, What::Rejected, ""), tally(&changes, What::Held, "")), (1, 1));
            let noted = "SELECT COUNT(*) FROM issue WHERE verdict IN ('held', 'rejected')";
            assert_eq!(number(db, noted).await, 2, "once, however often it is done");
            assert_eq!(number(db, "SELECT COUNT(*) FROM held").await, 0);
            holds(&world).await;
        }
        world.until_idle().await;
        assert_eq!(world.audit().await.destinations["receiver"].sum.confirmed, 4);
    })
    .await;
}

#[tokio::test]
async fn what_was_rejected_or_held_and_no_longer_is_is_accepted() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::paged()).await;
        put(&world, "plants", &[plant(1, 1, "甲"), plant(2, 1, "")]);
        put(&world, "tanks", &[tank(11, 1, 1, "极大")]);
        world.run().await;
        put(&world, "plants", &[plant(1, 2, "乙")]);
        put(&world, "tanks", &[]);
        world.run().await;
        let mended = Files::paged()
            .replacing(MAPPING, "name = \"name\"", "name = { from = \"name\", default = \"无名\" }")
            .replacing("tables/park-level.csv", "一般,3\n", "一般,3\n极大,1\n");
        world.activate(&mended).await;
        let changes = replayed(&world).await;
        assert_eq!((changes.versions, tally(&changes, What::New, "")), (1, 1));
        world.until_idle().await;
        assert_eq!([1, 2].map(|n| name(&world, n)), ["乙", "无名"]);
        assert_eq!(world.ledger().count("t_tank"), 1, "what was held is released");
        holds(&world).await;
        assert_eq!(replayed(&world).await.versions, 0);
    })
    .await;
}

#[tokio::test]
async fn what_age_took_is_counted_and_left_as_it_is() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::paged()).await;
        put(&world, "plants", &[plant(1, 1, "甲")]);
        world.run().await;
        world.age().await;
        world.wait(TimeDelta::minutes(1));
        let since = world.context.now();
        put(&world, "plants", &[plant(2, 1, "乙")]);
        world.run().await;
        world.activate(&told_by("corp")).await;
        let changes = replayed(&world).await;
        assert_eq!((changes.versions, changes.left, changes.gone), (1, 1, 1));
        world.until_idle().await;
        assert_eq!((name(&world, 1), name(&world, 2)), ("甲".to_owned(), "410900017".to_owned()));
        holds(&world).await;
        world.activate(&told_by("name")).await;
        let later = walked(&world.context, Walk::new("park", Some(since), true)).await;
        assert_eq!((later.versions, later.left, later.gone), (1, 1, 0), "what is older was not looked at");
    })
    .await;
}

/// Every boundary of a replay broken in turn, before and after, and gone on from: the same end.
#[tokio::test]
async fn broken_anywhere_and_done_again_it_ends_the_same() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::paged()).await;
        let rows: Vec<Value> = (1..=30).map(|n| plant(n, n, "甲")).collect();
        put(&world, "plants", &rows);
        world.run().await;
        for (round, column) in ["corp", "name", "corp", "name"].into_iter().enumerate() {
            world.activate(&told_by(column)).await;
            world.breaker.arm(u64::try_from(round / 2).unwrap() + 1, round % 2 == 1);
            let mut walk = Walk::new("park", None, false);
            let broken = loop {
                match walk.step(&world.context).await {
                    Ok(Step::Idle) => break false,
                    Ok(_) => {}
                    Err(error) => break is_fault(&error),
                }
            };
            world.breaker.arm(0, false);
            assert!(broken || round > 1, "round {round} broke nothing");
            world.restart();
            replayed(&world).await;
            assert_eq!(number(db, VERSIONS).await, 30 * (i64::try_from(round).unwrap() + 2));
            holds(&world).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_source_that_another_node_refines_is_waited_for_and_walked_anew_after_it() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::paged()).await;
        put(&world, "plants", &[plant(1, 1, "甲")]);
        world.run().await;
        world.activate(&told_by("corp")).await;
        let other = world.replica("other");
        let mut walk = Walk::new("park", None, false);
        assert!(matches!(walk.step(&world.context).await.unwrap(), Step::Did(1)));
        // two minutes later the lease is another's, which judges something newer
        world.wait(TimeDelta::minutes(2));
        assert!(other.lease("refine:park", TimeDelta::zero()).await.unwrap().is_ok());
        assert!(matches!(walk.step(&world.context).await.unwrap(), Step::Elsewhere(holder, _) if holder == "other"));
        world.wait(TimeDelta::minutes(2));
        assert!(matches!(walk.step(&world.context).await.unwrap(), Step::Did(1)), "from the newest on again");
        assert!(matches!(walk.step(&world.context).await.unwrap(), Step::Idle));
        assert_eq!((walk.changes.same, number(db, VERSIONS).await), (1, 2));

        let mut walk = Walk::new("park", None, false);
        assert!(matches!(walk.step(&world.context).await.unwrap(), Step::Did(1)));
        world.activate(&told_by("name")).await;
        let error = walk.step(&world.context).await.unwrap_err();
        assert!(error.to_string().contains("换了配置"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_hub_at_work_leaves_its_source_to_a_replay_and_comes_back_to_it() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::paged()).await;
        put(&world, "plants", &[plant(1, 1, "甲")]);
        world.run().await;
        world.activate(&told_by("corp")).await;
        let command = world.replica("hub/1");
        let mut walk = Walk::new("park", None, false);
        let soon = world.context.now() + TimeDelta::seconds(2);
        assert_eq!(walk.refine(&command).await.unwrap(), Step::Elsewhere("hub".into(), soon));
        for _ in 0..2 {
            let left = world.refine("park").await.unwrap();
            assert!(matches!(left, Step::Elsewhere(holder, _) if holder == "hub/1"));
            let _ = walk.refine(&command).await.unwrap();
        }
        assert!(matches!(walk.step(&command).await.unwrap(), Step::Did(1)));
        assert!(matches!(walk.step(&command).await.unwrap(), Step::Idle));
        assert_eq!(number(db, VERSIONS).await, 2);
        command.store.release_leases("hub/1").await.unwrap();
        put(&world, "plants", &[plant(1, 2, "乙")]);
        world.run().await;
        assert_eq!(number(db, VERSIONS).await, 2, "the same corp, so nothing new");
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn what_waits_is_not_derived_and_comes_back_as_the_newest() {
    on_both(async |db| {
        let arrival = || Files::paged().replacing("kinds/tank.toml", "as_of = \"updateDate\"\n", "");
        let renamed = || arrival().replacing("sources/park/tank.toml", "name = \"name\"", "name = \"plant\"");
        let mut world = World::new(db, &arrival()).await;
        put(&world, "plants", &[plant(1, 1, "甲")]);
        for level in ["一般", "极大"] {
            put(&world, "tanks", &[tank(11, 1, 1, level)]);
            world.run().await;
        }
        let long = renamed().replacing("kinds/tank.toml", "type = \"text\", max = 20", "type = \"text\", max = 40");
        world.activate(&long).await;
        assert_eq!((replayed(&world).await.versions, number(db, "SELECT COUNT(*) FROM held").await), (1, 1));
        let levels = "SELECT CAST(SUBSTR(content, INSTR(content, '\"level\":\"') + 9, 1) AS BIGINT) FROM version \
             WHERE kind = 'tank' ORDER BY seq";
        let levels = if db.name == "SQLite" { levels.to_owned() } else { levels.replace("INSTR", "STRPOS") };
        let asked = Asked::open(db).await;
        assert_eq!(asked.column::<i64>(&levels).await, [3, 3], "the older state, as it is told now");
        world.activate(&long.replacing("tables/park-level.csv", "一般,3\n", "一般,3\n极大,1\n")).await;
        assert_eq!(replayed(&world).await.versions, 0);
        assert_eq!(asked.column::<i64>(&levels).await, [3, 3, 1], "released by itself");
        asked.close().await;
        holds(&world).await;
    })
    .await;
}

#[tokio::test]
async fn what_the_database_will_not_store_stays_as_it_is_and_the_rest_goes_on() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::paged()).await;
        put(&world, "plants", &[noted(1, 1, "甲", "毒"), noted(2, 1, "乙", "好")]);
        world.run().await;
        db.run(if db.name == "SQLite" { super::poison::SQLITE } else { super::poison::POSTGRES }).await;
        world.activate(&told_by("note")).await;
        for written in [1, 0] {
            let changes = replayed(&world).await;
            assert_eq!((changes.versions, changes.unstorable), (written, 1));
            assert_eq!(number(db, VERSIONS).await, 3);
        }
        world.until_idle().await;
        assert_eq!((name(&world, 1), name(&world, 2)), ("甲".to_owned(), "好".to_owned()));
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn the_command_shows_what_it_would_change_and_writes_only_once_told_yes() {
    on_both(async |db| {
        let files = sample::files(50).with("lianwang.toml", "node = \"national-park\"\nrepair_s = 1\n");
        let stage = Stage::new(&db.url, &files).await;
        stage.family(1).await;
        stage.finish().await;
        let unit = "sources/national-park/risk_unit.toml";
        let changed = files.replacing(unit, "= \"riskUnitName\"", "= \"hazardDep\"");
        let changed = stage.program.configure("changed", &changed).display().to_string();
        let apply = ["apply", &changed, "--store", &stage.store, "--why", "改名"];
        assert_eq!(stage.program.run(&apply).await.code, Some(0));

        let before = number(db, "SELECT seq FROM counter").await;
        let looked = stage.run(&["replay", "--dry-run"]).await.said(0);
        assert!(
            looked.contains("1 条会有新版本，2 条不变") && looked.contains("risk_unit riskUnitName：1 条"),
            "{looked}"
        );
        let asked = stage.run(&["replay", "--source", "national-park"]).await.complained(2);
        assert!(asked.contains("--yes"), "{asked}");
        assert!(stage.run(&["replay", "--source", "nobody"]).await.complained(2).contains("没有来源 nobody"));
        assert!(stage.run(&["replay", "--dry-run", "--since", "soon"]).await.complained(2).contains("soon"));
        assert_eq!(number(db, "SELECT seq FROM counter").await, before, "nothing was written so far");

        // beside a hub at work
        let mut service = stage.program.start(&stage.arguments(&["run", "--listen", "127.0.0.1:0"]));
        line_of(&mut service, "状态页 ").await;
        let written = stage.run(&["replay", "--yes", "--since", "2026-01-01"]).await.said(0);
        assert!(written.contains("写了 1 个新版本"), "{written}");
        assert_eq!(terminate(service).await.code, Some(0));
        assert!(stage.run(&["replay"]).await.said(0).contains("没有要改变的"));
        assert!(stage.run(&["forward"]).await.said(0).contains("1 条"));
        let audit: Value =
            serde_json::from_str(&stage.run(&["audit", "--json", "--deep"]).await.said(0)).unwrap();
        assert_eq!(
            (&audit["accepted"], &audit["destinations"]["national"]["confirmed"]),
            (&3.into(), &4.into())
        );
    })
    .await;
}
