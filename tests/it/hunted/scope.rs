//! Configurations that change under records on their way: groups, parents that are dropped, kinds given back.

use std::{
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use adapters::memory::Reply;
use chrono::TimeDelta;
use gateway::{
    ledger::Owed,
    pipeline::{Context, Step, activate::activate, forward},
    store::Store,
};
use serde_json::{Value, json};
use tests::{
    Files, World, on_both,
    rows::{plant, tank, wire},
};

use super::{RECEIVER, by_itself, meanwhile, owed, plants_only, set, take};

const GROUPED: &str = "group_by = \"companyCode\"\n";
const COMPANIES: [&str; 2] = ["410900017", "410900018"];

fn plant_of(n: u32, company: &str) -> Value {
    let mut row = plant(n, n, "甲");
    row["corp"] = json!(company);
    row
}

/// A world with ten plants of two companies in turn, judged. Its receiver's first answer is one that nobody can read: a
/// batch is on its way then, the next is frozen, and four rows are due.
async fn two_companies(db: &tests::Db) -> World {
    let world = World::new(db, &plants_only("")).await;
    for n in 1..=10 {
        world.park().add("plants", plant_of(n, COMPANIES[(n % 2) as usize]));
    }
    world.receiver().set(|mood| mood.next = [Reply::Mumble].into());
    take(&world).await;
    world
}

fn only(kinds: &str) -> Files {
    Files::small().replacing(RECEIVER, "batch = 3", &format!("batch = 3\nkinds = [{kinds}]"))
}

/// The company of every record of every batch, with the batch's group.
fn groups(world: &World, from: usize) -> Vec<(String, Vec<String>)> {
    let company = |row: &Value| row["companyCode"].as_str().unwrap().to_owned();
    let rows = |payload: &[u8]| -> Vec<Value> { serde_json::from_slice(payload).unwrap() };
    let arrivals = world.ledger().arrivals;
    arrivals[from..]
        .iter()
        .map(|arrival| (arrival.group.clone(), rows(&arrival.payload).iter().map(company).collect()))
        .collect()
}

fn assert_grouped(groups: &[(String, Vec<String>)]) {
    for (group, companies) in groups {
        assert!(companies.iter().all(|company| company == group), "{groups:?}");
    }
}

#[tokio::test]
async fn rows_that_were_due_when_grouping_began_go_by_company() {
    on_both(async |db| {
        let mut world = two_companies(db).await;
        world.forward("receiver").await.unwrap();
        assert_eq!(owed(&world).await, Owed { owed: 10, pending: 10, ..Owed::default() });
        world.activate(&plants_only(GROUPED)).await;
        world.until_idle().await;
        assert_eq!(owed(&world).await, Owed { owed: 10, confirmed: 10, ..Owed::default() });
        let after: Vec<_> = groups(&world, 0).into_iter().filter(|(group, _)| !group.is_empty()).collect();
        assert_eq!(
            after.iter().map(|(_, companies)| companies.len()).collect::<Vec<_>>(),
            [2, 2],
            "{after:?}"
        );
        assert_grouped(&after);
    })
    .await;
}

#[tokio::test]
async fn rows_on_their_way_when_grouping_began_go_again_by_company() {
    on_both(async |db| {
        let mut world = two_companies(db).await;
        world.receiver().set(|mood| {
            mood.refuses = [(wire(2), "不收".to_owned())].into();
            mood.on_bad = adapters::memory::OnBad::RefuseAll;
        });
        world.forward("receiver").await.unwrap();
        world.activate(&plants_only(GROUPED)).await;
        world.until_idle().await;
        assert_eq!(owed(&world).await, Owed { owed: 10, confirmed: 9, refused: 1, ..Owed::default() });
        let frozen_before = groups(&world, 0).iter().filter(|(group, _)| group.is_empty()).count();
        assert_eq!(frozen_before, 3, "one batch, sent twice as it was, and the one frozen behind it");
        let after: Vec<_> = groups(&world, 0).into_iter().filter(|(group, _)| !group.is_empty()).collect();
        assert_grouped(&after);
        assert_eq!(after.iter().map(|(_, companies)| companies.len()).sum::<usize>(), 6, "{after:?}");
    })
    .await;
}

#[tokio::test]
async fn rows_that_were_due_when_grouping_ended_go_together() {
    on_both(async |db| {
        let mut world = two_companies(db).await;
        world.activate(&plants_only(GROUPED)).await;
        world.forward("receiver").await.unwrap();
        world.activate(&plants_only("")).await;
        world.until_idle().await;
        assert_eq!(owed(&world).await, Owed { owed: 10, confirmed: 10, ..Owed::default() });
        let after: Vec<_> = groups(&world, 0).into_iter().filter(|(group, _)| group.is_empty()).collect();
        let sizes: Vec<_> =
            after.iter().map(|(group, companies)| (group.as_str(), companies.len())).collect();
        assert_eq!(sizes, [("", 3), ("", 1)]);
    })
    .await;
}

/// A process that still works by the revision before puts a child back to waiting for a parent nobody sends any more.
#[tokio::test]
async fn a_child_is_freed_of_a_dropped_parent_whatever_an_older_process_does() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        world.receiver().set(|mood| mood.parents.clear());
        set(&world, "tanks", &[tank(11, 1, 9, "重大")]);
        world.run().await;
        assert_eq!(owed(&world).await.waiting, 1);
        let before = Arc::clone(&world.pinned);
        world.activate(&only("\"tank\", \"alarm\"")).await;
        set(&world, "tanks", &[tank(11, 2, 9, "较大")]);
        take(&world).await;
        let older = world.receiver();
        let file = before.rules.destination("receiver").unwrap();
        for _ in 0..3 {
            forward::step(&world.context, &before, file, older).await.unwrap();
        }
        assert_eq!(owed(&world).await.waiting, 1, "by the older rules it waits");
        world.until_idle().await;
        assert_eq!(owed(&world).await, Owed { owed: 2, confirmed: 1, superseded: 1, ..Owed::default() });
    })
    .await;
}

