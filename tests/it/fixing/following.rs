//! What stands follows the fixes by itself: accepted or rejected, shared, moved by an alias, kept by nobody any more; whatever
//! breaks, and whichever node does it.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use gateway::pipeline::{Context, Step, refine};
use serde_json::{Value, json};
use tests::{
    Files, World, on_both,
    rows::{plant, tank, wire},
    sweep::{Compared, sweep},
};

use super::{HEAD, activate, codes, fixing, level, number, proven, told, world};
use crate::aliases::{joined, marked};

/// Plants whose company code must be nine digits.
pub(super) fn checked(files: Files) -> Files {
    files.replacing("kinds/plant.toml", "owner = \"chem\"", "owner = \"chem\", pattern = '^[0-9]{9}$'")
}

/// A plant of this company.
pub(super) fn of(n: u32, minute: u32, corp: &str) -> Value {
    let mut row = plant(n, minute, "甲");
    row["corp"] = corp.into();
    row
}

/// With the company of a plant put right.
pub(super) fn company(files: &Files, plant: u32, was: &str, is: &str) -> Files {
    let line = format!("{HEAD}plant,uuid,{},companyCode,{was},{is},张三 查过\n", wire(plant));
    files.clone().with("fixes.csv", &line)
}

/// The companies that the receiver has of its plants.
fn companies(world: &World) -> BTreeMap<String, String> {
    let ledger = world.ledger();
    let plants = ledger.entries.iter().filter(|((path, _), _)| path == "t_plant");
    plants
        .map(|((_, id), entry)| {
            let body: Value = serde_json::from_str(&entry.body).unwrap();
            (id.clone(), body["companyCode"].as_str().unwrap_or_default().to_owned())
        })
        .collect()
}

pub(super) fn has(world: &World, plant: u32) -> Option<String> {
    companies(world).remove(&wire(plant))
}

#[tokio::test]
async fn what_was_rejected_comes_in_and_the_first_verdict_stays() {
    on_both(async |db| {
        let files = checked(Files::keyset());
        let mut world = World::new(db, &files).await;
        world.park().add("plants", of(1, 1, "41090001X"));
        world.park().add("plants", of(2, 1, "410900018"));
        world.run().await;
        assert_eq!((has(&world, 1), has(&world, 2)), (None, Some("410900018".into())), "{}", db.name);
        let before = world.audit().await.kinds["plant"];
        activate(&mut world, &company(&files, 1, "41090001X", "410900017")).await;
        assert_eq!(has(&world, 1), Some("410900017".into()));
        assert_eq!(world.audit().await.kinds["plant"], before, "{}: no record was found twice", db.name);
        proven(db, &world).await;
        // without the line it would be rejected again: what was accepted stays
        activate(&mut world, &files).await;
        assert_eq!(has(&world, 1), Some("410900017".into()));
        proven(db, &world).await;
    })
    .await;
}

#[tokio::test]
async fn a_newer_one_that_was_rejected_takes_the_place_of_what_stands() {
    on_both(async |db| {
        let files = checked(Files::keyset());
        let mut world = World::new(db, &files).await;
        world.park().add("plants", of(1, 1, "410900018"));
        world.run().await;
        world.park().add("plants", of(1, 5, "41090001X"));
        world.run().await;
        assert_eq!(has(&world, 1), Some("410900018".into()), "{}", db.name);
        activate(&mut world, &company(&files, 1, "41090001X", "410900017")).await;
        assert_eq!(has(&world, 1), Some("410900017".into()));
        proven(db, &world).await;
        // what comes after it counts again
        world.park().add("plants", of(1, 9, "410900019"));
        world.run().await;
        assert_eq!(has(&world, 1), Some("410900019".into()));
        proven(db, &world).await;
    })
    .await;
}

/// What was said again as it stands left no trace but in its bytes: it is newer than the rejected one all the same.
#[tokio::test]
async fn an_older_one_that_was_rejected_never_comes_over_a_newer_that_stands() {
    on_both(async |db| {
        let files = checked(Files::keyset());
        let mut world = World::new(db, &files).await;
        for (minute, corp) in [(1, "410900018"), (5, "41090001X"), (9, "410900018")] {
            world.park().add("plants", of(1, minute, corp));
            world.run().await;
        }
        let versions = number(db, super::VERSIONS).await;
        activate(&mut world, &company(&files, 1, "41090001X", "410900017")).await;
        assert_eq!(has(&world, 1), Some("410900018".into()), "{}", db.name);
        assert_eq!(number(db, super::VERSIONS).await, versions);
        proven(db, &world).await;
    })
    .await;
}

