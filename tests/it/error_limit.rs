//! A document with too many bad records: held whole, superseded by a better one, let go by a person; never taken in part.

use std::sync::Arc;

use chrono::TimeDelta;
use gateway::{
    ledger::Found,
    pipeline::InForce,
    server::{self, gather},
    store::limits::Over,
};
use serde_json::{Value, json};
use tests::{
    Db, Files, World,
    http::{Peer, sample},
    on_both,
    rows::{at, plant, tank, wire},
    stage::Stage,
    state::Asked,
    sweep::{Compared, sweep},
};

const SOURCE: &str = "sources/park/source.toml";

fn limited(files: Files, limit: &str) -> Files {
    files.replacing(SOURCE, "name = \"tanks\"\n", &format!("name = \"tanks\"\nerror_limit = {{ {limit} }}\n"))
}

fn one_allowed() -> Files {
    limited(Files::keyset(), "record = 1")
}

/// No record: its id is none.
fn rubbish(minute: u32) -> Value {
    json!({"id": "不是主键", "t": at(minute)})
}

/// A tank without a name, which is rejected.
fn nameless(n: u32, minute: u32) -> Value {
    let mut row = tank(n, minute, 1, "重大");
    row["name"] = "".into();
    row
}

/// A page of four tanks, two of them bad.
fn bad_night(world: &World) {
    world.park().add("plants", plant(1, 1, "一号"));
    for row in [tank(11, 2, 1, "重大"), tank(12, 3, 1, "特大"), nameless(13, 4), rubbish(5)] {
        world.park().add("tanks", row);
    }
}

async fn over(world: &World) -> Vec<Over> {
    world.store().over_limit(false).await.unwrap()
}

async fn let_go(world: &World) {
    let documents: Vec<i64> = over(world)
        .await
        .iter()
        .filter(|over| over.released_at.is_none())
        .map(|over| over.document)
        .collect();
    world.store().release(&documents, "来源确认过", "张三", world.context.now()).await.unwrap();
}

async fn column(db: &Db, sql: &str) -> Vec<String> {
    let asked = Asked::open(db).await;
    let found = asked.column(sql).await;
    asked.close().await;
    found
}

const HELD: &str = "SELECT reason FROM held WHERE state = 'held' ORDER BY document, place";

