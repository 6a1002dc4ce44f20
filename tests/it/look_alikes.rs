//! Records of one owner and day that say the same under two ids: flagged once, for a person, and nothing else is touched.

use serde_json::{Value, json};
use tests::{
    Db, Files, World,
    faults::Breaker,
    on_both,
    rows::id,
    state::Asked,
    sweep::{Compared, sweep},
};

const KIND: &str = "kinds/plant.toml";
const MAPPING: &str = "sources/park/plant.toml";

/// Plants whose names are compared, and which may be deleted.
fn compared() -> Files {
    let rule = "as_of = \"updateDate\"\n[look_alike]\ntext = \"name\"\nday = \"day\"\nsimilarity = 85";
    Files::keyset()
        .replacing(KIND, "as_of = \"updateDate\"", rule)
        .replacing(KIND, "isTest = {", "deleted = { label = \"删除\", type = \"text\" }\nday = { label = \"登记日期\", type = \"date\" }\nisTest = {")
        .replacing(MAPPING, "isTest = \"test\"", "isTest = \"test\"\ndeleted = \"deleted\"\nday = \"d\"")
}

/// A plant of an owner, registered on a day in November, as the park has it on that day.
fn named(n: u32, name: &str, corp: &str, day: u32) -> Value {
    let (d, t) = (format!("2026-11-{day:02}"), format!("2026-11-{day:02}T10:{:02}:00+08:00", n % 60));
    json!({"id": id(n), "name": name, "corp": corp, "d": d, "t": t})
}

/// The same plant as it is an hour, or several, later.
fn later(hours: u32, mut row: Value) -> Value {
    row["t"] = row["t"].as_str().unwrap().replace("T10:", &format!("T{}:", 10 + hours)).into();
    row
}

const OURS: &str = "410900017";

/// What is flagged: both ids' last digits, score, state.
async fn pairs(db: &Db) -> Vec<String> {
    let asked = Asked::open(db).await;
    let found = asked
        .column(
            "SELECT substr(a.id, 31) || ' ' || substr(b.id, 31) || ' ' || CAST(p.score AS TEXT) || ' ' || p.state \
             FROM look_alike p JOIN record a ON a.no = p.a JOIN record b ON b.no = p.b ORDER BY 1",
        )
        .await;
    asked.close().await;
    found
}

async fn run(world: &mut World, rows: impl IntoIterator<Item = Value>) {
    for row in rows {
        world.park().add("plants", row);
    }
    world.run().await;
}

