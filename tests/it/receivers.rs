//! What the province may do to us, over real HTTP: take, refuse by name or without, be busy, be down, break off, be slow,
//! talk nonsense. Nothing is lost, nothing becomes two records, nothing goes too fast.

use adapters::sim::OnBad;
use chrono::TimeDelta;
use gateway::{
    ledger::{Found, Owed},
    pipeline::Step,
};
use serde_json::{Value, json};
use tests::{
    Files,
    http::{DESTINATION, Hub, Setup, sample},
    on_both,
    rows::{id, wire},
    state::Asked,
};

const UNIT: &str = "sec_security_risk_unit";
const DESTINATION_FILE: &str = "destinations/national/destination.toml";
const NONE: Vec<String> = Vec::new();

async fn offer_clean(hub: &Hub, families: u32) {
    for (service, rows) in sample::clean(families) {
        hub.offer(service, &rows).await;
    }
}

async fn owed(hub: &Hub) -> Owed {
    hub.audit().await.destinations[DESTINATION].sum
}

async fn requests(hub: &Hub) -> i64 {
    hub.province.ledger().await["requests"].as_i64().unwrap()
}

#[tokio::test]
async fn a_clean_batch_is_all_confirmed_and_its_touched_copy_sends_nothing() {
    on_both(async |db| {
        let hub = Hub::new(db, Setup::empty(sample::files(50))).await;
        offer_clean(&hub, 3).await;
        assert_eq!(hub.run().await.failed, NONE);
        assert_eq!(hub.audit().await.sum, Found { found: 21, accepted: 21, ..Found::default() });
        let all = Owed { owed: 21, confirmed: 21, ..Owed::default() };
        assert_eq!(owed(&hub).await, all);
        let ledger = hub.province.ledger().await;
        assert_eq!((&ledger["distinct"], &ledger["records_received"]), (&json!(21), &json!(21)));

        hub.clock.advance(TimeDelta::hours(12));
        hub.park.post("/touch", &json!({})).await;
        assert_eq!(hub.run().await.failed, NONE);
        assert_eq!(
            hub.audit().await.sum,
            Found { found: 42, accepted: 21, unchanged: 21, ..Found::default() }
        );
        assert_eq!(owed(&hub).await, all);
        assert_eq!(hub.province.ledger().await, ledger, "nothing went");
    })
    .await;
}

#[tokio::test]
async fn children_before_their_parents_wait_and_go_by_themselves() {
    on_both(async |db| {
        // the park has no units yet: the service is there and empty
        let hub = Hub::new(db, Setup::empty(sample::files(50))).await;
        for (service, rows) in sample::clean(3).iter().skip(1) {
            hub.offer(service, rows).await;
        }
        assert_eq!(hub.run().await.failed, NONE);
        assert_eq!(owed(&hub).await, Owed { owed: 18, pending: 18, waiting: 18, ..Owed::default() });
        assert_eq!(requests(&hub).await, 0);

        hub.offer("risk_unit", &sample::clean(3)[0].1).await;
        assert_eq!(hub.run().await.failed, NONE);
        assert_eq!(owed(&hub).await, Owed { owed: 21, confirmed: 21, ..Owed::default() });
        let ledger = hub.province.ledger().await;
        assert_eq!((&ledger["distinct"], &ledger["out_of_order_parents"]), (&json!(21), &json!(0)));
        assert_eq!(ledger["two_spellings"], 0);
    })
    .await;
}

/// Twenty units; the hub warns of the seventh's hazardCode, the province refuses it.
async fn twenty_with_one_guilty(db: &tests::Db, on_bad: OnBad) -> Hub {
    let hub = Hub::new(db, Setup { on_bad, ..Setup::empty(sample::files(50)) }).await;
    let guilty = |n| if n == 7 { json!({"hazardCode": "41090001700"}) } else { json!({}) };
    let rows: Vec<Value> = (1..=20).map(|n| sample::with(sample::unit(n), &guilty(n))).collect();
    hub.offer("risk_unit", &rows).await;
    assert_eq!(hub.run().await.failed, NONE, "a refusal of a row is no failure of the receiver");
    assert_eq!(owed(&hub).await, Owed { owed: 20, confirmed: 19, refused: 1, ..Owed::default() });
    hub
}

