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
