//! Judging: which of two is newer when some of them wait, whose a key is, and unchanged records counted again.

use std::sync::Arc;

use gateway::{
    ledger::Found,
    pipeline::{Context, Step, deep, refine},
    store::Store,
};
use serde_json::Value;
use tests::{
    Db, Files, World, on_both,
    rows::{plant, tank, wire},
};

use super::{by_itself, column, meanwhile, set, take};

/// The small world whose tanks go by arrival alone: a time of their own would hide an order that is wrong.
fn by_arrival() -> Files {
    Files::small().replacing("kinds/tank.toml", "as_of = \"updateDate\"\n", "")
}

/// The same, with a word added to the table of levels.
fn mended(word: &str) -> Files {
    let line = format!("一般,3\n{word},1\n");
    by_arrival().replacing("tables/park-level.csv", "一般,3\n", &line)
}

/// The same without a mapping for the list of tanks: there is only one for a list of another name.
fn unmapped() -> Files {
    by_arrival().replacing("sources/park/source.toml", "name = \"tanks\"", "name = \"basins\"").replacing(
        "sources/park/tank.toml",
        "service = \"tanks\"",
        "service = \"basins\"",
    )
}

async fn world(db: &Db, files: &Files) -> World {
    let world = World::new(db, files).await;
    world.receiver().set(|mood| mood.parents.clear());
    set(&world, "plants", &[plant(1, 1, "甲")]);
    take(&world).await;
    set(&world, "plants", &[]);
    world
}

async fn land(world: &World, minute: u32, level: &str) {
    set(world, "tanks", &[tank(11, minute, 1, level)]);
    world.land_all("park").await;
}

async fn tanks(world: &World) -> Found {
    world.audit().await.kinds["tank"]
}

