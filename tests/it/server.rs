//! The status page over a real ledger: what it shows is what the ledger holds, when it says it is ready, and that no
//! name and no phone number stands there in clear.

use std::{collections::BTreeMap, sync::Arc};

use gateway::{
    config::compile,
    ledger::Audit,
    pipeline::{InForce, Pinned},
    server::{self, gather},
    store::Store,
};
use serde_json::{Value, json};
use tests::{
    Files,
    http::{DESTINATION, Hub, Peer, SOURCE, Setup, sample},
    on_both,
};

/// The page of a hub, its figures read anew.
async fn page(hub: &Hub) -> Peer {
    let clock = Arc::new(hub.clock.clone());
    let figures = gather::figures(hub.store().clone(), InForce::of(Arc::clone(hub.pinned())), "hub", clock);
    Peer::serve(server::router(figures)).await
}

#[tokio::test]
async fn ready_only_with_tables_and_a_revision_and_alive_all_the_time() {
    on_both(async |db| {
        let store = Store::open(&db.url).await.unwrap();
        let files: Files = sample::files(50);
        let rules = compile(files.revision()).0.unwrap();
        let clock = Arc::new(adapters::SystemClock);
        let figures =
            gather::figures(store.clone(), InForce::of(Arc::new(Pinned { no: 0, rules })), "hub", clock);
        let page = Peer::serve(server::router(figures)).await;
        let reason = async || {
            let (status, body) = page.get("/readyz").await;
            assert_eq!(page.get("/healthz").await, (200, "ok\n".to_owned()));
            (status, body)
        };
        let (status, body) = reason().await;
        assert!(status == 503 && body.contains("lianwang migrate"), "{status} {body}");
        store.migrate().await.unwrap();
        let (status, body) = reason().await;
        assert!(status == 503 && body.contains("还没有生效的配置"), "{status} {body}");
        let hub = Hub::new(db, Setup::empty(files)).await;
        assert_eq!(reason().await, (200, "ready\n".to_owned()));
        drop(hub);
    })
    .await;
}

#[tokio::test]
async fn the_page_shows_what_the_ledger_holds() {
    on_both(async |db| {
        let hub = Hub::new(db, Setup { sample: true, ..Setup::empty(sample::files(50)) }).await;
        hub.pull().await;
        let landed = page(&hub).await.json("/status.json").await;
        assert_eq!((&landed["found"]["found"], &landed["found"]["unjudged"]), (&json!(0), &json!(471)));
        let under_way = json!({"what": "研判", "done": 0, "total": 471});
        assert!(landed["progress"].as_array().unwrap().contains(&under_way), "{}", landed["progress"]);

        hub.refine().await;
        hub.forward().await;
        let page = page(&hub).await;
        let status = page.json("/status.json").await;
        let audit = hub.audit().await;
        as_the_ledger(&status, &audit);
        scraped(&page.get("/metrics").await.1, &audit);
        let (code, html) = page.get("/").await;
        assert!(code == 200 && html.contains("<html lang=\"zh-CN\""), "{html}");
    })
    .await;
}