/// A rejection that is seen again leaves no second row: where it was seen last counts.
#[tokio::test]
async fn a_rejected_one_that_came_again_last_is_put_right() {
    on_both(async |db| {
        let files = checked(Files::keyset());
        let mut world = World::new(db, &files).await;
        for (minute, corp) in [(1, "410900018"), (5, "41090001X"), (7, "410900020"), (9, "41090001X")] {
            world.park().add("plants", of(1, minute, corp));
            world.run().await;
        }
        assert_eq!(has(&world, 1), Some("410900020".into()), "{}", db.name);
        activate(&mut world, &company(&files, 1, "41090001X", "410900017")).await;
        assert_eq!(has(&world, 1), Some("410900017".into()), "{}", db.name);
        proven(db, &world).await;
    })
    .await;
}

/// Broken off at each boundary on the way, and gone back to the configuration of before: nothing of it stays.
#[tokio::test]
async fn half_a_walk_and_back_leaves_nothing() {
    on_both(async |db| {
        let plain = marked(checked(Files::keyset()));
        let mut world = World::new(db, &plain).await;
        world.park().add("plants", of(1, 1, "410900017"));
        world.park().add("plants", of(2, 1, "410900018"));
        world.run().await;
        for (changed, steps) in [(company(&plain, 2, "410900018", "410900021"), 6), (joined(&plain), 6)] {
            for nth in 1..=steps {
                world.activate(&changed).await;
                world.breaker.arm(nth, false);
                // until it breaks; what was done before is committed
                while refine::step(&world.context, "park")
                    .await
                    .is_ok_and(|step| matches!(step, Step::Did(_)))
                {}
                assert!(nth > 3 || world.breaker.broken().is_some(), "{}: {nth}", db.name);
                world.breaker.arm(u64::MAX, false);
                activate(&mut world, &plain).await;
                let stands = [has(&world, 1), has(&world, 2)];
                let wanted = [Some("410900017".into()), Some("410900018".into())];
                assert_eq!(stands, wanted, "{}: broken at {nth}", db.name);
                proven(db, &world).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn each_voice_of_a_shared_key_is_put_right_by_itself() {
    on_both(async |db| {
        let mut files = Files::keyset().source("quarry");
        for (name, priority) in [("park", 2), ("quarry", 1)] {
            let path = format!("sources/{name}/source.toml");
            files = files.replacing(&path, "title = ", &format!("priority = {priority}\ntitle = "));
        }
        let mut world = World::new(db, &files).await;
        world.park().add("plants", of(1, 5, "410900017"));
        world.sources["quarry"].add("plants", of(1, 1, "410900018"));
        world.run().await;
        assert_eq!(has(&world, 1), Some("410900017".into()), "{}: the park's word counts", db.name);
        let versions = number(db, super::VERSIONS).await;
        activate(&mut world, &company(&files, 1, "410900018", "410900020")).await;
        assert_eq!(
            (has(&world, 1).unwrap().as_str(), number(db, super::VERSIONS).await),
            ("410900017", versions)
        );
        activate(&mut world, &company(&files, 1, "410900017", "410900021")).await;
        assert_eq!(has(&world, 1), Some("410900021".into()));
        proven(db, &world).await;
        activate(&mut world, &files).await;
        assert_eq!(has(&world, 1), Some("410900017".into()));
        proven(db, &world).await;
    })
    .await;
}

#[tokio::test]
async fn what_an_alias_moves_keeps_what_is_noted_of_it() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let fixed = |files: &Files| company(files, 2, "410900017", "410900021");
        let mut world = World::new(db, &files).await;
        world.park().add("plants", of(1, 1, "410900017"));
        world.run().await;
        // the line is of the key under which the record comes to stand
        activate(&mut world, &fixed(&joined(&files))).await;
        assert_eq!(has(&world, 2), Some("410900021".into()), "{}", db.name);
        let found = gateway::pipeline::explain::find(&world.context, "plant", &wire(2)).await.unwrap();
        let told =
            gateway::pipeline::explain::explain(&world.context, &found[0].0, found[0].1).await.unwrap();
        assert_eq!(codes(told.versions.last().unwrap()), ["fixed"]);
        proven(db, &world).await;
        activate(&mut world, &files).await;
        assert_eq!(has(&world, 1), Some("410900017".into()));
        proven(db, &world).await;
    })
    .await;
}

#[tokio::test]
async fn what_age_took_stays_as_it_is() {
    on_both(async |db| {
        let files = Files::keyset();
        let mut world = world(db, &files, ["一般", "一般"]).await;
        world.wait(TimeDelta::days(10));
        let taken = world.age().await;
        assert!(taken.iter().any(|(_, gone)| gone.rows > 0), "{}: {taken:?}", db.name);
        let versions = number(db, super::VERSIONS).await;
        activate(&mut world, &fixing(&files, 11, "3", "1")).await;
        assert_eq!((level(&world, 11).as_str(), number(db, super::VERSIONS).await), ("3", versions));
        assert!(world.audit().await.broken.is_empty());
        // its sender says it again in a newer state, and it is put right
        world.park().add("tanks", tank(11, 9, 1, "一般"));
        world.run().await;
        assert_eq!(level(&world, 11), "1", "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn what_was_deleted_stays_deleted() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let mut world = World::new(db, &files).await;
        let mut gone = of(1, 5, "410900017");
        gone["gone"] = json!("1");
        world.park().add("plants", of(1, 1, "410900017"));
        world.run().await;
        world.park().add("plants", gone);
        world.run().await;
        activate(&mut world, &company(&files, 1, "410900017", "410900021")).await;
        assert!(
            world.ledger().entry("t_plant", &wire(1)).unwrap().body.contains("\"gone\":\"1\""),
            "{}",
            db.name
        );
        proven(db, &world).await;
    })
    .await;
}

async fn done(context: &Context) {
    while matches!(refine::step(context, "park").await.unwrap(), Step::Did(_)) {}
}

/// The other node follows a revision in between; the first, which followed this one before, sees that it has to do it again.
#[tokio::test]
async fn a_node_that_had_followed_already_follows_again_after_another() {
    on_both(async |db| {
        let files = Files::keyset();
        let mut world = world(db, &files, ["一般", "一般"]).await;
        let fixed = fixing(&files, 11, "3", "1");
        world.activate(&files).await;
        done(&world.context).await;
        world.activate(&fixed).await;
        world.wait(TimeDelta::minutes(5));
        let other = world.replica("second");
        done(&other).await;
        assert_eq!(told(db, 11).await, 2, "{}", db.name);
        other.store.release_leases("second").await.unwrap();
        activate(&mut world, &files).await;
        assert_eq!((level(&world, 11).as_str(), told(db, 11).await), ("3", 3), "{}", db.name);
        proven(db, &world).await;
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_the_same_is_put_right() {
    on_both(async |db| {
        let files = checked(Files::keyset());
        let story = async |world: &mut World| {
            let files = checked(Files::keyset());
            world.park().add("plants", of(1, 1, "410900017"));
            world.park().add("plants", of(2, 1, "41090001X"));
            world.park().add("tanks", tank(11, 1, 1, "一般"));
            world.run().await;
            let lines = format!(
                "{HEAD}plant,uuid,{},companyCode,410900017,410900021,a\nplant,uuid,{},companyCode,41090001X,410900018,b\n\
                 tank,uuid,{},level,3,1,c\n",
                wire(1),
                wire(2),
                wire(11)
            );
            activate(world, &files.clone().with("fixes.csv", &lines)).await;
            activate(world, &company(&files, 1, "410900017", "410900021")).await;
        };
        let swept = sweep(db, &files, Compared { counts: true }, story).await;
        assert!(swept > 20, "{}: {swept}", db.name);
    })
    .await;
}

/// Many lines in one file: each record is put right once, and nothing else is looked at.
#[tokio::test]
async fn many_lines_are_followed_a_few_at_a_time() {
    on_both(async |db| {
        let files = Files::keyset();
        let mut world = World::new(db, &files).await;
        for n in 1..=70 {
            world.park().add("plants", plant(n, 1, "甲"));
        }
        world.run().await;
        let line = |n| format!("plant,uuid,{},companyCode,410900017,410900018,x\n", wire(n));
        let lines = (1..=55).map(line).collect::<Vec<_>>().concat();
        activate(&mut world, &files.clone().with("fixes.csv", &format!("{HEAD}{lines}"))).await;
        let right = companies(&world).into_values().filter(|code| code == "410900018").count();
        assert_eq!((right, number(db, super::VERSIONS).await), (55, 125), "{}", db.name);
        proven(db, &world).await;
    })
    .await;
}
