//! The shipped national destination against the simulated province: what each of its answers is taken to mean.

use std::{path::Path, sync::Arc};

use chrono::{DateTime, TimeDelta};
use serde::Deserialize;
use serde_json::{Value, json};

use super::wire::Wire;
use crate::{
    AdapterError, AnyDestination, Batch, Certainty, Destination as _, DestinationConfig, Environment,
    ManualClock, Receipt, Retry, WireRecord,
    destination::{DestinationConnect, VerdictConfig},
    sim::province::{OnBad, ProvinceOptions, router},
};

const KEY: &str = "0123456789abcdef";
const IV: &str = "fedcba9876543210";
const COMPANY: &str = "410900017";

/// The adapter's part of a `destination.toml`.
#[derive(Deserialize)]
struct DestinationFile {
    connect: DestinationConnect,
    verdict: Vec<VerdictConfig>,
}

struct Sender {
    destination: AnyDestination,
    wire: Wire,
    clock: ManualClock,
}

impl Sender {
    async fn to(on_bad: OnBad) -> Self {
        let clock = ManualClock::starting(DateTime::from_timestamp(1_722_441_600, 0).unwrap());
        let sixteen = |text: &str| text.as_bytes().try_into().unwrap();
        let password = Some("pw".to_owned());
        let options = ProvinceOptions { password, on_bad, ..ProvinceOptions::new(sixteen(KEY), sixteen(IV)) };
        let wire = Wire::serving(router(&options, Arc::new(clock.clone())).unwrap()).await;
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../mappings/destinations/national/destination.toml");
        let file: DestinationFile = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let config = DestinationConfig { connect: file.connect, verdicts: file.verdict };
        let environment = Environment::default()
            .with("LIANWANG_NATIONAL_URL", &wire.url())
            .with("LIANWANG_NATIONAL_PASSWORD", "pw")
            .with("LIANWANG_NATIONAL_KEY", KEY)
            .with("LIANWANG_NATIONAL_IV", IV);
        let destination =
            AnyDestination::build("national", &config, &environment, Arc::new(clock.clone())).unwrap();
        Self { destination, wire, clock }
    }

    /// One batch of units, sent once the limit allows it; the last of them has no name if `bad`.
    async fn send(&self, ids: &[u32], bad: bool) -> Result<Receipt, AdapterError> {
        let mut records: Vec<WireRecord> = ids.iter().map(|id| unit(*id)).collect();
        if let Some(last) = records.last_mut().filter(|_| bad) {
            last.body = last.body.replace("罐区", "");
        }
        let payload = self.destination.encode(&records).unwrap().bytes;
        let members: Vec<String> = records.into_iter().map(|record| record.id).collect();
        let path = "sec_security_risk_unit";
        let batch =
            Batch { id: "b1", kind: "risk_unit", path, group: COMPANY, members: &members, payload: &payload };
        loop {
            match self.destination.deliver(&batch).await {
                Ok(answer) => return Ok(self.destination.read(&batch, &answer)),
                Err(error) => match error.retry {
                    Retry::Paced(wait) => {
                        self.clock.advance(TimeDelta::from_std(wait).unwrap() + TimeDelta::milliseconds(1));
                    }
                    _ => return Err(error),
                },
            }
        }
    }

    async fn told(&self, fault: Value) -> Result<Receipt, AdapterError> {
        self.wire.order("/fault", fault).await;
        self.send(&[1], false).await
    }

    async fn taken(&self) -> Value {
        self.wire.read("/ledger").await["distinct"].clone()
    }
}

fn unit(number: u32) -> WireRecord {
    let id = format!("{number:032x}");
    let body = json!({
        "id": id, "companyCode": COMPANY, "hazardCode": "410900017001", "hazardDep": "生产部",
        "hazardLiablePerson": "某某", "riskUnitName": "罐区", "deleted": "0", "createDate": "20240601080000",
        "createBy": "系统", "updateDate": "20240601080000", "updateBy": "系统",
    });
    WireRecord { id, body: body.to_string() }
}

#[tokio::test]
async fn good_batches_are_taken_and_a_guilty_row_is_known_by_name() {
    for (on_bad, taken) in [(OnBad::TakeRest, 3), (OnBad::RefuseAll, 2)] {
        let sender = Sender::to(on_bad).await;
        assert_eq!(sender.send(&[1, 2], false).await.unwrap(), Receipt::Taken);
        let refused = vec![(format!("{:032x}", 4), "riskUnitName 不能为空".to_owned())];
        let named = Receipt::Named { refused, others_taken: false };
        assert_eq!(sender.send(&[3, 4], true).await.unwrap(), named);
        assert_eq!(sender.taken().await, taken, "{on_bad:?}");
    }
}

#[tokio::test]
async fn a_refusal_without_names_is_about_data_only_when_it_says_so() {
    let sender = Sender::to(OnBad::RefuseUnnamed).await;
    assert!(matches!(sender.send(&[1, 2], true).await.unwrap(), Receipt::Whole { data: true, .. }));
    let busy = sender.told(json!({"kind": "refuse_without_names", "message": "系统繁忙"})).await.unwrap();
    assert!(matches!(busy, Receipt::Whole { data: false, .. }), "{busy:?}");
}

#[tokio::test]
async fn what_nobody_can_tell_is_unknown() {
    let sender = Sender::to(OnBad::TakeRest).await;
    for kind in ["garbage", "name_stranger"] {
        let receipt = sender.told(json!({"kind": kind})).await.unwrap();
        assert!(matches!(receipt, Receipt::Unknown { .. }), "{kind}: {receipt:?}");
    }
    for kind in ["cut_before_taking", "cut_after_taking"] {
        let error = sender.told(json!({"kind": kind})).await.unwrap_err();
        assert_eq!(error.certainty, Certainty::Unknown, "{kind}: {error}");
    }
    assert_eq!(sender.taken().await, 1);
}

#[tokio::test]
async fn an_ill_receiver_is_busy() {
    let sender = Sender::to(OnBad::TakeRest).await;
    for (kind, after) in [("busy", Some(2)), ("down", None)] {
        let receipt = sender.told(json!({"kind": kind, "ms": 1_500})).await.unwrap();
        let Receipt::Busy { after: told, .. } = &receipt else { panic!("{kind}: {receipt:?}") };
        assert_eq!(told.map(|told| told.as_secs()), after, "{kind}");
    }
    assert_eq!(sender.taken().await, 0);
}

#[tokio::test]
async fn no_more_than_the_declared_five_arrive_in_any_second() {
    let sender = Sender::to(OnBad::TakeRest).await;
    for id in 1..=12 {
        sender.send(&[id], false).await.unwrap();
    }
    let most = sender.wire.read("/ledger").await["max_in_any_second"].as_u64().unwrap();
    assert!((4..=5).contains(&most), "{most}");
}
