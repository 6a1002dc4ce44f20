//! Sending: refusals with and without names, batches that may have arrived, newer versions meanwhile, limits.

use std::{collections::BTreeSet, time::Duration};

use adapters::memory::{OnBad, Reply};
use gateway::{ledger::Owed, pipeline::Step};
use tests::{
    Files, World, on_both,
    rows::{plant, wire},
};

/// A world with `count` plants judged and nothing sent, the receiver taking up to `batch` at a time.
async fn judged(db: &tests::Db, count: u32, batch: u32) -> World {
    let world = World::new(db, &Files::small().receiver("receiver", batch)).await;
    (1..=count).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
    world.land_all("park").await;
    world.refine_all("park").await;
    world
}

fn refuse(world: &World, numbers: &[u32]) {
    world
        .receiver()
        .set(|mood| mood.refuses = numbers.iter().map(|n| (wire(*n), "不收".to_owned())).collect());
}

async fn owed(world: &World) -> Owed {
    world.audit().await.destinations["receiver"].sum
}

#[tokio::test]
async fn one_guilty_row_named_in_a_batch_of_twenty_costs_nobody_else_anything() {
    on_both(async |db| {
        for on_bad in [OnBad::TakeRest, OnBad::RefuseAll] {
            db.store().await.close().await.unwrap();
            db.wipe().await;
            let world = judged(db, 20, 20).await;
            refuse(&world, &[7]);
            world.receiver().set(|mood| mood.on_bad = on_bad);
            world.forward_all("receiver").await;
            assert_eq!(owed(&world).await, Owed { owed: 20, confirmed: 19, refused: 1, ..Owed::default() });
            let ledger = world.ledger();
            assert_eq!((ledger.count("t_plant"), ledger.doubled().len(), ledger.arrivals.len()), (19, 0, 2));
        }
    })
    .await;
}

#[tokio::test]
async fn a_refusal_of_data_that_names_nobody_is_halved_to_the_guilty_row() {
    on_both(async |db| {
        let world = judged(db, 7, 7).await;
        refuse(&world, &[5]);
        world.receiver().set(|mood| (mood.silent, mood.on_bad) = (true, OnBad::RefuseAll));
        world.forward_all("receiver").await;
        assert_eq!(owed(&world).await, Owed { owed: 7, confirmed: 6, refused: 1, ..Owed::default() });
        assert!(world.ledger().entry("t_plant", &wire(5)).is_none());
        let sizes: Vec<usize> = world.ledger().arrivals.iter().map(|arrival| arrival.ids.len()).collect();
        assert_eq!(sizes, [7, 4, 3, 2, 1, 1, 1], "halves of 7: 4 and 3; of 3: 2 and 1; of 2: 1 and 1");
    })
    .await;
}

#[tokio::test]
async fn when_every_part_fails_the_receiver_is_ill_and_all_go_again_later() {
    on_both(async |db| {
        let world = judged(db, 4, 4).await;
        refuse(&world, &[1, 2, 3, 4]);
        world.receiver().set(|mood| (mood.silent, mood.on_bad) = (true, OnBad::RefuseAll));
        for _ in 0..40 {
            if let Step::Later(_) = world.forward("receiver").await.unwrap() {
                break;
            }
        }
        assert_eq!(owed(&world).await, Owed { owed: 4, pending: 4, ..Owed::default() });
        refuse(&world, &[]);
        world.forward_all("receiver").await;
        assert_eq!(owed(&world).await, Owed { owed: 4, confirmed: 4, ..Owed::default() });
    })
    .await;
}

