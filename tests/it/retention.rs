//! What age takes: partitions are there before the numbers that need them, the disk shrinks, and nothing is taken that
//! anybody still needs.

use adapters::memory::Reply;
use chrono::TimeDelta;
use gateway::{
    pipeline::{self, Deep, explain},
    store::retention::{Gone, What},
};
use sea_orm::{ConnectionTrait, Database, TransactionTrait};
use tests::{
    Db, Files, World, on_both,
    rows::{id, plant, tank},
    stage::{Stage, eager},
    state::Asked,
};

async fn crowded(db: &Db) -> World {
    db.store().await.close().await.unwrap();
    db.narrow(8).await;
    let mut world = World::new(db, &Files::small()).await;
    for (n, name) in (1..).zip(["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛"]) {
        world.park().add("plants", plant(n, n, name));
        world.run().await;
    }
    world
}

#[tokio::test]
async fn no_number_ever_lacks_a_partition() {
    on_both(async |db| {
        let world = crowded(db).await;
        let audit = world.audit().await;
        assert_eq!((audit.sum.accepted, audit.destinations["receiver"].sum.confirmed), (8, 8));
        let asked = Asked::open(db).await;
        let last = asked.number("SELECT seq FROM counter").await;
        assert!(last > 40, "{last}");
        if db.name == "PostgreSQL" {
            for table in ["version", "issue", "blob_bytes"] {
                let sql = format!("SELECT COUNT(*) FROM pg_inherits WHERE inhparent = '{table}'::regclass");
                assert_eq!(asked.number(&sql).await, last / 8 + 1, "{table}");
            }
        }
        asked.close().await;
    })
    .await;
}

#[tokio::test]
async fn one_transaction_may_cross_several_partitions() {
    on_both(async |db| {
        db.store().await.close().await.unwrap();
        db.narrow(3).await;
        let mut world = World::new(db, &Files::small()).await;
        for n in 1..9 {
            world.park().add("plants", plant(n, n, "甲"));
        }
        world.run().await;
        assert_eq!(world.audit().await.sum.accepted, 8);
    })
    .await;
}

/// Files of a ledger: what all tables that age takes from take on the disk.
async fn disk(db: &Db) -> i64 {
    if let Some(path) = db.url.strip_prefix("sqlite://") {
        return i64::try_from(std::fs::metadata(path).unwrap().len()).unwrap();
    }
    let asked = Asked::open(db).await;
    let sql = "SELECT CAST(SUM(pg_total_relation_size(inhrelid)) AS BIGINT) FROM pg_inherits \
         WHERE inhparent IN ('version'::regclass, 'issue'::regclass, 'blob_bytes'::regclass)";
    let bytes = asked.number(sql).await;
    asked.close().await;
    bytes
}

fn gone(went: &[(What, Gone)], what: What) -> i64 {
    went.iter().find(|(of, _)| *of == what).unwrap().1.rows
}

/// Nothing that is kept is missed, and what is not there is said to be dropped.
async fn holds(world: &World) -> Deep {
    world.audit().await;
    let deep = pipeline::deep(&world.context, &|_, _| {}).await.unwrap();
    assert_eq!((&deep.differences, &deep.damaged), (&vec![], &vec![]));
    deep
}

fn large(size: u32) -> Files {
    Files::small().receiver("receiver", 200).replacing(
        "sources/park/source.toml",
        "size = 4",
        &format!("size = {size}"),
    )
}

fn rewrite(world: &World, minute: u32, name: &str, count: u32) {
    let rows = (1..=count).map(|n| plant(n, minute, &format!("{name}{n}"))).collect();
    world.park().change("plants", |shelf| *shelf = rows);
}

