//! Aliases that are edited by hand, many at once, and two nodes that follow them at the same time.

use chrono::TimeDelta;
use gateway::pipeline::{Step, refine};
use tests::{
    Files, World, on_both,
    rows::{id, plant, tank, wire},
};

use super::{activate, joined, joining, marked, number, plants, proven, sources::files, there};

/// Three plants of one park, and a tank in the first.
async fn three(world: &mut World) {
    for (n, name) in [(1, "甲"), (2, "乙"), (3, "丙")] {
        world.park().add("plants", plant(n, n, name));
    }
    world.park().add("tanks", tank(11, 1, 1, "重大"));
    world.run().await;
}

fn plant_of_the_tank(world: &World) -> String {
    let body = world.ledger().entry("t_tank", &wire(11)).unwrap().body.clone();
    serde_json::from_str::<serde_json::Value>(&body).unwrap()["plantId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_line_that_is_turned_round_or_leads_elsewhere_is_followed_in_one_go() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let to = |from: u32, to: u32| joining(&files, &[("uuid", &wire(from), "uuid", &wire(to))]);
        let mut world = World::new(db, &to(1, 2)).await;
        three(&mut world).await;
        assert_eq!((plants(&world).0, plant_of_the_tank(&world)), (there(&[(2, "乙"), (3, "丙")]), wire(2)));
        activate(&mut world, &to(2, 1)).await;
        assert_eq!(plants(&world), (there(&[(1, "乙"), (3, "丙")]), vec![wire(2)]), "turned round");
        assert_eq!(plant_of_the_tank(&world), wire(1));
        proven(db, &world).await;
        activate(&mut world, &to(1, 3)).await;
        assert_eq!(plants(&world), (there(&[(2, "乙"), (3, "丙")]), vec![wire(1)]), "another is meant");
        assert_eq!(plant_of_the_tank(&world), wire(3));
        proven(db, &world).await;
        let both =
            joining(&files, &[("uuid", &wire(1), "uuid", &wire(3)), ("uuid", &wire(2), "uuid", &wire(3))]);
        activate(&mut world, &both).await;
        assert_eq!(plants(&world), (there(&[(3, "丙")]), vec![wire(1), wire(2)]), "three are one");
        assert_eq!(number(db, "SELECT COUNT(*) FROM contribution").await, 3);
        proven(db, &world).await;
        activate(&mut world, &files).await;
        assert_eq!(plants(&world), (there(&[(1, "甲"), (2, "乙"), (3, "丙")]), vec![]));
        assert_eq!(plant_of_the_tank(&world), wire(1));
        assert_eq!(number(db, "SELECT COUNT(*) FROM contribution").await, 0);
        proven(db, &world).await;
    })
    .await;
}

/// More than go into one transaction; every one of them is moved once.
#[tokio::test]
async fn a_whole_space_of_many_is_moved_a_few_hundred_at_a_time() {
    on_both(async |db| {
        let apart = marked(Files::paged()).replacing("sources/park/plant.toml", "\"uuid\"", "\"src:park\"");
        let together = joining(&apart, &[("src:park", "*", "uuid", "*")]);
        let mut world = World::new(db, &apart).await;
        world.park().change("plants", |rows| *rows = (1..=450).map(|n| plant(n, 1, "装置")).collect());
        world.run().await;
        activate(&mut world, &together).await;
        let (standing, gone) = plants(&world);
        assert_eq!((standing.len(), gone.len()), (450, 450), "{}", db.name);
        assert!(standing.contains_key(&wire(450)));
        assert_eq!(
            number(db, "SELECT COUNT(*) FROM version").await,
            450 * 3,
            "each said, joined and left once"
        );
        activate(&mut world, &apart).await;
        let (standing, gone) = plants(&world);
        assert_eq!((standing.len(), gone.len()), (450, 450));
        assert!(gone.contains(&wire(1)));
        assert!(world.audit().await.broken.is_empty());
    })
    .await;
}

/// Both know it under an id of their own, and a third is meant that nobody has said yet: two nodes make it at once.
#[tokio::test]
async fn two_nodes_that_move_to_a_new_key_at_once_make_it_once() {
    on_both(async |db| {
        let files = files(Some(1), Some(2));
        let mut world = World::new(db, &files).await;
        world.sources["park"].add("plants", plant(1, 5, "园"));
        world.sources["quarry"].add("plants", plant(2, 6, "矿"));
        world.run().await;
        let third = [("uuid", wire(1)), ("uuid", wire(2))];
        let lines: Vec<(&str, &str, &str, String)> =
            third.iter().map(|(space, id)| (*space, id.as_str(), "uuid", wire(3))).collect();
        let lines: Vec<_> = lines.iter().map(|(a, b, c, d)| (*a, *b, *c, d.as_str())).collect();
        world.activate(&joining(&files, &lines)).await;
        // what this node holds has run out
        world.wait(TimeDelta::minutes(5));
        let other = world.replica("second");
        let (here, beside) =
            tokio::join!(refine::step(&world.context, "park"), refine::step(&other, "quarry"));
        assert!(matches!(here.unwrap(), Step::Did(_)) && matches!(beside.unwrap(), Step::Did(_)));
        other.store.release_leases("second").await.unwrap();
        world.until_idle().await;
        assert_eq!(plants(&world), (there(&[(3, "矿")]), vec![wire(1), wire(2)]), "{}", db.name);
        assert_eq!(number(db, &format!("SELECT COUNT(*) FROM record WHERE id = '{}'", wire(3))).await, 1);
        proven(db, &world).await;
    })
    .await;
}

/// An alias of another kind, or of an id that nobody says, moves nothing and writes nothing.
#[tokio::test]
async fn what_it_does_not_name_is_not_touched() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let mut world = World::new(db, &files).await;
        three(&mut world).await;
        let versions = number(db, "SELECT COUNT(*) FROM version").await;
        activate(&mut world, &joining(&files, &[("src:quarry", &id(1), "uuid", &wire(2))])).await;
        assert_eq!(number(db, "SELECT COUNT(*) FROM version").await, versions);
        assert_eq!(number(db, "SELECT COUNT(*) FROM alias_walk").await, 2, "plants, and the tanks in them");
        activate(&mut world, &joined(&files)).await;
        assert_eq!(number(db, "SELECT COUNT(*) FROM version").await, versions + 2);
        proven(db, &world).await;
    })
    .await;
}
