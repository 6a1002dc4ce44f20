//! The client alone: what it unpacks, where it stops, and that it does nothing behind our back.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
)]

mod common;

use adapters::{
    AdapterError, Certainty,
    http::{
        Client, Reply,
        client::{Limits, install_tls},
    },
};
use common::{Act, Fake, answer, ok};
use reqwest::{Method, Request, Url};

fn gzipped(bytes: &[u8]) -> Act {
    let head = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        bytes.len()
    );
    Act::Say([head.as_bytes(), bytes].concat())
}

async fn exchange(acts: Vec<Act>, cap_mb: u32) -> (Result<Reply, AdapterError>, Fake) {
    let fake = Fake::play(acts).await;
    let client = Client::build(Limits { body_cap_mb: cap_mb, ..Limits::default() }).unwrap();
    let request = Request::new(Method::GET, Url::parse(&fake.url).unwrap());
    (client.send(request).await, fake)
}

#[tokio::test]
async fn any_status_is_an_answer() {
    for status in [200, 204, 400, 404, 500, 503] {
        let body = if status == 204 { "" } else { "{}" };
        let (reply, _) = exchange(vec![answer(status, "x-a: b\r\nretry-after: 3\r\n", body)], 1).await;
        let reply = reply.unwrap();
        assert_eq!((reply.status, reply.body.as_slice()), (status, body.as_bytes()));
        assert_eq!(
            (reply.header("X-A"), reply.header("x-b"), reply.retry_after()),
            (Some("b"), None, Some("3"))
        );
    }
}

#[tokio::test]
async fn a_packed_answer_is_unpacked() {
    let (reply, fake) = exchange(vec![gzipped(include_bytes!("fixtures/small.json.gz"))], 1).await;
    assert_eq!(String::from_utf8(reply.unwrap().body).unwrap(), r#"{"resCode":"0","msg":"隐患"}"#);
    assert!(fake.requests()[0].to_lowercase().contains("accept-encoding: gzip"));
}

#[tokio::test]
async fn the_cap_counts_unpacked_bytes() {
    let packed = include_bytes!("fixtures/spaces-2mb.gz");
    assert!(packed.len() < 4096);
    let (reply, _) = exchange(vec![gzipped(packed)], 1).await;
    let error = reply.unwrap_err();
    assert_eq!((error.seen.len(), error.status, error.certainty), (1 << 20, Some(200), Certainty::Unknown));
    let (reply, _) = exchange(vec![gzipped(packed)], 2).await;
    assert_eq!(reply.unwrap().body.len(), 2 << 20);
}

#[tokio::test]
async fn a_broken_packing_is_a_cut_answer() {
    let packed = include_bytes!("fixtures/spaces-2mb.gz");
    let (reply, _) = exchange(vec![gzipped(&packed[..packed.len() / 2])], 4).await;
    let error = reply.unwrap_err();
    assert!(error.what.starts_with("应答在中途断开"), "{}", error.what);
}

#[tokio::test]
async fn nothing_is_tried_again_behind_our_back() {
    for act in [Act::Say(Vec::new()), answer(503, "retry-after: 0\r\n", ""), answer(500, "", "")] {
        let (_, fake) = exchange(vec![act, ok("{}"), ok("{}")], 1).await;
        assert_eq!(fake.requests().len(), 1);
    }
}

#[tokio::test]
async fn what_is_no_http_is_told_without_the_address() {
    let (reply, fake) = exchange(vec![Act::Say(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec())], 1).await;
    let error = reply.unwrap_err();
    assert_eq!((error.certainty, error.status), (Certainty::Unknown, None));
    assert!(!error.what.contains(&fake.url), "{}", error.what);
}

#[tokio::test]
async fn silence_is_cut_short_though_the_whole_might_take_long() {
    let fake = Fake::play(vec![Act::Hold(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc".to_vec())]).await;
    let limits = Limits { read_timeout_ms: 250, timeout_ms: 60_000, ..Limits::default() };
    let request = Request::new(Method::GET, Url::parse(&fake.url).unwrap());
    let error = Client::build(limits).unwrap().send(request).await.unwrap_err();
    assert!(error.what.starts_with("读应答超时，只收到 3 字节"), "{}", error.what);
    assert_eq!((error.seen.as_slice(), error.certainty), (&b"abc"[..], Certainty::Unknown));
}

#[tokio::test]
async fn a_redirect_does_not_go_round_for_ever() {
    let acts = vec![answer(307, "location: /again\r\n", ""); 9];
    let (reply, fake) = exchange(acts, 1).await;
    assert_eq!(reply.unwrap().status, 307);
    assert_eq!(fake.requests().len(), 4);
}

#[test]
fn the_provider_may_be_installed_any_number_of_times() {
    install_tls();
    install_tls();
    assert!(Client::build(Limits::default()).is_ok());
}