#[tokio::test]
async fn one_thing_under_two_ids_is_flagged_once_and_nothing_else_is_touched() {
    on_both(async |db| {
        let mut world = World::new(db, &compared()).await;
        let twice = [named(1, "3号罐液位计失灵。", OURS, 20), named(2, "３号罐 液位计失灵", OURS, 20)];
        run(&mut world, twice).await;
        assert_eq!(pairs(db).await, ["01 02 100 open"], "{}", db.name);
        let sum = world.audit().await.destinations["receiver"].sum;
        assert_eq!((sum.owed, sum.confirmed), (2, 2), "both went out");
        // a night in which nothing new comes, and one in which one of them changes
        world.run().await;
        run(&mut world, [later(1, named(2, "3号罐的液位计失灵", OURS, 20))]).await;
        assert_eq!(pairs(db).await, ["01 02 94 open"], "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn others_are_not_flagged() {
    on_both(async |db| {
        let mut world = World::new(db, &compared()).await;
        let name = "喷漆室探测器超期未检定";
        run(
            &mut world,
            [
                named(1, name, OURS, 19),
                named(2, name, OURS, 20),
                named(3, name, "410900018", 20),
                named(4, "消火栓被遮挡", OURS, 20),
                named(5, "1号喷漆室探测器超期未检定", OURS, 20),
            ],
        )
        .await;
        // the same id again is a version, not another
        run(&mut world, [later(1, named(2, "喷漆室的探测器超期未检定", OURS, 20))]).await;
        assert_eq!(pairs(db).await, Vec::<String>::new(), "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn across_nights_and_in_any_order_the_pairs_are_the_same() {
    let names = ["除尘器未设泄爆装置", "除尘器没设泄爆装置", "除尘器未设泄爆装置。", "配电箱门未关闭"];
    on_both(async |db| {
        let ledger = db.store().await;
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
            db.wipe().await;
            let mut world = World::on(ledger.clone(), Breaker::counting(), &compared()).await;
            for (night, n) in order.into_iter().enumerate() {
                let hours = u32::try_from(night).unwrap();
                run(&mut world, [later(hours, named(u32::try_from(n).unwrap(), names[n], OURS, 20))]).await;
            }
            let mut found: Vec<String> = pairs(db).await;
            for pair in &mut found {
                let mut ids: Vec<&str> = pair.split(' ').take(2).collect();
                ids.sort_unstable();
                *pair = format!("{} {}", ids.join(" "), pair.split(' ').nth(2).unwrap());
            }
            found.sort();
            assert_eq!(found, ["00 01 88", "00 02 100", "01 02 88"], "{} {order:?}", db.name);
        }
    })
    .await;
}

#[tokio::test]
async fn a_pair_goes_when_one_is_deleted_or_says_something_else_and_comes_back() {
    on_both(async |db| {
        let mut world = World::new(db, &compared()).await;
        let name = "液氨储罐区未设围堰";
        run(&mut world, [named(1, name, OURS, 20), named(2, name, OURS, 20), named(3, name, OURS, 20)]).await;
        assert_eq!(pairs(db).await, ["01 02 100 open", "01 03 100 open", "02 03 100 open"]);
        let mut deleted = later(1, named(2, name, OURS, 20));
        deleted["deleted"] = "1".into();
        run(&mut world, [deleted]).await;
        assert_eq!(pairs(db).await, ["01 02 100 gone", "01 03 100 open", "02 03 100 gone"], "{}", db.name);
        run(&mut world, [later(2, named(3, "消火栓被遮挡", OURS, 20))]).await;
        assert_eq!(pairs(db).await, ["01 02 100 gone", "01 03 100 gone", "02 03 100 gone"], "{}", db.name);
        run(&mut world, [later(3, named(2, name, OURS, 20))]).await;
        assert_eq!(pairs(db).await, ["01 02 100 open", "01 03 100 gone", "02 03 100 gone"], "{}", db.name);
        // registered on another day, as it turns out
        run(&mut world, [named(1, name, OURS, 21)]).await;
        assert_eq!(pairs(db).await, ["01 02 100 gone", "01 03 100 gone", "02 03 100 gone"], "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn a_rule_that_comes_later_or_changes_compares_all_there_is() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::keyset()).await;
        run(&mut world, [named(1, "液氨储罐区未设围堰", OURS, 20), named(2, "液氨储罐区没设围堰", OURS, 20)])
            .await;
        assert_eq!(pairs(db).await, Vec::<String>::new());
        world.activate(&compared()).await;
        world.run().await;
        assert_eq!(pairs(db).await, ["01 02 88 open"], "{}", db.name);
        world.activate(&compared().replacing(KIND, "similarity = 85", "similarity = 95")).await;
        world.run().await;
        assert_eq!(pairs(db).await, ["01 02 88 gone"], "{}", db.name);
        world.activate(&compared()).await;
        world.run().await;
        assert_eq!(pairs(db).await, ["01 02 88 open"], "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_the_pairs_are_the_same() {
    on_both(async |db| {
        let story = async |world: &mut World| {
            let name = "液氨储罐区未设围堰";
            for n in [1, 2] {
                world.park().add("plants", named(n, name, OURS, 20));
            }
            world.run().await;
            world.park().add("plants", later(1, named(2, "液氨储罐区没设围堰", OURS, 20)));
            world.run().await;
            world.until_idle().await;
        };
        let swept = sweep(db, &compared(), Compared { counts: true }, story).await;
        assert!(swept > 10, "{}: {swept}", db.name);
    })
    .await;
}
