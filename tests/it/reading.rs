//! Reading page by page: none missed by (time, id), and passes by page number that are whole or begin again.

use adapters::{Resume, memory::MemorySource};
use chrono::TimeDelta;
use gateway::pipeline::{
    Step,
    pull::{self, Asked},
};
use tests::{
    Db, Files, World, on_both,
    rows::{alarm, plant},
    state,
};

async fn documents(db: &Db) -> Vec<String> {
    let asked = state::Asked::open(db).await;
    let texts = asked.column("SELECT asked FROM document ORDER BY no").await;
    asked.close().await;
    texts
}

fn fill(park: &MemorySource, numbers: std::ops::Range<u32>) {
    numbers.for_each(|n| park.add("alarms", alarm(n, 11, 1)));
}

#[tokio::test]
async fn equal_times_across_pages_and_rows_committed_late_are_all_found() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        for n in 1..=9 {
            world.park().add("plants", plant(n, 60, "同时"));
        }
        world.run().await;
        assert_eq!(world.audit().await.sum.accepted, 9);
        world.park().add("plants", plant(10, 55, "晚到五分钟"));
        world.run().await;
        assert_eq!(world.audit().await.sum.accepted, 10);
    })
    .await;
}

#[tokio::test]
async fn what_comes_later_than_the_overlap_is_found_by_a_full_read() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        world.park().add("plants", plant(1, 60, "甲"));
        world.run().await;
        world.park().add("plants", plant(2, 20, "晚到四十分钟"));
        world.run().await;
        assert_eq!(world.audit().await.sum.accepted, 1);
        let source = world.pinned.rules.source("park").unwrap().clone();
        let services: Vec<_> = source.services.iter().collect();
        let full = Asked { full: true, ..Asked::default() };
        pull::ask_for_run(&world.context, &source, &services, full).await.unwrap();
        world.until_idle().await;
        let sum = world.audit().await.sum;
        assert_eq!((sum.accepted, sum.unchanged), (2, 2), "the first is read three times in all");
        let settled = world.store().cursor("park", "plants").await.unwrap().settled;
        let sixty = chrono::DateTime::parse_from_rfc3339(&tests::rows::at(60)).unwrap().timestamp_millis();
        assert_eq!(settled.unwrap().0, sixty, "never back");
    })
    .await;
}

#[tokio::test]
async fn a_pass_by_number_whose_total_moved_begins_again() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        fill(world.park(), 1..7);
        world.ask("park").await.unwrap();
        for _ in 0..3 {
            assert!(matches!(world.pull("park").await.unwrap(), Step::Did(_)));
        }
        world.park().change("alarms", |rows| rows.insert(0, alarm(7, 11, 1)));
        let ended = world.until_idle().await;
        assert_eq!(ended.failed, Vec::<String>::new());
        assert_eq!(world.audit().await.sum.accepted, 7);
        let cursor = world.store().cursor("park", "alarms").await.unwrap();
        assert!(cursor.pass.is_none() && !cursor.due && cursor.last_whole_at.is_some());
    })
    .await;
}

#[tokio::test]
async fn a_total_that_moves_every_time_is_an_error_after_three_passes() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        fill(world.park(), 1..7);
        world.ask("park").await.unwrap();
        let mut failures = Vec::new();
        for n in 100..140 {
            match world.pull("park").await.unwrap() {
                Step::Did(_) => world.park().change("alarms", |rows| rows.push(alarm(n, 11, 1))),
                Step::Failed(what) => failures.push(what),
                Step::Idle => break,
                other => panic!("{other:?}"),
            }
        }
        let [what] = failures.as_slice() else { panic!("{failures:?}") };
        assert!(what.contains("读了 3 遍"), "{what}");
        let cursor = world.store().cursor("park", "alarms").await.unwrap();
        assert_eq!(
            (cursor.pass, cursor.settled, cursor.due, cursor.last_whole_at),
            (None, None, false, None)
        );
        world.until_idle().await;
        assert!(world.audit().await.kinds["alarm"].accepted >= 6, "what landed is judged and stays");
        world.run().await;
        let cursor = world.store().cursor("park", "alarms").await.unwrap();
        assert!(cursor.last_whole_at.is_some() && cursor.last_error.is_none(), "the next run is a new pass");
    })
    .await;
}