#[tokio::test]
async fn words_that_speak_of_no_data_are_waited_out_with_the_same_batch() {
    on_both(async |db| {
        let world = judged(db, 3, 3).await;
        world.receiver().set(|mood| mood.next = [Reply::Ill, Reply::Busy(Some(7200)), Reply::Down].into());
        let begun = world.context.now();
        let ended = world.forward_all("receiver").await;
        assert_eq!(ended.failed.len(), 3);
        assert!((world.context.now() - begun).num_seconds() >= 7200, "Retry-After is kept");
        assert_eq!(owed(&world).await, Owed { owed: 3, confirmed: 3, ..Owed::default() });
        let batches: BTreeSet<String> =
            world.ledger().arrivals.into_iter().map(|arrival| arrival.batch).collect();
        assert_eq!(batches.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_may_have_arrived_goes_again_with_its_id_and_bytes() {
    on_both(async |db| {
        for reply in [Reply::Cut, Reply::MumbleAfter, Reply::Mumble] {
            db.store().await.close().await.unwrap();
            db.wipe().await;
            let mut world = judged(db, 3, 3).await;
            world.receiver().set(|mood| mood.next = [reply, reply].into());
            assert!(matches!(world.forward("receiver").await.unwrap(), Step::Failed(_)));
            assert_eq!(world.store().batch_figures("receiver").await.unwrap().0, 1, "unknown is a state");
            world.restart();
            world.until_idle().await;
            let arrivals = world.ledger().arrivals;
            assert_eq!(arrivals.len(), 3);
            assert!(arrivals.iter().all(|arrival| *arrival == arrivals[0]), "{arrivals:?}");
            assert_eq!(owed(&world).await, Owed { owed: 3, confirmed: 3, ..Owed::default() });
        }
    })
    .await;
}

#[tokio::test]
async fn a_newer_version_waits_behind_the_one_in_flight() {
    on_both(async |db| {
        let mut world = judged(db, 1, 3).await;
        world.receiver().set(|mood| mood.next = [Reply::MumbleAfter].into());
        world.forward("receiver").await.unwrap();
        for (minute, name) in [(10, "乙"), (11, "丙")] {
            world.park().change("plants", |rows| *rows = vec![plant(1, minute, name)]);
            world.land_all("park").await;
            world.refine_all("park").await;
            world.forward("receiver").await.unwrap();
            world.audit().await;
        }
        assert_eq!(owed(&world).await.pending, 2, "one in flight, one behind it");
        world.until_idle().await;
        assert_eq!(owed(&world).await, Owed { owed: 3, confirmed: 2, superseded: 1, ..Owed::default() });
        let ledger = world.ledger();
        assert!(ledger.entry("t_plant", &wire(1)).unwrap().body.contains('丙'));
        assert_eq!(ledger.changed_batches(), Vec::<&str>::new());
        let names = |at: usize| String::from_utf8(ledger.arrivals[at].payload.clone()).unwrap();
        assert!(names(0).contains('甲') && names(1).contains('甲') && names(2).contains('丙'), "{ledger:?}");
    })
    .await;
}

#[tokio::test]
async fn our_own_limit_is_no_attempt_and_no_failure() {
    on_both(async |db| {
        let world = judged(db, 3, 3).await;
        let wait = Duration::from_millis(200);
        world.receiver().set(|mood| mood.next = [Reply::Paced(wait), Reply::Paced(wait)].into());
        let begun = world.context.now();
        let step = world.forward("receiver").await.unwrap();
        assert_eq!(step, Step::Paced(begun + wait));
        world.forward_all("receiver").await;
        assert_eq!(world.context.now() - begun, chrono::TimeDelta::milliseconds(200));
        let asked = tests::state::Asked::open(db).await;
        assert_eq!(asked.number("SELECT COUNT(*) FROM attempt").await, 1);
        asked.close().await;
        assert_eq!(owed(&world).await.confirmed, 3);
    })
    .await;
}

#[tokio::test]
async fn a_batch_nobody_can_read_the_answers_of_does_not_block_the_others() {
    on_both(async |db| {
        let world = judged(db, 6, 3).await;
        world.receiver().set(|mood| mood.next = [Reply::Mumble].into());
        world.forward("receiver").await.unwrap();
        world.forward("receiver").await.unwrap();
        assert_eq!(owed(&world).await.confirmed, 3, "the second batch went while the first waits");
        world.forward_all("receiver").await;
        assert_eq!(owed(&world).await.confirmed, 6);
    })
    .await;
}
