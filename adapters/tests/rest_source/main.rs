//! A REST source over real connections: whole passes, and every way an answer can fail to be a page.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected should stop there"
)]

#[path = "../common/mod.rs"]
mod common;
mod login;
mod paging;
mod rig;

use std::time::Duration;

use adapters::{
    AdapterError, Ask, Blame, Certainty, Decode, ManualClock, Mark, Page, Part, Resume, Retry, Source,
};
use chrono::TimeDelta;
use common::{Act, Fake, answer, ok};
use rig::{Rig, ask, next, source, start};

const PAGES: &str = r#"
[connect]
type = "rest"
base_url = "env:URL"
auth = { kind = "header", name = "access-token", value = "env:TOKEN" }
headers = { tenant_id = "t1" }
requests_per_s = 1000
timeout_ms = 30000
body_cap_mb = 1
success = { at = "resCode", is = "0", message = "resMsg" }

[[services]]
name = "hazard"
[services.request]
method = "POST"
path = "/service/queryHiddenTroubleList"
body = { pageStart = "{page}", pageSize = "{size}" }
list = "result.hiddenTroubleList"
total = "result.totalCount"
paging = { kind = "page", first = 0, size = 2, max_pages = 10 }
"#;

const KEYSET: &str = r#"
[connect]
type = "rest"
base_url = "env:URL"
requests_per_s = 1000

[[services]]
name = "t_yhzlxx"
[services.request]
path = "/api/t_yhzlxx/changes"
query = { from = "{from}", until = "{until}", afterTime = "{after_time}", afterId = "{after_id}", limit = "{size}" }
list = "data"
paging = { kind = "keyset", size = 2, time = "UPDATE_TIME", id = "ID", overlap_s = 600 }
"#;

fn isdp(ids: &[u32], total: u32) -> String {
    let rows: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":{id}}}"#)).collect();
    format!(
        r#"{{"resCode":"0","resMsg":"成功","result":{{"hiddenTroubleList":[{}],"totalCount":{total}}}}}"#,
        rows.join(",")
    )
}

/// What comes of the first ask when the server answers so.
async fn failed(act: Act) -> AdapterError {
    let rig = Rig::new(PAGES, vec![act]).await;
    rig.fetch(&ask("hazard")).await.unwrap_err()
}

fn ids(page: &Page) -> Vec<String> {
    let document = &page.documents[0];
    let parts = document.parts.iter().map(|extent| Part {
        bytes: &document.bytes[usize::try_from(extent.from).unwrap()..usize::try_from(extent.to).unwrap()],
        first: extent.first,
        offset: extent.from,
    });
    parts
        .flat_map(|part| adapters::codec::JsonRecords.decode(&part).collect::<Vec<_>>())
        .map(|record| record.unwrap().fields[0].1.text.clone().into_owned())
        .collect()
}

mod passes {
    use super::*;

    #[tokio::test]
    async fn by_page_number_from_the_first_to_the_announced_end() {
        let acts = vec![ok(&isdp(&[1, 2], 5)), ok(&isdp(&[3, 4], 5)), ok(&isdp(&[5], 5))];
        let rig = Rig::new(PAGES, acts).await;
        let mut ask = ask("hazard");
        let mut seen = Vec::new();
        for (to, more) in [(1, true), (2, true), (2, false)] {
            let page = rig.fetch(&ask).await.unwrap();
            assert_eq!((&page.to, page.more, page.announced), (&Resume::Page(to), more, Some(5)));
            assert_eq!(page.reached, None);
            rig.source.landed(&page).await.unwrap();
            seen.extend(ids(&page));
            ask = next(&ask, &page);
        }
        assert_eq!(seen, ["1", "2", "3", "4", "5"]);
        assert_eq!(ask.read, 5);
        let requests = rig.fake.requests();
        assert_eq!(requests.len(), 3);
        for (number, request) in requests.iter().enumerate() {
            assert!(request.starts_with("POST /service/queryHiddenTroubleList HTTP/1.1\r\n"), "{request}");
            assert!(request.contains("access-token: s3cret\r\n") && request.contains("tenant_id: t1\r\n"));
            assert!(request.contains("content-type: application/json\r\n"));
            assert!(request.ends_with(&format!("{{\"pageSize\":2,\"pageStart\":{number}}}")), "{request}");
        }
    }