/// Nineteen records, none of them two, each received so often.
async fn nineteen_seen(hub: &Hub, times: u64) {
    let ledger = hub.province.ledger().await;
    assert_eq!((&ledger["distinct"], &ledger["two_spellings"]), (&json!(19), &json!(0)));
    let last = ledger["last"].as_object().unwrap();
    assert!(!last.contains_key(&wire(7)));
    for (id, record) in last {
        assert_eq!(record["seen"], times, "{id}");
    }
}

#[tokio::test]
async fn one_guilty_row_named_by_a_receiver_that_takes_the_rest() {
    on_both(async |db| {
        let hub = twenty_with_one_guilty(db, OnBad::TakeRest).await;
        nineteen_seen(&hub, 2).await;
        assert_eq!(requests(&hub).await, 2, "the unnamed go again in one new batch");
        let explained = hub.explain("risk_unit", &id(7)).await;
        let delivery = &explained.versions[0].deliveries[0];
        assert_eq!(delivery.state, "refused");
        assert_eq!(delivery.answer.as_deref(), Some("hazardCode 格式错误：应为12位数字"));
    })
    .await;
}

#[tokio::test]
async fn one_guilty_row_named_by_a_receiver_that_refuses_all() {
    on_both(async |db| {
        let hub = twenty_with_one_guilty(db, OnBad::RefuseAll).await;
        nineteen_seen(&hub, 1).await;
        assert_eq!(requests(&hub).await, 2);
    })
    .await;
}

#[tokio::test]
async fn one_guilty_row_unnamed_is_found_by_halves() {
    on_both(async |db| {
        let hub = twenty_with_one_guilty(db, OnBad::RefuseUnnamed).await;
        nineteen_seen(&hub, 1).await;
        assert_eq!(hub.explain("risk_unit", &id(7)).await.versions[0].deliveries[0].state, "refused");
        // 20 → 10+10 → 5+5 → 3+2 → 2+1 → 1+1, one of each pair taken whole
        let requests = requests(&hub).await;
        assert!((9..=11).contains(&requests), "{requests}");
    })
    .await;
}

#[tokio::test]
async fn a_receiver_that_refuses_everything_is_ill_and_its_rows_are_not() {
    on_both(async |db| {
        let hub = Hub::new(db, Setup::empty(sample::files(50))).await;
        hub.offer("risk_unit", &(1..=4).map(sample::unit).collect::<Vec<_>>()).await;
        hub.province.fault(&json!({"kind": "refuse_without_names", "times": 1000})).await;
        hub.pull().await;
        hub.refine().await;
        let told = hub.forward().await;
        assert!(told.later.is_some(), "{told:?}");
        assert_eq!(owed(&hub).await, Owed { owed: 4, pending: 4, ..Owed::default() });
        hub.province.fault(&json!({"kind": "refuse_without_names", "times": 0})).await;
        hub.run().await;
        assert_eq!(owed(&hub).await, Owed { owed: 4, confirmed: 4, ..Owed::default() });
    })
    .await;
}

/// What one fault does to a batch.
struct Case {
    order: Value,
    /// Whether nobody can know if the batch was taken.
    unknown: bool,
    /// How often the province has taken the record in the end.
    seen: u64,
    /// How long until the batch goes again, at the least the first step of the schedule.
    wait_s: i64,
}

