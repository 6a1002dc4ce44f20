//! Two ids of one thing: what stands, what the receiver has, and that all of it goes back when they are taken apart again.

mod edits;
mod sources;
mod stories;
mod told;

use std::collections::BTreeMap;

use gateway::pipeline::{deep, explain};
use mappings::Key;
use serde_json::Value;
use tests::{
    Db, Files, World, on_both,
    rows::{id, plant, tank, wire},
    state::Asked,
    sweep::{Compared, sweep},
};

/// Plants that can be said to be gone, by themselves or by the hub.
pub(crate) fn marked(files: Files) -> Files {
    let gone = "gone = { label = \"已拆除\", type = \"code\", table = \"gone\", gone = \"1\" }\nupdateDate";
    files
        .replacing("kinds/plant.toml", "updateDate = {", &format!("{gone} = {{"))
        .replacing("sources/park/plant.toml", "corp\"\n", "corp\"\ngone = \"gone\"\n")
        .with("tables/gone.csv", "code,label\n0,在用\n1,已拆除\n")
}

/// The same with these aliases: space and id that is said, space and id that is meant.
pub(crate) fn joining(files: &Files, lines: &[(&str, &str, &str, &str)]) -> Files {
    let line = |(space, id, to, to_id): &(_, _, _, _)| format!("plant,{space},{id},{to},{to_id},甲方核实\n");
    let lines = lines.iter().map(line).collect::<Vec<_>>().concat();
    files.clone().with("aliases.csv", &format!("kind,id_space,id,to_space,to_id,note\n{lines}"))
}

/// The first plant's id means the second's.
pub(crate) fn joined(files: &Files) -> Files {
    joining(files, &[("uuid", &wire(1), "uuid", &wire(2))])
}

/// What the receiver has of plants: those that are there with their names, and those that are gone.
pub(crate) fn plants(world: &World) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut there, mut gone) = (BTreeMap::new(), Vec::new());
    for ((_, id), entry) in world.ledger().entries.iter().filter(|((path, _), _)| path == "t_plant") {
        let body: Value = serde_json::from_str(&entry.body).unwrap();
        if body["gone"] == "1" {
            gone.push(id.clone());
        } else {
            there.insert(id.clone(), body["name"].as_str().unwrap().to_owned());
        }
    }
    (there, gone)
}

pub(crate) fn there(named: &[(u32, &str)]) -> BTreeMap<String, String> {
    named.iter().map(|(n, name)| (wire(*n), (*name).to_owned())).collect()
}

/// The plant that the receiver knows a tank to be in.
fn plant_of(world: &World, tank: u32) -> String {
    let body = world.ledger().entry("t_tank", &wire(tank)).unwrap().body.clone();
    serde_json::from_str::<Value>(&body).unwrap()["plantId"].as_str().unwrap().to_owned()
}

pub(crate) async fn number(db: &Db, sql: &str) -> i64 {
    let asked = Asked::open(db).await;
    let number = asked.number(sql).await;
    asked.close().await;
    number
}

/// Both equations hold, nothing went out as two things, and everything comes out the same from its bytes.
pub(crate) async fn proven(db: &Db, world: &World) {
    assert!(world.audit().await.broken.is_empty(), "{}", db.name);
    assert!(world.ledger().doubled().is_empty());
    let deep = deep(&world.context, &|_, _| {}).await.unwrap();
    assert!(deep.differences.is_empty() && deep.damaged.is_empty(), "{}: {deep:?}", db.name);
    let asked = Asked::open(db).await;
    for row in asked.rows("SELECT kind, id_space, id, no FROM record ORDER BY no").await {
        let text = |index: usize| row.try_get_by_index::<String>(index).unwrap();
        let key = Key { kind: text(0), id_space: text(1), id: text(2) };
        let told = explain::explain(&world.context, &key, row.try_get_by_index(3).unwrap()).await.unwrap();
        assert!(told.derived_again, "{}: {told:#?}", db.name);
    }
    asked.close().await;
}

pub(crate) async fn activate(world: &mut World, files: &Files) {
    world.activate(files).await;
    world.until_idle().await;
}

#[tokio::test]
async fn what_comes_after_the_alias_never_stands_as_two() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let mut world = World::new(db, &joined(&files)).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.park().add("tanks", tank(11, 1, 1, "重大"));
        world.run().await;
        assert_eq!(plants(&world), (there(&[(2, "甲")]), vec![]));
        assert_eq!(plant_of(&world, 11), wire(2));
        assert_eq!(number(db, "SELECT COUNT(*) FROM version").await, 2);
        proven(db, &world).await;
        // taken apart, it stands under its own key, which never had a head
        activate(&mut world, &files).await;
        assert_eq!(plants(&world), (there(&[(1, "甲")]), vec![wire(2)]));
        assert_eq!(plant_of(&world, 11), wire(1));
        proven(db, &world).await;
    })
    .await;
}