/// Giving a kind back reads where a row stands and then moves it: an answer neither settles the row in between, nor do
/// the two wait for each other for ever.
#[tokio::test]
async fn an_answer_that_comes_while_a_kind_is_given_back_is_counted() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        set(&world, "plants", &[plant(1, 1, "旧")]);
        take(&world).await;
        world.receiver().set(|mood| mood.next = [Reply::MumbleAfter].into());
        world.forward("receiver").await.unwrap();
        world.activate(&only("\"tank\", \"alarm\"")).await;
        set(&world, "plants", &[plant(1, 2, "新")]);
        take(&world).await;
        world.wait(TimeDelta::minutes(1));

        let (url, clock) = (db.url.clone(), world.clock.clone());
        let (pinned, receiver) = (Arc::clone(&world.pinned), world.receiver().clone());
        let ((outcome, settled), (early, beside)) = (mpsc::channel(), mpsc::channel());
        let settle = move || {
            let step = by_itself(async {
                let other = Context::new(Store::open(&url).await.unwrap(), Arc::new(clock), "hub");
                let file = pinned.rules.destination("receiver").unwrap();
                forward::step(&other, &pinned, file, &receiver).await.map_err(|error| error.to_string())
            });
            outcome.send(step).unwrap();
            drop(early);
        };
        // it cannot come through before the activation has ended: that is given some time to be wrong, and no more
        let act = move || {
            thread::spawn(settle);
            let _came_through: Result<(), _> = beside.recv_timeout(Duration::from_millis(700));
        };
        let store = meanwhile(db.store().await, "WITH c AS (SELECT h.no AS record", act);
        let context = Context::new(store, Arc::new(world.clock.clone()), "activating");
        activate(&context, &Files::small().revision(), "测试").await.unwrap();
        assert_eq!(settled.recv_timeout(Duration::from_secs(30)).unwrap(), Ok(Step::Did(1)));
        world.activate(&Files::small()).await;
        world.restart();
        world.until_idle().await;
        assert_eq!(owed(&world).await, Owed { owed: 2, confirmed: 2, ..Owed::default() });
        assert!(world.ledger().entry("t_plant", &wire(1)).unwrap().body.contains('新'));
    })
    .await;
}
