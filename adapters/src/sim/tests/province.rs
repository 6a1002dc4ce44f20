//! The province's receiver: batches taken and refused, faults, ledger, restart.

use std::{path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use super::wire::{self, Read, Wire};
use crate::{
    ManualClock,
    codec::cipher::Cipher,
    sim::province::{OnBad, ProvinceOptions, router},
};

const KEY: [u8; 16] = *b"0123456789abcdef";
const IV: [u8; 16] = *b"0000000000000000";
const UNITS: &str = "sec_security_risk_unit";
const EVENTS: &str = "sec_security_risk_events";

fn options() -> ProvinceOptions {
    ProvinceOptions::new(KEY, IV)
}

async fn province(options: &ProvinceOptions) -> (Wire, ManualClock) {
    let clock = ManualClock::starting(DateTime::from_timestamp(1_722_441_600, 0).unwrap());
    (Wire::serving(router(options, Arc::new(clock.clone())).unwrap()).await, clock)
}

fn id(number: u32) -> String {
    format!("{number:032x}")
}

fn common(number: u32) -> Value {
    json!({
        "id": id(number), "companyCode": "410900017", "deleted": "0", "createDate": "20240601080000",
        "createBy": "系统", "updateDate": "20240601080000", "updateBy": "系统",
    })
}

fn with(mut record: Value, fields: &Value) -> Value {
    record.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    record
}

fn unit(number: u32) -> Value {
    with(
        common(number),
        &json!({"hazardCode": "410900017001", "hazardDep": "生产部", "hazardLiablePerson": "某某", "riskUnitName": "罐区"}),
    )
}

fn event(number: u32, unit: u32) -> Value {
    with(common(number), &json!({"riskUnitId": id(unit), "riskEventName": "泄漏"}))
}

fn sealed(records: &[Value]) -> Value {
    let plain = serde_json::to_vec(records).unwrap();
    json!({ "datas": Cipher::new(&KEY, &IV).seal(&plain) })
}

async fn send(wire: &Wire, path: &str, records: &[Value]) -> Read {
    wire::json(wire.post(&format!("/{path}"), &sealed(records)).send().await.unwrap()).await
}

/// `data.code` and the named ids.
fn told(answer: &Read) -> (String, Vec<String>) {
    assert_eq!((answer.0, &answer.1["success"]), (200, &json!(true)), "{}", answer.1);
    let named = answer.1["data"]["data"].as_array().unwrap();
    let ids = named.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    (answer.1["data"]["code"].as_str().unwrap().to_owned(), ids)
}

#[tokio::test]
async fn a_good_batch_is_taken_and_its_children_after_it() {
    let (wire, _) = province(&options()).await;
    let early = send(&wire, EVENTS, &[event(11, 1)]).await;
    assert_eq!(told(&early), ("500".to_owned(), vec![id(11)]));
    assert_eq!(early.1["data"]["data"][0]["msg"], "riskUnitId 不存在，请先上传上级数据");
    assert_eq!(told(&send(&wire, UNITS, &[unit(1), unit(2)]).await), ("200".to_owned(), vec![]));
    assert_eq!(told(&send(&wire, EVENTS, &[event(11, 1)]).await), ("200".to_owned(), vec![]));
    assert_eq!(
        wire.read("/ledger").await,
        json!({
            "requests": 3, "batches": 2, "records_received": 4, "distinct": 3, "two_spellings": 0,
            "out_of_order_parents": 1, "max_in_any_second": 3,
            "kinds": {
                UNITS: { "distinct": 2, "received": 2, "refused": 0 },
                EVENTS: { "distinct": 1, "received": 2, "refused": 1 },
            },
        })
    );
}

#[tokio::test]
async fn where_parents_came_some_other_way_none_is_missed() {
    let (wire, _) = province(&ProvinceOptions { parents_elsewhere: true, ..options() }).await;
    assert_eq!(told(&send(&wire, EVENTS, &[event(11, 1)]).await), ("200".to_owned(), vec![]));
    assert_eq!(wire.read("/ledger").await["out_of_order_parents"], 0);
}

#[tokio::test]
async fn one_guilty_row_among_twenty_is_named_at_each_kind_of_receiver() {
    for (on_bad, named, distinct) in [
        (OnBad::TakeRest, vec![id(7)], 19),
        (OnBad::RefuseAll, vec![id(7)], 0),
        (OnBad::RefuseUnnamed, vec![], 0),
    ] {
        let (wire, _) = province(&ProvinceOptions { on_bad, ..options() }).await;
        let mut batch: Vec<Value> = (1..=20).map(unit).collect();
        batch[6]["riskUnitName"] = json!("");
        let answer = send(&wire, UNITS, &batch).await;
        assert_eq!(told(&answer), ("500".to_owned(), named), "{on_bad:?}");
        assert_eq!(wire.read("/ledger").await["distinct"], distinct, "{on_bad:?}");
    }
}

#[tokio::test]
async fn a_record_sent_again_is_one_and_another_spelling_of_it_is_noticed() {
    let (wire, _) = province(&options()).await;
    for spelled in [id(0xabc), id(0xabc), id(0xabc).to_uppercase()] {
        send(&wire, UNITS, &[with(unit(0), &json!({ "id": spelled }))]).await;
    }
    let ledger = wire.read("/ledger?full=1").await;
    assert_eq!(
        (&ledger["distinct"], &ledger["two_spellings"], &ledger["batches"]),
        (&json!(1), &json!(1), &json!(2))
    );
    assert_eq!(ledger["last"][id(0xabc)]["seen"], 3);
}

#[tokio::test]
async fn what_cannot_be_opened_or_has_no_place_is_said_so() {
    let (wire, _) = province(&options()).await;
    let other = json!({ "datas": Cipher::new(&IV, &KEY).seal(b"[]") });
    for body in [other, json!({}), json!({"datas": "@@"}), sealed(&[]).as_object().unwrap()["datas"].clone()]
    {
        let (status, answer) =
            wire::json(wire.post("/sec_security_risk_unit", &body).send().await.unwrap()).await;
        assert_eq!((status, &answer["code"]), (500, &json!(501)), "{body}");
    }
    assert_eq!(send(&wire, "sec_nothing", &[]).await.0, 404);
    assert_eq!(told(&send(&wire, UNITS, &[json!(7)]).await), ("500".to_owned(), vec![String::new()]));
}

#[tokio::test]
async fn a_password_is_asked_for_and_each_company_sends_its_own() {
    let (wire, _) = province(&ProvinceOptions { password: Some("pw".to_owned()), ..options() }).await;
    let body = sealed(&[unit(1)]);
    let send = |user: &'static str, password: &'static str| {
        wire.post(&format!("/{UNITS}"), &body).basic_auth(user, Some(password)).send()
    };
    assert_eq!(wire::json(wire.post(&format!("/{UNITS}"), &body).send().await.unwrap()).await.0, 401);
    assert_eq!(wire::json(send("410900017", "no").await.unwrap()).await.0, 401);
    assert_eq!(told(&wire::json(send("410600021", "pw").await.unwrap()).await).0, "500");
    assert_eq!(told(&wire::json(send("410900017", "pw").await.unwrap()).await).0, "200");
}

#[tokio::test]
async fn faults_before_and_after_taking() {
    let (wire, _) = province(&options()).await;
    let path = format!("/{UNITS}");
    let distinct = || async { wire.read("/ledger").await["distinct"].as_u64().unwrap() };

    wire.order("/fault", json!({"kind": "cut_before_taking"})).await;
    assert!(wire.post(&path, &sealed(&[unit(1)])).send().await.is_err());
    assert_eq!(distinct().await, 0);

    wire.order("/fault", json!({"kind": "cut_after_taking"})).await;
    assert!(wire.post(&path, &sealed(&[unit(1)])).send().await.is_err());
    assert_eq!(distinct().await, 1);

    wire.order("/fault", json!({"kind": "garbage"})).await;
    let garbage = wire.post(&path, &sealed(&[unit(2)])).send().await.unwrap();
    assert!(garbage.text().await.unwrap().starts_with("<!DOCTYPE html>"));
    assert_eq!(distinct().await, 2);

    wire.order("/fault", json!({"kind": "slow", "ms": 2_000})).await;
    let slow = wire.post(&path, &sealed(&[unit(3)])).timeout(Duration::from_millis(200)).send().await;
    assert!(slow.unwrap_err().is_timeout());
    assert_eq!(distinct().await, 3);

    wire.order("/fault", json!({"kind": "refuse_without_names", "message": "系统繁忙"})).await;
    let refused = send(&wire, UNITS, &[unit(4)]).await;
    assert_eq!((told(&refused), &refused.1["data"]["msg"]), (("500".to_owned(), vec![]), &json!("系统繁忙")));
    assert_eq!(distinct().await, 3);

    wire.order("/fault", json!({"kind": "name_stranger"})).await;
    assert_eq!(told(&send(&wire, UNITS, &[unit(4)]).await).1, ["f".repeat(32)]);
    assert_eq!(distinct().await, 4);

    for (kind, status) in [("busy", 429), ("down", 503), ("refuse_credential", 401)] {
        wire.order("/fault", json!({"kind": kind})).await;
        assert_eq!(send(&wire, UNITS, &[unit(5)]).await.0, status, "{kind}");
    }
    assert_eq!(distinct().await, 4);
    assert_eq!(told(&send(&wire, UNITS, &[unit(5)]).await).0, "200");
}

#[tokio::test]
async fn a_restarted_receiver_remembers_what_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let ledger: PathBuf = folder.path().join("ledger.ndjson");
    let options = ProvinceOptions { ledger: Some(ledger.clone()), ..options() };
    let (first, _) = province(&options).await;
    send(&first, UNITS, &[unit(1), with(unit(2), &json!({"deleted": "7"}))]).await;
    let before = first.read("/ledger?full=1").await;
    let (second, _) = province(&options).await;
    let mut after = second.read("/ledger?full=1").await;
    after["max_in_any_second"] = before["max_in_any_second"].clone();
    assert_eq!(after, before);
    assert_eq!(told(&send(&second, EVENTS, &[event(11, 1)]).await).0, "200");
    let text = std::fs::read_to_string(&ledger).unwrap();
    assert_eq!(text.lines().count(), 2);
    assert!(!text.contains("某某"), "the ledger file holds no personal data");
}

