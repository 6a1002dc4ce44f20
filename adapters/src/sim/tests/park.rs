//! The park's platform: pages, changes, nights, ledger, faults.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta};
use serde_json::{Value, json};

use super::wire::{self, Wire};
use crate::{
    ManualClock,
    sim::park::{ParkOptions, router},
};

fn clock() -> ManualClock {
    // 2024-08-01 00:00:00 in Asia/Shanghai
    ManualClock::starting(DateTime::from_timestamp(1_722_441_600, 0).unwrap())
}

async fn park(options: ParkOptions) -> (Wire, ManualClock) {
    let clock = clock();
    let router = router(&options, Arc::new(clock.clone())).unwrap();
    (Wire::serving(router).await, clock)
}

fn small() -> ParkOptions {
    ParkOptions { enterprises: 2, ..ParkOptions::default() }
}

fn records(page: &Value) -> &Vec<Value> {
    page["data"]["records"].as_array().unwrap_or_else(|| panic!("{page}"))
}

/// All rows of a service by page number.
async fn listed(wire: &Wire, service: &str, size: usize) -> Vec<Value> {
    let mut rows = Vec::new();
    for page in 1..=10_000 {
        let answer = wire.read(&format!("/api/{service}/list?pageNo={page}&pageSize={size}")).await;
        assert_eq!(answer["code"], "0");
        if records(&answer).is_empty() {
            assert_eq!(answer["data"]["total"], rows.len());
            break;
        }
        rows.extend(records(&answer).iter().cloned());
    }
    rows
}

/// All rows of a service by change time.
async fn changed(wire: &Wire, service: &str, window: &str, limit: usize) -> Vec<Value> {
    let mut rows: Vec<Value> = Vec::new();
    for _ in 0..10_000 {
        let after = rows.last().map_or_else(String::new, |last| {
            let (time, id) = (last["UPDATE_TIME"].as_str().unwrap(), last["ID"].as_str().unwrap());
            format!("&afterTime={}&afterId={id}", time.replace(' ', "%20"))
        });
        let answer = wire.read(&format!("/api/{service}/changes?limit={limit}{window}{after}")).await;
        let total = usize::try_from(answer["data"]["total"].as_u64().unwrap()).unwrap();
        let page = records(&answer);
        assert_eq!(page.len(), total.min(limit));
        rows.extend(page.iter().cloned());
        if page.len() < limit {
            break;
        }
    }
    rows
}

#[tokio::test]
async fn pages_of_any_size_hold_the_same_rows_and_the_ledger_counts_them() {
    let (wire, _) = park(ParkOptions { touched_nightly: false, ..small() }).await;
    let by_seven = listed(&wire, "t_gkcs", 7).await;
    let first = wire.read("/ledger").await;
    let by_two_hundred = listed(&wire, "t_gkcs", 200).await;
    assert_eq!(by_seven, by_two_hundred);
    let second = wire.read("/ledger").await;

    let ids: BTreeSet<String> =
        by_seven.iter().map(|row| row["ID"].as_str().unwrap().replace('-', "").to_lowercase()).collect();
    let account = &second["services"]["t_gkcs"];
    assert_eq!(first["services"]["t_gkcs"]["served"], by_seven.len());
    assert_eq!(account["served"], 2 * by_seven.len());
    assert_eq!((&account["passes"], &account["distinct"]), (&json!(2), &json!(ids.len())));
    assert_eq!(account["digest"].as_str().unwrap().len(), 64);
    assert_ne!(account["digest"], first["services"]["t_gkcs"]["digest"]);
    assert_eq!(second["distinct"], ids.len());
}

