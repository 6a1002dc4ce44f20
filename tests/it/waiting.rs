//! Whoever waits for a parent: named, ended after the time a destination allows, and back when the parent comes.

use serde_json::Value;
use tests::{
    Files, World,
    http::sample,
    on_both,
    rows::{alarm, plant, tank, wire},
    stage::Stage,
    sweep::{Compared, sweep},
};

/// The receiver lets a record wait for a day.
fn for_a_day() -> Files {
    let path = "destinations/receiver/destination.toml";
    Files::small().replacing(path, "batch = 3", "batch = 3\nparent_wait = \"1d\"")
}

#[tokio::test]
async fn who_waited_too_long_counts_as_refused_and_comes_back_with_its_parent() {
    on_both(async |db| {
        let mut world = World::new(db, &for_a_day()).await;
        world.park().add("tanks", tank(11, 1, 1, "重大"));
        world.park().add("alarms", alarm(21, 11, 5));
        world.run().await;
        let first = world.audit().await.destinations["receiver"].sum;
        assert_eq!((first.owed, first.waiting, first.refused), (2, 2, 0), "{}", db.name);

        world.clock.advance(chrono::TimeDelta::hours(23));
        world.run().await;
        assert_eq!(world.audit().await.destinations["receiver"].sum.waiting, 2);
        world.clock.advance(chrono::TimeDelta::hours(2));
        world.run().await;
        let late = world.audit().await.destinations["receiver"].sum;
        assert_eq!((late.owed, late.waiting, late.refused, late.pending), (2, 0, 2, 0), "{}", db.name);
        let waiting = world.context.store.waiting_for("receiver", 10).await.unwrap();
        assert!(waiting.iter().all(|one| one.ended), "{waiting:?}");
        assert_eq!(waiting[0].parent_state, None);

        // one of them changes meanwhile: it waits anew, for its own time
        world.park().change("tanks", |rows| *rows = vec![tank(11, 9, 1, "一般")]);
        world.run().await;
        let anew = world.audit().await.destinations["receiver"].sum;
        assert_eq!((anew.owed, anew.waiting, anew.refused), (3, 1, 2), "{}", db.name);

        world.park().add("plants", plant(1, 10, "甲"));
        world.run().await;
        let back = world.audit().await;
        assert!(back.holds, "{:?}", back.broken);
        let sum = back.destinations["receiver"].sum;
        assert_eq!((sum.owed, sum.confirmed, sum.refused, sum.pending), (4, 3, 1, 0), "{}", db.name);
        assert!(world.ledger().entry("t_alarm", &wire(21)).is_some());
        assert_eq!(world.context.store.waiting_for("receiver", 10).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn whatever_breaks_once_while_they_wait_end_and_come_back_it_ends_the_same() {
    on_both(async |db| {
        let story = async |world: &mut World| {
            world.park().add("tanks", tank(11, 1, 1, "重大"));
            world.park().add("alarms", alarm(21, 11, 5));
            world.until_idle().await;
            world.run().await;
            world.clock.advance(chrono::TimeDelta::hours(30));
            world.until_idle().await;
            world.park().add("plants", plant(1, 10, "甲"));
            world.run().await;
            world.until_idle().await;
        };
        let swept = sweep(db, &for_a_day(), Compared { counts: false }, story).await;
        assert!(swept > 10, "{}: {swept}", db.name);
    })
    .await;
}

#[tokio::test]
async fn without_a_time_nobody_is_given_up() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        world.park().add("tanks", tank(11, 1, 1, "重大"));
        world.run().await;
        world.clock.advance(chrono::TimeDelta::days(4_000));
        world.run().await;
        let sum = world.audit().await.destinations["receiver"].sum;
        assert_eq!((sum.waiting, sum.refused), (1, 0), "{}", db.name);
    })
    .await;
}

#[tokio::test]
async fn people_are_told_who_waits_for_whom() {
    on_both(async |db| {
        let stage = Stage::new(&db.url, &sample::files(50)).await;
        let [_, event, measure] = sample::family(1);
        for (service, row) in [event, measure] {
            stage.park.post(&format!("/rows/{service}"), &Value::from(vec![row])).await;
        }
        stage.finish().await;
        let told: Value = serde_json::from_str(&stage.run(&["waiting", "--json"]).await.said(0)).unwrap();
        let parents: Vec<(&str, bool)> = told
            .as_array()
            .unwrap()
            .iter()
            .map(|line| (line["kind"].as_str().unwrap(), line["parent_state"].is_null()))
            .collect();
        assert_eq!(parents, [("risk_event", true), ("control_measure", false)], "{told}");
        let owed = |at: usize| (&told[at]["owed_by"], &told[at]["days"]);
        assert_eq!(owed(0), (&"national-park".into(), &0.into()), "{told}");
        assert_eq!(owed(1), (&Value::Null, &0.into()), "{told}");
        let shown = stage.run(&["waiting", "national"]).await.said(0);
        assert!(shown.contains("没有来过，多半也该由 national-park 报送"), "{shown}");
        assert!(shown.contains("自己也在等它的上级") && shown.contains("的 安全风险事件 "), "{shown}");
        assert!(stage.run(&["waiting", "nowhere"]).await.complained(2).contains("没有目的地 nowhere"));
        stage.family(1).await;
        stage.finish().await;
        assert!(stage.run(&["waiting"]).await.said(0).contains("没有在等上级的记录"));
    })
    .await;
}

#[test]
fn a_time_that_is_none_is_refused() {
    let (compiled, problems) = gateway::config::compile(
        for_a_day().replacing("destinations/receiver/destination.toml", "\"1d\"", "\"one day\"").revision(),
    );
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(
        compiled.is_none() && told.iter().any(|told| told.contains("parent_wait：“one day”不是时长")),
        "{told:?}"
    );
}
