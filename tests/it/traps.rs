//! What a source may do to us, over real HTTP. An answer that is no page is an *error*: its bytes are kept, the cursor
//! stays, the next run starts there. A bad record in a good page is an *issue* of that record alone.

use chrono::{DateTime, Utc};
use gateway::{
    ledger::Found,
    pipeline::Step,
    store::cursors::{Cursor, Pass},
};
use serde_json::{Value, json};
use tests::{
    Files,
    http::{Hub, Setup, sample},
    on_both,
    rows::wire,
    state::Asked,
};

const SERVICE: &str = "risk_unit";
const CAP: &str = "time_format = \"%Y%m%d%H%M%S\"";

/// Twelve units, changed one minute after another; three pages of four.
fn twelve() -> Vec<Value> {
    let minute = |n: u32| json!({"updateDate": format!("2024060108{n:02}00")});
    (1..=12).map(|n| sample::with(sample::unit(n), &minute(n))).collect()
}

async fn hub(db: &tests::Db, files: Files) -> Hub {
    let files = files.replacing(sample::SOURCE_FILE, CAP, &format!("{CAP}\nbody_cap_mb = 1"));
    let hub = Hub::new(db, Setup::empty(files)).await;
    hub.offer(SERVICE, &twelve()).await;
    hub
}

/// One page, whatever our own limit says.
async fn page(hub: &Hub) -> Step {
    loop {
        match hub.pull_step().await.unwrap() {
            Step::Paced(moment) => hub.wait_until(moment),
            other => return other,
        }
    }
}

/// What was kept of an answer that was no page.
struct Kept {
    status: Option<i64>,
    what: String,
    bytes: Vec<u8>,
}

async fn kept(hub: &Hub, asked: &Asked) -> Vec<Kept> {
    let rows = asked.rows("SELECT status, what, blob FROM failed_fetch ORDER BY no").await;
    let mut all = Vec::new();
    for row in rows {
        let digest: String = row.try_get_by_index(2).unwrap();
        let bytes = hub.store().blob(&digest).await.unwrap();
        all.push(Kept {
            status: row.try_get_by_index(0).unwrap(),
            what: row.try_get_by_index(1).unwrap(),
            bytes,
        });
    }
    all
}

/// A fault, the status that came with it, words of the error, and words of the bytes kept.
fn faults() -> Vec<(Value, i64, &'static str, &'static str)> {
    vec![
        (json!({"kind": "cut"}), 200, "应答在中途断开", "\"records\":[{"),
        (json!({"kind": "html"}), 200, "这是网页或 XML，不是 JSON", "会话已过期"),
        (json!({"kind": "rename_list"}), 200, "那里有的是：total、rows", "\"rows\":[{"),
        (json!({"kind": "refuse_credential"}), 401, "凭据", "令牌无效"),
        (json!({"kind": "huge", "bytes": 1_500_000}), 200, "1 MB", "\"records\":[{"),
        (json!({"kind": "malformed"}), 200, "JSON 之后还有别的内容", "}}}"),
        (json!({"kind": "fail"}), 200, "系统内部错误", "\"code\":\"500\""),
        (json!({"kind": "down"}), 503, "繁忙", "系统维护中"),
        (json!({"kind": "repeat_page", "times": 100}), 200, "与上一页完全相同", "\"records\":[{"),
    ]
}

/// The first page lands, the second is no page: what is kept, where the cursor stands, and that the next run ends well.
async fn a_second_page_that_is_none(hub: &Hub, asked: &Asked, fault: &(Value, i64, &str, &str)) -> Cursor {
    let (order, status, what, bytes) = fault;
    hub.ask().await;
    assert_eq!(page(hub).await, Step::Did(4), "{order}");
    let before = hub.cursor(SERVICE).await;
    hub.park.fault(order).await;
    let failed = page(hub).await;
    assert!(matches!(&failed, Step::Failed(why) if why.contains(what)), "{order}: {failed:?}");
    let last = kept(hub, asked).await.pop().unwrap();
    assert_eq!(last.status, Some(*status), "{order}");
    assert!(last.what.contains(what), "{order}: {}", last.what);
    assert!(String::from_utf8_lossy(&last.bytes).contains(bytes), "{order}");

    let after = hub.cursor(SERVICE).await;
    assert_eq!((&after.settled, after.due, after.failures), (&before.settled, true, 1), "{order}");
    assert!(after.not_before.is_some_and(|moment| moment > hub.now()), "{order}");
    hub.park.fault(&json!({"kind": order["kind"], "times": 0})).await;
    hub.wait_until(after.not_before.unwrap());
    let told = hub.read_on().await;
    assert_eq!((told.failed, told.later), (vec![], None), "{order}");
    let ended = hub.cursor(SERVICE).await;
    assert_eq!((ended.pass, ended.due, ended.failures, ended.last_error), (None, false, 0, None), "{order}");
    assert_eq!(resume(before.pass.as_ref()), "second page", "{order}");
    after
}

