//! More than one source, whole spaces, and two replicas.

use gateway::pipeline::Step;
use serde_json::Value;
use tests::{
    Files, World, on_both,
    rows::{plant, tank, wire},
};

use super::{activate, joined, joining, marked, number, plants, proven, there};

/// Two sources of the same spaces with these priorities.
pub(super) fn files(park: Option<i64>, quarry: Option<i64>) -> Files {
    let mut files = marked(Files::keyset()).source("quarry");
    for (name, priority) in [("park", park), ("quarry", quarry)] {
        if let Some(priority) = priority {
            let path = format!("sources/{name}/source.toml");
            files = files.replacing(&path, "title = ", &format!("priority = {priority}\ntitle = "));
        }
    }
    files
}

fn offer(world: &World, source: &str, row: Value) {
    world.sources[source].add("plants", row);
}

/// It says this and nothing else.
pub(super) fn offer_only(world: &World, source: &str, row: Value) {
    world.sources[source].change("plants", |shelf| *shelf = vec![row]);
}

/// The park knows it as the first, the quarry as the second, and has a tank in the first.
async fn told(world: &mut World) {
    offer(world, "park", plant(1, 5, "甲"));
    offer(world, "quarry", plant(2, 1, "乙"));
    world.run().await;
    world.sources["quarry"].add("tanks", tank(11, 1, 1, "重大"));
    world.run().await;
    assert_eq!(plants(world).0, there(&[(1, "甲"), (2, "乙")]));
}

#[tokio::test]
async fn the_higher_word_stands_under_the_joined_key_and_each_has_its_own_again() {
    for (priorities, stands) in [((2, 1), "甲"), ((1, 2), "乙"), ((1, 1), "甲")] {
        on_both(async |db| {
            let files = files(Some(priorities.0), Some(priorities.1));
            let mut world = World::new(db, &files).await;
            told(&mut world).await;
            activate(&mut world, &joined(&files)).await;
            assert_eq!(plants(&world), (there(&[(2, stands)]), vec![wire(1)]), "{priorities:?}");
            assert!(world.ledger().entry("t_tank", &wire(11)).unwrap().body.contains(&wire(2)));
            proven(db, &world).await;
            activate(&mut world, &files).await;
            assert_eq!(plants(&world), (there(&[(1, "甲"), (2, "乙")]), vec![]));
            assert!(world.ledger().entry("t_tank", &wire(11)).unwrap().body.contains(&wire(1)));
            assert_eq!(number(db, "SELECT COUNT(*) FROM contribution").await, 0);
            proven(db, &world).await;
        })
        .await;
    }
}

/// Nobody has said whose word counts: what stands stays as it is until somebody does.
#[tokio::test]
async fn without_priorities_both_stay_until_they_are_declared() {
    on_both(async |db| {
        let (silent, said) = (files(None, None), files(Some(2), Some(1)));
        let mut world = World::new(db, &silent).await;
        told(&mut world).await;
        activate(&mut world, &joined(&silent)).await;
        assert_eq!(plants(&world), (there(&[(1, "甲"), (2, "乙")]), vec![]));
        assert_eq!(
            number(db, "SELECT stays FROM alias_walk WHERE source = 'park' AND kind = 'plant'").await,
            1
        );
        offer(&world, "park", plant(1, 9, "甲二"));
        world.run().await;
        assert!(world.audit().await.sum.held > 0, "what is said of it now waits for the same answer");
        proven(db, &world).await;
        activate(&mut world, &joined(&said)).await;
        assert_eq!(plants(&world), (there(&[(2, "甲二")]), vec![wire(1)]));
        assert_eq!(world.audit().await.sum.held, 0);
        proven(db, &world).await;
        activate(&mut world, &said).await;
        assert_eq!(plants(&world), (there(&[(1, "甲二"), (2, "乙")]), vec![]));
        proven(db, &world).await;
    })
    .await;
}