#[tokio::test]
async fn the_fullest_second_is_measured_by_the_receivers_clock() {
    let (wire, clock) = province(&options()).await;
    for _ in 0..3 {
        send(&wire, UNITS, &[]).await;
        clock.advance(TimeDelta::milliseconds(400));
    }
    clock.advance(TimeDelta::seconds(5));
    send(&wire, UNITS, &[]).await;
    assert_eq!(wire.read("/ledger").await["max_in_any_second"], 3);
}

#[tokio::test]
async fn the_sample_park_posted_as_it_is_leaves_only_its_defects() {
    let (wire, _) = province(&options()).await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/national-park");
    let mut refused = Vec::new();
    for (file, path) in [
        ("risk_unit", UNITS),
        ("risk_event", EVENTS),
        ("control_measure", "sec_security_risk_control_measures"),
        ("check_task", "sec_hidden_check_mission"),
        ("check_record", "sec_hidden_check_record"),
        ("hazard", "sec_hidden_danger_info"),
        ("unit_outage", "sec_deactivated_maintenance_record"),
    ] {
        let text = std::fs::read_to_string(folder.join(format!("{file}.json"))).unwrap();
        let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
        for batch in rows.chunks(20) {
            refused.extend(told(&send(&wire, path, batch).await).1);
        }
    }
    let planted = [
        "83772afd80d059ed8b9ea8441f31b59d",
        "88eb9c9b61e450d09b13988d332f5e86",
        "0c0b2428156959deba774f5cbeedc6ec",
        "8839d356f7875a0b8010d454645c55f8",
        "f977a2c99d705032820602c204050c82",
        "a5497a6631c15271894fabb6bb4ba970",
        "401050b13e0b5055b91af0a38d343451",
        "6fca01da50545027981816d8b0d70850",
    ];
    let normal = |id: &String| id.replace('-', "").to_lowercase();
    assert_eq!(refused.iter().map(normal).collect::<Vec<_>>(), planted);
    let ledger = wire.read("/ledger?full=1").await;
    assert_eq!((&ledger["records_received"], &ledger["distinct"]), (&json!(471), &json!(460)));
    assert_eq!(ledger["last"]["674f59958395562b8f26c02b303a12d1"]["dangerState"], "1");
}

