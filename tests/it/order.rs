//! Order: what is newer, what is only said again, what comes too late; across pages, sources and tables that change.

use gateway::ledger::Found;
use tests::{
    Db, Files, World, on_both,
    rows::{plant, tank, wire},
    state::Asked,
};

async fn versions(db: &Db) -> i64 {
    let asked = Asked::open(db).await;
    let count = asked.number("SELECT COUNT(*) FROM version").await;
    asked.close().await;
    count
}

async fn issue_codes(db: &Db) -> Vec<String> {
    let asked = Asked::open(db).await;
    let texts: Vec<String> = asked.column("SELECT issues FROM issue ORDER BY no").await;
    asked.close().await;
    let codes = |text: &String| {
        let issues: Vec<serde_json::Value> = serde_json::from_str(text).unwrap();
        issues.iter().map(|issue| issue["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    texts.iter().flat_map(codes).collect()
}

fn set(world: &World, service: &str, rows: &[serde_json::Value]) {
    world.park().change(service, |shelf| *shelf = rows.to_vec());
}

fn body(world: &World, path: &str, n: u32) -> serde_json::Value {
    serde_json::from_str(&world.ledger().entry(path, &wire(n)).unwrap().body).unwrap()
}

fn mended() -> Files {
    Files::small().replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n")
}

#[tokio::test]
async fn there_and_back_again_is_three_versions() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        for (minute, name) in [(1, "甲"), (2, "乙"), (3, "甲")] {
            set(&world, "plants", &[plant(1, minute, name)]);
            world.run().await;
        }
        assert_eq!(versions(db).await, 3);
        let audit = world.audit().await;
        assert_eq!(audit.sum, Found { found: 3, accepted: 3, ..Found::default() });
        assert_eq!(audit.destinations["receiver"].sum.confirmed, 3);
        assert_eq!(body(&world, "t_plant", 1)["name"], "甲");
    })
    .await;
}

#[tokio::test]
async fn a_touched_time_alone_is_unchanged_and_forwards_nothing() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        set(&world, "plants", &[plant(1, 1, "甲"), plant(2, 1, "乙")]);
        world.run().await;
        let arrivals = world.ledger().arrivals.len();
        set(&world, "plants", &[plant(1, 30, "甲"), plant(2, 30, "乙")]);
        world.run().await;
        assert_eq!(
            world.audit().await.sum,
            Found { found: 4, accepted: 2, unchanged: 2, ..Found::default() }
        );
        assert_eq!(world.ledger().arrivals.len(), arrivals);
    })
    .await;
}

/// A accepted on Monday, B held on Tuesday, A said again on Wednesday; when the table is mended on Friday, B is older
/// than what was said last.
#[tokio::test]
async fn a_held_state_released_after_the_old_one_was_said_again_stays_old() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        set(&world, "plants", &[plant(1, 1, "甲")]);
        for (minute, level) in [(1, "较大"), (2, "特大"), (3, "较大")] {
            set(&world, "tanks", &[tank(11, minute, 1, level)]);
            world.run().await;
        }
        let held = world.audit().await.kinds["tank"];
        assert_eq!(held, Found { found: 3, accepted: 1, unchanged: 1, held: 1, ..Found::default() });
        world.activate(&mended()).await;
        world.until_idle().await;
        let friday = world.audit().await.kinds["tank"];
        assert_eq!(friday, Found { found: 3, accepted: 1, unchanged: 2, ..Found::default() });
        assert_eq!(body(&world, "t_tank", 11)["level"], "2");
    })
    .await;
}

#[tokio::test]
async fn the_same_within_one_part() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        set(&world, "plants", &[plant(1, 1, "甲")]);
        let rows: Vec<_> =
            [(1, "较大"), (2, "特大"), (3, "较大")].map(|(minute, level)| tank(11, minute, 1, level)).into();
        set(&world, "tanks", &rows);
        world.run().await;
        world.activate(&mended()).await;
        world.until_idle().await;
        let tanks = world.audit().await.kinds["tank"];
        assert_eq!(tanks, Found { found: 3, accepted: 1, unchanged: 2, ..Found::default() });
        assert_eq!(body(&world, "t_tank", 11)["level"], "2");
    })
    .await;
}