#[tokio::test]
async fn a_crash_between_pages_begins_a_pass_by_number_again() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::paged()).await;
        (1..=6).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
        world.ask("park").await.unwrap();
        world.pull("park").await.unwrap();
        world.restart();
        world.until_idle().await;
        let pages = documents(db).await;
        let of =
            |resume: &Resume| pages.iter().filter(|page| **page == format!("内存 plants {resume:?}")).count();
        assert_eq!((of(&Resume::Start), of(&Resume::Page(2))), (2, 1));
        let plants = world.audit().await.kinds["plant"];
        assert_eq!((plants.found, plants.accepted, plants.unchanged), (10, 6, 4));
    })
    .await;
}

#[tokio::test]
async fn a_crash_between_pages_goes_on_by_time_and_id() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        (1..=6).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
        world.ask("park").await.unwrap();
        world.pull("park").await.unwrap();
        world.restart();
        world.wait(TimeDelta::hours(3));
        world.until_idle().await;
        let plants = world.audit().await.kinds["plant"];
        assert_eq!((plants.found, plants.accepted, plants.unchanged), (6, 6, 0));
    })
    .await;
}

#[tokio::test]
async fn another_replica_waits_for_the_lease_and_then_takes_over() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        (1..=6).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
        world.ask("park").await.unwrap();
        world.pull("park").await.unwrap();
        let other = world.replica("other");
        let first = std::mem::replace(&mut world.context, other);
        let elsewhere = world.pull("park").await.unwrap();
        let Step::Elsewhere(holder, until) = &elsewhere else { panic!("{elsewhere:?}") };
        assert_eq!(holder, "hub");
        world.wait(*until - world.context.now());
        assert!(matches!(world.pull("park").await.unwrap(), Step::Did(2)));
        world.context = first;
        assert!(matches!(world.pull("park").await.unwrap(), Step::Elsewhere(..)), "its lease ran out");
        world.until_idle().await;
        assert_eq!(world.audit().await.kinds["plant"].found, 6);
    })
    .await;
}

/// Steps of pull until one page landed: how long the clock had to be moved for it.
async fn waited_for_a_page(world: &World) -> TimeDelta {
    let begun = world.context.now();
    loop {
        match world.pull("park").await.unwrap() {
            Step::Paced(until) => world.wait(until - world.context.now()),
            Step::Did(_) => return world.context.now() - begun,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn records_a_minute_are_kept_over_services_restarts_and_replicas() {
    on_both(async |db| {
        let files = Files::small().replacing(
            "sources/park/source.toml",
            "type = \"rest\"",
            "type = \"rest\"\nrecords_per_min = 4",
        );
        let mut world = World::new(db, &files).await;
        (1..=6).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
        fill(world.park(), 1..4);
        world.ask("park").await.unwrap();
        assert_eq!(waited_for_a_page(&world).await, TimeDelta::zero(), "nothing came before");
        world.restart();
        assert_eq!(waited_for_a_page(&world).await, TimeDelta::minutes(1), "four plants: a minute");
        world.context = world.replica("other");
        world.wait(TimeDelta::seconds(10));
        let elsewhere = world.pull("park").await.unwrap();
        let Step::Elsewhere(_, until) = elsewhere else { panic!("{elsewhere:?}") };
        world.wait(until - world.context.now());
        assert_eq!(waited_for_a_page(&world).await, TimeDelta::zero(), "two plants took half a minute");
        assert_eq!(waited_for_a_page(&world).await, TimeDelta::zero(), "no tank takes none");
        assert_eq!(world.until_idle().await.failed, Vec::<String>::new());
        assert_eq!(world.audit().await.kinds["alarm"].accepted, 3);
    })
    .await;
}

#[tokio::test]
async fn a_clock_put_back_makes_no_source_wait_until_it_has_caught_up() {
    on_both(async |db| {
        let files = Files::small().replacing(
            "sources/park/source.toml",
            "type = \"rest\"",
            "type = \"rest\"\nrecords_per_min = 4",
        );
        let world = World::new(db, &files).await;
        (1..=6).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
        world.ask("park").await.unwrap();
        waited_for_a_page(&world).await;
        world.wait(TimeDelta::hours(-1));
        assert_eq!(waited_for_a_page(&world).await, TimeDelta::zero());
    })
    .await;
}
