//! A REST destination over real connections: what goes out, what comes back, and what can be known when nothing does.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
)]

mod common;

use std::{sync::Arc, time::Duration};

use adapters::{
    AdapterError, Answer, AnyDestination, Batch, Blame, Certainty, Clock, Destination, DestinationConfig,
    Environment, ManualClock, Receipt, Retry, WireRecord,
    codec::cipher::Cipher,
    destination::{DestinationConnect, VerdictConfig},
};
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use common::{Act, Fake, answer, ok};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    connect: DestinationConnect,
    verdict: Vec<VerdictConfig>,
}

const NATIONAL: &str = include_str!("../../mappings/destinations/national/destination.toml");
const KEY: &str = "0123456789abcdef";
const IV: &str = "0000000000000000";
const A: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
const B: &str = "1f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 6, 12, 1, 30, 0).unwrap()
}

fn build(toml: &str, url: &str, clock: &ManualClock) -> Result<AnyDestination, AdapterError> {
    let file: File = toml::from_str(toml).unwrap();
    let config = DestinationConfig { connect: file.connect, verdicts: file.verdict };
    let environment = Environment::default()
        .with("LIANWANG_NATIONAL_URL", url)
        .with("LIANWANG_NATIONAL_PASSWORD", "s3cret")
        .with("LIANWANG_NATIONAL_KEY", KEY)
        .with("LIANWANG_NATIONAL_IV", IV);
    AnyDestination::build("national", &config, &environment, Arc::new(clock.clone()) as Arc<dyn Clock>)
}

struct Rig {
    fake: Fake,
    destination: AnyDestination,
    clock: ManualClock,
    members: Vec<String>,
    payload: Vec<u8>,
}

impl Rig {
    async fn new(acts: Vec<Act>) -> Self {
        Self::with(NATIONAL, acts).await
    }

