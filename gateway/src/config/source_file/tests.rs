//! `source.toml`, right and wrong.

use adapters::{http::setting::Setting, source::RestConnect};
use chrono_tz::{Asia::Shanghai, Europe::Berlin};

use super::*;

const CONNECT: &str = "[connect]\ntype = 'rest'\nbase_url = 'env:URL'\n";

fn read_text(text: &str) -> (Option<SourceFile>, Vec<String>) {
    let file = RuleFile { path: "sources/park/source.toml".to_owned(), text: text.to_owned() };
    let mut problems = Vec::new();
    let source = read("park", &file, Shanghai, &mut problems);
    (
        source,
        problems.iter().map(|problem| problem.to_string().replace("sources/park/source.toml:", "")).collect(),
    )
}

fn services(text: &str) -> String {
    format!("{CONNECT}{text}")
}

#[test]
fn a_source_is_read_with_its_defaults() {
    let text = services("[[services]]\nname = 'a'\n[services.request]\npath = '/a'\nlist = 'rows'\n");
    let (source, problems) = read_text(&text);
    assert_eq!(problems, [""; 0]);
    let source = source.unwrap();
    assert_eq!((source.name.as_str(), source.title.as_str(), source.zone), ("park", "park", Shanghai));
    assert_eq!((&source.schedule, &source.full_read), (&None, &None));
    assert_eq!((source.services[0].title.as_str(), source.schedule_of("a")), ("a", None));
    let adapter = source.adapter();
    let ConnectConfig::Rest(RestConnect { base_url, .. }) = &adapter.connect;
    assert!(matches!(base_url, Setting::Elsewhere(_)));
    assert_eq!(adapter.services[0].request.path, "/a");
}

#[test]
fn schedules_are_in_the_sources_zone_and_a_services_own_comes_first() {
    let text = "title = '园区'\nzone = 'Europe/Berlin'\nschedule = '@daily'\nfull_read = '@weekly'\n"
        .to_owned()
        + &services(
            "[[services]]\nname = 'a'\nrequest = { path = '/a', list = '' }\n[[services]]\nname = 'b'\nschedule = '@hourly'\nrequest = { path = '/b', list = '' }\n",
        );
    let (source, problems) = read_text(&text);
    assert_eq!(problems, [""; 0]);
    let source = source.unwrap();
    let text =
        |service| source.schedule_of(service).map(|schedule| (schedule.text().to_owned(), schedule.zone()));
    assert_eq!(text("a"), Some(("@daily".to_owned(), Berlin)));
    assert_eq!(text("b"), Some(("@hourly".to_owned(), Berlin)));
    assert_eq!(text("c"), None);
    assert_eq!(source.full_read.as_ref().map(Schedule::text), Some("@weekly"));
}

#[test]
fn how_schedules_are_kept_is_as_usual_unless_it_is_said() {
    let services = services("[[services]]\nname = 'a'\nrequest = { path = '/a', list = '' }\n");
    let (source, problems) = read_text(&services);
    assert_eq!((source.unwrap().keeping, problems), (Keeping::default(), vec![]));
    let (source, problems) =
        read_text(&format!("schedule = '@daily'\njitter_s = 600\nmissed = 'each'\n{services}"));
    assert_eq!(problems, [""; 0]);
    let source = source.unwrap();
    assert_eq!(source.keeping, Keeping { jitter_s: 600, missed: Missed::Each });
    assert_eq!(source.runs_of("a").unwrap().keeping, source.keeping);
    assert!(source.full_runs().is_none());

    let (_, problems) = read_text(&format!("jitter_s = 21601\n{services}"));
    assert_eq!(problems, ["1:12: 错误: jitter_s 最多 21600（六小时）\n    jitter_s = 21601"]);
    let (source, problems) = read_text(&format!("missed = 'never'\n{services}"));
    assert!(source.is_none() && problems[0].starts_with("1:10: "), "{problems:?}");
}

#[test]
fn records_a_minute_are_a_limit_where_they_are_one() {
    let limited = |rate: &str| {
        read_text(&format!(
            "{CONNECT}records_per_min = {rate}\n[[services]]\nname = 'a'\nrequest = {{ path = '/a', list = '' }}\n"
        ))
    };
    let (source, problems) = limited("600");
    assert_eq!((source.unwrap().records_per_min(), problems), (Records::new(600.0).ok(), vec![]));
    let (_, problems) = limited("0.5");
    assert!(problems[0].contains("records_per_min = 0.5"), "{problems:?}");
}

#[test]
fn everything_that_is_wrong_is_listed_at_its_place() {
    let text = "zone = 'Mars'\nschedule = '61 * * * *'\n".to_owned()
        + &services(
            "[[services]]\nname = 'a'\nrequest = { path = '/a', list = '' }\n[[services]]\nname = 'a'\nrequest = { path = '/b', list = '', body = { a = 1 } }\n",
        );
    let (source, problems) = read_text(&text);
    assert!(source.is_some(), "what can be read is");
    assert!(problems[0].starts_with("1:8: 错误: 不认识时区“Mars”"), "{problems:#?}");
    assert!(problems[1].starts_with("2:12: 错误: 计划“61 * * * *”读不懂"), "{problems:#?}");
    assert!(problems[2].starts_with("10:8: 错误: 有两个服务都叫 a"), "{problems:#?}");
    assert!(problems[3].starts_with("11:11: 错误: 服务 a：GET 请求没有请求体"), "{problems:#?}");
    assert_eq!(problems.len(), 4);
}