fn cases() -> Vec<Case> {
    let case = |order, unknown, seen, wait_s| Case { order, unknown, seen, wait_s };
    vec![
        case(json!({"kind": "busy", "ms": 30_000}), false, 1, 30),
        case(json!({"kind": "busy", "ms": 3_000}), false, 1, 10),
        case(json!({"kind": "down"}), false, 1, 10),
        case(json!({"kind": "refuse_credential"}), false, 1, 10),
        case(json!({"kind": "refuse_without_names", "message": "系统正忙"}), false, 1, 10),
        case(json!({"kind": "cut_before_taking"}), true, 1, 10),
        case(json!({"kind": "cut_after_taking"}), true, 2, 10),
        case(json!({"kind": "garbage"}), true, 2, 10),
        case(json!({"kind": "name_stranger"}), true, 2, 10),
        case(json!({"kind": "slow", "ms": 20_000}), true, 2, 10),
    ]
}

#[tokio::test]
async fn whatever_the_receiver_does_the_same_bytes_go_again_and_make_no_second_record() {
    on_both(async |db| {
        let files = sample::files(50).replacing(DESTINATION_FILE, "timeout_ms = 60000", "timeout_ms = 2000");
        let hub = Hub::new(db, Setup::empty(files)).await;
        let asked = Asked::open(db).await;
        for (case, n) in cases().into_iter().zip(1_u32..) {
            hub.offer("risk_unit", &[sample::unit(n)]).await;
            hub.pull().await;
            hub.refine().await;
            meets(&hub, &asked, &case, n).await;
        }
        asked.close().await;
        let all = i64::try_from(cases().len()).unwrap();
        assert_eq!(owed(&hub).await, Owed { owed: all, confirmed: all, ..Owed::default() });
        let ledger = hub.province.ledger().await;
        assert_eq!((&ledger["distinct"], &ledger["two_spellings"]), (&json!(all), &json!(0)));
    })
    .await;
}

async fn meets(hub: &Hub, asked: &Asked, case: &Case, n: u32) {
    let told = &case.order;
    let before = hub.province.ledger().await;
    hub.province.fault(&case.order).await;
    let failed = hub.forward().await;
    assert_eq!(failed.failed.len(), 1, "{told}: {failed:?}");
    assert_eq!(failed.later, Some(hub.now() + TimeDelta::seconds(case.wait_s)), "{told}");
    let state: Vec<String> = asked.column("SELECT state FROM batch WHERE state <> 'settled'").await;
    assert_eq!(state.iter().any(|state| state == "unknown"), case.unknown, "{told}: {state:?}");
    assert_eq!(state.len(), 1, "{told}");
    let is_sent = asked.number("SELECT COUNT(*) FROM delivery WHERE state = 'sent'").await;
    assert_eq!(is_sent, 1, "{told}: a row of an open batch stays in it");

    hub.wait_until(failed.later.unwrap());
    assert_eq!(hub.forward().await.failed, NONE, "{told}");
    let after = hub.province.ledger().await;
    let more = |name: &str| after[name].as_i64().unwrap() - before[name].as_i64().unwrap();
    assert_eq!((more("requests"), more("batches"), more("distinct")), (2, 1, 1), "{told}");
    assert_eq!(after["last"][wire(n)]["seen"], case.seen, "{told}");
    let sql = "SELECT COUNT(*) FROM attempt WHERE batch = (SELECT id FROM batch ORDER BY no DESC LIMIT 1)";
    assert_eq!(asked.number(sql).await, 2, "{told}");
}