#[tokio::test]
async fn a_bad_document_is_held_whole_the_good_records_too() {
    on_both(async |db| {
        let mut world = World::new(db, &one_allowed()).await;
        bad_night(&world);
        world.run().await;
        let wanted = Found { found: 4, held: 4, ..Found::default() };
        assert_eq!(world.audit().await.kinds["tank"], wanted, "{}", db.name);
        assert_eq!(column(db, HELD).await, ["error-limit"; 4]);
        assert!(world.ledger().entry("t_tank", &wire(11)).is_none());
        let over = over(&world).await;
        assert_eq!((over.len(), over[0].left, over[0].released_at), (1, 4, None));
        let limit = &over[0].limit;
        assert_eq!((limit.found, limit.rejected, limit.allowed.as_str()), (4, 2, "record = 1"));
        let issues = column(db, "SELECT issues FROM issue WHERE verdict = 'held' ORDER BY no").await;
        let told: Vec<Vec<String>> = issues
            .iter()
            .map(|issues| {
                let issues: Vec<Value> = serde_json::from_str(issues).unwrap();
                issues.iter().map(|issue| issue["code"].as_str().unwrap().to_owned()).collect()
            })
            .collect();
        let own = [vec![], vec!["unknown-code"], vec!["required"], vec!["bad-id", "required"]];
        for (told, own) in told.iter().zip(own) {
            assert_eq!(told[0], "error-limit");
            assert!(own.iter().all(|code| told.iter().any(|known| known == code)), "{told:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_page_shows_documents_held_whole_and_fields_nobody_named() {
    on_both(async |db| {
        let mut world = World::new(db, &one_allowed()).await;
        bad_night(&world);
        world.park().add("alarms", tests::rows::alarm(21, 11, 7));
        world.run().await;
        let in_force = InForce::of(Arc::clone(&world.pinned));
        let clock = Arc::new(world.clock.clone());
        let figures = gather::figures(world.store().clone(), in_force, "hub", clock);
        let page = Peer::serve(server::router(figures)).await;
        let status = page.json("/status.json").await;
        let park = &status["sources"][0];
        let line = &park["over_limit"][0];
        assert_eq!(
            (&line["service"], &line["left"], &line["rejected"]),
            (&json!("tanks"), &json!(4), &json!(2))
        );
        assert_eq!(status["source_states"][0]["text"], "1 批出错太多，整批待定");
        let unknown: Vec<i64> = park["services"]
            .as_array()
            .unwrap()
            .iter()
            .map(|own| own["unknown_fields"].as_i64().unwrap())
            .collect();
        assert_eq!(unknown, [0, 0, 1], "the time of an alarm: {}", db.name);
    })
    .await;
}

#[tokio::test]
async fn as_many_as_allowed_are_judged_one_by_one() {
    for limit in ["record = 2", "percentage = 50", "record = 2, percentage = 100"] {
        on_both(async |db| {
            let mut world = World::new(db, &limited(Files::keyset(), limit)).await;
            bad_night(&world);
            world.run().await;
            let wanted = Found { found: 4, accepted: 1, rejected: 2, held: 1, ..Found::default() };
            assert_eq!(world.audit().await.kinds["tank"], wanted, "{limit} {}", db.name);
            assert_eq!(over(&world).await, []);
        })
        .await;
    }
    let db = Db::sqlite();
    let mut world = World::new(&db, &limited(Files::keyset(), "percentage = 49.9")).await;
    bad_night(&world);
    world.run().await;
    assert_eq!(world.audit().await.kinds["tank"].held, 4);
    db.close().await;
}

#[tokio::test]
async fn a_person_lets_it_go_and_every_record_gets_its_own_verdict() {
    on_both(async |db| {
        let mut world = World::new(db, &one_allowed()).await;
        bad_night(&world);
        world.run().await;
        let_go(&world).await;
        world.until_idle().await;
        let wanted = Found { found: 4, accepted: 1, rejected: 2, held: 1, ..Found::default() };
        assert_eq!(world.audit().await.kinds["tank"], wanted, "{}", db.name);
        assert_eq!(column(db, HELD).await, ["unknown-code level"]);
        assert!(world.ledger().entry("t_tank", &wire(11)).is_some());
        assert_eq!(over(&world).await, []);
        let why = column(db, "SELECT why || ' ' || who FROM over_limit").await;
        assert_eq!(why, ["来源确认过 张三"]);
        let again = world.store().release(&[1], "再来", "张三", world.context.now()).await;
        assert!(again.is_err(), "what is not held whole cannot be let go");
        // the one that waits for a table is let go as ever
        world
            .activate(&one_allowed().replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n"))
            .await;
        world.until_idle().await;
        assert_eq!(world.audit().await.kinds["tank"].accepted, 2);
    })
    .await;
}

#[tokio::test]
async fn a_newer_document_takes_the_place_of_the_records_it_has() {
    on_both(async |db| {
        let mut world = World::new(db, &one_allowed()).await;
        bad_night(&world);
        world.run().await;
        world.wait(TimeDelta::hours(2));
        let mended = [tank(11, 300, 1, "一般"), tank(12, 301, 1, "较大"), tank(13, 302, 1, "较大")];
        world.park().change("tanks", |shelf| *shelf = mended.to_vec());
        world.run().await;
        let tanks = world.audit().await.kinds["tank"];
        assert_eq!((tanks.accepted, tanks.held), (3, 1), "{} {tanks:?}", db.name);
        assert_eq!(over(&world).await[0].left, 1, "what was no record waits for a person");
        let sent: Value =
            serde_json::from_str(&world.ledger().entry("t_tank", &wire(11)).unwrap().body).unwrap();
        assert_eq!(sent["level"], "3");
        let_go(&world).await;
        world.until_idle().await;
        let tanks = world.audit().await.kinds["tank"];
        assert_eq!((tanks.accepted, tanks.held, over(&world).await.len()), (3, 0, 0));
    })
    .await;
}

#[tokio::test]
async fn the_newer_records_of_two_bad_documents_are_not_taken_for_the_same() {
    on_both(async |db| {
        let files = limited(Files::paged(), "record = 1");
        let mut world = World::new(db, &files).await;
        bad_night(&world);
        world.run().await;
        // the same again tonight: held again, since whoever lets go one document must find all of it
        world.run().await;
        let wanted = Found { found: 8, held: 8, ..Found::default() };
        assert_eq!(world.audit().await.kinds["tank"], wanted, "{}", db.name);
        let_go(&world).await;
        world.until_idle().await;
        let tanks = world.audit().await.kinds["tank"];
        assert_eq!((tanks.accepted, tanks.rejected), (1, 4), "{tanks:?}");
        assert_eq!(tanks.unchanged + tanks.held, 3);
    })
    .await;
}

#[tokio::test]
async fn another_revision_lets_nothing_go_by_itself() {
    on_both(async |db| {
        let mut world = World::new(db, &one_allowed()).await;
        bad_night(&world);
        world.run().await;
        for files in [Files::keyset(), limited(Files::keyset(), "record = 9")] {
            world.activate(&files).await;
            world.until_idle().await;
            assert_eq!(world.audit().await.kinds["tank"].held, 4, "{}", db.name);
        }
    })
    .await;
}

/// 1,600 tanks in one document: more parts than one group takes. The bad ones come last.
#[tokio::test]
async fn a_document_of_several_groups_is_held_whole_whatever_happens_between_them() {
    on_both(async |db| {
        let big = |files: Files| {
            let end = "paging = { kind = \"page\", size = 4 }";
            files.replacing(SOURCE, end, "paging = { kind = \"page\", size = 2000 }")
        };
        let world = World::new(db, &big(limited(Files::paged(), "record = 1"))).await;
        let rows: Vec<Value> =
            (0..1600).map(|n| if n < 1598 { tank(n + 100, 2, 1, "重大") } else { rubbish(2) }).collect();
        world.park().change("tanks", |shelf| *shelf = rows);
        let mut world = world;
        world.land_all("park").await;
        let held = async || column(db, HELD).await.len();
        // the judging breaks at each of its commits in turn until the first group alone is written
        for n in 1..6 {
            if held().await > 0 {
                break;
            }
            world.breaker.arm(n, false);
            let _broken = world.refine("park").await;
        }
        world.breaker.arm(u64::MAX, false);
        let first = held().await;
        assert!(first > 0 && first < 1600, "{first} {}", db.name);
        world.restart();
        world.activate(&big(Files::paged())).await;
        world.refine_all("park").await;
        let wanted = Found { found: 1600, held: 1600, ..Found::default() };
        assert_eq!(world.audit().await.kinds["tank"], wanted, "{}", db.name);
        let_go(&world).await;
        world.refine_all("park").await;
        let wanted = Found { found: 1600, accepted: 1598, rejected: 2, ..Found::default() };
        assert_eq!(world.audit().await.kinds["tank"], wanted);
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_a_bad_document_ends_the_same() {
    let story = async |world: &mut World| {
        bad_night(world);
        world.run().await;
        world.wait(TimeDelta::hours(2));
        world.park().add("tanks", tank(12, 300, 1, "较大"));
        world.run().await;
        for over in world.store().over_limit(false).await.unwrap() {
            while world
                .store()
                .over_limit(true)
                .await
                .unwrap()
                .iter()
                .any(|own| own.document == over.document && own.released_at.is_none())
            {
                let _told =
                    world.store().release(&[over.document], "放行", "张三", world.context.now()).await;
            }
        }
        world.until_idle().await;
    };
    let db = Db::sqlite();
    let swept = sweep(&db, &one_allowed(), Compared { counts: true }, story).await;
    assert!(swept > 20, "{swept}");
    db.close().await;
}

/// With the limit and everything let go at the end, or without it: every record ends in the same state, volatile fields apart.
#[tokio::test]
async fn a_limit_delays_and_changes_nothing_in_the_end() {
    let heads = "SELECT id || ' ' || content_digest FROM record ORDER BY id";
    let mut dice: u64 = 7;
    let mut throw = |most: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % most
    };
    for _ in 0..6 {
        let nights: Vec<Vec<(u32, u64)>> = (0..5)
            .map(|_| (0..4).map(|_| (u32::try_from(11 + throw(4)).unwrap(), throw(5))).collect())
            .collect();
        let lets_go = throw(5);
        let mut ends = Vec::new();
        for files in [limited(Files::paged(), "record = 1"), Files::paged()] {
            let db = Db::sqlite();
            let mut world = World::new(&db, &files).await;
            for (night, rows) in nights.iter().enumerate() {
                let minute = u32::try_from(night).unwrap() * 10;
                let rows = rows.iter().map(|(n, word)| match word {
                    0 => rubbish(minute),
                    1 => nameless(*n, minute),
                    2 => tank(*n, minute, 1, "特大"),
                    3 => tank(*n, minute, 1, "重大"),
                    _ => tank(*n, minute, 1, "一般"),
                });
                world.park().change("tanks", |shelf| *shelf = rows.collect());
                world.run().await;
                if lets_go == u64::try_from(night).unwrap() {
                    let_go(&world).await;
                }
                world.audit().await;
            }
            let_go(&world).await;
            world.until_idle().await;
            world.audit().await;
            assert_eq!(over(&world).await, []);
            ends.push(column(&db, heads).await);
            db.close().await;
        }
        assert_eq!(ends[0], ends[1], "{nights:?} {lets_go}");
    }
}

#[tokio::test]
async fn the_commands_name_it_and_let_it_go() {
    on_both(async |db| {
        let path = "sources/national-park/source.toml";
        let name = "name = \"control_measure\"\n";
        let files =
            sample::files(50).replacing(path, name, &format!("{name}error_limit = {{ percentage = 10 }}\n"));
        let stage = Stage::new(&db.url, &files).await;
        stage.family(1).await;
        let mut measure = sample::measure(13, 11);
        measure["id"] = "不是主键".into();
        stage.park.post("/rows/control_measure", &json!([measure])).await;
        stage.finish().await;
        let told: Value = serde_json::from_str(&stage.run(&["held", "--json"]).await.said(0)).unwrap();
        let (reason, document) = (&told["reasons"][0], &told["documents"][0]);
        assert_eq!(
            (&reason["reason"], &reason["service"]),
            (&json!("error-limit"), &json!("control_measure"))
        );
        assert_eq!((&document["rejected"], &document["left"]), (&json!(1), &reason["count"]));
        let number = document["document"].to_string();
        let shown = stage.run(&["held"]).await.said(0);
        assert!(shown.contains(&format!("lianwang held release {number} --why")), "{shown}");
        let audit = stage.run(&["audit"]).await.said(0);
        assert!(
            audit.contains(&format!("文档 {number}（national-park · control_measure）出错太多，整批待定")),
            "{audit}"
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("control_measure.ndjson").display().to_string();
        std::fs::write(&file, format!("{measure}\n")).unwrap();
        let inspected = stage.run(&["inspect", &file, "--source", "national-park"]).await;
        assert!(inspected.out.contains("上限（percentage = 10）：收下后整批待定"), "{}", inspected.out);
        let nobody = stage.run(&["held", "release", "999999", "--why", "看过"]).await.complained(2);
        assert!(nobody.contains("文档 999999 没有因出错太多而待定"), "{nobody}");
        assert!(stage.run(&["held", "release", &number, "--why", " "]).await.complained(2).contains("--why"));
        let said =
            stage.run(&["held", "release", &number, "--why", "与园区核实", "--by", "张三"]).await.said(0);
        assert!(said.contains("已放行 1 个文档"), "{said}");
        let twice = stage.run(&["held", "release", &number, "--why", "再来"]).await.complained(2);
        assert!(twice.contains("已经放行过了"), "{twice}");
        assert_eq!(stage.run(&["refine"]).await.code, Some(0));
        assert!(stage.run(&["held"]).await.said(0).contains("没有待定的记录"));
        let audit: Value =
            serde_json::from_str(&stage.run(&["audit", "--deep", "--json"]).await.said(0)).unwrap();
        assert_eq!(audit["holds"], json!(true), "{audit}");
    })
    .await;
}