#[tokio::test]
async fn two_that_stand_are_one_with_what_belongs_to_them_and_two_again() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let mut world = World::new(db, &files).await;
        for n in 1..=3 {
            world.park().add("plants", plant(n, n, ["甲", "乙", "丙"][n as usize - 1]));
            world.park().add("tanks", tank(10 + n, n, n, "重大"));
        }
        world.run().await;
        activate(&mut world, &joined(&files)).await;
        assert_eq!(plants(&world), (there(&[(2, "乙"), (3, "丙")]), vec![wire(1)]));
        assert_eq!([11, 12, 13].map(|tank| plant_of(&world, tank)), [wire(2), wire(2), wire(3)]);
        proven(db, &world).await;
        let versions = number(db, "SELECT COUNT(*) FROM version").await;
        assert_eq!(versions, 6 + 2, "one deletion and one tank");
        world.run().await;
        assert_eq!(number(db, "SELECT COUNT(*) FROM version").await, versions, "nothing more to do");
        activate(&mut world, &files).await;
        assert_eq!(plants(&world), (there(&[(1, "甲"), (2, "乙"), (3, "丙")]), vec![]));
        assert_eq!([11, 12, 13].map(|tank| plant_of(&world, tank)), [wire(1), wire(2), wire(3)]);
        assert_eq!(number(db, "SELECT COUNT(*) FROM contribution").await, 0);
        proven(db, &world).await;
    })
    .await;
}

#[tokio::test]
async fn the_newer_of_two_registrations_stands_and_the_older_is_kept_for_the_way_back() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let mut world = World::new(db, &files).await;
        world.park().add("plants", plant(2, 1, "乙"));
        world.park().add("plants", plant(1, 5, "甲"));
        world.run().await;
        activate(&mut world, &joined(&files)).await;
        assert_eq!(plants(&world), (there(&[(2, "甲")]), vec![wire(1)]));
        world.park().add("plants", plant(1, 9, "甲二"));
        world.run().await;
        assert_eq!(plants(&world).0, there(&[(2, "甲二")]), "its later word counts under the joined key");
        // both speak in one page, and twice
        for (n, minute, name) in [(2, 11, "乙二"), (1, 12, "甲三"), (2, 13, "乙三"), (1, 14, "甲四")]
        {
            world.park().add("plants", plant(n, minute, name));
        }
        world.run().await;
        assert_eq!(plants(&world).0, there(&[(2, "甲四")]));
        proven(db, &world).await;
        activate(&mut world, &files).await;
        assert_eq!(plants(&world), (there(&[(1, "甲四"), (2, "乙三")]), vec![]));
        proven(db, &world).await;
    })
    .await;
}

/// A list that is sent whole every night names both: neither is news after the other.
#[tokio::test]
async fn what_is_repeated_under_both_ids_makes_nothing_new() {
    on_both(async |db| {
        let files = marked(Files::paged());
        let mut world = World::new(db, &joined(&files)).await;
        world
            .park()
            .change("plants", |rows| *rows = vec![plant(1, 5, "甲"), plant(2, 1, "乙"), plant(3, 1, "丙")]);
        for _ in 0..4 {
            world.run().await;
        }
        assert_eq!(plants(&world).0, there(&[(2, "甲"), (3, "丙")]));
        assert_eq!(number(db, "SELECT COUNT(*) FROM version").await, 2);
        proven(db, &world).await;
    })
    .await;
}

/// Who mends a double registration by deleting one of the two has not deleted the thing.
#[tokio::test]
async fn a_deleted_second_registration_leaves_the_thing_there_and_both_deleted_do_not() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let mut world = World::new(db, &joined(&files)).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.park().add("plants", plant(2, 2, "乙"));
        world.run().await;
        let deleted = |n: u32, minute: u32| {
            let mut row = plant(n, minute, "删");
            row["gone"] = "1".into();
            row
        };
        world.park().add("plants", deleted(1, 7));
        world.run().await;
        assert_eq!(plants(&world), (there(&[(2, "乙")]), vec![]));
        world.park().add("plants", deleted(2, 8));
        world.run().await;
        assert_eq!(plants(&world), (there(&[]), vec![wire(2)]));
        proven(db, &world).await;
    })
    .await;
}

