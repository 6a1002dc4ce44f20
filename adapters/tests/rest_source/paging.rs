//! Passes by place and by token over real connections.

use adapters::{Ask, Blame, Next, Page, Resume};

use crate::{
    common::{Act, ok},
    rig::{Rig, ask, next},
};

const BY_PLACE: &str = r#"
[connect]
type = "rest"
base_url = "env:URL"
requests_per_s = 1000

[[services]]
name = "hazard"
[services.request]
path = "/open/hazards"
query = { offset = "{offset}", limit = "{size}" }
list = "rows"
total = "count"
paging = { kind = "offset", size = 2 }
"#;

const BY_TOKEN: &str = r#"
[connect]
type = "rest"
base_url = "env:URL"
requests_per_s = 1000

[[services]]
name = "hazard"
[services.request]
method = "POST"
path = "/open/hazards"
body = { cursor = "{next}", maxResults = "{size}" }
list = "data.list"
[services.request.paging]
kind = "next"
size = 2
max_pages = 4
token = "data.nextCursor"
more = { at = "data.hasMore", is = true }
"#;

/// Reads pages until the pass ends or fails.
async fn pass(rig: &Rig) -> (Vec<Page>, Option<adapters::AdapterError>) {
    let mut ask: Ask = ask("hazard");
    let mut pages = Vec::new();
    loop {
        let page = match rig.fetch(&ask).await {
            Ok(page) => page,
            Err(error) => return (pages, Some(error)),
        };
        ask = next(&ask, &page);
        pages.push(page);
        if !pages.last().unwrap().more {
            return (pages, None);
        }
    }
}

fn last_line(request: &str) -> &str {
    request.lines().last().unwrap()
}

fn first_line(request: &str) -> &str {
    request.lines().next().unwrap()
}

fn told(list: &str, cursor: &str, more: bool) -> Act {
    ok(&format!(r#"{{"data":{{"list":{list},"nextCursor":{cursor},"hasMore":{more}}}}}"#))
}

#[tokio::test]
async fn by_place_to_the_announced_end_also_where_the_source_gives_less_than_asked() {
    let acts = [
        r#"{"rows":[{"id":1},{"id":2}],"count":4}"#,
        r#"{"rows":[{"id":3}],"count":4}"#,
        r#"{"rows":[{"id":4}],"count":4}"#,
    ];
    let rig = Rig::new(BY_PLACE, acts.map(ok).to_vec()).await;
    let (pages, error) = pass(&rig).await;
    assert!(error.is_none(), "{error:?}");
    let places: Vec<&Resume> = pages.iter().map(|page| &page.to).collect();
    assert_eq!(places, [&Resume::Offset(2), &Resume::Offset(3), &Resume::Offset(4)]);
    let asked: Vec<String> =
        rig.fake.requests().iter().map(|request| first_line(request).to_owned()).collect();
    assert_eq!(asked, [0, 2, 3].map(|at| format!("GET /open/hazards?limit=2&offset={at} HTTP/1.1")));
}

#[tokio::test]
async fn by_token_until_there_is_none() {
    let acts = vec![
        told(r#"[{"id":1},{"id":2}]"#, r#""c1""#, true),
        told("[]", r#""c2""#, true),
        told(r#"[{"id":3}]"#, r#""""#, false),
    ];
    let rig = Rig::new(BY_TOKEN, acts).await;
    let (pages, error) = pass(&rig).await;
    assert!(error.is_none(), "{error:?}");
    let at =
        |token: &str, pages| Resume::Next(Next { token: token.to_owned(), pages, mark: token.to_owned() });
    assert_eq!((&pages[0].to, &pages[1].to), (&at("c1", 1), &at("c2", 2)));
    let bodies: Vec<String> =
        rig.fake.requests().iter().map(|request| last_line(request).to_owned()).collect();
    let asked =
        [r#"{"maxResults":2}"#, r#"{"cursor":"c1","maxResults":2}"#, r#"{"cursor":"c2","maxResults":2}"#];
    assert_eq!(bodies, asked, "the first page has no token");
}

#[tokio::test]
async fn a_token_that_comes_again_ends_the_pass_with_an_error() {
    let page = |id: u32, token: &str| told(&format!(r#"[{{"id":{id}}}]"#), &format!("\"{token}\""), true);
    let rig = Rig::new(BY_TOKEN, vec![page(1, "a"), page(2, "b"), page(3, "b")]).await;
    let (pages, error) = pass(&rig).await;
    let error = error.unwrap();
    assert!(error.what.contains("原地打转") && error.blame == Blame::Remote, "{}", error.what);
    assert_eq!(pages.len(), 2);
    assert!(String::from_utf8_lossy(&error.seen).contains("nextCursor"), "the bytes are kept");
}

#[tokio::test]
async fn tokens_without_end_stop_at_max_pages() {
    let page = |id: u32| told(&format!(r#"[{{"id":{id}}}]"#), &format!("\"t{id}\""), true);
    let rig = Rig::new(BY_TOKEN, (1..9).map(page).collect()).await;
    let (pages, error) = pass(&rig).await;
    assert!(error.unwrap().what.contains("max_pages"));
    assert_eq!((pages.len(), rig.fake.requests().len()), (4, 4));
}
