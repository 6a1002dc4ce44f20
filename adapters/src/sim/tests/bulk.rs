//! The bulk park over HTTP: pages, nights counted, questions that mean nothing.

use std::sync::Arc;

use chrono::DateTime;
use serde_json::json;

use super::wire::Wire;
use crate::{
    ManualClock,
    sim::bulk::{BulkOptions, router},
};

async fn bulk(records: u64) -> Wire {
    let clock = ManualClock::starting(DateTime::from_timestamp(1_722_441_600, 0).unwrap());
    let options = BulkOptions { records, ..BulkOptions::default() };
    Wire::serving(router(&options, Arc::new(clock)).unwrap()).await
}

#[tokio::test]
async fn pages_are_served_and_a_first_page_begins_a_night() {
    let wire = bulk(250).await;
    for (page, rows) in [(1, 100), (2, 100), (3, 50), (4, 0), (1, 100)] {
        let answer = wire.read(&format!("/rows?pageNo={page}&pageSize=100")).await;
        assert_eq!(answer["data"]["records"].as_array().unwrap().len(), rows, "page {page}");
        assert_eq!((&answer["code"], &answer["data"]["total"]), (&json!("0"), &json!(250)));
    }
    assert_eq!(wire.read("/ledger").await, json!({ "nights": 2, "rows": 250, "served": 350 }));
}

#[tokio::test]
async fn a_list_without_rows_begins_no_night() {
    let wire = bulk(5).await;
    assert_eq!(
        wire.read("/nothing?pageNo=1&pageSize=100").await["data"],
        json!({ "total": 0, "records": [] })
    );
    assert_eq!(wire.read("/ledger").await["nights"], 0);
}

#[tokio::test]
async fn no_page_and_too_large_a_page_are_refused() {
    let wire = bulk(1).await;
    for question in ["pageNo=0&pageSize=1", "pageNo=1&pageSize=0", "pageNo=1&pageSize=20001", "pageNo=1"] {
        let answer = wire.get(&format!("/rows?{question}")).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{question}");
    }
}
