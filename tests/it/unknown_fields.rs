//! What sources send that no mapping names: counted once, whatever is judged, broken or derived again; told where a mapping asks.

use gateway::{ledger::Found, store::unknown::UnknownPath};
use serde_json::{Value, json};
use tests::{
    Db, Files, World,
    http::sample,
    on_both,
    rows::{alarm, plant, tank},
    stage::Stage,
    sweep::{Compared, sweep},
};

const TANK: &str = "sources/park/tank.toml";

/// The small world whose alarms are the only rows that the mapping does not know wholly.
fn quiet() -> Files {
    Files::keyset().replacing("sources/park/alarm.toml", "select =", "ignore = [\"t\"]\nselect =")
}

fn more(row: Value, more: Value) -> Value {
    let (Value::Object(mut row), Value::Object(more)) = (row, more) else { panic!("no rows") };
    row.extend(more);
    Value::Object(row)
}

async fn known(world: &World) -> Vec<(String, String, i64, String)> {
    let found = world.store().unknown_paths(Some("park")).await.unwrap();
    found.into_iter().map(|path| (path.service, path.path, path.seen, path.sample)).collect()
}

fn one(service: &str, path: &str, seen: i64, sample: &str) -> (String, String, i64, String) {
    (service.to_owned(), path.to_owned(), seen, sample.to_owned())
}

fn fill(world: &World) {
    let park = world.park();
    park.add("plants", more(plant(1, 1, "一号"), json!({"remark": "张三 13812345678"})));
    park.add(
        "tanks",
        more(tank(11, 2, 1, "特大"), json!({"geo": {"lon": "114.1", "lat": 34}, "remark": null})),
    );
    park.add("tanks", more(tank(12, 3, 1, "重大"), json!({"geo": {"lon": "114.25"}})));
    park.add("tanks", tank(13, 4, 1, "一般"));
    park.add("alarms", alarm(21, 12, 7));
}

#[tokio::test]
async fn every_path_is_counted_once_and_shown_without_what_it_holds() {
    on_both(async |db| {
        let mut world = World::new(db, &quiet()).await;
        fill(&world);
        world.land_all("park").await;
        world.refine_all("park").await;
        let wanted = [
            one("plants", "remark", 1, "字字 99999999999"),
            one("tanks", "geo.lon", 2, "999.99"),
            one("tanks", "geo.lat", 1, "99"),
            one("tanks", "remark", 1, ""),
        ];
        assert_eq!(known(&world).await, wanted, "{}", db.name);
        // a held record that is judged again, a restart, and a derivation of everything find nothing new
        world.activate(&quiet().replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n")).await;
        world.refine_all("park").await;
        world.restart();
        let mut walk = gateway::pipeline::refine::replay::Walk::new("park", None, false);
        while !matches!(walk.step(&world.context).await.unwrap(), gateway::pipeline::Step::Idle) {}
        assert_eq!(known(&world).await, wanted);
        assert_eq!(world.audit().await.kinds["tank"], Found { found: 3, accepted: 3, ..Found::default() });
    })
    .await;
}

#[tokio::test]
async fn another_night_adds_to_the_counts_and_keeps_when_they_began() {
    on_both(async |db| {
        let mut world = World::new(db, &quiet()).await;
        fill(&world);
        world.land_all("park").await;
        world.refine_all("park").await;
        let first = world.store().unknown_paths(None).await.unwrap();
        world.wait(chrono::TimeDelta::days(1));
        world.park().add("tanks", more(tank(14, 60, 1, "一般"), json!({"geo": {"lat": 34}, "remark": "无"})));
        world.run().await;
        let second = world.store().unknown_paths(None).await.unwrap();
        let of = |all: &[UnknownPath], path: &str| {
            all.iter().find(|known| known.path == path && known.service == "tanks").unwrap().clone()
        };
        let (before, after) = (of(&first, "remark"), of(&second, "remark"));
        assert!(after.seen > before.seen && after.last > before.last, "{after:?}");
        assert_eq!(
            (after.first, after.sample.as_str()),
            (before.first, "字"),
            "a blank sample is filled later"
        );
    })
    .await;
}

#[tokio::test]
async fn beyond_two_hundred_paths_a_service_counts_the_rest_together() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        let named = |from: u32, to: u32| -> Value {
            (from..to).map(|n| (format!("p{n:04}"), json!(n))).collect::<serde_json::Map<_, _>>().into()
        };
        world.park().add("plants", more(plant(1, 1, "一号"), named(0, 150)));
        world.run().await;
        world.park().add("plants", more(plant(2, 40, "二号"), named(100, 300)));
        world.park().add("plants", more(plant(3, 41, "三号"), named(290, 310)));
        world.run().await;
        let all = known(&world).await;
        assert_eq!(all.len(), 201, "{}", db.name);
        let rest = all.iter().find(|(_, path, ..)| path == "…").unwrap();
        assert!(rest.2 >= 120 && rest.3.is_empty(), "{rest:?}");
        let seen = |path: &str| all.iter().find(|(_, own, ..)| own == path).map(|(_, _, seen, _)| *seen);
        assert!(seen("p0000") >= Some(1) && seen("p0199").is_some() && seen("p0200").is_none());
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn a_path_too_long_for_an_index_is_cut() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        let long = |end: &str| json!({format!("{}{end}", "很".repeat(3000)): "x", "nul\u{0}": "\u{0}"});
        world.park().add("plants", more(plant(1, 1, "一号"), long("甲")));
        world.park().add("plants", more(plant(2, 2, "二号"), long("乙")));
        world.run().await;
        let all = known(&world).await;
        let mut lengths: Vec<usize> = all.iter().map(|(_, path, ..)| path.chars().count()).collect();
        lengths.sort_unstable();
        assert_eq!(lengths, [4, 201], "{}", db.name);
        assert!(all.iter().all(|(_, _, seen, _)| *seen >= 2), "both under one name: {all:?}");
    })
    .await;
}

