//! What a destination takes and since when: added later, kinds taken away and given back, records marked as tests.

use gateway::ledger::Owed;
use serde_json::json;
use tests::{
    Files, World, on_both,
    rows::{alarm, plant, tank, wire},
};

async fn owed(world: &World, destination: &str) -> Owed {
    world.audit().await.destinations[destination].sum
}

fn only(kinds: &str) -> Files {
    let path = "destinations/receiver/destination.toml";
    Files::small().replacing(path, "batch = 3", &format!("batch = 3\nkinds = [{kinds}]"))
}

fn set(world: &World, service: &str, rows: &[serde_json::Value]) {
    world.park().change(service, |shelf| *shelf = rows.to_vec());
}

#[tokio::test]
async fn a_destination_added_later_owes_the_newest_of_each_and_all_after() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        for minute in 1..=3 {
            set(&world, "plants", &[plant(1, minute, &format!("第{minute}版")), plant(2, 1, "乙")]);
            world.run().await;
        }
        world.activate(&Files::small().receiver("second", 2)).await;
        assert_eq!(owed(&world, "second").await, Owed { owed: 2, pending: 2, ..Owed::default() });
        world.until_idle().await;
        assert_eq!(owed(&world, "second").await, Owed { owed: 2, confirmed: 2, ..Owed::default() });
        set(&world, "plants", &[plant(1, 9, "第九版")]);
        world.run().await;
        assert_eq!(owed(&world, "second").await, Owed { owed: 3, confirmed: 3, ..Owed::default() });
        let second = world.receivers["second"].ledger();
        assert!(second.entry("t_plant", &wire(1)).unwrap().body.contains("第九版"));
    })
    .await;
}

#[tokio::test]
async fn a_kind_taken_away_and_given_back_owes_its_newest_state() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        set(&world, "plants", &[plant(1, 1, "甲")]);
        set(&world, "tanks", &[tank(11, 1, 1, "重大")]);
        world.run().await;
        world.activate(&only("\"plant\", \"alarm\"")).await;
        for (minute, level) in [(2, "较大"), (3, "一般")] {
            set(&world, "tanks", &[tank(11, minute, 1, level)]);
            world.run().await;
        }
        let away = owed(&world, "receiver").await;
        assert_eq!((away.owed, away.confirmed, away.excluded), (2, 2, 2));
        world.activate(&Files::small()).await;
        world.until_idle().await;
        let back = owed(&world, "receiver").await;
        assert_eq!((back.owed, back.confirmed, back.pending), (3, 3, 0), "{back:?}");
        assert!(world.ledger().entry("t_tank", &wire(11)).unwrap().body.contains("\"level\":\"3\""));
    })
    .await;
}

/// A plant whose company is written, or not.
fn of(n: u32, minute: u32, corp: &str) -> serde_json::Value {
    let mut row = plant(n, minute, &format!("第{minute}版"));
    row["corp"] = corp.into();
    row
}

/// The receiver takes only what says whose it is by this scheme.
fn owned(scheme: &str) -> Files {
    let path = "destinations/receiver/destination.toml";
    Files::small().replacing(path, "batch = 3", &format!("batch = 3\nowner = \"{scheme}\""))
}

#[tokio::test]
async fn who_knows_one_scheme_is_sent_only_what_names_its_owner_by_it() {
    on_both(async |db| {
        let mut world = World::new(db, &owned("chem")).await;
        set(&world, "plants", &[of(1, 1, "410900017"), of(2, 1, ""), of(3, 1, "410900018")]);
        world.run().await;
        let first = owed(&world, "receiver").await;
        assert_eq!((first.owed, first.confirmed, first.excluded), (2, 2, 1), "{}", db.name);
        assert!(world.ledger().entry("t_plant", &wire(2)).is_none());

        // one loses its owner, one gains it: what each version says counts
        set(&world, "plants", &[of(1, 2, ""), of(2, 2, "410900019"), of(3, 1, "410900018")]);
        world.run().await;
        let second = owed(&world, "receiver").await;
        assert_eq!((second.owed, second.confirmed, second.excluded), (3, 3, 2), "{}", db.name);

        world.activate(&Files::small()).await;
        world.until_idle().await;
        let all = owed(&world, "receiver").await;
        assert_eq!(
            (all.owed, all.confirmed + all.superseded, all.pending),
            (all.owed, all.owed, 0),
            "{all:?}"
        );
        world.activate(&owned("chem")).await;
        set(&world, "plants", &[of(1, 3, ""), of(2, 3, "410900019"), of(3, 3, "")]);
        world.run().await;
        let last = owed(&world, "receiver").await;
        assert_eq!((last.owed - all.owed, last.excluded - all.excluded), (1, 2), "{last:?}");
        let audit = world.audit().await;
        assert!(audit.holds, "{:?}", audit.broken);
    })
    .await;
}

