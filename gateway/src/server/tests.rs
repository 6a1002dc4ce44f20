//! The routes over real connections: what is answered, with which status, and that nothing can be changed.

pub mod sample;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

use super::{
    Figures, listen,
    model::{Readiness, Status},
    router,
};

/// Status, headers and body of one answer, over a real connection.
async fn ask(figures: Figures, method: &str, path: &str) -> (u16, String, String) {
    let (listener, address) = listen::bind("127.0.0.1:0").await.unwrap();
    let stop = CancellationToken::new();
    let asking = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        stop.cancel();
        answer
    };
    let (served, answer) = tokio::join!(listen::serve(listener, router(figures), stop.clone()), asking);
    served.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), head.to_ascii_lowercase(), body.to_owned())
}

async fn get(figures: Figures, path: &str) -> (u16, String, String) {
    ask(figures, "GET", path).await
}

fn readiness(readiness: Result<Readiness, String>) -> Figures {
    Figures::new(
        || Box::pin(std::future::ready(Err("库没有回答".to_owned()))),
        move || Box::pin(std::future::ready(readiness.clone())),
    )
}

#[tokio::test]
async fn alive_whatever_the_database_does() {
    let (status, _, body) = get(readiness(Err("x".to_owned())), "/healthz").await;
    assert_eq!((status, body.as_str()), (200, "ok\n"));
}

#[tokio::test]
async fn ready_only_when_work_can_be_taken() {
    let fine = Readiness { database: None, pending_migrations: 0, revision: true };
    assert_eq!(get(readiness(Ok(fine.clone())), "/readyz").await.0, 200);
    let cases = [
        (Ok(Readiness { database: Some("拒绝连接".to_owned()), ..fine.clone() }), "数据库没有回答：拒绝连接"),
        (
            Ok(Readiness { pending_migrations: 2, ..fine.clone() }),
            "数据库还差 2 个迁移，请运行 lianwang migrate",
        ),
        (Ok(Readiness { revision: false, ..fine }), "还没有生效的配置，请用 lianwang run --config 目录 启动"),
        (Err("超时".to_owned()), "超时"),
    ];
    for (case, reason) in cases {
        let (status, _, body) = get(readiness(case), "/readyz").await;
        let said: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, said["error"].as_str()), (503, Some(reason)));
    }
}

#[tokio::test]
async fn status_carries_the_figures_and_what_they_mean() {
    let (status, head, body) = get(Figures::fixed(sample::busy()), "/status.json").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/json"), "{head}");
    let said: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(said["headline"], serde_json::json!({ "tone": "bad", "text": "1 个系统出错" }));
    assert_eq!(said["source_states"][0]["text"], "正在读取");
    assert_eq!(said["destination_states"][1], serde_json::json!({ "tone": "good", "text": "全部送达" }));
    assert_eq!(said["found"]["accepted"], 12_874);
    assert_eq!(said["destinations"][0]["kinds"][2]["due"], 295);
    assert_eq!(said["now"], "2026-11-23T01:45:00Z");
}

#[tokio::test]
async fn a_disk_that_fills_is_the_headline_and_a_figure() {
    let full = Status { stopped: Some("磁盘只剩 3%".to_owned()), ..sample::busy() };
    let (_, _, body) = get(Figures::fixed(full.clone()), "/status.json").await;
    let said: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(said["headline"], serde_json::json!({ "tone": "bad", "text": "磁盘只剩 3%" }));
    assert!(super::metrics::text(&full).unwrap().contains("lianwang_intake_stopped 1\n"));
    assert!(super::metrics::text(&sample::busy()).unwrap().contains("lianwang_intake_stopped 0\n"));
}

#[tokio::test]
async fn figures_that_cannot_be_read_are_said_not_guessed() {
    for path in ["/status.json", "/metrics"] {
        let (status, _, body) = get(readiness(Ok(Readiness::default())), path).await;
        assert_eq!((status, body.as_str()), (503, r#"{"error":"库没有回答"}"#), "{path}");
    }
}

#[tokio::test]
async fn metrics_are_open_metrics() {
    let (status, head, body) = get(Figures::fixed(sample::busy()), "/metrics").await;
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{head}");
    for line in [
        r#"lianwang_records{source="puyang-park",verdict="accepted"} 12310"#,
        r#"lianwang_deliveries{destination="national",kind="hazard",outcome="refused"} 14"#,
        r#"lianwang_source_failing{source="tailings"} 1"#,
        r#"lianwang_source_last_run_timestamp_seconds{source="puyang-park"} 1795397988"#,
        r#"lianwang_unknown_batches{destination="national"} 1"#,
        r#"lianwang_equation_holds{equation="owed"} 1"#,
        "lianwang_under_way 2",
    ] {
        assert!(body.contains(&format!("{line}\n")), "{line}\n{body}");
    }
    assert!(body.ends_with("# EOF\n"));
}

#[tokio::test]
async fn outcomes_add_up_to_what_is_owed() {
    let status = sample::busy();
    let text = super::metrics::text(&status).unwrap();
    let sum: u64 = text
        .lines()
        .filter(|line| line.starts_with(r#"lianwang_deliveries{destination="national",kind="hazard""#))
        .map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap())
        .sum();
    assert_eq!(sum, status.destinations[0].kinds[2].deliveries.owed);
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    for (path, content_type) in [
        ("/", "text/html"),
        ("/app.css", "text/css"),
        ("/app.js", "text/javascript"),
        ("/favicon.svg", "image/svg+xml"),
    ] {
        let (status, head, body) = get(Figures::fixed(Status::default()), path).await;
        assert_eq!(status, 200, "{path}");
        assert!(head.contains(&format!("content-type: {content_type}")), "{head}");
        assert!(head.contains("content-security-policy: default-src 'self'"), "{head}");
        assert!(
            head.contains("x-content-type-options: nosniff") && head.contains("cache-control: no-store"),
            "{head}"
        );
        let elsewhere = body.replace("http://www.w3.org/2000/svg", "").contains("//") && path != "/app.js";
        assert!(!elsewhere, "{path} names another host");
        assert!(!body.contains("style=") && !body.contains("onclick="), "{path} would break its own policy");
    }
}

#[tokio::test]
async fn the_script_never_turns_text_into_markup() {
    let (_, _, script) = get(Figures::fixed(Status::default()), "/app.js").await;
    for sink in ["innerHTML =", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
        assert!(!script.contains(sink), "{sink}");
    }
}

#[tokio::test]
async fn nothing_can_be_changed_from_here() {
    for path in ["/", "/status.json", "/metrics", "/healthz"] {
        assert_eq!(ask(Figures::fixed(Status::default()), "POST", path).await.0, 405, "{path}");
    }
    assert_eq!(get(Figures::fixed(Status::default()), "/nothing").await.0, 404);
}