#[tokio::test]
async fn what_age_took_the_bytes_of_stays_until_it_is_said_again() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let mut world = World::new(db, &files).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.run().await;
        world.wait(chrono::TimeDelta::days(2));
        world.age().await;
        activate(&mut world, &joined(&files)).await;
        assert_eq!(plants(&world), (there(&[(1, "甲")]), vec![]));
        assert_eq!(number(db, "SELECT stays FROM alias_walk WHERE kind = 'plant'").await, 1);
        world.park().add("plants", plant(1, 3, "甲二"));
        world.run().await;
        assert_eq!(plants(&world).0, there(&[(1, "甲"), (2, "甲二")]));
        // the next configuration finds that its source has spoken since
        activate(&mut world, &joined(&files).replacing("lianwang.toml", "node", "# 又\nnode")).await;
        assert_eq!(plants(&world), (there(&[(2, "甲二")]), vec![wire(1)]));
        assert_eq!(number(db, "SELECT stays FROM alias_walk WHERE kind = 'plant'").await, 0);
    })
    .await;
}

/// A record that waits for a table is judged under the key it has by then.
#[tokio::test]
async fn held_records_come_in_where_they_belong() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let strict = files.clone().replacing(
            "kinds/plant.toml",
            "type = \"text\", max = 20 }",
            "type = \"text\", max = { is = 2, level = \"hold\" } }",
        );
        let mut world = World::new(db, &strict).await;
        world.park().add("plants", plant(2, 2, "乙"));
        world.park().add("plants", plant(1, 5, "甲乙丙丁"));
        world.run().await;
        assert_eq!(plants(&world).0, there(&[(2, "乙")]));
        activate(&mut world, &joined(&strict)).await;
        assert_eq!(number(db, &format!("SELECT COUNT(*) FROM held WHERE id = '{}'", wire(2))).await, 1);
        activate(&mut world, &joined(&files)).await;
        assert_eq!(plants(&world), (there(&[(2, "甲乙丙丁")]), vec![]));
        activate(&mut world, &files).await;
        assert_eq!(plants(&world), (there(&[(1, "甲乙丙丁"), (2, "乙")]), vec![]));
        proven(db, &world).await;
    })
    .await;
}

/// What waits for a person waits once under each id, however often a list repeats both; what changed waits anew.
#[tokio::test]
async fn what_is_held_under_both_ids_is_held_once_each() {
    on_both(async |db| {
        let files = marked(Files::paged());
        let limit = "type = \"text\", max = { is = 2, level = \"hold\" } }";
        let strict = joined(&files).replacing("kinds/plant.toml", "type = \"text\", max = 20 }", limit);
        let mut world = World::new(db, &strict).await;
        let held = "SELECT COUNT(*) FROM held WHERE state = 'held'";
        for (first, second, waiting) in
            [("甲乙丙", "丁戊己", 2), ("甲乙丙丁", "丁戊己", 3), ("甲乙", "丁戊己", 3)]
        {
            world.park().change("plants", |rows| *rows = vec![plant(1, 5, first), plant(2, 1, second)]);
            for _ in 0..3 {
                world.run().await;
            }
            assert_eq!(number(db, held).await, waiting, "{first}");
        }
        activate(&mut world, &joined(&files)).await;
        assert_eq!(number(db, held).await, 0);
        assert_eq!(plants(&world).0, there(&[(2, "甲乙")]));
        proven(db, &world).await;
    })
    .await;
}

/// Both stand, one in which something is; they are joined and taken apart.
async fn story(world: &mut World) {
    let files = marked(Files::keyset());
    world.park().add("plants", plant(1, 1, "甲"));
    world.park().add("plants", plant(2, 2, "乙"));
    world.park().add("tanks", tank(11, 1, 1, "重大"));
    world.run().await;
    activate(world, &joined(&files)).await;
    assert_eq!(plants(world), (there(&[(2, "乙")]), vec![wire(1)]));
    activate(world, &files).await;
    assert_eq!(plants(world), (there(&[(1, "甲"), (2, "乙")]), vec![]));
}

#[tokio::test]
async fn whatever_breaks_once_joining_and_taking_apart_end_the_same() {
    on_both(async |db| {
        let swept = sweep(db, &marked(Files::keyset()), Compared { counts: true }, story).await;
        assert!(swept > 30, "{swept}");
    })
    .await;
}

#[test]
fn an_id_as_it_is_written_and_as_it_is_known_are_one() {
    assert_eq!(mappings::normal_id("uuid", &id(1)), Some(wire(1)));
}