#[tokio::test]
async fn the_disk_shrinks_and_both_equations_hold() {
    on_both(async |db| {
        let mut world = World::new(db, &large(500)).await;
        for (minute, name) in (1..).zip(["甲", "乙", "丙", "丁", "戊", "己"]) {
            rewrite(&world, minute, name, 400);
            world.run().await;
        }
        let before = disk(db).await;
        let went = world.age().await;
        let after = disk(db).await;
        assert_eq!(gone(&went, What::Versions), 2_000, "{went:?}");
        assert!(gone(&went, What::Raw) > 10, "{went:?}");
        assert!(after * 3 < before * 2, "{}: {before} → {after} bytes", db.name);
        let deep = holds(&world).await;
        assert_eq!(deep.dropped, 2_400);
        let audit = world.audit().await;
        assert_eq!((audit.sum.found, audit.sum.accepted, audit.dropped), (2_400, 2_400, 2_000));
        assert_eq!(audit.destinations["receiver"].sum.owed, 2_400);
        // life goes on: heads are compared and sent without their bytes
        rewrite(&world, 9, "己", 400);
        world.run().await;
        rewrite(&world, 10, "庚", 400);
        world.run().await;
        let audit = world.audit().await;
        assert_eq!((audit.sum.unchanged, audit.sum.accepted), (400, 2_800));
        assert_eq!(audit.destinations["receiver"].sum.confirmed, 2_800);
        assert_eq!(gone(&world.age().await, What::Versions), 400);
        holds(&world).await;
    })
    .await;
}

/// One plant confirmed, its tank held, another tank waiting for a plant that never came, one batch whose fate is unknown.
async fn in_the_middle(db: &Db) -> World {
    let mut world = World::new(db, &Files::small()).await;
    world.park().add("plants", plant(1, 1, "甲"));
    world.park().add("tanks", tank(11, 2, 1, "特大"));
    world.park().add("tanks", tank(12, 3, 9, "一般"));
    world.park().add("plants", plant(2, 1, ""));
    world.run().await;
    world.park().add("plants", plant(3, 4, "丙"));
    world.receiver().set(|mood| mood.usual = Reply::MumbleAfter);
    world.land_all("park").await;
    world.refine_all("park").await;
    world.forward("receiver").await.unwrap();
    world
}

#[tokio::test]
async fn nothing_owed_held_or_under_way_is_ever_taken() {
    on_both(async |db| {
        let mut world = in_the_middle(db).await;
        for days in [0, 4_000] {
            world.wait(TimeDelta::days(days));
            assert_eq!(gone(&world.age().await, What::Versions), 0, "each is the newest of its record");
            holds(&world).await;
        }
        // what is held can still be judged, what is under way goes again in the same words, what waits can come
        world.receiver().set(|mood| mood.usual = Reply::Judge);
        world.park().add("plants", plant(9, 60, "九"));
        let mended = Files::small().replacing("tables/park-level.csv", "一般,3\n", "一般,3\n特大,1\n");
        world.activate(&mended).await;
        world.run().await;
        let owed = world.audit().await.destinations["receiver"].sum;
        assert_eq!((owed.owed, owed.confirmed, owed.pending), (5, 5, 0), "{owed:?}");
        assert!(world.ledger().changed_batches().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_was_dropped_is_told_and_what_comes_again_is_there_again() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        for (minute, name) in [(1, "甲"), (2, "乙"), (3, "丙")] {
            rewrite(&world, minute, name, 1);
            world.run().await;
        }
        world.age().await;
        let found = explain::find(&world.context, "plant", &id(1)).await.unwrap();
        let explained = explain::explain(&world.context, &found[0].0, found[0].1).await.unwrap();
        assert!(explained.derived_again);
        let told = explained.dropped.unwrap();
        assert!(told.contains("更早的 2 个版本") && told.contains("保留 1 天"), "{told}");
        let kept = &explained.versions[0];
        assert_eq!((explained.versions.len(), kept.fields["name"].value.as_deref()), (1, Some("丙1")));
        assert!(kept.dropped.as_ref().unwrap().contains("已按保留规则"), "{:?}", kept.dropped);
        // the very same page again: its bytes are wanted again
        world.wait(TimeDelta::days(1));
        let asked = Asked::open(db).await;
        let kept = "SELECT COUNT(*) FROM blob_bytes";
        assert_eq!(asked.number(kept).await, 0);
        world.run().await;
        assert!(asked.number(kept).await > 0);
        asked.close().await;
        holds(&world).await;
    })
    .await;
}

/// A scope that opened late owes the newest of each then, even where age takes the ones before it; and so does one that
/// was closed and opened again.
#[tokio::test]
async fn what_a_late_scope_took_first_is_counted_once_whatever_age_takes() {
    on_both(async |db| {
        let second = || Files::small().receiver("second", 2);
        let without = second().replacing(
            "destinations/second/destination.toml",
            "batch = 2",
            "batch = 2\nkinds = [\"tank\"]",
        );
        let mut world = World::new(db, &Files::small()).await;
        let mut minute = 0;
        for files in [&Files::small(), &second(), &without, &second()] {
            world.activate(files).await;
            for name in ["甲", "乙"] {
                minute += 1;
                rewrite(&world, minute, &format!("{name}{minute}"), 2);
                world.run().await;
                holds(&world).await;
            }
        }
        let owed = world.audit().await.destinations["second"].sum;
        assert_eq!((owed.owed, owed.pending), (12, 0), "{owed:?}");
        for left in [4, 2, 0, 0] {
            world.age().await;
            holds(&world).await;
            assert_eq!(world.audit().await.destinations["second"].sum.owed, 12, "{left}");
        }
        assert_eq!(world.audit().await.dropped, 14);
    })
    .await;
}

/// A memory of what was rejected goes with its issue; the row that comes again is told of anew.
#[tokio::test]
async fn a_rejection_forgotten_is_written_anew() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        let asked = Asked::open(db).await;
        let issues = "SELECT COUNT(*) FROM issue";
        world.park().add("plants", plant(1, 1, ""));
        world.run().await;
        world.run().await;
        assert_eq!(asked.number(issues).await, 1);
        world.wait(TimeDelta::days(2));
        assert_eq!(gone(&world.age().await, What::Issues), 1);
        assert_eq!(asked.number("SELECT COUNT(*) FROM rejection").await, 0);
        world.run().await;
        assert_eq!(asked.number(issues).await, 1);
        asked.close().await;
        holds(&world).await;
    })
    .await;
}

