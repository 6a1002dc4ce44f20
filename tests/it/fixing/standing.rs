//! How each line stands, as the list tells: of every voice of its key, and why one that is not in force is not.

use chrono::TimeDelta;
use gateway::pipeline::fixes::{self, State, Unused};
use serde_json::json;
use tests::{Files, World, on_both, rows::tank};

use super::{
    activate, fixing,
    following::{checked, company, has, of},
    proven, world,
};
use crate::aliases::{joined, marked};

async fn state(world: &World) -> State {
    fixes::all(&world.context).await.unwrap().remove(0).1
}

const fn open(why: Unused) -> State {
    State::Open { why }
}

#[tokio::test]
async fn a_line_of_a_voice_that_does_not_stand_is_not_outlived() {
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
        let fixed = company(&files, 1, "410900018", "410900020");
        world.activate(&fixed).await;
        assert_eq!(state(&world).await, open(Unused::Waits), "{}", db.name);
        activate(&mut world, &fixed).await;
        assert_eq!(state(&world).await, State::InForce, "{}: the quarry's word is put right", db.name);
        activate(&mut world, &company(&files, 1, "410900099", "410900020")).await;
        assert_eq!(state(&world).await, State::Outlived { stands: "410900017".into() });
    })
    .await;
}

#[tokio::test]
async fn a_line_that_is_not_in_force_says_why() {
    on_both(async |db| {
        let files = checked(Files::keyset());
        let mut world = World::new(db, &files).await;
        world.park().add("plants", of(1, 1, "410900018"));
        world.park().add("plants", of(3, 1, "41090001X"));
        world.run().await;
        for (files, wanted) in [
            (company(&files, 1, "410900018", "41090001Y"), open(Unused::Refused)),
            (company(&files, 3, "410900099", "410900019"), State::Nothing { why: Some(Unused::Rejected) }),
            (company(&files, 4, "410900018", "410900019"), State::Nothing { why: None }),
        ] {
            activate(&mut world, &files).await;
            assert_eq!(state(&world).await, wanted, "{}", db.name);
        }
        assert_eq!(has(&world, 1), Some("410900018".into()), "it stays as it was");
        proven(db, &world).await;
    })
    .await;
}

/// What its sender deleted is put right as a replay would; of what the hub deleted nobody says anything.
#[tokio::test]
async fn a_line_of_a_deleted_record_is_in_force_unless_the_hub_deleted_it() {
    on_both(async |db| {
        let files = marked(Files::keyset());
        let mut world = World::new(db, &files).await;
        let mut gone = of(3, 1, "410900018");
        gone["gone"] = json!("1");
        world.park().add("plants", of(1, 1, "410900017"));
        world.park().add("plants", gone);
        world.run().await;
        activate(&mut world, &company(&files, 3, "410900018", "410900019")).await;
        assert_eq!(state(&world).await, State::InForce, "{}", db.name);
        activate(&mut world, &joined(&files)).await;
        activate(&mut world, &company(&joined(&files), 1, "410900017", "410900019")).await;
        assert_eq!(state(&world).await, open(Unused::Deleted), "{}", db.name);
        proven(db, &world).await;
    })
    .await;
}

#[tokio::test]
async fn a_line_of_a_held_record_says_that_it_waits_for_something_else() {
    on_both(async |db| {
        let files = Files::keyset();
        let mut world = world(db, &files, ["一般", "特大"]).await;
        let fixed = fixing(&files, 12, "3", "1");
        world.activate(&fixed).await;
        assert_eq!(state(&world).await, State::Nothing { why: Some(Unused::Waits) }, "{}", db.name);
        activate(&mut world, &fixed).await;
        assert_eq!(state(&world).await, State::Nothing { why: Some(Unused::Held) }, "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn a_line_whose_record_age_took_says_so_until_its_sender_says_it_again() {
    on_both(async |db| {
        let files = Files::keyset();
        let mut world = world(db, &files, ["一般", "一般"]).await;
        world.wait(TimeDelta::days(10));
        let _ = world.age().await;
        let fixed = fixing(&files, 11, "3", "1");
        world.activate(&fixed).await;
        assert_eq!(state(&world).await, open(Unused::Waits), "{}", db.name);
        activate(&mut world, &fixed).await;
        assert_eq!(state(&world).await, open(Unused::Gone), "{}", db.name);
        world.park().add("tanks", tank(11, 9, 1, "一般"));
        world.run().await;
        assert_eq!(state(&world).await, State::InForce);
    })
    .await;
}