#[tokio::test]
async fn a_held_state_nobody_spoke_over_is_released_by_its_table() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        set(&world, "plants", &[plant(1, 1, "甲")]);
        set(&world, "tanks", &[tank(11, 1, 1, "特大"), tank(12, 1, 1, "重大")]);
        world.run().await;
        let tanks = world.audit().await.kinds["tank"];
        assert_eq!(
            tanks,
            Found { found: 2, accepted: 1, held: 1, ..Found::default() },
            "its neighbour is not held"
        );
        assert_eq!(issue_codes(db).await, ["unknown-code"]);
        world.activate(&mended()).await;
        world.until_idle().await;
        let tanks = world.audit().await.kinds["tank"];
        assert_eq!(tanks, Found { found: 2, accepted: 2, ..Found::default() });
        assert_eq!(body(&world, "t_tank", 11)["level"], "1");
    })
    .await;
}

#[tokio::test]
async fn a_table_that_does_not_help_leaves_it_held_once() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        set(&world, "plants", &[plant(1, 1, "甲")]);
        set(&world, "tanks", &[tank(11, 1, 1, "特大")]);
        world.run().await;
        world
            .activate(&Files::small().replacing("tables/park-level.csv", "一般,3\n", "一般,3\n其他,3\n"))
            .await;
        world.until_idle().await;
        assert_eq!(world.audit().await.kinds["tank"], Found { found: 1, held: 1, ..Found::default() });
        world.run().await;
        let read_again = Found { found: 2, held: 1, unchanged: 1, ..Found::default() };
        assert_eq!(world.audit().await.kinds["tank"], read_again, "what waits already does not wait twice");
        assert_eq!(world.store().held_count().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn what_arrives_later_with_an_earlier_time_of_its_own_is_stale() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        set(&world, "plants", &[plant(1, 20, "新")]);
        world.run().await;
        set(&world, "plants", &[plant(1, 15, "旧")]);
        world.run().await;
        assert_eq!(
            world.audit().await.sum,
            Found { found: 2, accepted: 1, unchanged: 1, ..Found::default() }
        );
        assert_eq!(issue_codes(db).await, ["stale-update"]);
        assert_eq!(body(&world, "t_plant", 1)["name"], "新");
    })
    .await;
}

#[tokio::test]
async fn a_second_source_of_a_key_is_held_and_the_first_goes_on() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small().source("quarry")).await;
        set(&world, "plants", &[plant(1, 1, "甲")]);
        world.run().await;
        world.sources["quarry"].add("plants", plant(1, 2, "乙"));
        world.run().await;
        set(&world, "plants", &[plant(1, 3, "丙")]);
        world.run().await;
        assert_eq!(issue_codes(db).await, ["second-source"], "read twice, within the overlap: it waits once");
        assert_eq!(world.audit().await.sum.held, 1);
        assert_eq!(body(&world, "t_plant", 1)["name"], "丙");
    })
    .await;
}

#[tokio::test]
async fn a_key_twice_in_one_part_is_two_versions_and_the_newer_goes_out() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        set(&world, "plants", &[plant(1, 1, "甲"), plant(1, 2, "乙"), plant(1, 3, "乙")]);
        world.run().await;
        let audit = world.audit().await;
        assert_eq!(audit.sum, Found { found: 3, accepted: 2, unchanged: 1, ..Found::default() });
        let owed = audit.destinations["receiver"].sum;
        assert_eq!((owed.owed, owed.confirmed, owed.superseded), (2, 1, 1));
        assert_eq!(body(&world, "t_plant", 1)["name"], "乙");
        assert_eq!(world.ledger().arrivals.len(), 1);
    })
    .await;
}
