//! Deletions under faults, under age, replayed and derived again; random nights against a set.

use std::collections::BTreeSet;

use gateway::{
    pipeline::{Step, deep, refine::replay::Walk},
    store::sweeps::State,
};
use tests::{
    Db, Files, World, on_both,
    rows::{tank, wire},
    sweep::{Compared, sweep},
};

use super::{at_receiver, night, snapshot, states, sweeps, take_away, ten, wires};

async fn replay(world: &World) -> u64 {
    let mut walk = Walk::new("park", None, false);
    while let Step::Did(_) = walk.refine(&world.context).await.unwrap() {}
    while let Step::Did(_) = walk.step(&world.context).await.unwrap() {}
    assert_eq!(walk.changes.left, 0, "{:?}", walk.changes);
    walk.changes.versions
}

async fn assert_derivable(world: &World) {
    let deep = deep(&world.context, &|_, _| {}).await.unwrap();
    assert_eq!((deep.differences, deep.damaged), (vec![], vec![]));
}

#[tokio::test]
async fn deriving_again_leaves_deleted_ones_alone_and_comes_to_the_same() {
    on_both(async |db| {
        let mut world = World::new(db, &snapshot(50)).await;
        ten(&world);
        night(&mut world).await;
        take_away(&world, &[15, 16]);
        night(&mut world).await;
        assert_derivable(&world).await;
        assert_eq!(replay(&world).await, 0, "{}", db.name);
        // another rule changes every tank that stands, and no other
        let renamed = snapshot(50).replacing("tables/park-level.csv", "重大,1", "重大,2");
        world.activate(&renamed).await;
        assert_eq!(replay(&world).await, 8, "{}", db.name);
        world.until_idle().await;
        assert_eq!(at_receiver(&world).0, wires([15, 16]));
        assert_derivable(&world).await;
        // what the hub deleted under one revision comes back under another
        world.park().add("tanks", tank(15, 15, 1, "重大"));
        night(&mut world).await;
        assert_eq!(at_receiver(&world).0, [wire(16)]);
        assert_eq!(replay(&world).await, 0);
        assert_derivable(&world).await;
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn a_deletion_that_bytes_and_mark_do_not_make_is_found() {
    on_both(async |db| {
        let mut world = World::new(db, &snapshot(50)).await;
        ten(&world);
        night(&mut world).await;
        take_away(&world, &[15]);
        night(&mut world).await;
        let asked = tests::state::Asked::open(db).await;
        asked
            .rows("UPDATE version SET content = REPLACE(content, '储罐15', '储罐') WHERE inputs LIKE '%sweep:%' RETURNING seq")
            .await;
        asked.close().await;
        let deep = deep(&world.context, &|_, _| {}).await.unwrap();
        let told: Vec<(&str, i64, i64)> =
            deep.differences.iter().map(|own| (own.what, own.stored, own.derived)).collect();
        assert_eq!(told, [("retired", 1, 0)], "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn a_held_record_older_than_the_deletion_brings_nothing_back() {
    on_both(async |db| {
        let mut world = World::new(db, &snapshot(50)).await;
        ten(&world);
        night(&mut world).await;
        world.park().change("tanks", |rows| rows[4]["level"] = "特大".into());
        night(&mut world).await;
        take_away(&world, &[15]);
        night(&mut world).await;
        assert_eq!(at_receiver(&world).0, [wire(15)], "{}", db.name);
        let told = snapshot(50).replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n");
        world.activate(&told).await;
        world.until_idle().await;
        assert_eq!(at_receiver(&world).0, [wire(15)], "what was held is older than its deletion");
        let tanks = world.audit().await.kinds["tank"];
        assert_eq!(tanks.held, 0);
        assert_derivable(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_pass_whose_bytes_age_took_says_nothing() {
    on_both(async |db| {
        let mut world = World::new(db, &snapshot(10)).await;
        ten(&world);
        night(&mut world).await;
        take_away(&world, &[15, 16]);
        night(&mut world).await;
        let held = world.store().held_sweeps().await.unwrap();
        world.age().await;
        world.store().release_sweep(held[0].no, "放行", "张三", world.context.now()).await.unwrap();
        world.until_idle().await;
        let last = sweeps(&world).await.pop().unwrap();
        assert_eq!((last.state, last.retired), (State::Unsure, 0), "{}", db.name);
        assert!(last.count.unread > 0);
        world.audit().await;
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_each_is_deleted_once() {
    let story = async |world: &mut World| {
        ten(world);
        night(world).await;
        take_away(world, &[15]);
        night(world).await;
        take_away(world, &[11, 13, 14, 16]);
        night(world).await;
        loop {
            let held = world.store().held_sweeps().await.unwrap();
            let Some(first) = held.first() else { break };
            let _told = world.store().release_sweep(first.no, "放行", "张三", world.context.now()).await;
            world.until_idle().await;
        }
        world.park().add("tanks", tank(15, 15, 1, "重大"));
        night(world).await;
    };
    on_both(async |db| {
        let files = snapshot(30).replacing(super::SOURCE, "size = 4", "size = 100");
        let swept = sweep(db, &files, Compared { counts: false }, story).await;
        assert!(swept > 30, "{swept}");
    })
    .await;
}

#[tokio::test]
async fn a_deletion_of_many_goes_on_where_it_was_broken() {
    let db = Db::sqlite();
    let big = |files: Files| {
        let (small, large) =
            ("paging = { kind = \"page\", size = 4 }", "paging = { kind = \"page\", size = 5000 }");
        files.replacing(super::SOURCE, small, large)
    };
    let mut world = World::new(&db, &big(snapshot(100))).await;
    ten(&world);
    world.park().change("tanks", |rows| {
        rows.extend((100..2_600).map(|n| tank(n, 2, 1, "重大")));
    });
    world.land_all("park").await;
    world.refine_all("park").await;
    world.park().change("tanks", |rows| rows.truncate(10));
    world.wait(chrono::TimeDelta::days(1));
    world.land_all("park").await;
    world.refine("park").await.unwrap();
    assert_eq!(states(&world).await.last(), Some(&State::Due), "judged, and not looked at yet");
    // one or two of its three transactions
    for n in 1..4 {
        world.breaker.arm(n, false);
        let _broken = world.refine("park").await;
        if states(&world).await.last() == Some(&State::Going) {
            break;
        }
    }
    world.breaker.arm(u64::MAX, false);
    let going = sweeps(&world).await.pop().unwrap();
    assert_eq!((going.state, going.count.standing, going.count.missing), (State::Going, 2_510, 2_500));
    assert!(going.retired >= 1_000 && going.retired < 2_500, "{going:?}");
    // fewer stand now than were counted, and the rest would be too many of them: it is gone on with all the same
    world.restart();
    world.activate(&big(snapshot(50))).await;
    world.refine_all("park").await;
    let done = sweeps(&world).await.pop().unwrap();
    assert_eq!((done.state, done.retired, done.count.missing), (State::Done, 2_500, 2_500));
    world.audit().await;
    db.close().await;
}

/// Random lists, night after night: the receiver has as there exactly what the last whole list named, and everything else
/// it ever had as gone.
#[tokio::test]
async fn random_nights_agree_with_a_set() {
    let mut dice: u64 = 11;
    let mut throw = |most: u32| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((dice >> 33) % u64::from(most)).unwrap()
    };
    for round in 0..6 {
        let db = Db::sqlite();
        let mut world = World::new(&db, &snapshot(100)).await;
        ten(&world);
        world.run().await;
        let mut ever: BTreeSet<u32> = (11..=20).collect();
        for _ in 0..8 {
            let there: BTreeSet<u32> = (11..=24).filter(|_| throw(3) > 0).collect();
            let level = if throw(2) == 0 { "重大" } else { "一般" };
            world.park().change("tanks", |rows| {
                *rows =
                    there.iter().map(|n| tank(*n, *n, 1, if n % 5 == 0 { level } else { "重大" })).collect();
            });
            night(&mut world).await;
            if throw(3) == 0 {
                assert_eq!(replay(&world).await, 0);
            }
            ever.extend(&there);
            let gone = ever.difference(&there).copied();
            assert_eq!(at_receiver(&world), (wires(gone), wires(there.iter().copied())), "round {round}");
            world.audit().await;
        }
        assert_derivable(&world).await;
        db.close().await;
    }
}