#[tokio::test]
async fn a_mapping_may_hold_what_it_does_not_know_until_it_does() {
    on_both(async |db| {
        let strict = quiet().replacing(TANK, "select =", "unknown_fields = \"hold\"\nselect =");
        let mut world = World::new(db, &strict).await;
        fill(&world);
        world.run().await;
        let tanks = world.audit().await.kinds["tank"];
        assert_eq!(tanks, Found { found: 3, accepted: 1, held: 2, ..Found::default() });
        let mended = strict
            .replacing(TANK, "select =", "ignore = [\"geo.*\", \"remark\"]\nselect =")
            .replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n");
        world.activate(&mended).await;
        world.until_idle().await;
        assert_eq!(world.audit().await.kinds["tank"].accepted, 3);
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_they_are_counted_once() {
    let db = Db::sqlite();
    let counted = async |world: &mut World| {
        fill(world);
        world.run().await;
        let all = known(world).await;
        let counts: Vec<i64> = all.iter().map(|(_, _, seen, _)| *seen).collect();
        assert_eq!(counts, [1, 2, 1, 1], "{all:?}");
    };
    let swept = sweep(&db, &quiet(), Compared { counts: true }, counted).await;
    assert!(swept > 10, "{swept}");
    db.close().await;
}

#[tokio::test]
async fn the_command_and_the_page_tell_of_them() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        stage.family(1).await;
        assert!(stage.run(&["pull", "national-park"]).await.code == Some(0));
        assert!(stage.run(&["fields"]).await.said(0).contains("没有映射之外的字段"));
        let mut measure = sample::measure(13, 11);
        measure["仪表"] = json!({"编号": "PT-101"});
        stage.park.post("/rows/control_measure", &json!([measure])).await;
        stage.finish().await;
        let told: Value = serde_json::from_str(&stage.run(&["fields", "--json"]).await.said(0)).unwrap();
        let line = &told.as_array().unwrap()[0];
        assert_eq!(
            (&line["path"], &line["sample"], &line["named"]),
            (&json!("仪表.编号"), &json!("aa-999"), &json!(false))
        );
        assert_eq!(
            (&line["service"], line["records"].as_i64() >= Some(1)),
            (&json!("control_measure"), true)
        );
        let shown = stage.run(&["fields", "--source", "national-park"]).await.said(0);
        assert!(
            shown.contains("national-park · control_measure") && shown.contains("仪表.编号："),
            "{shown}"
        );
        let complained = stage.run(&["fields", "--source", "nobody"]).await.complained(2);
        assert!(complained.contains("没有来源 nobody"), "{complained}");
    })
    .await;
}
