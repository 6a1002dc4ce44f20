//! A ledger brought forward after a restore: what is made again must not go after what is newer, and a clock that was
//! ahead must not have taken the journal away.

use std::{path::Path, sync::Arc};

use adapters::memory::Reply;
use chrono::TimeDelta;
use gateway::{
    ledger::Owed,
    pipeline::{Context, Recovered, Restored, deep, recover, restored},
    proof::{Folder, Journal},
};
use tempfile::TempDir;
use tests::{
    Db, Dump, Files, World, on_both,
    rows::{plant, tank, wire},
};

use super::{RECEIVER, plants_only, take};

/// A world with its proof in a folder of its own.
async fn proven(db: &Db, files: &Files) -> (World, Folder, TempDir) {
    let home = tempfile::tempdir().unwrap();
    let folder = Folder::new(home.path(), &db.url).unwrap();
    let mut world = World::new(db, files).await;
    world.keep_proof(&folder);
    (world, folder, home)
}

/// The dump put back, and a start on it.
async fn back(world: &mut World, db: &Db, dump: &Dump) {
    world.close().await;
    db.restore(dump).await;
    world.reopen(db).await;
}

async fn lacks(world: &World, folder: &Folder) -> Restored {
    restored(&world.context, folder).await.unwrap().unwrap()
}

async fn brought_forward(world: &World, folder: &Folder) -> Recovered {
    recover(&world.context, &lacks(world, folder).await, &|_| {}).await.unwrap()
}

async fn sound(world: &World) -> Owed {
    let told = deep(&world.context, &|_, _| {}).await.unwrap();
    assert_eq!((told.differences, told.damaged), (vec![], vec![]));
    world.audit().await.destinations["receiver"].sum
}

/// The names by which one plant or tank came, in order, from the `from`-th batch on.
fn names(world: &World, from: usize, n: u32) -> Vec<String> {
    let arrivals = world.ledger().arrivals;
    let rows = |payload: &[u8]| -> Vec<serde_json::Value> { serde_json::from_slice(payload).unwrap() };
    let all = arrivals[from..].iter().flat_map(|arrival| rows(&arrival.payload));
    let of_it = all.filter(|row| row["id"] == wire(n).as_str());
    of_it.map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

/// `newest` came, and nothing else after it.
fn newest_last(came: &[String], newest: &str) {
    let first = came.iter().position(|name| name == newest);
    let first = first.unwrap_or_else(|| panic!("{newest} never came: {came:?}"));
    assert!(came[first..].iter().all(|name| name == newest), "an older state came after it: {came:?}");
}

/// A kind that the lost hour's `apply` added to a destination: what went there has no row in the restored ledger. Given
/// back, its records go again record by record, and the batch, which nobody can settle by rows, not after them.
#[tokio::test]
async fn a_batch_of_a_kind_that_the_dump_does_not_send_does_not_go_after_what_is_newer() {
    on_both(async |db| {
        let both =
            plants_only("").replacing(RECEIVER, "kinds = [\"plant\"]", "kinds = [\"plant\", \"tank\"]");
        let (mut world, folder, _home) = proven(db, &plants_only("")).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.run().await;
        let dump = db.dump().await;
        world.activate(&both).await;
        world.park().add("tanks", tank(11, 2, 1, "重大"));
        take(&world).await;
        world.receiver().set(|mood| mood.next = [Reply::Cut].into());
        world.forward("receiver").await.unwrap();
        back(&mut world, db, &dump).await;
        let recovered = brought_forward(&world, &folder).await;
        assert_eq!((recovered.batches, recovered.strangers.len()), (1, 0), "{recovered:?}");
        world.activate(&both).await;
        let mut newer = tank(11, 30, 1, "重大");
        newer["name"] = "新".into();
        world.park().add("tanks", newer);
        let from = world.ledger().arrivals.len();
        // three answers that nobody reads: what was made again lets new ones go first
        world.receiver().set(|mood| mood.next = [Reply::Mumble; 3].into());
        world.run().await;
        newest_last(&names(&world, from, 11), "新");
        assert_eq!(sound(&world).await.pending, 0);
        world.close().await;
    })
    .await;
}

/// Plants 1 and 2 go from another node; the dump is restored without its journal, and plant 1 gets newer.
async fn without_the_other(db: &Db, reply: Reply) -> (World, Folder, TempDir, std::path::PathBuf) {
    let (mut world, folder, home) = proven(db, &plants_only("")).await;
    world.park().add("plants", plant(9, 1, "九"));
    world.run().await;
    let dump = db.dump().await;
    // what this node sends meanwhile is here
    world.park().add("plants", plant(8, 2, "八"));
    world.run().await;
    world.wait(TimeDelta::minutes(10));
    let others = folder.journal("other");
    let journal = Arc::new(Journal::open(&others, "other", 30).unwrap());
    let (store, clock) = (world.store().clone(), Arc::new(world.clock.clone()));
    world.context = Context::new(store, clock, "other").with_journal(journal);
    world.park().add("plants", plant(1, 2, "甲"));
    world.park().add("plants", plant(2, 3, "乙"));
    take(&world).await;
    world.receiver().set(|mood| mood.next = [reply].into());
    world.forward("receiver").await.unwrap();
    let elsewhere = folder.path().join("elsewhere");
    std::fs::rename(&others, &elsewhere).unwrap();
    back(&mut world, db, &dump).await;
    brought_forward(&world, &folder).await;
    (world, folder, home, elsewhere)
}

fn found(folder: &Folder, elsewhere: &Path) {
    std::fs::rename(elsewhere, folder.journal("other")).unwrap();
}

/// A journal that is found after a recovery without it: its records have other numbers by now, and are further.
#[tokio::test]
async fn a_journal_found_later_puts_nothing_old_over_what_is_newer() {
    on_both(async |db| {
        for reply in [Reply::Cut, Reply::Judge] {
            db.store().await.close().await.unwrap();
            db.wipe().await;
            let (mut world, folder, _home, elsewhere) = without_the_other(db, reply).await;
            world.run().await;
            world.park().add("plants", plant(1, 30, "甲改"));
            world.run().await;
            found(&folder, &elsewhere);
            let from = world.ledger().arrivals.len();
            let recovered = brought_forward(&world, &folder).await;
            assert_eq!(recovered.batches, 1, "{recovered:?}");
            world.run().await;
            assert_eq!(names(&world, from, 1), Vec::<String>::new());
            assert_eq!(sound(&world).await.pending, 0);
            world.close().await;
        }
    })
    .await;
}

/// A clock that is ahead by far when a journal's file begins, and is set right.
#[tokio::test]
async fn a_clock_that_was_ahead_takes_no_journal_away() {
    on_both(async |db| {
        let (mut world, folder, _home) = proven(db, &plants_only("")).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.run().await;
        let dump = db.dump().await;
        world.park().add("plants", plant(2, 2, "乙"));
        world.run().await;
        for _ in 0..3 {
            world.wait(TimeDelta::days(60));
            world.park().add("plants", plant(3, 3, "丙"));
            world.run().await;
        }
        world.wait(TimeDelta::days(-180));
        back(&mut world, db, &dump).await;
        let lacks = lacks(&world, &folder).await;
        assert_eq!(lacks.gaps, Vec::<String>::new());
        let recovered = brought_forward(&world, &folder).await;
        assert_eq!((recovered.batches, recovered.settled), (2, 2), "{recovered:?}");
        world.close().await;
    })
    .await;
}