#[test]
fn a_wrong_key_does_not_hide_a_wrong_schedule() {
    let (source, problems) = read_text("schedule = '* *'\nzone = 'Mars'\ntitel = 'x'\n");
    assert_eq!(source, None);
    for said in ["1:12: 错误: 计划“* *”读不懂", "2:8: 错误: 不认识时区", "3:1: 错误: 没有“titel”这个键"]
    {
        assert!(problems.iter().any(|problem| problem.starts_with(said)), "{said}\n{problems:#?}");
    }
}

#[test]
fn a_wrong_key_inside_connect_has_its_own_place() {
    let text = "[connect]\ntype = 'rest'\nbase_url = 'u'\nrequest_per_s = 1\n[[services]]\nname = 'a'\nrequest = { path = '/a', list = '' }\n";
    let (source, problems) = read_text(text);
    assert_eq!(source, None);
    assert_eq!(
        problems,
        ["4:1: 错误: 没有“request_per_s”这个键\n    request_per_s = 1\n    提示: 是不是 requests_per_s？"]
    );
}

#[test]
fn a_secret_in_the_file_is_refused_in_words_that_help() {
    let text = services(
        "auth = { kind = 'bearer', token = 'abc' }\n[[services]]\nname = 'a'\nrequest = { path = '/a', list = '' }\n",
    );
    let (_, problems) = read_text(&text);
    assert!(problems[0].contains("机密只能引用"), "{problems:#?}");
}

#[test]
fn a_source_without_services_offers_nothing() {
    let (_, problems) = read_text(&format!("services = []\n{CONNECT}"));
    assert!(problems[0].starts_with("1:1: 错误: 没有任何服务"), "{problems:#?}");
}

#[test]
fn a_time_the_sender_writes_wants_a_full_read() {
    let keyset = "[[services]]\nname = 'a'\n[services.request]\npath = '/a'\nlist = ''\nquery = { t = '{after_time}', i = '{after_id}' }\npaging = { kind = 'keyset', size = 5, time = 't', id = 'i' }\n";
    let (_, problems) = read_text(&services(keyset));
    let wanted: Vec<_> = problems.iter().filter(|problem| problem.contains("full_read")).collect();
    assert_eq!(wanted.len(), 1, "{problems:#?}");
    assert!(wanted[0].starts_with("5:8: 警告: 服务 a 按时间续读"), "{problems:#?}");
    let (_, problems) = read_text(&format!("full_read = '@weekly'\n{}", services(keyset)));
    assert!(!problems.iter().any(|problem| problem.contains("full_read")), "{problems:#?}");
}

#[test]
fn a_connection_that_cannot_be_made_is_said_key_by_key() {
    let text = "[connect]\ntype = 'rest'\nbase_url = 'ftp://x'\nrequests_per_s = -1\nread_timeout_ms = 0\nbody_cap_mb = 0\nauth = { kind = 'header', name = 'X Y', value = 'env:A' }\n[connect.headers]\nAuthorization = 'Bearer abc'\n'X Token' = 'env:B'\n[[services]]\nname = 'a'\nrequest = { path = '/a', list = '' }\n";
    let (source, problems) = read_text(text);
    assert!(source.is_some(), "what can be read is");
    let first_lines: Vec<&str> = problems.iter().filter_map(|problem| problem.lines().next()).collect();
    assert_eq!(
        first_lines,
        [
            "3:12: 错误: base_url 不是 http:// 或 https:// 开头的地址",
            "9:17: 警告: 请求头 Authorization 像是机密，不要明写：写成 env:变量名 或 file:路径",
            "10:13: 错误: \"X Token\" 不能作为请求头的名字",
            "4:18: 错误: requests_per_s = -1 不对：应大于 0，最多 1000000",
            "5:19: 错误: read_timeout_ms 必须大于 0",
            "6:15: 错误: body_cap_mb 必须大于 0",
            "7:8: 错误: \"X Y\" 不能作为请求头的名字",
        ]
    );
}

#[test]
fn a_wrong_key_elsewhere_does_not_hide_a_wrong_address() {
    let (_, problems) = read_text("titel = 'x'\n[connect]\ntype = 'rest'\nbase_url = 'htp:x'\n");
    assert!(problems.iter().any(|problem| problem.starts_with("4:12: 错误: base_url 不是")), "{problems:#?}");
    assert!(problems.iter().any(|problem| problem.starts_with("1:1: 错误: 没有“titel”")), "{problems:#?}");
}

#[test]
fn rates_that_are_no_rates_are_refused() {
    for rate in ["-1", "0", "0.0", "nan", "inf", "-inf"] {
        let text = format!(
            "{CONNECT}requests_per_s = {rate}\n[[services]]\nname = 'a'\nrequest = {{ path = '/a', list = '' }}\n"
        );
        let (_, problems) = read_text(&text);
        assert_eq!(problems.len(), 1, "{rate} {problems:#?}");
        assert!(problems[0].starts_with("4:18: 错误: requests_per_s = "), "{problems:#?}");
    }
}
