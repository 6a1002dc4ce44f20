//! Work made ready while the step before it is written: what comes of records must not depend on how they fall into
//! groups, nor what a receiver has on whether a batch was frozen ahead.

use adapters::memory::Reply;
use gateway::{ledger::Owed, pipeline::Step};
use serde_json::{Value, json};
use tests::{
    Db, Files, World, on_both,
    rows::{plant, tank, wire},
    state::Asked,
};

/// Over a quarter of what one group holds: four rows of this size are judged alone.
const WIDE: usize = 1_100_000;

/// A number that follows from `seed`: the same story each time (a linear congruential step, Knuth's MMIX constants).
fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

/// One page of four rows of few keys: said again, changed, changed back, held by a level nobody knows, without a name.
fn page(seed: &mut u64, minute: u32, pad: &str) -> Vec<Value> {
    let row = |n: u32, seed: &mut u64| {
        let level = ["重大", "较大", "特大"][(next(seed) % 3) as usize];
        let mut row = tank(10 + n, minute, 1, level);
        if next(seed).is_multiple_of(5) {
            row["name"] = json!("");
        }
        row["pad"] = json!(pad);
        row
    };
    (0..4).map(|_| row((next(seed) % 5) as u32, seed)).collect()
}

/// What came of a story: verdict counts, versions in order, held records.
async fn told(db: &Db, seed: u64, pad: &str) -> Vec<String> {
    let world = World::new(db, &Files::small()).await;
    let mut seed = seed;
    for minute in 1..=4 {
        world.park().change("tanks", |shelf| *shelf = page(&mut seed, minute, pad));
        world.land_all("park").await;
    }
    world.refine_all("park").await;
    let sum = world.audit().await.sum;
    let asked = Asked::open(db).await;
    let versions =
        "SELECT h.id || ' ' || v.content FROM version v JOIN record h ON h.no = v.record ORDER BY v.seq";
    let held = "SELECT id || ' ' || reason || ' ' || state FROM held ORDER BY document, place";
    let mut told: Vec<String> = asked.column(versions).await;
    told.extend(asked.column::<String>(held).await);
    asked.close().await;
    told.push(format!("{sum:?}"));
    told
}

#[tokio::test]
async fn how_records_fall_into_groups_changes_nothing() {
    on_both(async |db| {
        for seed in [3, 17] {
            let together = told(db, seed, "").await;
            db.wipe().await;
            let apart = told(db, seed, &"x".repeat(WIDE)).await;
            db.wipe().await;
            assert_eq!(apart, together, "{} seed {seed}", db.name);
            assert!(together.len() > 5, "a story with something in it: {together:?}");
        }
    })
    .await;
}

/// A world with `count` plants judged, three to a batch.
async fn judged(db: &Db, count: u32) -> World {
    let world = World::new(db, &Files::small().receiver("receiver", 3)).await;
    (1..=count).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
    world.land_all("park").await;
    world.refine_all("park").await;
    world
}

async fn owed(world: &World) -> Owed {
    world.audit().await.destinations["receiver"].sum
}

async fn batches(db: &Db) -> Vec<String> {
    let asked = Asked::open(db).await;
    let found = asked.column("SELECT id || ' ' || state || ' ' || attempts FROM batch ORDER BY no").await;
    asked.close().await;
    found
}

#[tokio::test]
async fn one_step_sends_several_batches_each_once() {
    on_both(async |db| {
        let world = judged(db, 10).await;
        assert_eq!(world.forward("receiver").await.unwrap(), Step::Did(10));
        assert_eq!(owed(&world).await, Owed { owed: 10, confirmed: 10, ..Owed::default() });
        let ledger = world.ledger();
        assert_eq!((ledger.arrivals.len(), ledger.doubled().len(), ledger.count("t_plant")), (4, 0, 10));
    })
    .await;
}

#[tokio::test]
async fn a_batch_frozen_ahead_of_a_failure_goes_later_as_it_was() {
    for reply in [Reply::Down, Reply::Cut, Reply::Mumble, Reply::Busy(None), Reply::Ill] {
        on_both(async |db| {
            let world = judged(db, 7).await;
            world.receiver().set(|mood| mood.next = [reply].into());
            assert!(matches!(world.forward("receiver").await.unwrap(), Step::Failed(_)), "{reply:?}");
            let frozen = batches(db).await;
            assert_eq!(frozen.len(), 2, "the next was frozen meanwhile: {frozen:?}");
            assert!(frozen[1].ends_with(" frozen 0"), "and not sent: {frozen:?}");
            world.forward_all("receiver").await;
            assert_eq!(owed(&world).await, Owed { owed: 7, confirmed: 7, ..Owed::default() });
            let (ledger, after) = (world.ledger(), batches(db).await);
            assert_eq!(
                (after.len(), ledger.doubled().len(), ledger.count("t_plant")),
                (3, 0, 7),
                "{after:?}"
            );
        })
        .await;
    }
}

#[tokio::test]
async fn our_own_limit_stops_at_the_batch_it_meets_and_loses_nothing_frozen() {
    on_both(async |db| {
        let world = judged(db, 7).await;
        let paced = Reply::Paced(std::time::Duration::from_secs(2));
        world.receiver().set(|mood| mood.next = [Reply::Judge, paced].into());
        assert!(matches!(world.forward("receiver").await.unwrap(), Step::Paced(_)));
        assert_eq!(owed(&world).await, Owed { owed: 7, confirmed: 3, pending: 4, ..Owed::default() });
        world.forward_all("receiver").await;
        assert_eq!(owed(&world).await, Owed { owed: 7, confirmed: 7, ..Owed::default() });
        assert!(world.ledger().doubled().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_changes_while_a_batch_is_frozen_ahead_goes_after_it() {
    on_both(async |db| {
        let world = judged(db, 6).await;
        world.receiver().set(|mood| mood.next = [Reply::Down].into());
        world.forward("receiver").await.unwrap();
        world.park().change("plants", |shelf| *shelf = vec![plant(5, 30, "乙")]);
        world.land_all("park").await;
        world.refine_all("park").await;
        world.forward_all("receiver").await;
        let body = world.ledger().entry("t_plant", &wire(5)).unwrap().body.clone();
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["name"], "乙");
        assert_eq!(owed(&world).await, Owed { owed: 7, confirmed: 7, ..Owed::default() });
    })
    .await;
}