fn resume(pass: Option<&Pass>) -> &'static str {
    match pass.map(|pass| &pass.resume) {
        Some(adapters::Resume::Start) => "first page",
        Some(adapters::Resume::Page(2) | adapters::Resume::After(_)) => "second page",
        _ => "elsewhere",
    }
}

#[tokio::test]
async fn no_page_in_a_pass_by_time_and_the_pass_goes_on_where_it_stood() {
    on_both(async |db| {
        db.store().await.close().await.unwrap();
        let asked = Asked::open(db).await;
        for fault in faults() {
            let hub = hub(db, sample::keyset(SERVICE, 4)).await;
            let after = a_second_page_that_is_none(&hub, &asked, &fault).await;
            assert_eq!(resume(after.pass.as_ref()), "second page", "{}", fault.0);
            hub.refine().await;
            let units = hub.audit().await.kinds[SERVICE];
            assert_eq!(units, Found { found: 12, accepted: 12, ..Found::default() }, "{}", fault.0);
            db.wipe().await;
        }
        asked.close().await;
    })
    .await;
}

#[tokio::test]
async fn no_page_in_a_pass_by_number_and_the_pass_begins_again() {
    on_both(async |db| {
        db.store().await.close().await.unwrap();
        let asked = Asked::open(db).await;
        for fault in faults() {
            let hub = hub(db, sample::files(4)).await;
            let after = a_second_page_that_is_none(&hub, &asked, &fault).await;
            assert_eq!(resume(after.pass.as_ref()), "first page", "{}", fault.0);
            hub.refine().await;
            let units = hub.audit().await.kinds[SERVICE];
            assert_eq!(
                units,
                Found { found: 16, accepted: 12, unchanged: 4, ..Found::default() },
                "{}",
                fault.0
            );
            db.wipe().await;
        }
        asked.close().await;
    })
    .await;
}

