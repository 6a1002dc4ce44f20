//! The hub by itself: it reads on schedule, missed runs once, from the beginning where told to, one replica at a time;
//! judges and sends what came without being asked, and ends when told.

use std::{sync::Arc, time::Duration};

use adapters::{Clock, ManualClock};
use chrono::{DateTime, TimeDelta, Utc};
use gateway::{
    ledger::{Found, Owed},
    pipeline::{
        Context, Step,
        pull::{Asked, ask_for_run},
    },
    scheduler::{node::Node, runs::Due, service},
};
use serde_json::json;
use tests::{
    Files,
    http::{
        DESTINATION, Hub, SOURCE, Setup,
        running::{JumpingClock, RunningClock, until},
        sample,
    },
    on_both,
    world::beginning,
};
use tokio_util::sync::CancellationToken;

/// Longest a hub may take to end when told.
const ENDS: Duration = Duration::from_secs(20);

fn scheduled(files: Files, lines: &str) -> Files {
    files
        .replacing(sample::SOURCE_FILE, "title = \"样例园区\"", &format!("title = \"样例园区\"\n{lines}"))
        .replacing("destinations/national/destination.toml", "requests_per_s = 5.0", "requests_per_s = 100.0")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Runs the hub until `enough`, then tells it to stop and waits for its end.
async fn run_until(node: Node, what: &str, enough: impl AsyncFn() -> bool) {
    let stop = CancellationToken::new();
    let running = service::run(Arc::new(node), stop.clone());
    let watching = async {
        until(what, enough).await;
        stop.cancel();
    };
    let both = async { tokio::join!(running, watching) };
    let (ended, ()) = tokio::time::timeout(ENDS + Duration::from_mins(2), both).await.unwrap();
    ended.unwrap();
}

async fn passes(hub: &Hub, service: &str) -> i64 {
    hub.park.json("/ledger").await["services"][service]["passes"].as_i64().unwrap()
}

async fn offer_clean(hub: &Hub) {
    for (service, rows) in sample::clean(2) {
        hub.offer(service, &rows).await;
    }
}

async fn all_confirmed(hub: &Hub, records: i64) -> bool {
    let audit = hub.store().audit().await.unwrap();
    audit.destinations[DESTINATION].sum == Owed { owed: records, confirmed: records, ..Owed::default() }
}

#[tokio::test]
async fn every_second_is_read_judged_and_sent_by_itself_and_the_end_is_clean() {
    on_both(async |db| {
        let hub =
            Hub::new(db, Setup::empty(scheduled(sample::files(50), "schedule = \"* * * * * *\""))).await;
        offer_clean(&hub).await;
        let node = hub.another(Arc::new(RunningClock::starting(beginning())), "hub");
        run_until(node, "three runs, and everything sent", async || {
            passes(&hub, "unit_outage").await >= 3 && all_confirmed(&hub, 14).await
        })
        .await;
        let audit = hub.audit().await;
        assert_eq!((audit.sum.accepted, audit.sum.rejected, audit.sum.held), (14, 0, 0));
        assert_eq!(hub.province.ledger().await["records_received"], 14, "what did not change did not go");

        // told to stop, it stopped: nobody asks the park any more, and a hub told before it began does nothing
        let before = hub.park.json("/ledger").await;
        let stop = CancellationToken::new();
        stop.cancel();
        let node = hub.another(Arc::new(RunningClock::starting(beginning() + TimeDelta::days(1))), "hub");
        tokio::time::timeout(ENDS, service::run(Arc::new(node), stop)).await.unwrap().unwrap();
        assert_eq!(hub.park.json("/ledger").await, before);
    })
    .await;
}

#[tokio::test]
async fn a_first_service_that_takes_longer_than_the_schedule_does_not_starve_the_last() {
    on_both(async |db| {
        let hub =
            Hub::new(db, Setup::empty(scheduled(sample::files(50), "schedule = \"* * * * * *\""))).await;
        offer_clean(&hub).await;
        hub.park.fault(&json!({"kind": "slow", "ms": 1_100, "times": 1_000, "service": "risk_unit"})).await;
        let node = hub.another(Arc::new(RunningClock::starting(beginning())), "hub");
        run_until(node, "two runs of the last", async || passes(&hub, "unit_outage").await >= 2).await;
    })
    .await;
}

/// A hub that begins at `start` and runs until its cursor of the units was read for a firing at `fired` or later.
async fn reads_for(hub: &Hub, start: &str, fired: &str) {
    let node = hub.another(Arc::new(RunningClock::starting(at(start))), "hub");
    run_until(node, fired, async || {
        let cursor = hub.cursor("unit_outage").await;
        !cursor.due
            && cursor.ran_for.is_some_and(|ran| ran >= at(fired))
            && passes(hub, "unit_outage").await > 0
    })
    .await;
}

#[tokio::test]
async fn a_line_of_the_crontab_is_kept_and_what_was_missed_is_one_run() {
    on_both(async |db| {
        // three in the morning in Shanghai is seven in the evening before, in UTC
        let hub = Hub::new(db, Setup::empty(scheduled(sample::files(50), "schedule = \"0 3 * * *\""))).await;
        offer_clean(&hub).await;
        reads_for(&hub, "2026-11-23T18:30:00Z", "2026-11-23T18:30:00Z").await;
        assert_eq!(passes(&hub, "risk_unit").await, 1, "what was never read is read at once");
        reads_for(&hub, "2026-11-23T18:59:59Z", "2026-11-23T19:00:00Z").await;
        assert_eq!(passes(&hub, "risk_unit").await, 2, "at three");
        reads_for(&hub, "2026-11-27T02:00:00Z", "2026-11-26T19:00:00Z").await;
        assert_eq!(passes(&hub, "risk_unit").await, 3, "three nights were missed: one run");
        let runs = hub.pinned().rules.source(SOURCE).unwrap().runs_of("risk_unit").unwrap();
        let ran = hub.cursor("risk_unit").await.ran_for;
        assert_eq!(ran, Some(at("2026-11-26T19:00:00Z")), "the run is for the last of them");
        let next = at("2026-11-27T19:00:00Z");
        assert_eq!(runs.due(ran, next - TimeDelta::seconds(1)), Due::No);
        assert_eq!(runs.due(ran, next), Due::Run(next));
    })
    .await;
}

/// How often a hub read that was down for three nights, once it is back and has made up for them.
async fn passes_after_three_nights(db: &tests::Db, missed: &str) -> i64 {
    let lines = format!("schedule = \"0 3 * * *\"\nmissed = \"{missed}\"");
    let hub = Hub::new(db, Setup::empty(scheduled(sample::files(50), &lines))).await;
    offer_clean(&hub).await;
    reads_for(&hub, "2026-11-23T19:00:00Z", "2026-11-23T19:00:00Z").await;
    let node = hub.another(Arc::new(RunningClock::starting(at("2026-11-27T02:00:00Z"))), "hub");
    run_until(node, missed, async || {
        let cursor = hub.cursor("unit_outage").await;
        !cursor.due && cursor.ran_for == Some(at("2026-11-26T19:00:00Z"))
    })
    .await;
    assert_eq!(hub.audit().await.sum.accepted, 14);
    passes(&hub, "unit_outage").await
}

#[tokio::test]
async fn what_was_missed_is_made_up_for_as_the_source_says() {
    for (missed, expected) in [("skip", 1), ("once", 2), ("each", 4)] {
        on_both(async |db| assert_eq!(passes_after_three_nights(db, missed).await, expected, "{missed}"))
            .await;
    }
}

#[tokio::test]
async fn a_full_read_finds_what_was_written_under_an_old_time() {
    on_both(async |db| {
        let lines = "schedule = \"* * * * * *\"\nfull_read = \"0 4 * * *\"";
        let hub = Hub::new(db, Setup::empty(scheduled(sample::keyset("risk_unit", 10), lines))).await;
        hub.offer("risk_unit", &[sample::with(sample::unit(1), &json!({"updateDate": "20261101080000"}))])
            .await;
        let accepted = async || hub.store().audit().await.unwrap().sum.accepted;
        let clock = |start: &str| Arc::new(RunningClock::starting(at(start)));

        let node = hub.another(clock("2026-11-23T19:00:00Z"), "hub");
        run_until(node, "the first read", async || accepted().await == 1).await;
        // far before the cursor less its overlap
        hub.offer("risk_unit", &[sample::with(sample::unit(2), &json!({"updateDate": "20260101080000"}))])
            .await;
        let before = passes(&hub, "risk_unit").await;
        let node = hub.another(clock("2026-11-23T19:30:00Z"), "hub");
        run_until(node, "two usual reads", async || passes(&hub, "risk_unit").await >= before + 2).await;
        assert_eq!(accepted().await, 1, "the usual read does not see it");
        let node = hub.another(clock("2026-11-23T19:59:59Z"), "hub");
        run_until(node, "the full read at four", async || accepted().await == 2).await;
        assert!(
            hub.cursor("risk_unit").await.full_for.is_some_and(|full| full >= at("2026-11-23T20:00:00Z"))
        );
    })
    .await;
}

#[tokio::test]
async fn one_node_at_a_time_reads_a_source_and_another_takes_over_when_it_is_gone() {
    on_both(async |db| {
        let hub = Hub::new(db, Setup::empty(sample::files(50))).await;
        offer_clean(&hub).await;
        let other = hub.another(Arc::new(hub.clock.clone()), "other");
        assert_eq!(ask(&hub, &hub.node.context).await, Step::Did(0));
        let Step::Elsewhere(holder, until) = ask(&hub, &other.context).await else { panic!("two at once") };
        assert!(holder == "hub" && until > hub.now(), "{holder} until {until}");

        hub.wait_until(until);
        assert_eq!(ask(&hub, &other.context).await, Step::Did(0), "its lease has run out");
        let late = hub.pull_step().await;
        assert!(!matches!(late, Ok(Step::Did(_))), "the first comes back too late: {late:?}");
        assert_eq!(hub.audit().await.sum, Found::default());
    })
    .await;
}

async fn ask(hub: &Hub, context: &Context) -> Step {
    let source = hub.pinned().rules.source(SOURCE).unwrap();
    let services: Vec<_> = source.services.iter().collect();
    ask_for_run(context, source, &services, Asked { fired: None, full: true }).await.unwrap()
}

#[tokio::test]
async fn two_replicas_on_one_ledger_read_and_send_everything_once() {
    let Some(db) = tests::Db::postgres().await else { return };
    // a hint does not reach another replica: what one landed and the other judges waits for the slow activation
    let files = sample::files(3).replacing("lianwang.toml", "zone =", "repair_s = 1\nzone =");
    let hub = Hub::new(&db, Setup::empty(scheduled(files, "schedule = \"* * * * * *\""))).await;
    offer_clean(&hub).await;
    let clock = RunningClock::starting(beginning());
    let stop = CancellationToken::new();
    let replica = |name: &str| service::run(Arc::new(hub.another(Arc::new(clock), name)), stop.clone());
    let enough = async {
        until("everything sent", async || all_confirmed(&hub, 14).await).await;
        stop.cancel();
    };
    let both = async { tokio::join!(replica("a"), replica("b"), enough) };
    let (a, b, ()) = tokio::time::timeout(ENDS + Duration::from_mins(2), both).await.unwrap();
    a.unwrap();
    b.unwrap();
    assert_eq!(hub.audit().await.sum.accepted, 14);
    let ledger = hub.province.ledger().await;
    assert_eq!((&ledger["distinct"], &ledger["records_received"]), (&json!(14), &json!(14)));
    db.close().await;
}

/// An hour forward, back to where it was, an hour too far back, and forward again.
#[tokio::test]
async fn a_clock_that_jumps_by_an_hour_stops_nothing_and_loses_and_doubles_nothing() {
    on_both(async |db| {
        let files = sample::files(3).replacing("lianwang.toml", "zone =", "repair_s = 1\nzone =");
        let hub = Hub::new(db, Setup::empty(scheduled(files, "schedule = \"* * * * * *\""))).await;
        let clock = JumpingClock::starting(beginning());
        let node = hub.another(Arc::new(clock.clone()), "hub");
        let stop = CancellationToken::new();
        let jumping = async {
            for (n, minutes) in (1..).zip([0, 60, -60, -60, 60]) {
                clock.jump(TimeDelta::minutes(minutes));
                for (service, row) in sample::family(n) {
                    hub.offer(service, &[row]).await;
                }
                until("everything sent", async || all_confirmed(&hub, 3 * i64::from(n)).await).await;
            }
            stop.cancel();
        };
        let (ended, ()) = tokio::join!(service::run(Arc::new(node), stop.clone()), jumping);
        ended.unwrap();
        assert_eq!(hub.audit().await.sum.accepted, 15);
        let ledger = hub.province.ledger().await;
        assert_eq!((&ledger["distinct"], &ledger["records_received"]), (&json!(15), &json!(15)));
    })
    .await;
}

#[test]
fn a_manual_clock_and_a_running_one_begin_alike() {
    let (manual, running) = (ManualClock::starting(beginning()), RunningClock::starting(beginning()));
    assert_eq!(manual.now(), beginning());
    assert!(running.now() >= beginning() && running.now() < beginning() + TimeDelta::minutes(1));
}