#[tokio::test]
async fn a_batch_with_photos_is_not_too_large() {
    let (wire, _) = province(&options()).await;
    let photo = "A".repeat(6 << 20);
    let answer = send(&wire, UNITS, &[with(unit(1), &json!({ "attachments1": photo }))]).await;
    assert_eq!(told(&answer).0, "200");
}

#[tokio::test]
async fn batches_sent_at_once_are_all_taken_and_counted() {
    let (wire, _) = province(&options()).await;
    let posts = (0..8_u32).map(|part| {
        let batch: Vec<Value> = (0..5).map(|number| unit(part * 4 + number)).collect();
        wire.post(&format!("/{UNITS}"), &sealed(&batch))
    });
    let mut waiting = tokio::task::JoinSet::new();
    for post in posts {
        waiting.spawn(post.send());
    }
    for answer in waiting.join_all().await {
        assert_eq!(told(&wire::json(answer.unwrap()).await).0, "200");
    }
    // each batch shares one unit with the next
    let ledger = wire.read("/ledger").await;
    assert_eq!(
        (&ledger["requests"], &ledger["records_received"], &ledger["distinct"]),
        (&json!(8), &json!(40), &json!(33))
    );
}

#[tokio::test]
async fn a_fault_waits_and_keeps_to_its_path() {
    let (wire, _) = province(&options()).await;
    wire.order("/fault", json!({"kind": "down", "times": 2, "skip": 1, "service": UNITS})).await;
    let mut statuses = Vec::new();
    for path in [EVENTS, UNITS, EVENTS, UNITS, EVENTS, UNITS, UNITS] {
        statuses.push(send(&wire, path, &[]).await.0);
    }
    assert_eq!(statuses, [200, 200, 200, 503, 200, 503, 200]);
}

#[tokio::test]
async fn an_order_is_read_whatever_its_content_type_and_a_wrong_one_answered_in_words() {
    let (wire, _) = province(&options()).await;
    let wrong = wire.post("/fault", &json!({"kind": "explode"})).send().await.unwrap();
    let (status, told) = super::wire::json(wrong).await;
    assert_eq!(status, 400);
    assert_eq!(
        told["message"],
        "不认识故障 \"explode\"：可写 slow、busy、down、refuse_credential、cut_after_taking、cut_before_taking、garbage、refuse_without_names、name_stranger"
    );
    for content_type in [None, Some("application/x-www-form-urlencoded")] {
        let answer = wire.post_bare("/fault", content_type, r#"{"kind":"down"}"#).send().await.unwrap();
        assert_eq!(answer.status(), 204, "{content_type:?}");
        assert_eq!(send(&wire, UNITS, &[]).await.0, 503);
    }
}