fn as_the_ledger(status: &Value, audit: &Audit) {
    let mut found = serde_json::to_value(audit.sum).unwrap();
    found["unjudged"] = 0.into();
    assert_eq!(status["found"], found);
    assert_eq!(status["sources"][0]["name"], SOURCE);
    assert_eq!(status["sources"][0]["found"], found);
    let services = status["sources"][0]["services"].as_array().unwrap();
    for service in services {
        let kind = service["kind"].as_str().unwrap();
        assert_eq!(service["found"], audit.kinds[kind].found, "{kind}");
    }
    assert_eq!(services.len(), 7);
    let national = &audit.destinations[DESTINATION];
    let mut shown = status["destinations"][0].clone();
    assert_eq!((shown["name"].take(), shown["unknown_batches"].take()), (json!(DESTINATION), json!(0)));
    let total = &shown["total"];
    for (name, figure) in serde_json::to_value(national.sum).unwrap().as_object().unwrap() {
        assert_eq!(&total[name], figure, "{name}");
    }
    assert_eq!((&total["due"], &total["sent"]), (&json!(0), &json!(0)));
    for kind in shown["kinds"].as_array().unwrap() {
        assert_eq!(kind["confirmed"], national.kinds[kind["kind"].as_str().unwrap()].confirmed, "{kind}");
    }
    assert_eq!(
        (&status["equations"]["broken"], &status["headline"]["text"]),
        (&json!([]), &json!("2 条待人处理"))
    );
    let codes: Vec<&str> =
        status["issues"].as_array().unwrap().iter().map(|issue| issue["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"unknown-code"), "{codes:?}");
}

/// Samples of an `OpenMetrics` text: name with labels, as written → value.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let mut samples = BTreeMap::new();
    assert!(text.ends_with("# EOF\n"), "{text}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        let (family, labels) = name
            .split_once('{')
            .map_or((name, ""), |(family, labels)| (family, labels.strip_suffix('}').unwrap()));
        assert!(
            family.starts_with("lianwang_") && family.chars().all(|c| c.is_ascii_lowercase() || c == '_'),
            "{line}"
        );
        assert_eq!(labels.matches('"').count() % 2, 0, "{line}");
        let again = samples.insert(name.to_owned(), value.parse().unwrap());
        assert_eq!(again, None, "twice: {line}");
    }
    samples
}

fn scraped(text: &str, audit: &Audit) {
    let samples = samples(text);
    let whole = |name: &str| samples.get(name).copied().unwrap_or_else(|| panic!("no {name} in {text}"));
    let same = |name: &str, figure: i64| {
        assert!((whole(name) - f64::from(i32::try_from(figure).unwrap())).abs() < 0.5, "{name}");
    };
    for (verdict, figure) in [
        ("accepted", audit.sum.accepted),
        ("unchanged", audit.sum.unchanged),
        ("rejected", audit.sum.rejected),
        ("held", audit.sum.held),
        ("unjudged", 0),
    ] {
        same(&format!("lianwang_records{{source=\"{SOURCE}\",verdict=\"{verdict}\"}}"), figure);
    }
    for (kind, owed) in &audit.destinations[DESTINATION].kinds {
        let of = |outcome: &str| {
            whole(&format!(
                "lianwang_deliveries{{destination=\"{DESTINATION}\",kind=\"{kind}\",outcome=\"{outcome}\"}}"
            ))
        };
        let all: f64 = ["confirmed", "refused", "superseded", "abandoned", "due", "waiting", "sent"]
            .into_iter()
            .map(of)
            .sum();
        assert!((all - f64::from(i32::try_from(owed.owed).unwrap())).abs() < 0.5, "{kind}: {all}");
    }
    same("lianwang_equation_holds{equation=\"found\"}", 1);
    same("lianwang_equation_holds{equation=\"owed\"}", 1);
}

#[tokio::test]
async fn a_broken_equation_is_the_headline() {
    on_both(async |db| {
        let hub = Hub::new(db, Setup::empty(sample::files(50))).await;
        hub.offer("risk_unit", &[sample::unit(1)]).await;
        hub.run().await;
        db.run("UPDATE part SET found = found + 1 WHERE service = 'risk_unit'").await;
        let page = page(&hub).await;
        let status = page.json("/status.json").await;
        assert_eq!(status["headline"], json!({"tone": "bad", "text": "账不平：1 处"}));
        let metrics = samples(&page.get("/metrics").await.1);
        assert!(metrics["lianwang_equation_holds{equation=\"found\"}"].abs() < 0.5);
        assert!(metrics["lianwang_equation_holds{equation=\"owed\"}"] > 0.5);
    })
    .await;
}

#[tokio::test]
async fn no_name_and_no_phone_number_is_shown_in_clear() {
    on_both(async |db| {
        let hub = Hub::new(db, Setup::empty(sample::files(50))).await;
        let names = ["欧阳震华", "司马青衫", "诸葛听风", "13812345678", "13987654321"];
        hub.offer(
            "risk_unit",
            &[
                sample::with(sample::unit(1), &json!({"hazardLiablePerson": "欧阳震华".repeat(6)})),
                sample::with(
                    sample::unit(2),
                    &json!({"createBy": "诸葛听风", "hazardLiablePerson": "司马青衫"}),
                ),
            ],
        )
        .await;
        let check = |n, changes: Value| sample::with(sample::check(n, 99), &changes);
        let rows = [
            check(3, json!({"createByMobile": "13812345678".repeat(2)})),
            check(4, json!({"createByMobile": "13987654321", "checkTime": "昨天", "createBy": "诸葛听风"})),
        ];
        hub.offer("check_record", &rows).await;
        hub.run().await;
        let audit = hub.audit().await;
        assert_eq!((audit.sum.accepted, audit.sum.rejected), (1, 3), "{audit:?}");
        let page = page(&hub).await;
        let status = page.json("/status.json").await;
        let issues = status["issues"].as_array().unwrap();
        let fields: Vec<&str> = issues.iter().map(|issue| issue["field"].as_str().unwrap()).collect();
        assert!(fields.contains(&"责任人") && fields.contains(&"创建人手机号"), "{fields:?}");
        for path in ["/", "/status.json", "/metrics", "/app.js"] {
            let (code, body) = page.get(path).await;
            assert_eq!(code, 200, "{path}");
            for name in names {
                assert!(!body.contains(name), "{path} shows {name}: {body}");
            }
        }
    })
    .await;
}
