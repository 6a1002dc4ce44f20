//! The sample park's records, served by the park simulator, read in pages, judged and sent to the simulated province:
//! exactly what `expected.json` says comes out, whatever the size of a page and whenever forwarding runs.

use std::collections::BTreeMap;

use gateway::{
    ledger::{Audit, Found},
    pipeline::Step,
};
use serde_json::{Value, json};
use tests::{
    http::{DESTINATION, Hub, Setup, sample},
    on_both,
};

const KINDS: [(&str, &str); 7] = [
    ("risk_unit", "sec_security_risk_unit"),
    ("risk_event", "sec_security_risk_events"),
    ("control_measure", "sec_security_risk_control_measures"),
    ("check_task", "sec_hidden_check_mission"),
    ("check_record", "sec_hidden_check_record"),
    ("hazard", "sec_hidden_danger_info"),
    ("unit_outage", "sec_deactivated_maintenance_record"),
];

async fn hub(db: &tests::Db, size: u32) -> Hub {
    Hub::new(db, Setup { sample: true, ..Setup::empty(sample::files(size)) }).await
}

#[tokio::test]
async fn pages_of_fifty_sent_when_all_is_judged() {
    on_both(async |db| {
        let hub = hub(db, 50).await;
        one_pass(&hub).await;
        as_expected(&hub, 0).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_five_sent_when_all_is_judged() {
    on_both(async |db| {
        let hub = hub(db, 5).await;
        one_pass(&hub).await;
        as_expected(&hub, 0).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_fifty_sent_after_every_page() {
    on_both(async |db| {
        let hub = hub(db, 50).await;
        page_by_page(&hub).await;
        as_expected(&hub, 0).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_five_sent_after_every_page() {
    on_both(async |db| {
        let hub = hub(db, 5).await;
        page_by_page(&hub).await;
        as_expected(&hub, 1).await;
    })
    .await;
}

async fn one_pass(hub: &Hub) {
    for told in [hub.pull().await, hub.refine().await, hub.forward().await] {
        assert_eq!(told.failed, Vec::<String>::new());
    }
}

async fn page_by_page(hub: &Hub) {
    hub.ask().await;
    loop {
        match hub.pull_step().await.unwrap() {
            Step::Did(_) => {
                hub.refine().await;
                assert_eq!(hub.forward().await.failed, Vec::<String>::new());
            }
            Step::Paced(moment) => hub.wait_until(moment),
            Step::Idle => return,
            other => panic!("{other:?}"),
        }
    }
}

/// Everything the fixture says. `sent_between`: versions that went out before a newer one of the same record came, as
/// far as that is decided by the pages.
async fn as_expected(hub: &Hub, sent_between: i64) {
    let expected = sample::expected();
    let audit = hub.audit().await;
    per_kind(&audit, &expected["per_kind"]);
    destination(&audit, &expected["destination"], sent_between);
    for planted in expected["planted"].as_array().unwrap() {
        defect(hub, planted).await;
    }
    ledger(hub, &audit, &expected).await;
}

fn per_kind(audit: &Audit, expected: &Value) {
    let mut kinds = serde_json::to_value(&audit.kinds).unwrap();
    for (kind, figures) in kinds.as_object_mut().unwrap() {
        figures["waiting"] = audit.destinations[DESTINATION].kinds[kind].waiting.into();
    }
    assert_eq!(&kinds, expected);
    let sum = audit.kinds.values().fold(Found::default(), |mut sum, figures| {
        sum.add(figures);
        sum
    });
    assert_eq!((sum, sum.judged()), (audit.sum, 471));
}

fn destination(audit: &Audit, expected: &Value, sent_between: i64) {
    let owed = audit.destinations[DESTINATION].sum;
    for (name, figure) in [
        ("owed", owed.owed),
        ("pending", owed.pending),
        ("waiting", owed.waiting),
        ("refused", owed.refused),
        ("abandoned", owed.abandoned),
        ("confirmed_plus_superseded", owed.confirmed + owed.superseded),
    ] {
        assert_eq!(json!(figure), expected[name], "{name}");
    }
    assert!(owed.superseded <= expected["superseded_at_most"].as_i64().unwrap());
    assert_eq!(
        owed.superseded,
        1 - sent_between,
        "whether the first state went out is a matter of the pages"
    );
    assert_eq!(owed.excluded, 0);
}

async fn defect(hub: &Hub, planted: &Value) {
    let text = |name: &str| planted[name].as_str().unwrap();
    let (kind, id, verdict) = (text("kind"), text("id"), text("verdict"));
    let explained = hub.explain(kind, id).await;
    let verdicts: Vec<&str> = explained.others.iter().map(|other| other.verdict.as_str()).collect();
    match verdict {
        "rejected" | "held" => {
            assert_eq!((explained.versions.len(), verdicts), (0, vec![verdict]), "{planted}");
            assert!(!explained.others[0].issues.is_empty(), "{planted}: no reason given");
        }
        "unchanged" => assert_eq!((explained.versions.len(), verdicts.len()), (1, 0), "{planted}"),
        _ if text("why").starts_with("second version") => {
            assert_eq!(explained.versions.len(), 2, "{planted}");
        }
        _ => assert_eq!(explained.versions.len(), 1, "{planted}"),
    }
    if let Some(state) = planted["delivery"].as_str() {
        assert_eq!(explained.versions[0].deliveries[0].state, state, "{planted}");
    }
}

async fn ledger(hub: &Hub, audit: &Audit, expected: &Value) {
    let ledger = hub.province.ledger().await;
    assert_eq!(ledger["distinct"], expected["destination"]["distinct_ids_received"]);
    assert_eq!(ledger["distinct"], hub.store().confirmed_records().await.unwrap());
    assert_eq!((&ledger["two_spellings"], &ledger["out_of_order_parents"]), (&json!(0), &json!(0)));
    for (id, state) in expected["destination"]["last_state"].as_object().unwrap() {
        assert_eq!(ledger["last"][id]["dangerState"], state["dangerState"], "{id}");
    }
    let received: BTreeMap<&str, i64> = KINDS
        .iter()
        .map(|(kind, path)| (*kind, ledger["kinds"][path]["received"].as_i64().unwrap()))
        .collect();
    let confirmed: BTreeMap<&str, i64> = audit.destinations[DESTINATION]
        .kinds
        .iter()
        .map(|(kind, owed)| (kind.as_str(), owed.confirmed))
        .collect();
    assert_eq!(received, confirmed, "nothing went twice, nothing went that is not in the ledger");
}
