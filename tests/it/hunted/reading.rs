//! Reading: passes that end, however slow, whatever is written in a row, and whatever changes under them.

use adapters::memory::MemoryPaging;
use chrono::{DateTime, TimeDelta};
use gateway::{ledger::Found, pipeline::Step};
use serde_json::json;
use tests::{
    Files, World,
    http::{Hub, Setup, sample},
    on_both,
    rows::{alarm, id, plant},
};

use super::{column, set};

const SOURCE_FILE: &str = "sources/park/source.toml";

/// Reads until nothing is left, waiting so long between two pages.
async fn read_slowly(world: &World, between: TimeDelta) {
    world.ask("park").await.unwrap();
    for _ in 0..20 {
        if world.pull("park").await.unwrap() == Step::Idle {
            return;
        }
        world.wait(between);
    }
    panic!("not read to its end in twenty pages");
}

/// A lease that ran out and that nobody else took is still ours: what its holder knows still holds.
#[tokio::test]
async fn a_pass_by_page_number_ends_however_long_its_pages_take() {
    on_both(async |db| {
        let world = World::new(db, &Files::small()).await;
        set(&world, "alarms", &(1..=9).map(|n| alarm(n, 11, 1)).collect::<Vec<_>>());
        for between in [TimeDelta::seconds(45), TimeDelta::minutes(10)] {
            let before = world.park().asked();
            read_slowly(&world, between).await;
            assert_eq!(world.park().asked() - before, 5, "a page of plants, one of tanks, three of alarms");
        }
        world.refine_all("park").await;
        let read = Found { found: 18, accepted: 9, unchanged: 9, ..Found::default() };
        assert_eq!(world.audit().await.sum, read);
    })
    .await;
}

#[tokio::test]
async fn a_pass_that_another_holder_read_in_between_begins_again() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        set(&world, "alarms", &(1..=9).map(|n| alarm(n, 11, 1)).collect::<Vec<_>>());
        world.ask("park").await.unwrap();
        for _ in 0..3 {
            world.pull("park").await.unwrap();
        }
        let other = world.replica("other");
        let slow = std::mem::replace(&mut world.context, other);
        world.wait(TimeDelta::minutes(10));
        world.pull("park").await.unwrap();
        world.wait(TimeDelta::minutes(10));
        world.context = slow;
        world.until_idle().await;
        assert_eq!(world.park().asked(), 2 + 1 + 1 + 3, "first pages thrice: the last pass is whole");
        assert_eq!(
            world.audit().await.sum,
            Found { found: 4 + 4 + 9, accepted: 9, unchanged: 8, ..Found::default() }
        );
    })
    .await;
}

#[tokio::test]
async fn a_pass_whose_pages_were_made_larger_under_it_skips_nothing() {
    on_both(async |db| {
        let four = Files::small();
        let two =
            four.clone().replacing(SOURCE_FILE, "kind = \"page\", size = 4", "kind = \"page\", size = 2");
        let mut world = World::new(db, &two).await;
        let rows: Vec<_> = (1..=9).map(|n| alarm(n, 11, 1)).collect();
        set(&world, "alarms", &rows);
        world.ask("park").await.unwrap();
        for _ in 0..3 {
            world.pull("park").await.unwrap();
        }
        world.activate(&four).await;
        world.park().offer("alarms", MemoryPaging::Page { size: 4 }, 3);
        set(&world, "alarms", &rows);
        let ended = world.until_idle().await;
        assert_eq!(ended.failed, Vec::<String>::new());
        assert_eq!(
            world.audit().await.sum,
            Found { found: 2 + 9, accepted: 9, unchanged: 2, ..Found::default() }
        );
    })
    .await;
}

/// PostgreSQL stores no NUL: a row that stands at the end of a page with one in its id must not stop the list.
#[tokio::test]
async fn a_nul_in_what_orders_a_list_costs_its_row_and_nobody_else() {
    on_both(async |db| {
        let mut world = World::new(db, &Files::small()).await;
        let mut last = plant(2, 9, "乙");
        last["id"] = "00000000-0000-4000-8000-\u{0}00000000002".into();
        set(&world, "plants", &[plant(1, 1, "甲"), last]);
        let ended = world.run().await;
        assert_eq!(ended.failed, Vec::<String>::new());
        set(&world, "plants", &[plant(3, 12, "丙")]);
        assert_eq!(world.run().await.failed, Vec::<String>::new());
        let sum = world.audit().await.sum;
        assert_eq!(sum, Found { found: 3, accepted: 2, rejected: 1, ..Found::default() });
    })
    .await;
}

#[tokio::test]
async fn a_nul_in_the_id_or_the_time_of_a_real_answer_costs_its_row_and_nobody_else() {
    on_both(async |db| {
        let hub = Hub::new(db, Setup::empty(sample::keyset("risk_unit", 2))).await;
        let rows = [
            sample::unit(1),
            sample::with(sample::unit(2), &json!({"id": format!("\u{0}{}", id(2))})),
            sample::with(sample::unit(3), &json!({"updateDate": "20240601080000\u{0}"})),
            sample::unit(4),
        ];
        hub.offer("risk_unit", &rows).await;
        assert_eq!(hub.run().await.failed, Vec::<String>::new());
        let sum = hub.audit().await.sum;
        assert_eq!(
            sum,
            Found { found: 5, accepted: 2, rejected: 3, ..Found::default() },
            "nothing can begin after such a row: it is read twice"
        );
        let words = column(db, "SELECT settled_id FROM cursor WHERE settled_id IS NOT NULL").await;
        assert!(words.iter().all(|word| !word.contains('\0')), "{words:?}");
    })
    .await;
}

/// A row dated years ahead, from a source that gives more than was asked for, is no sign that all before it was seen.
#[tokio::test]
async fn a_row_of_the_future_does_not_hide_those_that_come_after_it() {
    on_both(async |db| {
        let files = sample::keyset("risk_unit", 2).replacing(
            sample::SOURCE_FILE,
            "until = \"{until}\", afterTime",
            "afterTime",
        );
        let hub = Hub::new(db, Setup::empty(files)).await;
        let future = sample::with(sample::unit(2), &json!({"updateDate": "20360601080000"}));
        hub.offer("risk_unit", &[sample::unit(1), future]).await;
        assert_eq!(hub.run().await.failed, Vec::<String>::new());
        let (settled, _) = hub.cursor("risk_unit").await.settled.unwrap();
        let first = DateTime::parse_from_rfc3339("2024-06-01T08:00:00+08:00").unwrap();
        assert_eq!(settled, first.timestamp_millis());
        let today = sample::with(sample::unit(3), &json!({"updateDate": "20261123075900"}));
        hub.offer("risk_unit", &[today]).await;
        assert_eq!(hub.run().await.failed, Vec::<String>::new());
        assert_eq!(hub.audit().await.sum.accepted, 3);
    })
    .await;
}