#[tokio::test]
async fn of_a_body_over_the_cap_the_cap_is_kept_and_of_a_cut_one_what_came() {
    on_both(async |db| {
        let hub = hub(db, sample::files(12)).await;
        let asked = Asked::open(db).await;
        for order in [json!({"kind": "huge", "bytes": 1_500_000}), json!({"kind": "cut"})] {
            hub.park.fault(&order).await;
            hub.ask().await;
            assert!(matches!(page(&hub).await, Step::Failed(_)), "{order}");
        }
        assert_eq!(hub.pull().await.failed, Vec::<String>::new());
        let kept = kept(&hub, &asked).await;
        let whole: String =
            asked.column("SELECT blob FROM document WHERE service = 'risk_unit'").await.remove(0);
        let whole = hub.store().blob(&whole).await.unwrap();
        assert_eq!(kept[0].bytes.len(), 1 << 20);
        assert_eq!(kept[1].bytes, whole[..whole.len() / 2]);
        asked.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_total_that_lies_to_the_end_is_an_error() {
    on_both(async |db| {
        let hub = hub(db, sample::files(4)).await;
        let asked = Asked::open(db).await;
        hub.park.fault(&json!({"kind": "lie_total", "times": 100, "service": SERVICE})).await;
        let told = hub.pull().await;
        assert_eq!(told.failed.len(), 1, "{told:?}");
        assert!(told.failed[0].contains("宣称 15 条，读到 12 条"), "{told:?}");
        assert!(
            String::from_utf8(kept(&hub, &asked).await[0].bytes.clone()).unwrap().contains("\"total\":15")
        );
        let cursor = hub.cursor(SERVICE).await;
        assert_eq!((cursor.settled, cursor.last_whole_at, cursor.due), (None, None, true));
        hub.park.fault(&json!({"kind": "lie_total", "times": 0, "service": SERVICE})).await;
        assert_eq!(hub.pull().await.failed, Vec::<String>::new(), "a person's asking goes at once");
        hub.refine().await;
        let units = hub.audit().await.kinds[SERVICE];
        assert_eq!(units, Found { found: 24, accepted: 12, unchanged: 12, ..Found::default() });
        asked.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_total_that_moved_makes_the_pass_begin_again() {
    on_both(async |db| {
        let hub = hub(db, sample::files(4)).await;
        hub.park.fault(&json!({"kind": "lie_total"})).await;
        assert_eq!(hub.pull().await.failed, Vec::<String>::new());
        hub.refine().await;
        let units = hub.audit().await.kinds[SERVICE];
        assert_eq!(units, Found { found: 24, accepted: 12, unchanged: 12, ..Found::default() });
        assert_eq!(
            hub.park.json("/ledger").await["services"][SERVICE]["requests"],
            6,
            "three pages, and again"
        );
    })
    .await;
}

#[tokio::test]
async fn a_source_that_shows_one_page_for_ever_is_not_read_for_ever() {
    on_both(async |db| {
        let hub = hub(db, sample::keyset(SERVICE, 4)).await;
        hub.park.fault(&json!({"kind": "repeat_page", "times": 1_000})).await;
        for failures in 1..=3 {
            let told = hub.pull().await;
            assert_eq!((told.failed.len(), hub.cursor(SERVICE).await.failures), (1, failures), "{told:?}");
        }
        let ledger = hub.park.json("/ledger").await;
        assert_eq!(ledger["services"][SERVICE]["requests"], 4, "the first page, and one try a run");
    })
    .await;
}

/// A record, and the issues it must get; the first word is the code.
fn bad_records() -> Vec<(Value, &'static [&'static str])> {
    let unit = |n, changes: Value| sample::with(sample::unit(n), &changes);
    vec![
        (unit(2, json!({"riskUnitName": {"名": "罐区"}})), &["riskUnitName"]),
        (unit(3, json!({"createDate": "20240231080000"})), &["createDate"]),
        (unit(4, json!({"createDate": 20_240_601})), &["createDate"]),
        (unit(5, json!({"id": null})), &["id"]),
        (
            unit(6, json!({"riskUnitName": "名".repeat(201), "companyCode": "4109"})),
            &["companyCode", "riskUnitName"],
        ),
        (json!("不是一条记录"), &[""]),
        (json!(["也不是"]), &[""]),
    ]
}

#[tokio::test]
async fn a_bad_record_is_rejected_with_its_issues_and_its_neighbours_are_accepted() {
    on_both(async |db| {
        let hub = Hub::new(db, Setup::empty(sample::files(50))).await;
        let asked = Asked::open(db).await;
        let bad = bad_records();
        let mut rows = vec![sample::unit(1)];
        rows.extend(bad.iter().map(|(row, _)| row.clone()));
        rows.push(sample::unit(9));
        hub.offer(SERVICE, &rows).await;
        assert_eq!(hub.run().await.failed, Vec::<String>::new());
        assert_eq!(hub.audit().await.sum, Found { found: 9, accepted: 2, rejected: 7, ..Found::default() });
        assert_eq!(hub.cursor(SERVICE).await.last_error, None);
        for (place, (row, fields)) in (1..).zip(&bad) {
            let issues: Vec<String> = asked
                .column(&format!("SELECT issues FROM issue WHERE place = {place} AND verdict = 'rejected'"))
                .await;
            assert_eq!(issues.len(), 1, "{row}");
            let issues: Vec<Value> = serde_json::from_str(&issues[0]).unwrap();
            let mut named: Vec<&str> = issues.iter().map(|issue| issue["field"].as_str().unwrap()).collect();
            named.sort_unstable();
            assert_eq!(&named, fields, "{row}: {issues:?}");
            let says = |member: &str| issues.iter().all(|issue| !issue[member].as_str().unwrap().is_empty());
            assert!(says("code") && says("message") && says("advice"), "{issues:?}");
        }
        let ledger = hub.province.ledger().await;
        let taken: Vec<&String> = ledger["last"].as_object().unwrap().keys().collect();
        assert_eq!(taken, [&wire(1), &wire(9)]);
        asked.close().await;
    })
    .await;
}

#[tokio::test]
async fn rows_committed_late_and_at_equal_times_are_not_missed() {
    on_both(async |db| {
        let hub = Hub::new(db, Setup::empty(sample::keyset(SERVICE, 2))).await;
        let unit = |n: u32, time: &str| sample::with(sample::unit(n), &json!({"updateDate": time}));
        let first: Vec<Value> = [20, 21, 22, 23, 24].map(|n| unit(n, "20240601090000")).into();
        hub.offer(SERVICE, &first).await;
        assert_eq!(hub.run().await.failed, Vec::<String>::new());
        let settled = settled(&hub).await;
        assert_eq!(settled, "2024-06-01T01:00:00Z".parse::<DateTime<Utc>>().unwrap());

        // written before the last one was read, seen only now; with the very time that settled, on both sides of its id
        let late = [
            unit(1, "20240601085500"),
            unit(10, "20240601090000"),
            unit(30, "20240601090000"),
            unit(31, "20240601090001"),
        ];
        hub.offer(SERVICE, &late).await;
        assert_eq!(hub.run().await.failed, Vec::<String>::new());
        let units = hub.audit().await.kinds[SERVICE];
        assert_eq!(units, Found { found: 14, accepted: 9, unchanged: 5, ..Found::default() });
        let ledger = hub.province.ledger().await;
        assert_eq!((&ledger["distinct"], &ledger["records_received"]), (&json!(9), &json!(9)));
    })
    .await;
}

async fn settled(hub: &Hub) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(hub.cursor(SERVICE).await.settled.unwrap().0).unwrap()
}