/// Both speak of the first; one of the two speaks of the second, too.
#[tokio::test]
async fn a_shared_key_is_joined_with_all_that_is_said_of_it() {
    on_both(async |db| {
        let files = files(Some(2), Some(1));
        let mut world = World::new(db, &files).await;
        offer(&world, "park", plant(1, 5, "甲"));
        world.run().await;
        offer(&world, "quarry", plant(1, 7, "乙"));
        offer(&world, "quarry", plant(2, 8, "丙"));
        world.run().await;
        assert_eq!(plants(&world).0, there(&[(1, "甲"), (2, "丙")]));
        activate(&mut world, &joined(&files)).await;
        assert_eq!(plants(&world), (there(&[(2, "甲")]), vec![wire(1)]));
        assert_eq!(number(db, "SELECT COUNT(*) FROM contribution").await, 3);
        proven(db, &world).await;
        activate(&mut world, &files).await;
        assert_eq!(plants(&world), (there(&[(1, "甲"), (2, "丙")]), vec![]));
        assert_eq!(number(db, "SELECT COUNT(*) FROM contribution").await, 2);
        proven(db, &world).await;
    })
    .await;
}

/// The quarry has ids of its own that are the park's: its space is joined to theirs.
#[tokio::test]
async fn two_spaces_are_one_and_two_again() {
    on_both(async |db| {
        let apart =
            files(Some(1), Some(2)).replacing("sources/quarry/plant.toml", "\"uuid\"", "\"src:quarry\"");
        let apart = apart.replacing(
            "sources/quarry/tank.toml",
            "plantId = \"plant\"",
            "plantId = { from = \"plant\", id_space = \"src:quarry\" }",
        );
        let together = joining(&apart, &[("src:quarry", "*", "uuid", "*")]);
        let mut world = World::new(db, &apart).await;
        for n in [1, 2] {
            offer(&world, "park", plant(n, 1, "园"));
        }
        for n in [2, 3] {
            offer(&world, "quarry", plant(n, 2, "矿"));
            world.sources["quarry"].add("tanks", tank(10 + n, 1, n, "重大"));
        }
        world.run().await;
        assert_eq!(plants(&world).0.len(), 4, "two of each");
        activate(&mut world, &together).await;
        let (joined, gone) = plants(&world);
        assert_eq!((joined, gone.len()), (there(&[(1, "园"), (2, "矿"), (3, "矿")]), 2));
        assert!(world.ledger().entry("t_tank", &wire(13)).unwrap().body.contains(&wire(3)));
        // one that comes now never stood under its own id
        offer(&world, "quarry", plant(4, 3, "新"));
        world.run().await;
        assert_eq!(plants(&world).0, there(&[(1, "园"), (2, "矿"), (3, "矿"), (4, "新")]));
        proven(db, &world).await;
        activate(&mut world, &apart).await;
        let (apart, gone) = plants(&world);
        assert_eq!(gone, [wire(3), wire(4)]);
        assert_eq!(apart.len(), 5);
        assert_eq!((apart[&wire(1)].as_str(), apart[&wire(2)].as_str()), ("园", "园"));
        proven(db, &world).await;
    })
    .await;
}

/// The quarry speaks of the joined key on another node while the park's word is put there.
#[tokio::test]
async fn a_replica_that_judges_the_joined_key_meanwhile_loses_nothing() {
    on_both(async |db| {
        let files = files(Some(1), Some(2));
        let mut world = World::new(db, &files).await;
        told(&mut world).await;
        world.activate(&joined(&files)).await;
        offer(&world, "quarry", plant(2, 9, "乙二"));
        offer(&world, "park", plant(1, 8, "甲二"));
        world.land_all("quarry").await;
        world.land_all("park").await;
        // what this node holds has run out
        world.wait(chrono::TimeDelta::minutes(5));
        let other = world.replica("second");
        let (here, beside) = tokio::join!(
            gateway::pipeline::refine::step(&world.context, "park"),
            gateway::pipeline::refine::step(&other, "quarry"),
        );
        assert!(matches!(here.unwrap(), Step::Did(_)) && matches!(beside.unwrap(), Step::Did(_)));
        other.store.release_leases("second").await.unwrap();
        world.until_idle().await;
        assert_eq!(plants(&world), (there(&[(2, "乙二")]), vec![wire(1)]));
        proven(db, &world).await;
        activate(&mut world, &files).await;
        assert_eq!(plants(&world), (there(&[(1, "甲二"), (2, "乙二")]), vec![]));
        proven(db, &world).await;
    })
    .await;
}
