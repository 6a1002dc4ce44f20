//! What age takes: partitions are there before the numbers that need them.

use tests::{Db, Files, World, on_both, rows::plant, state::Asked};

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
