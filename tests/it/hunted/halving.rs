//! A refused batch that is halved while newer versions of its members come: whoever was refused because the receiver was
//! ill goes again, whoever is guilty does not.

use adapters::Batch;
use chrono::TimeDelta;
use tests::{
    Db, Files, World, on_both,
    rows::{plant, wire},
};

use super::{Delivered, RECEIVER, Told, answer, column, owed, plants_only, take};

/// A refusal of data that names no row, as the ill give it to everything.
const ILL: &str =
    r#"{"success": true, "code": "200", "data": {"code": "500", "msg": "数据校验失败", "data": []}}"#;
const BUSY: &str =
    r#"{"success": true, "code": "200", "data": {"code": "500", "msg": "系统正忙", "data": []}}"#;

/// When the newer version of the last of the three is turned into a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// The whole batch is under way.
    Whole,
    /// It is due in its half.
    Due,
    /// It is under way alone.
    Alone,
    /// It was refused alone, others were not yet.
    Refused,
}

fn ill() -> Delivered {
    answer(200, ILL)
}

fn busy() -> Delivered {
    answer(200, BUSY)
}

async fn three(db: &Db, files: &Files) -> World {
    let world = World::new(db, files).await;
    (1..=3).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
    take(&world).await;
    world
}

async fn newer(world: &World, name: &str) {
    world.park().add("plants", plant(3, 30, name));
    take(world).await;
    world.wait(TimeDelta::minutes(6));
}

fn has(batch: &Batch<'_>, n: u32) -> bool {
    batch.members.contains(&wire(n))
}

/// Everything is refused, one batch a step or so, until the newer version is to come.
async fn until_then(world: &World, moment: Moment) {
    let told = Told::new(world, move |batch| {
        let whole = batch.members.len() == 3;
        let waits = match moment {
            Moment::Whole => whole,
            Moment::Due => false,
            Moment::Alone => !whole && has(batch, 3),
            Moment::Refused => !whole && has(batch, 1),
        };
        Some(if waits { busy() } else { ill() })
    });
    if moment == Moment::Due {
        told.forward(world).await.unwrap();
        return;
    }
    for _ in 0..2 {
        told.forward_now(world).await;
        world.wait(TimeDelta::minutes(6));
    }
}

#[tokio::test]
async fn a_member_that_gets_newer_while_everything_is_refused_leaves_nobody_refused() {
    on_both(async |db| {
        for moment in [Moment::Whole, Moment::Due, Moment::Alone, Moment::Refused] {
            db.store().await.close().await.unwrap();
            db.wipe().await;
            let world = three(db, &plants_only("")).await;
            until_then(&world, moment).await;
            newer(&world, "新").await;
            let told = Told::new(&world, |_| Some(ill()));
            told.forward_now(&world).await;
            let standing = column(db, "SELECT state FROM delivery ORDER BY record").await;
            assert_eq!(standing[..2], ["due", "due"], "{moment:?}: {standing:?} {:?}", told.came());
            world.wait(TimeDelta::minutes(6));
            Told::new(&world, |_| None).forward_now(&world).await;
            let sum = owed(&world).await;
            assert_eq!(
                (sum.pending, sum.confirmed + sum.superseded + sum.refused),
                (0, 4),
                "{moment:?}: {sum:?}"
            );
            for n in 1..=2 {
                assert!(world.ledger().entry("t_plant", &wire(n)).is_some(), "{moment:?}: {n} never came");
            }
            world.close().await;
        }
    })
    .await;
}

/// Of four, two were refused alone; the half of the others comes back last, and both have become ones that this
/// destination refuses unsent.
#[tokio::test]
async fn members_that_are_refused_unsent_leave_nobody_refused_but_themselves() {
    on_both(async |db| {
        let fields = "kind = \"plant\"\npath = \"t_plant\"\n[fields]\nname = { max = 4 }\n";
        let demanding = plants_only("")
            .replacing(RECEIVER, "batch = 3", "batch = 4")
            .with("destinations/receiver/plant.toml", fields);
        let world = World::new(db, &demanding).await;
        (1..=4).for_each(|n| world.park().add("plants", plant(n, n, "甲")));
        take(&world).await;
        let states = async || column(db, "SELECT state FROM delivery ORDER BY record").await;
        let told = Told::new(&world, |batch| {
            Some(if batch.members.len() == 2 && has(batch, 3) { busy() } else { ill() })
        });
        for _ in 0..5 {
            told.forward_now(&world).await;
            world.wait(TimeDelta::minutes(6));
        }
        assert_eq!(states().await, ["refused", "refused", "sent", "sent"], "{:?}", told.came());
        (3..=4).for_each(|n| world.park().add("plants", plant(n, 30, "名字太长了")));
        take(&world).await;
        Told::new(&world, |_| Some(ill())).forward_now(&world).await;
        assert_eq!(states().await, ["due", "due", "refused", "refused"]);
        world.wait(TimeDelta::minutes(6));
        Told::new(&world, |_| None).forward_now(&world).await;
        assert_eq!(states().await, ["confirmed", "confirmed", "refused", "refused"]);
        assert_eq!(owed(&world).await.pending, 0);
    })
    .await;
}

/// One of the three is guilty: its neighbours' newer versions change nothing in that, and it is not asked for ever.
#[tokio::test]
async fn the_guilty_one_stays_refused_whoever_gets_newer() {
    on_both(async |db| {
        for moment in [Moment::Whole, Moment::Due, Moment::Alone, Moment::Refused] {
            db.store().await.close().await.unwrap();
            db.wipe().await;
            let world = three(db, &plants_only("")).await;
            until_then(&world, moment).await;
            newer(&world, "新").await;
            let told = Told::new(&world, |batch| has(batch, 1).then(ill));
            for _ in 0..5 {
                told.forward_now(&world).await;
                world.wait(TimeDelta::minutes(6));
            }
            let guilty = told.came().iter().filter(|came| came.members.contains(&wire(1))).count();
            assert!(guilty <= 3, "{moment:?}: {:?}", told.came());
            let states = column(db, "SELECT state FROM delivery ORDER BY record").await;
            assert_eq!(
                (states[0].as_str(), states[1].as_str()),
                ("refused", "confirmed"),
                "{moment:?}: {states:?}"
            );
            assert_eq!(owed(&world).await.pending, 0);
            world.close().await;
        }
    })
    .await;
}