/// Whoever reads a table is not waited for longer than a moment: the writers behind would wait as well.
#[tokio::test]
async fn a_reader_who_does_not_let_go_is_not_waited_for() {
    let Some(db) = Db::postgres().await else { return };
    let mut world = World::new(&db, &Files::small()).await;
    for name in ["甲", "乙"] {
        rewrite(&world, 1, name, 1);
        world.run().await;
    }
    let connection = Database::connect(&db.url).await.unwrap();
    let reader = connection.begin().await.unwrap();
    reader.execute_unprepared("SELECT COUNT(*) FROM version").await.unwrap();
    assert_eq!(gone(&world.age().await, What::Versions), 0);
    world.audit().await;
    reader.commit().await.unwrap();
    connection.close().await.unwrap();
    assert_eq!(gone(&world.age().await, What::Versions), 1);
    holds(&world).await;
    drop(world);
    db.close().await;
}

#[tokio::test]
async fn the_command_shows_what_would_go_and_drops_it() {
    on_both(async |db| {
        let hub = "node = \"national-park\"\n[retention]\nraw_days = 30\n";
        let stage = Stage::new(&db.url, &eager().with("lianwang.toml", hub)).await;
        stage.family(1).await;
        stage.finish().await;
        let nothing = stage.run(&["retention", "--dry-run"]).await.said(0);
        assert!(
            nothing.starts_with("原文、报文和应答（保留 30 天，") && nothing.contains("将清除 0 行"),
            "{nothing}"
        );
        db.run("UPDATE blob SET used_at = 0").await;
        let would = stage.run(&["retention", "--dry-run"]).await.said(0);
        assert!(would.contains("\n  编号 0–"), "{would}");
        let did = stage.run(&["retention"]).await.said(0);
        assert!(!did.contains("清除 0 行") && did.contains(" MB\n"), "{did}");
        assert!(stage.run(&["retention", "--dry-run"]).await.said(0).contains("将清除 0 行"));
        let audit = stage.run(&["audit", "--deep"]).await.said(0);
        assert!(audit.contains("没有重新推导") && audit.contains("两个等式都成立"), "{audit}");
    })
    .await;
}

#[tokio::test]
async fn without_a_word_everything_is_kept() {
    let db = Db::sqlite();
    let stage = Stage::new(&db.url, &eager()).await;
    for command in [&["migrate"][..], &["retention", "--dry-run"], &["retention"]] {
        let said = stage.run(command).await.said(0);
        assert!(command == ["migrate"] || said.contains("一切都一直保留"), "{said}");
    }
    db.close().await;
}
