//! What goes over the wire for an ask: parameters, bodies, bounds in the source's zone.

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::Asia::Shanghai;

use super::*;
use crate::source::{ConnectConfig, Mark, Window};

fn asking(toml: &str) -> Asking {
    let ConnectConfig::Rest(connect) =
        toml::from_str("type = \"rest\"\nbase_url = \"x\"\ntime_format = \"%Y%m%d%H%M%S\"").unwrap();
    Asking::new(&toml::from_str(toml).unwrap(), &connect, Shanghai).unwrap()
}

fn until() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 6, 12, 1, 30, 0).unwrap()
}

fn ask(resume: Resume) -> Ask {
    Ask {
        service: "s".to_owned(),
        window: Window { from: None, until: until() },
        resume,
        read: 0,
        before: None,
        now: until(),
    }
}

fn sent(asking: &Asking, ask: &Ask) -> (String, String, String) {
    let base = Url::parse("http://park.example/base/").unwrap();
    let (request, shown) = asking.request(&base, ask).unwrap();
    let body = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
    (request.url().to_string(), String::from_utf8(body.to_vec()).unwrap(), shown)
}

const KEYSET: &str = r#"
path = "/api/隐患/changes"
list = "data"
query = { from = "{from}", until = "{until}", afterTime = "{after_time}", afterId = "{after_id}", limit = "{size}", v = 2 }
paging = { kind = "keyset", size = 200, time = "T", id = "ID", overlap_s = 60 }
"#;

#[test]
fn the_first_request_of_a_first_pass_has_no_lower_bound() {
    let (url, body, shown) = sent(&asking(KEYSET), &ask(Resume::Start));
    assert_eq!(
        url,
        "http://park.example/base/api/%E9%9A%90%E6%82%A3/changes?limit=200&until=20240612093000&v=2"
    );
    assert_eq!(
        (body.as_str(), shown.as_str()),
        ("", "GET /api/隐患/changes ?limit=200&until=20240612093000&v=2")
    );
}

#[test]
fn a_pass_after_the_first_moment_there_is_begins_there() {
    let mut ask = ask(Resume::Start);
    ask.window.from = Some(DateTime::<Utc>::MIN_UTC);
    assert!(sent(&asking(KEYSET), &ask).0.contains("from=-262143"));
}

#[test]
fn a_later_pass_begins_an_overlap_before_what_is_settled_and_goes_on_after_a_mark() {
    let mark = Mark { time: "2024-06-12 08:00:00".to_owned(), id: "A&B".to_owned() };
    let mut ask = ask(Resume::After(mark));
    ask.window.from = Some(until() - TimeDelta::hours(1));
    let (url, ..) = sent(&asking(KEYSET), &ask);
    assert_eq!(
        url.split_once('?').unwrap().1,
        "afterId=A%26B&afterTime=2024-06-12+08%3A00%3A00&from=20240612082900&limit=200&until=20240612093000&v=2"
    );
}

#[test]
fn pages_are_counted_as_the_source_counts() {
    let post = asking(
        r#"
method = "POST"
path = "queryHiddenTroubleList"
list = "result.list"
body = { pageStart = "{page}", pageSize = "{size}", filter = { since = "{from}", states = [1, 2] } }
paging = { kind = "page", first = 0, size = 100 }
"#,
    );
    let (url, body, shown) = sent(&post, &ask(Resume::Start));
    assert_eq!(url, "http://park.example/base/queryHiddenTroubleList");
    assert_eq!(body, r#"{"filter":{"states":[1,2]},"pageSize":100,"pageStart":0}"#);
    assert_eq!(shown, format!("POST queryHiddenTroubleList {body}"));
    assert_eq!(
        sent(&post, &ask(Resume::Page(7))).1,
        r#"{"filter":{"states":[1,2]},"pageSize":100,"pageStart":7}"#
    );
}

#[test]
fn a_form_is_escaped_and_epochs_are_bare_numbers_in_json() {
    let form = asking(
        "method = \"POST\"\npath = \"/a\"\nlist = \"d\"\nform = { end = \"{until}\", name = \"甲&乙\" }\ntime_format = \"epoch_ms\"",
    );
    let (_, body, shown) = sent(&form, &ask(Resume::Start));
    assert_eq!(body, "end=1718155800000&name=%E7%94%B2%26%E4%B9%99");
    assert_eq!(shown, "POST /a end=1718155800000&name=甲&乙");
    let json = asking(
        "method = \"POST\"\npath = \"/a\"\nlist = \"d\"\nbody = { end = \"{until}\" }\ntime_format = \"epoch_s\"",
    );
    assert_eq!(sent(&json, &ask(Resume::Start)).1, r#"{"end":1718155800}"#);
}

#[test]
fn a_pass_without_end_asks_no_more() {
    let paged = asking(
        "path = \"/a\"\nlist = \"d\"\nquery = { p = \"{page}\" }\npaging = { kind = \"page\", size = 5, max_pages = 2 }",
    );
    let base = Url::parse("http://park.example").unwrap();
    let mut ask = ask(Resume::Page(3));
    ask.read = 9;
    assert!(paged.request(&base, &ask).is_ok());
    ask.read = 10;
    let error = paged.request(&base, &ask).unwrap_err();
    assert_eq!(error.what, "本轮已读 10 条，超过 max_pages 页仍未结束");
    assert_eq!(error.certainty, Certainty::NotReceived);
}