    async fn with(toml: &str, acts: Vec<Act>) -> Self {
        let fake = Fake::play(acts).await;
        let clock = ManualClock::starting(start());
        let destination = build(toml, &format!("{}/api/", fake.url), &clock).unwrap();
        let records = [A, B].map(|id| WireRecord { id: id.to_owned(), body: format!(r#"{{"id":"{id}"}}"#) });
        let payload = destination.encode(&records).unwrap().bytes;
        Self { fake, destination, clock, members: vec![A.to_owned(), B.to_owned()], payload }
    }

    fn batch(&self) -> Batch<'_> {
        Batch {
            id: "7",
            kind: "hazard",
            path: "sec_hidden_danger_info",
            group: "410900017",
            members: &self.members,
            payload: &self.payload,
        }
    }

    async fn deliver(&self) -> Result<Answer, AdapterError> {
        self.clock.advance(TimeDelta::seconds(1));
        self.destination.deliver(&self.batch()).await
    }
}

#[tokio::test]
async fn the_province_opens_what_was_sent_and_its_answer_is_read() {
    let refusal = format!(
        r#"{{"success":true,"data":{{"code":"500","data":[{{"id":"{B}","msg":"管控措施ID不存在"}}]}}}}"#
    );
    let rig = Rig::new(vec![ok(&refusal)]).await;
    let answer = rig.deliver().await.unwrap();
    let request = rig.fake.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /api/sec_hidden_danger_info HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/json\r\n"), "{head}");
    // base64 of 410900017:s3cret
    assert!(head.contains("authorization: Basic NDEwOTAwMDE3OnMzY3JldA==\r\n"), "{head}");
    let sealed: serde_json::Value = serde_json::from_str(body).unwrap();
    let plain = Cipher::from_texts(KEY, IV).unwrap().open(sealed["datas"].as_str().unwrap()).unwrap();
    assert_eq!(plain, rig.payload);
    assert_eq!(plain, format!(r#"[{{"id":"{A}"}},{{"id":"{B}"}}]"#).as_bytes());

    assert_eq!((answer.status, answer.body.as_slice()), (200, refusal.as_bytes()));
    assert_eq!(answer.sent_with, "aes-128-cbc key=env:LIANWANG_NATIONAL_KEY iv=env:LIANWANG_NATIONAL_IV");
    assert_eq!(answer.sent_digest, sha256(body.as_bytes()));
    assert_eq!(
        rig.destination.read(&rig.batch(), &answer),
        Receipt::Named {
            refused: vec![(B.to_owned(), "管控措施ID不存在".to_owned())], others_taken: false
        }
    );
}

#[tokio::test]
async fn the_same_batch_again_is_the_same_bytes() {
    let rig = Rig::new(vec![ok("{\"success\":true}"), ok("{\"success\":true}")]).await;
    let (first, second) = (rig.deliver().await.unwrap(), rig.deliver().await.unwrap());
    assert_eq!(first, second);
    let requests = rig.fake.requests();
    assert_eq!(requests[0], requests[1]);
    assert_eq!(rig.destination.read(&rig.batch(), &first), Receipt::Taken);
}

#[tokio::test]
async fn a_line_cut_after_taking_is_unknown_and_says_what_was_sent() {
    for act in [
        Act::Say(Vec::new()),
        Act::Say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"suc\r\n".to_vec()),
        Act::Say(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"success\":true".to_vec()),
    ] {
        let rig = Rig::new(vec![act]).await;
        let error = rig.deliver().await.unwrap_err();
        assert_eq!(
            (error.certainty, error.retry, error.blame),
            (Certainty::Unknown, Retry::Later, Blame::Remote)
        );
        let request = rig.fake.requests().remove(0);
        let sent = error.sent.unwrap();
        assert_eq!(sent.digest, sha256(request.split_once("\r\n\r\n").unwrap().1.as_bytes()));
        assert!(sent.with.starts_with("aes-128-cbc"));
    }
}

#[tokio::test]
async fn no_answer_in_time_is_unknown() {
    let rig =
        Rig::with(&NATIONAL.replace("timeout_ms = 60000", "timeout_ms = 200"), vec![Act::Hold(Vec::new())])
            .await;
    let error = rig.deliver().await.unwrap_err();
    assert!(error.what.contains("等应答超时"), "{}", error.what);
    assert_eq!(error.certainty, Certainty::Unknown);
}

#[tokio::test]
async fn nobody_there_received_nothing() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let rig = Rig::new(vec![]).await;
    let destination = build(NATIONAL, &format!("http://{free}"), &rig.clock).unwrap();
    let error = destination.deliver(&rig.batch()).await.unwrap_err();
    assert_eq!((error.certainty, error.retry), (Certainty::NotReceived, Retry::Later));
}

#[tokio::test]
async fn busy_carries_its_time() {
    let date = "retry-after: Wed, 12 Jun 2024 01:31:01 GMT\r\n";
    let rig = Rig::new(vec![answer(429, "retry-after: 30\r\n", "slow"), answer(503, date, "")]).await;
    let receipt = |answer: &Answer| rig.destination.read(&rig.batch(), answer);
    let busy = rig.deliver().await.unwrap();
    assert_eq!(busy.retry_after, Some(Duration::from_secs(30)));
    assert!(
        matches!(receipt(&busy), Receipt::Busy { after: Some(wait), .. } if wait == Duration::from_secs(30))
    );
    let busy = rig.deliver().await.unwrap();
    assert_eq!(busy.retry_after, Some(Duration::from_secs(59)));
}

#[tokio::test]
async fn a_refused_credential_is_our_configuration() {
    let rig = Rig::new(vec![answer(401, "", "no such company")]).await;
    let error = rig.deliver().await.unwrap_err();
    assert_eq!((error.blame, error.retry, error.status), (Blame::Config, Retry::Later, Some(401)));
    assert_eq!((error.certainty, error.seen.as_slice()), (Certainty::NotReceived, &b"no such company"[..]));
    assert!(error.what.contains("请检查 [connect] auth") && !error.what.contains("s3cret"), "{}", error.what);
    assert!(error.sent.is_some());
}

#[tokio::test]
async fn a_redirect_is_an_answer_that_nobody_knows() {
    let other = Fake::play(vec![ok("{\"success\":true}")]).await;
    let rig = Rig::new(vec![answer(302, &format!("location: {}/login\r\n", other.url), "")]).await;
    let answer = rig.deliver().await.unwrap();
    assert!(matches!(rig.destination.read(&rig.batch(), &answer), Receipt::Unknown { .. }));
    assert_eq!(other.requests().len(), 0);
}

#[tokio::test]
async fn the_limit_holds_after_a_restart_too() {
    let rig = Rig::new(vec![ok("{\"success\":true}"), ok("{\"success\":true}")]).await;
    rig.destination.remember_sent(start() - TimeDelta::milliseconds(50));
    let paced = |result: Result<Answer, AdapterError>| result.unwrap_err().retry;
    assert_eq!(paced(rig.destination.deliver(&rig.batch()).await), Retry::Paced(Duration::from_millis(150)));
    rig.clock.advance(TimeDelta::milliseconds(150));
    assert!(rig.destination.deliver(&rig.batch()).await.is_ok());
    assert_eq!(paced(rig.destination.deliver(&rig.batch()).await), Retry::Paced(Duration::from_millis(200)));
    assert_eq!(rig.fake.requests().len(), 1);
}

#[tokio::test]
async fn headers_that_rules_ask_for_are_kept_and_no_others() {
    let toml = "[connect]\ntype = \"rest\"\nbase_url = \"env:LIANWANG_NATIONAL_URL\"\nheaders = { X-App = \"hub\" }\n\
        [[verdict]]\nheader = [{ name = \"X-Result\", is = \"ok\" }]\noutcome = \"taken\"";
    let rig = Rig::with(toml, vec![answer(200, "X-Result: ok\r\nX-Other: 1\r\n", "")]).await;
    let answer = rig.deliver().await.unwrap();
    assert_eq!(answer.headers, [("x-result".to_owned(), "ok".to_owned())]);
    assert_eq!(rig.destination.read(&rig.batch(), &answer), Receipt::Taken);
    let request = rig.fake.requests().remove(0);
    assert!(
        request.contains("x-app: hub\r\n") && request.ends_with(std::str::from_utf8(&rig.payload).unwrap())
    );
    assert!(!request.contains("authorization"));
}

#[test]
fn what_is_wrong_is_said_with_the_destination() {
    let clock = ManualClock::starting(start());
    for (from, to, what) in [
        ("env:LIANWANG_NATIONAL_KEY", "env:NOWHERE", "目的地 national：环境变量 NOWHERE 没有设置"),
        ("password = \"env:", "passwords = \"env:", "目的地 national：口令文件第 1 行应为 分组,口令"),
        ("requests_per_s = 5.0", "requests_per_s = -1.0", "目的地 national：requests_per_s"),
    ] {
        let error = build(&NATIONAL.replace(from, to), "http://127.0.0.1:1", &clock).unwrap_err();
        assert!(error.what.starts_with(what), "{}", error.what);
        assert_eq!((error.blame, error.certainty), (Blame::Config, Certainty::NotReceived));
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes)
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from_digit(digit.into(), 16).unwrap())
        .collect()
}

#[tokio::test]
async fn after_a_batch_the_next_waits_as_long_as_its_records_take_and_after_a_start_a_minute() {
    let limited = NATIONAL.replacen("[connect]", "[connect]\nrecords_per_min = 60", 1);
    let rig = Rig::with(&limited, vec![answer(503, "", ""), ok("{}")]).await;
    let paced = async |wait: Duration| {
        let error = rig.destination.deliver(&rig.batch()).await.unwrap_err();
        assert_eq!((error.retry, error.certainty), (Retry::Paced(wait), Certainty::NotReceived));
    };
    assert_eq!(rig.deliver().await.unwrap().status, 503);
    paced(Duration::from_secs(2)).await;
    rig.clock.advance(TimeDelta::seconds(2));
    assert_eq!(
        rig.destination.deliver(&rig.batch()).await.unwrap().status,
        200,
        "two went, whatever came of them"
    );
    rig.destination.remember_sent(rig.clock.now() - TimeDelta::seconds(10));
    paced(Duration::from_secs(50)).await;
    assert_eq!(rig.fake.requests().len(), 2);
}