#[test]
fn a_scheme_that_no_record_has_is_refused() {
    let (compiled, problems) = gateway::config::compile(owned("chme").revision());
    assert!(compiled.is_none());
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(
        told.iter().any(|told| told.contains("没有对象带企业标识 chme") && told.contains("chem")),
        "{told:?}"
    );
}

/// The log was not turned when the kind went and came back: an older version must not overtake the newest.
#[tokio::test]
async fn a_kind_given_back_before_the_log_was_read_still_sends_the_newest() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        set(&world, "plants", &[plant(1, 1, "旧")]);
        world.land_all("park").await;
        world.refine_all("park").await;
        world.activate(&only("\"tank\", \"alarm\"")).await;
        set(&world, "plants", &[plant(1, 2, "新")]);
        world.land_all("park").await;
        world.refine_all("park").await;
        world.activate(&Files::small()).await;
        world.audit().await;
        world.until_idle().await;
        let back = owed(&world, "receiver").await;
        assert_eq!((back.owed, back.pending), (2, 0), "{back:?}");
        assert!(
            world.ledger().entry("t_plant", &wire(1)).unwrap().body.contains('新'),
            "{:?}",
            world.ledger()
        );
    })
    .await;
}

/// Children of a parent that this destination no longer takes have nobody to wait for.
#[tokio::test]
async fn those_who_wait_for_a_kind_that_is_taken_away_go() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        world.receiver().set(|mood| mood.parents.clear());
        set(&world, "tanks", &[tank(11, 1, 9, "重大")]);
        world.run().await;
        assert_eq!(owed(&world, "receiver").await.waiting, 1);
        world.activate(&only("\"tank\", \"alarm\"")).await;
        world.until_idle().await;
        assert_eq!(owed(&world, "receiver").await, Owed { owed: 1, confirmed: 1, ..Owed::default() });
    })
    .await;
}

#[tokio::test]
async fn children_before_parents_wait_and_go_by_themselves() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        set(&world, "alarms", &[alarm(21, 11, 1), alarm(22, 11, 2)]);
        world.run().await;
        set(&world, "tanks", &[tank(11, 1, 1, "重大")]);
        world.run().await;
        assert_eq!(owed(&world, "receiver").await.waiting, 3);
        assert_eq!(world.ledger().arrivals.len(), 0, "nobody was sent before its parent");
        set(&world, "plants", &[plant(1, 1, "甲")]);
        world.run().await;
        assert_eq!(owed(&world, "receiver").await, Owed { owed: 4, confirmed: 4, ..Owed::default() });
        let paths: Vec<String> = world.ledger().arrivals.into_iter().map(|arrival| arrival.path).collect();
        assert_eq!(paths, ["t_plant", "t_tank", "t_alarm"]);
    })
    .await;
}

#[tokio::test]
async fn records_marked_as_tests_are_excluded_unless_the_destination_takes_them() {
    on_both(async |db| {
        let takes = "batch = 3\ntakes_test = true";
        let files = Files::small().receiver("laboratory", 3);
        let files = files.replacing("destinations/laboratory/destination.toml", "batch = 3", takes);
        let mut world = World::new(db, &files).await;
        let mut row = plant(1, 1, "试验");
        row["test"] = json!("1");
        set(&world, "plants", &[row, plant(2, 1, "真的")]);
        world.run().await;
        assert_eq!(
            owed(&world, "receiver").await,
            Owed { owed: 1, confirmed: 1, excluded: 1, ..Owed::default() }
        );
        assert_eq!(owed(&world, "laboratory").await, Owed { owed: 2, confirmed: 2, ..Owed::default() });
        assert!(world.ledger().entry("t_plant", &wire(1)).is_none());
        set(&world, "plants", &[plant(1, 9, "试验")]);
        world.run().await;
        assert_eq!(
            owed(&world, "receiver").await,
            Owed { owed: 2, confirmed: 2, excluded: 1, ..Owed::default() }
        );
    })
    .await;
}