    #[tokio::test]
    async fn the_document_is_what_came_and_the_digest_is_of_its_list() {
        let body = isdp(&[1, 2], 2);
        let page = Rig::new(PAGES, vec![ok(&body)]).await.fetch(&ask("hazard")).await.unwrap();
        assert_eq!(page.documents[0].bytes, body.as_bytes());
        assert_eq!(
            page.documents[0].asked,
            "POST /service/queryHiddenTroubleList {\"pageSize\":2,\"pageStart\":0}"
        );
        // SHA-256 of [{"id":1},{"id":2}]
        assert_eq!(page.digest, "7dcee6a0c50483d0fb68d53b37822d55409a37928ffa228c6b9a482e3373e770");
        assert_eq!((page.count, page.more), (2, false));
    }

    #[tokio::test]
    async fn by_time_and_id_through_equal_times_to_the_end() {
        let acts = vec![
            ok(
                r#"{"data":[{"ID":"a","UPDATE_TIME":"2024-06-12 09:00:00"},{"ID":"b","UPDATE_TIME":"2024-06-12 09:00:00"}]}"#,
            ),
            ok(r#"{"data":[{"ID":"c","UPDATE_TIME":"2024-06-12 09:00:00"}]}"#),
        ];
        let rig = Rig::new(KEYSET, acts).await;
        let mut first = ask("t_yhzlxx");
        first.window.from = Some(start() - TimeDelta::hours(1));
        let page = rig.fetch(&first).await.unwrap();
        let mark =
            |id: &str| Resume::After(Mark { time: "2024-06-12 09:00:00".to_owned(), id: id.to_owned() });
        assert_eq!((&page.to, page.more), (&mark("b"), true));
        let page = rig.fetch(&next(&first, &page)).await.unwrap();
        assert_eq!((&page.to, page.more), (&mark("c"), false));
        assert_eq!(page.reached, Some(start() - TimeDelta::minutes(30)));
        let lines: Vec<String> =
            rig.fake.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
        let window = "from=2024-06-12+08%3A20%3A00&limit=2&until=2024-06-12+09%3A30%3A00";
        assert_eq!(
            lines,
            [
                format!("GET /api/t_yhzlxx/changes?{window} HTTP/1.1"),
                format!(
                    "GET /api/t_yhzlxx/changes?afterId=b&afterTime=2024-06-12+09%3A00%3A00&{window} HTTP/1.1"
                ),
            ]
        );
    }

    #[tokio::test]
    async fn a_time_of_the_future_settles_nothing() {
        let act = ok(r#"{"data":[{"ID":"a","UPDATE_TIME":"2099-01-01 00:00:00"}]}"#);
        let page = Rig::new(KEYSET, vec![act]).await.fetch(&ask("t_yhzlxx")).await.unwrap();
        assert_eq!(page.reached, None);
    }

    #[tokio::test]
    async fn an_empty_list_is_a_page() {
        let page = Rig::new(PAGES, vec![ok(&isdp(&[], 0))]).await.fetch(&ask("hazard")).await.unwrap();
        assert_eq!(
            (page.count, page.more, page.to, page.documents[0].parts.len()),
            (0, false, Resume::Page(0), 0)
        );
        let null = r#"{"resCode":"0","result":{"hiddenTroubleList":null,"totalCount":0}}"#;
        let page = Rig::new(PAGES, vec![ok(null)]).await.fetch(&ask("hazard")).await.unwrap();
        assert_eq!((page.count, page.more), (0, false));
    }

    #[tokio::test]
    async fn one_bad_record_does_not_cost_the_page() {
        let act = ok(r#"{"resCode":"0","result":{"hiddenTroubleList":[{"id":"\q"},7],"totalCount":2}}"#);
        assert_eq!(Rig::new(PAGES, vec![act]).await.fetch(&ask("hazard")).await.unwrap().count, 2);
    }
}

mod answers_that_are_no_page {
    use super::*;

    async fn said(act: Act, what: &str, seen: &str) -> AdapterError {
        let error = failed(act).await;
        assert!(error.what.contains(what), "{}", error.what);
        assert!(error.what.starts_with("POST /service/queryHiddenTroubleList"), "{}", error.what);
        assert!(!error.what.contains("s3cret"));
        assert_eq!(String::from_utf8_lossy(&error.seen), seen, "the bytes are kept");
        error
    }

    #[tokio::test]
    async fn cut_by_length() {
        let act = Act::Say(b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"resCode\":\"0\",".to_vec());
        let error = said(act, "应答在中途断开，只收到 15 字节", r#"{"resCode":"0","#).await;
        assert_eq!(
            (error.status, error.certainty, error.retry),
            (Some(200), Certainty::Unknown, Retry::Later)
        );
    }

    #[tokio::test]
    async fn cut_in_a_chunk() {
        let act = Act::Say(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"res\r\n9\r\nCode".to_vec(),
        );
        said(act, "应答在中途断开", "{\"resCode").await;
    }

    #[tokio::test]
    async fn cut_where_only_the_json_can_tell() {
        let act = Act::Say(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"resCode\":\"0\"".to_vec());
        let error = said(act, "不是完整的 JSON：第 14 字节，内容在这里断了", r#"{"resCode":"0""#).await;
        assert_eq!(error.certainty, Certainty::Received);
    }

    #[tokio::test]
    async fn a_web_page_with_status_200() {
        let error =
            said(answer(200, "", "<!DOCTYPE html><p>login"), "这是网页", "<!DOCTYPE html><p>login").await;
        assert_eq!((error.blame, error.status), (Blame::Remote, Some(200)));
    }

    #[tokio::test]
    async fn the_list_under_another_name() {
        let body = r#"{"resCode":"0","result":{"riskList":[{"id":1}],"total":1}}"#;
        said(ok(body), "在 result.hiddenTroubleList 没有记录列表；那里有的是：riskList、total", body).await;
    }

    #[tokio::test]
    async fn no_list_at_all() {
        let body = r#"{"resCode":"0","result":{"hiddenTroubleList":"[]"}}"#;
        said(ok(body), "result.hiddenTroubleList 不是列表", body).await;
        let body = r#"{"resCode":"0","result":{"hiddenTroubleList":null,"totalCount":3}}"#;
        said(ok(body), "请设 null_list = true", body).await;
    }

    #[tokio::test]
    async fn a_refused_credential_is_ours_to_mend() {
        for status in [401, 403] {
            let error = said(answer(status, "", "{}"), "请检查 [connect] auth", "{}").await;
            assert_eq!((error.blame, error.retry, error.status), (Blame::Config, Retry::Later, Some(status)));
        }
    }

    #[tokio::test]
    async fn a_failure_in_its_own_words() {
        let body = r#"{"resCode":"40101","resMsg":"token 已过期"}"#;
        said(ok(body), "resCode 是 \"40101\"；对方说：token 已过期", body).await;
        said(ok("{}"), "resCode 没有这个字段", "{}").await;
    }

    #[tokio::test]
    async fn more_after_the_end() {
        let body = format!("{} {{}}", isdp(&[1], 1));
        said(ok(&body), "JSON 之后还有别的内容", &body).await;
    }

    #[tokio::test]
    async fn longer_than_the_cap() {
        let body = " ".repeat((1 << 20) + 1);
        let error = failed(ok(&body)).await;
        assert!(error.what.contains("超过上限 1 MB"), "{}", error.what);
        assert_eq!((error.seen.len(), error.status), (1 << 20, Some(200)));
        let page = isdp(&[1], 1);
        let just_fits = format!("{page}{}", " ".repeat((1 << 20) - page.len()));
        assert!(Rig::new(PAGES, vec![ok(&just_fits)]).await.fetch(&ask("hazard")).await.is_ok());
    }

    #[tokio::test]
    async fn busy_with_and_without_a_time() {
        let error = said(answer(429, "retry-after: 7\r\n", "slow"), "HTTP 429", "slow").await;
        assert_eq!((error.blame, error.retry), (Blame::Remote, Retry::After(Duration::from_secs(7))));
        let date = "retry-after: Wed, 12 Jun 2024 01:31:01 GMT\r\n";
        let error = said(answer(503, date, ""), "HTTP 503", "").await;
        assert_eq!(error.retry, Retry::After(Duration::from_mins(1)));
        assert_eq!(said(answer(503, "", ""), "HTTP 503", "").await.retry, Retry::Later);
    }

    #[tokio::test]
    async fn a_redirect_to_another_host_or_method_is_not_followed() {
        let other = Fake::play(vec![ok(&isdp(&[1], 1))]).await;
        let location = format!("location: {}/x\r\n", other.url);
        let error = said(answer(307, &location, ""), "HTTP 307", "").await;
        assert_eq!(error.blame, Blame::Config);
        assert_eq!(other.requests().len(), 0);
        said(answer(302, "location: /elsewhere\r\n", ""), "HTTP 302", "").await;
    }

    #[tokio::test]
    async fn a_redirect_at_home_is() {
        let acts = vec![answer(307, "location: /moved\r\n", ""), ok(&isdp(&[1], 1))];
        let rig = Rig::new(PAGES, acts).await;
        assert_eq!(rig.fetch(&ask("hazard")).await.unwrap().count, 1);
        let requests = rig.fake.requests();
        assert!(
            requests[1].starts_with("POST /moved ") && requests[1].ends_with("\"pageStart\":0}"),
            "{}",
            requests[1]
        );
    }

    #[tokio::test]
    async fn other_statuses() {
        assert_eq!(said(answer(404, "", "x"), "HTTP 404", "x").await.blame, Blame::Config);
        assert_eq!(
            said(answer(500, "", &isdp(&[1], 1)), "HTTP 500", &isdp(&[1], 1)).await.blame,
            Blame::Remote
        );
    }
}

mod totals_and_repetition {
    use super::*;

    #[tokio::test]
    async fn a_total_that_lies_is_named_with_what_was_read() {
        let rig = Rig::new(PAGES, vec![ok(&isdp(&[1, 2], 1))]).await;
        let error = rig.fetch(&ask("hazard")).await.unwrap_err();
        assert!(error.what.ends_with("宣称 1 条，读到 2 条"), "{}", error.what);
        assert_eq!(error.seen, isdp(&[1, 2], 1).as_bytes());

        let rig = Rig::new(PAGES, vec![ok(&isdp(&[], 7))]).await;
        let error = rig.fetch(&Ask { read: 4, ..ask("hazard") }).await.unwrap_err();
        assert!(error.what.ends_with("宣称 7 条，读到 4 条"), "{}", error.what);
    }

    #[tokio::test]
    async fn a_page_that_repeats_is_an_error_each_time() {
        let rig =
            Rig::new(PAGES, vec![ok(&isdp(&[1, 2], 9)), ok(&isdp(&[1, 2], 9)), ok(&isdp(&[1, 2], 9))]).await;
        let first = ask("hazard");
        let page = rig.fetch(&first).await.unwrap();
        let second = next(&first, &page);
        for _ in 0..2 {
            let error = rig.fetch(&second).await.unwrap_err();
            assert!(error.what.contains("这一页与上一页完全相同"), "{}", error.what);
        }
    }

    #[tokio::test]
    async fn a_pass_longer_than_max_pages_is_not_asked_on() {
        let rig = Rig::new(PAGES, vec![]).await;
        let error =
            rig.fetch(&Ask { read: 20, resume: Resume::Page(11), ..ask("hazard") }).await.unwrap_err();
        assert!(error.what.contains("max_pages"), "{}", error.what);
        assert_eq!(rig.fake.requests().len(), 0);
    }

    #[tokio::test]
    async fn a_keyset_that_stands_still_or_goes_back_is_an_error() {
        let page = r#"{"data":[{"ID":"b","UPDATE_TIME":"2024-06-12 09:00:00"},{"ID":"b","UPDATE_TIME":"2024-06-12 09:00:00"}]}"#;
        let rig = Rig::new(KEYSET, vec![ok(page), ok(page)]).await;
        let mark =
            |id: &str| Resume::After(Mark { time: "2024-06-12 09:00:00".to_owned(), id: id.to_owned() });
        let error = rig.fetch(&Ask { resume: mark("b"), ..ask("t_yhzlxx") }).await.unwrap_err();
        assert!(error.what.contains("没有推进"), "{}", error.what);
        let error = rig.fetch(&Ask { resume: mark("c"), ..ask("t_yhzlxx") }).await.unwrap_err();
        assert!(error.what.contains("没有按（UPDATE_TIME，ID）排序"), "{}", error.what);
    }
}

mod connections {
    use super::*;

    #[tokio::test]
    async fn nobody_there() {
        let clock = ManualClock::starting(start());
        let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let source = source(PAGES, &format!("http://{free}"), &clock).unwrap();
        let error = source.fetch(&ask("hazard")).await.unwrap_err();
        assert!(error.what.contains("连接不上"), "{}", error.what);
        assert_eq!(
            (error.certainty, error.retry, error.status),
            (Certainty::NotReceived, Retry::Later, None)
        );
    }

    /// What comes of the first ask when nobody waits long.
    async fn impatient(act: Act) -> AdapterError {
        let rig = Rig::new(&PAGES.replace("timeout_ms = 30000", "timeout_ms = 300"), vec![act]).await;
        rig.fetch(&ask("hazard")).await.unwrap_err()
    }

    #[tokio::test]
    async fn no_answer_in_time() {
        let error = impatient(Act::Hold(Vec::new())).await;
        assert!(error.what.contains("等应答超时"), "{}", error.what);
        assert_eq!((error.certainty, error.status), (Certainty::Unknown, None));
    }

    #[tokio::test]
    async fn an_answer_that_stops() {
        let error =
            impatient(Act::Hold(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"a\"".to_vec())).await;
        assert!(error.what.contains("读应答超时，只收到 4 字节"), "{}", error.what);
        assert_eq!((error.seen.as_slice(), error.status), (&b"{\"a\""[..], Some(200)));
    }

    #[tokio::test]
    async fn hung_up_without_an_answer() {
        let error = failed(Act::Say(Vec::new())).await;
        assert!(error.what.contains("没有得到应答"), "{}", error.what);
        assert_eq!(error.certainty, Certainty::Unknown);
    }

    #[tokio::test]
    async fn the_limit_is_said_and_nothing_is_sent() {
        let slow = PAGES.replace("requests_per_s = 1000", "requests_per_s = 0.5");
        let rig = Rig::new(&slow, vec![ok(&isdp(&[1, 2], 4)), ok(&isdp(&[3, 4], 4))]).await;
        let page = rig.source.fetch(&ask("hazard")).await.unwrap();
        let second = next(&ask("hazard"), &page);
        let error = rig.source.fetch(&second).await.unwrap_err();
        assert_eq!((error.retry, error.blame), (Retry::Paced(Duration::from_secs(2)), Blame::Us));
        assert_eq!(rig.fake.requests().len(), 1);
        rig.clock.advance(TimeDelta::seconds(2));
        assert_eq!(rig.source.fetch(&second).await.unwrap().count, 2);
    }
}

mod configuration {
    use super::*;

    #[tokio::test]
    async fn what_is_wrong_is_said_with_the_source() {
        let clock = ManualClock::starting(start());
        for (from, to, what) in [
            ("env:URL", "env:NOWHERE", "来源 park：环境变量 NOWHERE 没有设置"),
            ("env:URL", "park.example", "来源 park：base_url 不是"),
            ("{page}", "{pge}", "来源 park：服务 hazard：不认识的占位符 {pge}"),
            ("requests_per_s = 1000", "requests_per_s = 0", "来源 park：requests_per_s = 0"),
        ] {
            let error = source(&PAGES.replace(from, to), "http://127.0.0.1:1", &clock).unwrap_err();
            assert!(error.what.starts_with(what), "{}", error.what);
            assert_eq!((error.blame, error.retry), (Blame::Config, Retry::Never));
        }
        let source = source(PAGES, "http://127.0.0.1:1", &clock).unwrap();
        assert!(source.fetch(&ask("nothing")).await.unwrap_err().what.contains("没有名为 nothing 的服务"));
    }
}