#[tokio::test]
async fn changes_are_read_to_the_end_in_order_with_equal_timestamps() {
    let (wire, clock) = park(small()).await;
    let first = changed(&wire, "t_pcjl", "&until=2024-08-01%2000:00:00", 5).await;
    let place = |row: &Value| (row["UPDATE_TIME"].to_string(), row["ID"].to_string());
    assert!(first.windows(2).all(|pair| place(&pair[0]) < place(&pair[1])));

    // a night later everything is touched at one moment, which lies in the window asked for
    clock.advance(TimeDelta::days(1));
    let second = changed(&wire, "t_pcjl", "&from=2024-07-31%2023:59:00&until=2024-08-02%2000:00:00", 5).await;
    let times: BTreeSet<String> = second.iter().map(|row| row["UPDATE_TIME"].to_string()).collect();
    assert_eq!(times, BTreeSet::from([r#""2024-08-01 23:59:59""#.to_owned()]));
    let bare = |rows: &[Value]| {
        let untimed = |row: &Value| {
            let mut row = row.clone();
            row.as_object_mut().unwrap().remove("UPDATE_TIME");
            row.to_string()
        };
        rows.iter().map(untimed).collect::<BTreeSet<_>>()
    };
    assert_eq!(bare(&first), bare(&second));
}

#[tokio::test]
async fn the_late_unit_comes_with_the_second_pass() {
    let (wire, _) = park(small()).await;
    let first = listed(&wire, "t_fxdy", 50).await;
    let second = listed(&wire, "t_fxdy", 50).await;
    assert_eq!(second.len(), first.len() + 1);
    assert_eq!(second[0]["UPDATE_TIME"], "2024-08-01 00:00:00");
}

#[tokio::test]
async fn a_token_is_asked_for_where_one_is_set() {
    let (wire, _) = park(ParkOptions { token: Some("t0".to_owned()), ..small() }).await;
    let asked = |token: &'static str| wire.get("/api/t_fxdy/list").header("X-Token", token).send();
    assert_eq!(wire::json(wire.get("/api/t_fxdy/list").send().await.unwrap()).await.0, 401);
    assert_eq!(wire::json(asked("t1").await.unwrap()).await.1["code"], "401");
    assert_eq!(wire::json(asked("t0").await.unwrap()).await.1["code"], "0");
}

#[tokio::test]
async fn what_is_not_offered_is_refused() {
    let (wire, _) = park(small()).await;
    let (status, answer) = wire::json(wire.get("/api/t_none/list").send().await.unwrap()).await;
    assert_eq!((status, answer["code"].as_str().unwrap()), (404, "404"));
    for size in [0, 201] {
        let answer = wire.read(&format!("/api/t_fxdy/list?pageNo=1&pageSize={size}")).await;
        assert_eq!(answer["code"], "400");
    }
}

#[tokio::test]
async fn a_folder_is_served_as_it_is_and_can_be_touched_and_added_to() {
    let folder = tempfile::tempdir().unwrap();
    let rows =
        r#"[{"id":"A","updateDate":"20240601080000","n":1.10},{"id":"A","updateDate":"20240601080000"}]"#;
    std::fs::write(folder.path().join("risk_unit.json"), rows).unwrap();
    let (wire, _) =
        park(ParkOptions { records_dir: Some(folder.path().to_owned()), ..ParkOptions::default() }).await;
    let page =
        wire.get("/api/risk_unit/list?pageNo=1&pageSize=50").send().await.unwrap().text().await.unwrap();
    assert_eq!(page, format!(r#"{{"code":"0","message":"成功","data":{{"total":2,"records":{rows}}}}}"#));
    assert_eq!(listed(&wire, "risk_unit", 1).await.len(), 2);

    wire.order("/touch", json!({})).await;
    wire.order("/rows/risk_unit", json!([{"id":"B","updateDate":"1"}])).await;
    wire.order("/rows/hazard", json!([{"id":"C"}])).await;
    let times: Vec<Value> =
        listed(&wire, "risk_unit", 2).await.iter().map(|row| row["updateDate"].clone()).collect();
    assert_eq!(times, ["20240801000000", "20240801000000", "1"]);
    assert_eq!(listed(&wire, "hazard", 2).await, [json!({"id":"C"})]);
}

#[tokio::test]
async fn faults_that_answer_with_a_status_or_a_word() {
    let (wire, _) = park(small()).await;
    for (kind, status, code) in
        [("refuse_credential", 401, "401"), ("busy", 429, "429"), ("down", 503, "503"), ("fail", 200, "500")]
    {
        wire.order("/fault", json!({"kind": kind, "ms": 1500})).await;
        let answer = wire.get("/api/t_fxdy/list").send().await.unwrap();
        let after = answer.headers().get("retry-after").cloned();
        let (got, body) = wire::json(answer).await;
        assert_eq!((got, body["code"].as_str().unwrap()), (status, code), "{kind}");
        assert_eq!(after.is_some_and(|after| after == "2"), kind == "busy");
        assert_eq!(wire.read("/api/t_fxdy/list").await["code"], "0", "{kind} is over");
    }
    assert_eq!(wire.read("/ledger").await["services"]["t_fxdy"]["requests"], 4);
}

#[tokio::test]
async fn faults_that_change_the_page() {
    let (wire, _) = park(small()).await;
    let path = "/api/t_gkcs/list?pageNo=2&pageSize=5";
    let right = wire.read(path).await;

    wire.order("/fault", json!({"kind": "rename_list"})).await;
    let renamed = wire.read(path).await;
    assert_eq!((&renamed["data"]["rows"], renamed["data"].get("records")), (&right["data"]["records"], None));

    wire.order("/fault", json!({"kind": "lie_total"})).await;
    let lie = wire.read(path).await;
    assert_eq!(lie["data"]["total"].as_u64(), right["data"]["total"].as_u64().map(|total| total + 3));

    wire.order("/fault", json!({"kind": "repeat_page", "times": 2})).await;
    let repeated = wire.read(path).await;
    assert_eq!(repeated, wire.read("/api/t_gkcs/list?pageNo=9&pageSize=5").await);
    assert_ne!(repeated["data"]["records"], right["data"]["records"]);

    wire.order("/fault", json!({"kind": "huge", "bytes": 300_000})).await;
    let huge = wire.get(path).send().await.unwrap().text().await.unwrap();
    assert_eq!(huge.len(), 300_000);
    assert_eq!(serde_json::from_str::<Value>(&huge).unwrap(), right);

    wire.order("/fault", json!({"kind": "html"})).await;
    let page = wire.get(path).send().await.unwrap();
    assert_eq!(
        (page.status().as_u16(), &page.headers()["content-type"]),
        (200, &"text/html; charset=utf-8".parse().unwrap())
    );

    wire.order("/fault", json!({"kind": "malformed"})).await;
    let text = wire.get(path).send().await.unwrap().text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&text).is_err());
    assert_eq!(wire.read(path).await, right);
}

#[tokio::test]
async fn a_cut_answer_promises_more_than_it_gives() {
    let (wire, _) = park(small()).await;
    wire.order("/fault", json!({"kind": "cut", "service": "t_gkcs"})).await;
    assert_eq!(wire.read("/api/t_fxdy/list").await["code"], "0");
    let answer = wire.get("/api/t_gkcs/list?pageNo=1&pageSize=5").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.content_length().unwrap() > 100);
    assert!(answer.bytes().await.is_err());
    assert_eq!(wire.read("/ledger").await["services"]["t_gkcs"]["served"], 0);
}

#[tokio::test]
async fn a_slow_answer_outlasts_a_short_patience() {
    let (wire, _) = park(small()).await;
    wire.order("/fault", json!({"kind": "slow", "ms": 2_000})).await;
    let impatient = wire.get("/api/t_fxdy/list").timeout(Duration::from_millis(200)).send().await;
    assert!(impatient.unwrap_err().is_timeout());
}

#[tokio::test]
async fn a_repeating_keyset_shows_its_first_page_for_ever() {
    let (wire, _) = park(small()).await;
    let first = wire.read("/api/t_pcjl/changes?limit=5").await;
    let last = records(&first).last().unwrap().clone();
    let after = format!(
        "/api/t_pcjl/changes?limit=5&afterTime={}&afterId={}",
        last["UPDATE_TIME"].as_str().unwrap().replace(' ', "%20"),
        last["ID"].as_str().unwrap(),
    );
    wire.order("/fault", json!({"kind": "repeat_page", "times": 3})).await;
    for _ in 0..3 {
        assert_eq!(records(&wire.read(&after).await), records(&first));
    }
    assert_ne!(records(&wire.read(&after).await), records(&first));
}

#[tokio::test]
async fn a_disturbed_first_page_begins_no_pass() {
    let (wire, _) = park(small()).await;
    for kind in ["cut", "rename_list", "lie_total", "repeat_page", "malformed", "busy"] {
        wire.order("/fault", json!({"kind": kind})).await;
        let answer = wire.get("/api/t_fxdy/list?pageNo=1&pageSize=50").send().await;
        drop(answer);
    }
    let ledger = wire.read("/ledger").await;
    assert_eq!(ledger["services"]["t_fxdy"]["passes"], 0);
    let count = listed(&wire, "t_fxdy", 50).await.len();
    assert_eq!(
        listed(&wire, "t_fxdy", 50).await.len(),
        count + 1,
        "the late unit waited for the second whole pass"
    );
}

#[tokio::test]
async fn what_a_disturbed_answer_carried_is_counted_only_if_it_came_whole() {
    let (wire, _) = park(small()).await;
    for (kind, served) in [
        ("cut", 0),
        ("html", 0),
        ("rename_list", 0),
        ("malformed", 0),
        ("lie_total", 5),
        ("repeat_page", 10),
        ("refuse_credential", 10),
    ] {
        wire.order("/fault", json!({"kind": kind})).await;
        drop(wire.get("/api/t_gkcs/list?pageNo=2&pageSize=5").send().await);
        assert_eq!(wire.read("/ledger").await["services"]["t_gkcs"]["served"], served, "{kind}");
    }
}

#[tokio::test]
async fn a_question_that_makes_no_sense_is_refused() {
    let (wire, _) = park(small()).await;
    for path in ["/api/t_fxdy/list?pageNo=x", "/api/t_fxdy/changes?limit=-1"] {
        assert_eq!(wire.get(path).send().await.unwrap().status(), 400, "{path}");
    }
    let wrong = wire.post("/rows/t_fxdy", &json!({"ID": "1"})).send().await.unwrap();
    assert_eq!(wrong.status(), 400);
}

#[tokio::test]
async fn the_same_seed_serves_the_same_park_and_another_another() {
    let mut pages = Vec::new();
    for seed in [5, 5, 6] {
        let (wire, _) = park(ParkOptions { seed, ..small() }).await;
        pages.push(wire.read("/api/t_yhzlxx/list?pageSize=200").await);
    }
    assert_eq!(pages[0], pages[1]);
    assert_ne!(pages[0], pages[2]);
}

#[tokio::test]
async fn orders_and_rows_are_read_whatever_their_content_type() {
    let (wire, _) = park(small()).await;
    let form = Some("application/x-www-form-urlencoded");
    assert_eq!(wire.post_bare("/fault", form, r#"{"kind":"down"}"#).send().await.unwrap().status(), 204);
    assert_eq!(wire.get("/api/t_qyxx/list").send().await.unwrap().status(), 503);
    assert_eq!(wire.post_bare("/rows/t_new", None, r#"[{"ID":"1"}]"#).send().await.unwrap().status(), 204);
    let (status, told) = wire::json(wire.post_bare("/fault", form, "kind=down").send().await.unwrap()).await;
    assert_eq!(status, 400);
    assert!(told["message"].as_str().unwrap().starts_with("请求体要是一个 JSON 对象"), "{told}");
    let (status, told) = wire::json(wire.post_bare("/rows/t_new", form, "{}").send().await.unwrap()).await;
    assert_eq!(status, 400);
    assert!(told["message"].as_str().unwrap().starts_with("请求体要是一个 JSON 数组"), "{told}");
}
