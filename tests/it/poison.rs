//! Records that the database will not store: rejected in its words, one by one, and nobody else pays.

use tests::{
    Db, Files, World, on_both,
    rows::{plant, tank},
    state::Asked,
};

/// A guard of the server's owner: what it refuses, no check of ours knows.
pub(crate) const SQLITE: &str = "CREATE TRIGGER guard BEFORE INSERT ON version WHEN NEW.content LIKE '%毒%' \
     BEGIN SELECT RAISE(ABORT, '此库不收这个字'); END";
pub(crate) const POSTGRES: &str = "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     IF NEW.content LIKE '%毒%' THEN RAISE EXCEPTION '此库不收这个字' USING ERRCODE = '22P05'; END IF; RETURN NEW; END $$; \
     CREATE TRIGGER guard BEFORE INSERT ON version FOR EACH ROW EXECUTE FUNCTION guard()";

async fn guarded(db: &Db) -> World {
    let world = World::new(db, &Files::small()).await;
    db.run(if db.name == "SQLite" { SQLITE } else { POSTGRES }).await;
    world
}

async fn verdicts(db: &Db) -> Vec<String> {
    let asked = Asked::open(db).await;
    let sql = "SELECT i.id || ' ' || i.verdict || ' ' || i.issues FROM issue i ORDER BY i.no";
    let found = asked.column(sql).await;
    asked.close().await;
    found
}

#[tokio::test]
async fn what_the_database_refuses_is_rejected_in_its_words_and_its_source_goes_on() {
    on_both(async |db| {
        let mut world = guarded(db).await;
        for n in 1..=40 {
            world.park().add("plants", plant(n, n, if matches!(n, 7 | 8 | 40) { "毒" } else { "甲" }));
        }
        world.park().add("tanks", tank(101, 1, 1, "重大"));
        world.run().await;
        let found = world.audit().await.sum;
        assert_eq!((found.found, found.accepted, found.rejected), (41, 38, 3));
        let told = verdicts(db).await;
        assert_eq!(told.len(), 3, "{told:?}");
        for line in &told {
            assert!(line.starts_with(" rejected "), "nothing its sender wrote is repeated: {line}");
            assert!(line.contains("unstorable") && line.contains("此库不收这个字"), "{line}");
        }
        world.park().add("plants", plant(8, 50, "乙"));
        world.park().add("plants", plant(41, 51, "毒"));
        world.run().await;
        let found = world.audit().await.sum;
        assert_eq!(found.accepted, 39, "what is mended comes in");
        let told = verdicts(db).await;
        assert!(told.iter().filter(|line| line.contains("unstorable")).count() >= 4, "{told:?}");
    })
    .await;
}

#[tokio::test]
async fn a_database_that_refuses_everything_is_ill_and_its_records_wait() {
    on_both(async |db| {
        let world = guarded(db).await;
        for n in 1..=200 {
            world.park().add("plants", plant(n, n, "毒"));
        }
        world.land_all("park").await;
        for _ in 0..2 {
            let refused = world.refine("park").await.unwrap_err().to_string();
            assert!(refused.contains("此库不收这个字"), "{refused}");
        }
        let found = world.audit().await.sum;
        assert_eq!((found.accepted, found.rejected), (0, 0), "not judged: {found:?}");
        forgive(db).await;
        world.refine_all("park").await;
        assert_eq!(world.audit().await.sum.accepted, 200);
    })
    .await;
}

async fn forgive(db: &Db) {
    db.run(if db.name == "SQLite" { "DROP TRIGGER guard" } else { "DROP TRIGGER guard ON version" }).await;
}

/// A field of 20 MB where twenty characters may stand: told to its sender shortened, and stored nowhere else.
#[tokio::test]
async fn a_field_of_twenty_megabytes_costs_its_record_alone() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        world.park().add("plants", plant(1, 1, "甲"));
        world.park().add("plants", plant(2, 2, &"长".repeat(7_000_000)));
        world.park().add("plants", plant(3, 3, "丙"));
        world.run().await;
        let found = world.audit().await.sum;
        assert_eq!((found.found, found.accepted, found.rejected), (3, 2, 1));
        let told = verdicts(db).await;
        assert!(told.len() == 1 && told.iter().all(|line| line.len() < 2_000), "{}", told.len());
    })
    .await;
}
