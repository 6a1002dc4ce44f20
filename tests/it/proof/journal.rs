//! The journal: what is sent is in it first, a ledger older than it is seen.

use std::{path::Path, sync::Arc};

use gateway::{
    pipeline::StepError,
    proof::{
        Journal,
        journal::{Fact, Line, Lines, unpack},
    },
};
use tests::{
    Files, World, on_both,
    rows::{plant, wire},
};

/// A world that keeps a journal in `folder`.
async fn journaled(db: &tests::Db, folder: &Path) -> World {
    let mut world = World::new(db, &Files::small().receiver("receiver", 2)).await;
    world.keep_journal(Arc::new(Journal::open(folder, "hub", 30).unwrap()));
    world
}

fn lines(folder: &Path) -> Vec<Line> {
    Lines::after(folder, 0).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_batch_is_in_the_journal_with_its_bytes_before_it_is_sent_and_its_outcome_after() {
    on_both(async |db| {
        let folder = tempfile::tempdir().unwrap();
        let mut world = journaled(db, folder.path()).await;
        (1..=3).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
        world.run().await;
        world.audit().await;
        let said = lines(folder.path());
        let words: Vec<&str> = said
            .iter()
            .map(|line| match &line.fact {
                Fact::Segment { .. } => "segment",
                Fact::Document(_) => "landed",
                Fact::Revision(_) => "revision",
                Fact::Batch(batch) if batch.size == 2 => "two",
                Fact::Batch(_) => "one",
                Fact::Outcome(outcome) if outcome.others.is_empty() => "confirmed",
                _ => "else",
            })
            .collect();
        assert_eq!(
            words,
            ["segment", "landed", "revision", "two", "confirmed", "one", "confirmed", "landed", "landed"]
        );
        let sent: Vec<Vec<u8>> = said
            .iter()
            .filter_map(
                |line| if let Fact::Batch(batch) = &line.fact { unpack(&batch.payload).ok() } else { None },
            )
            .collect();
        let arrived: Vec<Vec<u8>> =
            world.ledger().arrivals.into_iter().map(|arrival| arrival.payload).collect();
        assert_eq!(sent, arrived);
        assert_eq!(world.context.older().await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_journalled_is_not_sent() {
    on_both(async |db| {
        let folder = tempfile::tempdir().unwrap();
        let mut world = journaled(db, folder.path()).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.land_all("park").await;
        world.refine_all("park").await;
        let full = folder.path().join("full");
        std::fs::create_dir(&full).unwrap();
        std::os::unix::fs::symlink("/dev/full", full.join("000000000001-20261123.ndjson")).unwrap();
        world.keep_journal(Arc::new(Journal::open(&full, "hub", 30).unwrap()));
        for _ in 0..3 {
            let error = world.forward("receiver").await.unwrap_err();
            assert!(
                matches!(&error, StepError::Proof(_)) && error.to_string().contains("一律不发送"),
                "{error}"
            );
        }
        assert_eq!(world.ledger().arrivals.len(), 0);
        world.audit().await;
        std::fs::remove_file(full.join("000000000001-20261123.ndjson")).unwrap();
        world.until_idle().await;
        assert!(world.ledger().entry("t_plant", &wire(1)).is_some());
        assert_eq!(world.ledger().arrivals.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_goes_again_is_journalled_once_by_a_process_and_again_by_the_next() {
    on_both(async |db| {
        let folder = tempfile::tempdir().unwrap();
        let mut world = journaled(db, folder.path()).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.receiver().set(|mood| mood.next = [adapters::memory::Reply::Cut; 3].into());
        world.land_all("park").await;
        world.refine_all("park").await;
        let batches =
            |folder: &Path| lines(folder).iter().filter(|line| matches!(line.fact, Fact::Batch(_))).count();
        world.forward("receiver").await.unwrap();
        world.wait(chrono::TimeDelta::hours(1));
        world.forward("receiver").await.unwrap();
        assert_eq!((world.ledger().arrivals.len(), batches(folder.path())), (2, 1));
        world.restart();
        world.until_idle().await;
        assert_eq!(batches(folder.path()), 2);
        assert!(world.ledger().changed_batches().is_empty());
    })
    .await;
}