#[tokio::test]
async fn nothing_goes_faster_than_the_limit_on_the_receivers_clock_over_a_restart_either() {
    on_both(async |db| {
        let files = sample::files(50)
            .replacing(DESTINATION_FILE, "requests_per_s = 5.0", "requests_per_s = 1.0")
            .replacing(DESTINATION_FILE, "batch = 20", "batch = 1");
        let mut hub = Hub::new(db, Setup::empty(files)).await;
        hub.offer("risk_unit", &(1..=6).map(sample::unit).collect::<Vec<_>>()).await;
        hub.pull().await;
        hub.refine().await;
        let begun = hub.now();
        for sent in 1..=6 {
            while requests(&hub).await < sent {
                if let Step::Paced(moment) = hub.forward_step().await.unwrap() {
                    hub.wait_until(moment);
                }
            }
            if sent % 2 == 0 {
                hub.restart();
                let at_once = hub.forward_step().await.unwrap();
                let waits = matches!(at_once, Step::Paced(moment) if moment > hub.now());
                assert!(waits || sent == 6, "a new process knows of the last request: {at_once:?}");
            }
        }
        hub.forward().await;
        assert_eq!(hub.province.ledger().await["max_in_any_second"], 1);
        assert!(hub.now() - begun >= TimeDelta::seconds(5), "{}", hub.now() - begun);
        assert_eq!(owed(&hub).await, Owed { owed: 6, confirmed: 6, ..Owed::default() });
    })
    .await;
}

/// The park writes levels in its own words; its table lacks one.
fn with_words() -> Files {
    sample::files(50)
        .replacing(
            "sources/national-park/hazard.toml",
            "dangerLevel = \"dangerLevel\"",
            "dangerLevel = { from = \"dangerLevel\", table = \"park-level\" }",
        )
        .with(TABLE, "from,code\n一般,0\n")
}

const TABLE: &str = "tables/park-level.csv";

#[tokio::test]
async fn an_unknown_code_holds_its_records_and_a_changed_table_releases_them_alone() {
    on_both(async |db| {
        let mut hub = Hub::new(db, Setup::empty(with_words())).await;
        for (service, rows) in sample::clean(1).iter().filter(|(service, _)| *service != "hazard") {
            hub.offer(service, rows).await;
        }
        let hazard = |n, changes: Value| sample::with(sample::hazard(n, 12, 14), &changes);
        let rows = [
            hazard(101, json!({"dangerLevel": "一般"})),
            hazard(102, json!({"dangerLevel": "特大"})),
            hazard(103, json!({"dangerLevel": "一般", "registTime": "20240231000000"})),
            hazard(104, json!({"dangerLevel": "一般", "dangerState": "5"})),
            hazard(105, json!({"dangerLevel": "特大"})),
        ];
        hub.offer("hazard", &rows).await;
        assert_eq!(hub.run().await.failed, NONE);
        let before = hub.audit().await;
        assert_eq!(
            before.kinds["hazard"],
            Found { found: 5, accepted: 1, rejected: 1, held: 3, ..Found::default() }
        );
        assert_eq!(before.sum, Found { found: 11, accepted: 7, rejected: 1, held: 3, ..Found::default() });
        assert_eq!((owed(&hub).await.confirmed, requests(&hub).await), (7, 7));

        hub.activate(&with_words().with(TABLE, "from,code\n一般,0\n特大,1\n")).await;
        assert_eq!(hub.refine().await.records, 3, "only what was held is judged again");
        assert_eq!(hub.forward().await.records, 2);
        let after = hub.audit().await;
        assert_eq!(
            after.kinds["hazard"],
            Found { found: 5, accepted: 3, rejected: 1, held: 1, ..Found::default() }
        );
        assert_eq!(after.sum, Found { found: 11, accepted: 9, rejected: 1, held: 1, ..Found::default() });
        assert_eq!((owed(&hub).await.confirmed, requests(&hub).await), (9, 8));
        assert_eq!(hub.province.ledger().await["kinds"]["sec_hidden_danger_info"]["distinct"], 3);
        assert_eq!(hub.province.ledger().await["kinds"][UNIT]["received"], 1);
        for (n, verdict) in [(103, "rejected"), (104, "held")] {
            let explained = hub.explain("hazard", &wire(n)).await;
            assert_eq!((explained.versions.len(), explained.others[0].verdict.as_str()), (0, verdict));
        }
    })
    .await;
}
