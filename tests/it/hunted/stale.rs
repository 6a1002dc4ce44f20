//! A process whose world moved on while it stood still: another node took its work, its database was exchanged for an
//! older one, its journal was taken away.

use std::sync::Arc;

use adapters::memory::Reply;
use chrono::TimeDelta;
use gateway::{
    pipeline::{Context, Step, StepError, forward, pull, refine},
    proof::Journal,
    store::{Store, StoreError},
};
use tests::{
    Db, World, on_both,
    rows::{plant, wire},
};

use super::{by_itself, meanwhile, plants_only, take};

/// Another node's doing, from here to the end: what is due goes, then a newer state of plant 1 comes and goes.
fn overtaken(db: &Db, world: &World) -> impl FnOnce() + Send + 'static {
    let (url, clock, pinned) = (db.url.clone(), world.clock.clone(), Arc::clone(&world.pinned));
    let (park, receiver) = (world.park().clone(), world.receiver().clone());
    move || {
        by_itself(async {
            clock.advance(TimeDelta::minutes(10));
            let store = Store::open(&url).await.unwrap();
            let other = Context::new(store, Arc::new(clock), "other");
            let source = pinned.rules.source("park").unwrap();
            let destination = pinned.rules.destination("receiver").unwrap();
            park.add("plants", plant(1, 30, "甲改"));
            let services: Vec<_> = source.services.iter().collect();
            pull::ask_for_run(&other, source, &services, pull::Asked::default()).await.unwrap();
            while !matches!(pull::step(&other, &pinned, source, &park).await.unwrap(), Step::Idle) {}
            while !matches!(refine::step(&other, "park").await.unwrap(), Step::Idle) {}
            while matches!(
                forward::step(&other, &pinned, destination, &receiver).await.unwrap(),
                Step::Did(_)
            ) {}
            other.store.close().await.unwrap();
        });
    }
}

/// It stands still before it sends a batch (its disk did, while the journal was written): the batch
/// and a newer state of its record have gone from another node meanwhile, and the older one must not come after it.
#[tokio::test]
async fn who_stood_still_before_sending_sends_nothing_old_after_what_is_newer() {
    on_both(async |db| {
        let home = tempfile::tempdir().unwrap();
        let mut world = World::new(db, &plants_only("")).await;
        world.park().add("plants", plant(1, 1, "甲"));
        take(&world).await;
        world.receiver().set(|mood| mood.next = [Reply::Cut].into());
        assert!(matches!(world.forward("receiver").await.unwrap(), Step::Failed(_)));
        world.wait(TimeDelta::minutes(1));
        world.keep_journal(Arc::new(Journal::open(home.path(), "hub", 30).unwrap()));
        world.context.store = meanwhile(db.store().await, "FROM batch_member m JOIN version v", overtaken(db, &world));
        let stood = world.forward("receiver").await;
        assert!(
            matches!(&stood, Err(StepError::Store(StoreError::LostLease(name))) if name == "forward:receiver"),
            "{stood:?}"
        );
        let has = world.ledger().entry("t_plant", &wire(1)).unwrap().body.clone();
        assert!(has.contains("甲改"), "{has}");
        world.audit().await;
    })
    .await;
}

/// A dump restored under a running process: what is missing would be sent as something else, under numbers that mean other
/// things at the receiver already.
#[tokio::test]
async fn a_ledger_that_went_back_under_a_running_process_is_not_written_to() {
    on_both(async |db| {
        let mut world = World::new(db, &plants_only("")).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.run().await;
        let (then, dump) = (world.store().last_number().await.unwrap(), db.dump().await);
        world.park().add("plants", plant(2, 2, "乙"));
        world.run().await;
        match db.name {
            // its file cannot be exchanged under who has it open: only what the numbers say of it
            "SQLite" => db.run(&format!("UPDATE counter SET seq = {then}")).await,
            _ => db.restore(&dump).await,
        }
        world.park().add("plants", plant(3, 3, "丙"));
        world.ask("park").await.unwrap();
        let told = world.pull("park").await.map_err(|error| error.to_string());
        let told = told.unwrap_err();
        assert!(told.contains("比本进程写过的旧") && told.contains("lianwang recover"), "{told}");
        assert_eq!((world.store().last_number().await.unwrap(), world.ledger().arrivals.len()), (then, 2));
    })
    .await;
}