fn level(world: &World) -> String {
    let body: Value = serde_json::from_str(&world.ledger().entry("t_tank", &wire(11)).unwrap().body).unwrap();
    body["level"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_key_that_two_sources_tell_at_once_is_one_record_and_the_second_is_held() {
    on_both(async |db| {
        let world = World::new(db, &Files::small().source("quarry")).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.sources["quarry"].add("plants", plant(1, 2, "乙"));
        world.land_all("park").await;
        world.land_all("quarry").await;
        let (url, clock) = (db.url.clone(), world.clock.clone());
        let park_judges = move || {
            by_itself(async {
                let store = Store::open(&url).await.unwrap();
                let other = Context::new(store, Arc::new(clock), "other");
                assert_eq!(refine::step(&other, "park").await.unwrap(), Step::Did(1));
                other.store.close().await.unwrap();
            });
        };
        let store = meanwhile(db.store().await, "SELECT r.n, h.no", park_judges);
        let context = Context::new(store, Arc::new(world.clock.clone()), "hub");
        assert_eq!(
            refine::step(&context, "quarry").await.unwrap(),
            Step::Did(0),
            "what it had read no longer holds: nothing is written"
        );
        assert_eq!(world.audit().await.sum, Found { found: 1, accepted: 1, ..Found::default() });
        assert_eq!(refine::step(&context, "quarry").await.unwrap(), Step::Did(1));
        assert_eq!(world.audit().await.sum, Found { found: 2, accepted: 1, held: 1, ..Found::default() });
        assert_eq!(column(db, "SELECT source FROM record").await, ["park"]);
        assert_eq!(column(db, "SELECT source || ' ' || reason FROM held").await, ["quarry second-source"]);
    })
    .await;
}

/// Two sources whose word weighs this much.
fn weighed(park: i64, quarry: i64) -> Files {
    let with = |files: Files, name: &str, priority| {
        let path = format!("sources/{name}/source.toml");
        files.replacing(&path, "title = ", &format!("priority = {priority}\ntitle = "))
    };
    with(with(Files::small().source("quarry"), "park", park), "quarry", quarry)
}

/// `one` judges all it has; right after its first statement with `words`, `other` does, on another connection.
async fn crossed(db: &Db, world: &World, one: &str, words: &'static str, other: &'static str) {
    let (url, clock) = (db.url.clone(), world.clock.clone());
    let judges = move || {
        by_itself(async {
            let store = Store::open(&url).await.unwrap();
            let context = Context::new(store, Arc::new(clock), "hub");
            while refine::step(&context, other).await.unwrap() != Step::Idle {}
            context.store.close().await.unwrap();
        });
    };
    let store = meanwhile(db.store().await, words, judges);
    let context = Context::new(store, Arc::new(world.clock.clone()), "hub");
    while refine::step(&context, one).await.unwrap() != Step::Idle {}
}

fn plant_name(world: &World) -> String {
    let body: Value = serde_json::from_str(&world.ledger().entry("t_plant", &wire(1)).unwrap().body).unwrap();
    body["name"].as_str().unwrap().to_owned()
}

/// Both replicas read what stands; the one that is second to write finds that it no longer does.
#[tokio::test]
async fn a_word_that_outweighs_another_is_weighed_again_when_that_one_moved_meanwhile() {
    on_both(async |db| {
        let mut world = World::new(db, &weighed(1, 1)).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.run().await;
        world.park().add("plants", plant(1, 9, "丙"));
        world.sources["quarry"].add("plants", plant(1, 5, "乙"));
        world.land_all("park").await;
        world.land_all("quarry").await;
        let words = "SELECT r.kind, r.id_space, r.id, h.source, d.service";
        crossed(db, &world, "quarry", words, "park").await;
        world.until_idle().await;
        assert_eq!(plant_name(&world), "丙", "the newest of two that weigh the same");
        assert_eq!(column(db, "SELECT source FROM record").await, ["park"]);
        assert!(world.audit().await.broken.is_empty());
    })
    .await;
}

/// A key is one source's when its new word is read, and another's, too, when it is written: what is kept of it must be that word.
#[tokio::test]
async fn a_key_that_becomes_shared_meanwhile_keeps_the_newest_word_of_its_first_source() {
    on_both(async |db| {
        let mut world = World::new(db, &weighed(2, 1)).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.run().await;
        // alone on offer: read once more it is what stands, and heals nothing
        set(&world, "plants", &[plant(1, 9, "丙")]);
        world.sources["quarry"].add("plants", plant(1, 5, "乙"));
        world.land_all("park").await;
        world.land_all("quarry").await;
        crossed(db, &world, "park", "SELECT 1 FROM contribution", "quarry").await;
        world.restart();
        world.until_idle().await;
        assert_eq!(plant_name(&world), "丙");
        world.sources["quarry"].add("plants", plant(1, 12, "丁"));
        world.run().await;
        assert_eq!(plant_name(&world), "丙", "the other's later word weighs less");
        assert!(world.audit().await.broken.is_empty());
    })
    .await;
}

/// One judging takes A said again, a held state and C, while an older one is held: C is the newest, wherever A was seen.
#[tokio::test]
async fn a_state_seen_again_never_moves_its_key_back_behind_a_newer_one() {
    on_both(async |db| {
        let mut world = world(db, &by_arrival()).await;
        for (minute, level) in [(2, "较大"), (3, "特大")] {
            land(&world, minute, level).await;
            world.refine_all("park").await;
        }
        for (minute, level) in [(4, "较大"), (5, "极大"), (6, "一般")] {
            land(&world, minute, level).await;
        }
        assert_eq!(world.refine("park").await.unwrap(), Step::Did(3), "one judging");
        assert_eq!(
            tanks(&world).await,
            Found { found: 5, accepted: 2, unchanged: 1, held: 2, ..Found::default() }
        );
        world.activate(&mended("极大")).await;
        world.until_idle().await;
        assert_eq!(tanks(&world).await, Found { found: 5, accepted: 2, unchanged: 3, ..Found::default() });
        assert_eq!(level(&world), "3");
    })
    .await;
}

/// The mapping is gone on Monday when B is judged, and back on Tuesday when A is said again: A is the newest.
#[tokio::test]
async fn what_waited_for_its_mapping_is_judged_before_what_came_after_it() {
    on_both(async |db| {
        let mut world = world(db, &by_arrival()).await;
        land(&world, 2, "较大").await;
        world.refine_all("park").await;
        land(&world, 3, "重大").await;
        world.activate(&unmapped()).await;
        world.refine_all("park").await;
        assert_eq!(tanks(&world).await, Found { found: 2, accepted: 1, held: 1, ..Found::default() });
        assert_eq!(column(db, "SELECT reason FROM held").await, ["no-mapping"]);
        world.activate(&by_arrival()).await;
        land(&world, 4, "较大").await;
        world.until_idle().await;
        assert_eq!(tanks(&world).await, Found { found: 3, accepted: 3, ..Found::default() });
        assert_eq!(level(&world), "2");
    })
    .await;
}

#[tokio::test]
async fn a_held_record_learns_its_key_when_its_mapping_is_back() {
    on_both(async |db| {
        let mut world = world(db, &by_arrival()).await;
        land(&world, 2, "较大").await;
        world.refine_all("park").await;
        land(&world, 3, "特大").await;
        world.activate(&unmapped()).await;
        world.refine_all("park").await;
        world.activate(&by_arrival()).await;
        world.refine_all("park").await;
        assert_eq!(
            column(db, "SELECT kind || ' ' || id_space || ' ' || id || ' ' || reason FROM held").await,
            [format!("tank uuid {} unknown-code level", wire(11))]
        );
        land(&world, 4, "较大").await;
        world.refine_all("park").await;
        world.activate(&mended("特大")).await;
        world.until_idle().await;
        assert_eq!(tanks(&world).await, Found { found: 3, accepted: 1, unchanged: 2, ..Found::default() });
        assert_eq!(level(&world), "2");
    })
    .await;
}

/// A time nobody can read is a reason to reject a record, but not one that says what is known already: unchanged is
/// decided without looking at what may change by itself. Counting again must decide the same.
#[tokio::test]
async fn counting_again_finds_a_known_record_with_an_unreadable_time_unchanged_too() {
    on_both(async |db| {
        let world = World::new(db, &Files::paged()).await;
        let unreadable = |mut row: Value| {
            row["t"] = "2026-02-30T08:00:00+08:00".into();
            row
        };
        set(&world, "plants", &[unreadable(plant(1, 1, "甲"))]);
        take(&world).await;
        world.wait(chrono::TimeDelta::hours(1));
        set(&world, "plants", &[plant(1, 2, "甲")]);
        set(&world, "tanks", &[tank(11, 2, 1, "特大")]);
        take(&world).await;
        world.wait(chrono::TimeDelta::hours(1));
        set(&world, "plants", &[unreadable(plant(1, 3, "甲")), unreadable(plant(2, 3, "乙"))]);
        set(&world, "tanks", &[unreadable(tank(11, 3, 1, "特大"))]);
        take(&world).await;
        let audit = world.audit().await;
        let plants = Found { found: 4, accepted: 1, unchanged: 1, rejected: 2, ..Found::default() };
        assert_eq!(audit.kinds["plant"], plants);
        assert_eq!(tanks(&world).await, Found { found: 2, unchanged: 1, held: 1, ..Found::default() });
        let whole = gateway::pipeline::Deep { documents: 5, records: 6, ..Default::default() };
        assert_eq!(deep(&world.context, &|_, _| ()).await.unwrap(), whole);
    })
    .await;
}
