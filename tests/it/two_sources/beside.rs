//! Keys of two sources beside everything else that moves a key: what is held, what is no longer sent, a mended mapping,
//! another node, a restart between two words.

use gateway::pipeline::{Step, refine};
use serde_json::Value;
use tests::{
    World, on_both,
    rows::{plant, tank, wire},
};

use super::{explained, files, issues, name, number, offer, prioritized};
use crate::sweeping::{at_receiver, night, snapshot, take_away};

/// What the receiver has of the first tank.
fn level(world: &World) -> String {
    let body: Value = serde_json::from_str(&world.ledger().entry("t_tank", &wire(11)).unwrap().body).unwrap();
    body["level"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_another_source_speaks_of_is_not_taken_for_gone() {
    on_both(async |db| {
        let files = prioritized(snapshot(50), Some(1), Some(2));
        // the other's list is no snapshot: it names what it has, and says nothing of the rest
        let files =
            files.replacing("sources/quarry/source.toml", "snapshot = true\nsweep_cap_percent = 50\n", "");
        let mut world = World::new(db, &files).await;
        world.park().add("plants", plant(1, 1, "一号"));
        for n in 11..=14 {
            world.park().add("tanks", tank(n, n, 1, "重大"));
        }
        world.sources["quarry"].add("tanks", tank(11, 20, 1, "一般"));
        world.run().await;
        take_away(&world, &[11, 12]);
        night(&mut world).await;
        let (gone, there) = at_receiver(&world);
        assert_eq!(gone, [wire(12)], "the one that nobody else names");
        assert_eq!(there.len(), 3);
        assert_eq!(level(&world), "3", "the quarry's word stands");
        assert!(world.audit().await.broken.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_word_that_was_held_is_weighed_where_it_belongs_when_it_is_let_go() {
    on_both(async |db| {
        let files = files(Some(1), Some(1));
        let mut world = World::new(db, &files).await;
        let tanks = |world: &World, source: &str, rows: &[Value]| {
            world.sources[source].change("tanks", |shelf| *shelf = rows.to_vec());
        };
        world.park().add("plants", plant(1, 1, "一号"));
        tanks(&world, "park", &[tank(11, 5, 1, "重大")]);
        world.run().await;
        tanks(&world, "quarry", &[tank(11, 6, 1, "特大")]);
        world.run().await;
        tanks(&world, "park", &[tank(11, 9, 1, "较大")]);
        world.run().await;
        assert_eq!((level(&world).as_str(), world.audit().await.sum.rejected), ("2", 0));
        let mended = files.replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n");
        world.activate(&mended).await;
        world.until_idle().await;
        assert_eq!(level(&world), "2", "let go, it is older than what stands");
        assert_eq!(world.audit().await.sum.held, 0);
        assert_eq!(issues(db, "outranked").await, 1);
        tanks(&world, "quarry", &[tank(11, 10, 1, "特大")]);
        world.run().await;
        assert!(world.audit().await.broken.is_empty());
    })
    .await;
}

/// Digests are taken under the mapping: each source's next word is judged anew, without a replay.
#[tokio::test]
async fn a_mended_mapping_reaches_a_shared_key_with_its_sources_next_word() {
    on_both(async |db| {
        let files = files(Some(1), Some(2));
        let mut world = World::new(db, &files).await;
        offer(&world, "park", &[plant(1, 1, "甲")]);
        offer(&world, "quarry", &[plant(1, 3, "乙")]);
        world.run().await;
        let mapping = "sources/quarry/plant.toml";
        world.activate(&files.replacing(mapping, "name = \"name\"", "name = { const = \"丑\" }")).await;
        world.until_idle().await;
        assert_eq!(name(&world), "乙", "nothing was said since");
        offer(&world, "quarry", &[plant(1, 4, "乙")]);
        world.run().await;
        assert_eq!(name(&world), "丑");
        assert!(explained(&world).await.derived_again);
    })
    .await;
}

#[tokio::test]
async fn two_nodes_that_take_turns_and_a_restart_between_leave_one_thing() {
    on_both(async |db| {
        let mut world = World::new(db, &files(Some(1), Some(2))).await;
        for (minute, park, quarry) in [(1, "甲", "乙"), (4, "丙", "丁"), (7, "戊", "己")] {
            offer(&world, "park", &[plant(1, minute, park)]);
            offer(&world, "quarry", &[plant(1, minute + 1, quarry)]);
            world.land_all("park").await;
            world.land_all("quarry").await;
            world.restart();
            let node = world.replica("hub");
            while refine::step(&node, "quarry").await.unwrap() != Step::Idle {}
            world.run().await;
            assert_eq!(name(&world), quarry);
        }
        assert_eq!(number(db, "SELECT COUNT(*) FROM record").await, 1);
        assert_eq!(number(db, "SELECT COUNT(*) FROM contribution").await, 2);
        assert!(world.ledger().doubled().is_empty());
        assert!(world.audit().await.broken.is_empty());
        let told = explained(&world).await;
        assert!(told.derived_again, "{told:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_source_that_comes_back_after_its_word_was_outweighed_is_heard_again_once_it_weighs_more() {
    on_both(async |db| {
        let mut world = World::new(db, &files(Some(1), Some(2))).await;
        offer(&world, "park", &[plant(1, 1, "甲")]);
        offer(&world, "quarry", &[plant(1, 2, "乙")]);
        world.run().await;
        assert_eq!(name(&world), "乙");
        world.activate(&files(Some(3), Some(2))).await;
        world.until_idle().await;
        assert_eq!(name(&world), "乙", "until one of them says something new");
        offer(&world, "park", &[plant(1, 5, "丙")]);
        world.run().await;
        assert_eq!(name(&world), "丙");
        offer(&world, "quarry", &[plant(1, 9, "丁")]);
        world.run().await;
        assert_eq!(name(&world), "丙");
        assert!(explained(&world).await.derived_again);
        assert!(world.audit().await.broken.is_empty());
    })
    .await;
}
