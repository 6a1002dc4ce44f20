//! Logging in over real connections: one login, its token on every request, a new one when the old is refused, and no
//! storm when the new one is refused too.

use std::time::Duration;

use adapters::{AdapterError, Blame, Page, Retry};
use chrono::TimeDelta;

use crate::{
    common::{Act, answer, ok},
    rig::{Rig, ask, source, start},
};

const LOGIN: &str = r#"
[connect]
type = "rest"
base_url = "env:URL"
requests_per_s = 1000
headers = { tenant_id = "t1" }
success = { at = "code", is = "200", message = "msg" }

[connect.auth]
kind = "login"
path = "/auth/login"
body = { username = "{user}", password = "{digest}" }
token = "data.token"
expired = { at = "code", is = ["401", "401001"] }

[connect.auth.values]
user = "hub"
secret = "env:TOKEN"
digest = { text = "{secret}", as = ["md5", "upper"] }

[[services]]
name = "hazard"
[services.request]
path = "/hazards"
list = "rows"
"#;

const PAGE: &str = r#"{"code":200,"rows":[{"id":1}]}"#;
const EXPIRED: &str = r#"{"code":401001,"msg":"token失效"}"#;

fn token(token: &str) -> Act {
    ok(&format!(r#"{{"code":200,"data":{{"token":"{token}","expires_in":600}}}}"#))
}

/// What a fetch comes to when it is repeated as often as it asks for.
async fn fetched(rig: &Rig) -> Result<Page, AdapterError> {
    for _ in 0..10 {
        match rig.fetch(&ask("hazard")).await {
            Err(AdapterError { retry: Retry::Paced(wait), .. }) => {
                rig.clock.advance(TimeDelta::from_std(wait).unwrap());
            }
            done => return done,
        }
    }
    panic!("it asks for ever: {:?}", rig.fake.requests());
}

fn lines(rig: &Rig) -> Vec<String> {
    let line = |request: &String| request.lines().next().unwrap().replace(" HTTP/1.1", "");
    rig.fake.requests().iter().map(line).collect()
}

#[tokio::test]
async fn one_login_serves_every_request() {
    let rig = Rig::new(LOGIN, vec![token("t-1"), ok(PAGE), ok(PAGE)]).await;
    for _ in 0..2 {
        assert_eq!(fetched(&rig).await.unwrap().count, 1);
    }
    assert_eq!(lines(&rig), ["POST /auth/login", "GET /hazards", "GET /hazards"]);
    let requests = rig.fake.requests();
    // md5 of "s3cret", computed with md5sum
    let body = r#"{"password":"33E1B232A4E6FA0028A6670753749A17","username":"hub"}"#;
    assert!(requests[0].ends_with(body) && requests[0].contains("tenant_id: t1\r\n"), "{}", requests[0]);
    for request in &requests[1..] {
        assert!(request.contains("authorization: Bearer t-1\r\n"), "{request}");
    }
}

#[tokio::test]
async fn a_fetch_makes_one_exchange_at_most() {
    let rig = Rig::new(LOGIN, vec![token("t-1"), ok(PAGE)]).await;
    let first = rig.fetch(&ask("hazard")).await.unwrap_err();
    assert_eq!((first.retry, lines(&rig).len()), (Retry::Paced(Duration::ZERO), 1));
    assert!(first.seen.is_empty(), "the answer with the token is kept nowhere");
}

#[tokio::test]
async fn a_good_token_refused_by_status_or_by_word_is_fetched_anew_at_once() {
    for refusal in [answer(401, "", "no"), ok(EXPIRED)] {
        let acts = vec![token("t-1"), ok(PAGE), refusal, token("t-2"), ok(PAGE)];
        let rig = Rig::new(LOGIN, acts).await;
        fetched(&rig).await.unwrap();
        fetched(&rig).await.unwrap();
        let requests = rig.fake.requests();
        assert_eq!(requests.len(), 5);
        assert!(requests[4].contains("authorization: Bearer t-2\r\n"));
    }
}

#[tokio::test]
async fn a_new_token_that_is_refused_is_not_fetched_again_at_once() {
    let acts = vec![token("t-1"), ok(EXPIRED), token("t-2"), answer(401, "", ""), token("t-3"), ok(PAGE)];
    let rig = Rig::new(LOGIN, acts).await;
    for (exchanges, wait_s) in [(2, 60), (4, 300)] {
        let error = fetched(&rig).await.unwrap_err();
        assert!(error.what.contains("刚登录得到的令牌就不被接受"), "{}", error.what);
        assert_eq!((error.blame, error.retry), (Blame::Config, Retry::After(Duration::from_secs(wait_s))));
        rig.clock.advance(TimeDelta::seconds(30));
        let barred = fetched(&rig).await.unwrap_err();
        assert!(
            barred.what.contains("以免账号被锁") && barred.what.contains("令牌就不被接受"),
            "{}",
            barred.what
        );
        assert_eq!(rig.fake.requests().len(), exchanges, "nobody was asked");
        rig.clock.advance(TimeDelta::seconds(wait_s.cast_signed()));
    }
    assert_eq!(fetched(&rig).await.unwrap().count, 1);
}

#[tokio::test]
async fn a_refused_login_says_so_in_the_platforms_words_and_waits() {
    let acts =
        vec![ok(r#"{"code":421,"msg":"用户名或密码错误","data":{"token":"leak"}}"#), token("t"), ok(PAGE)];
    let rig = Rig::new(LOGIN, acts).await;
    let error = fetched(&rig).await.unwrap_err();
    assert!(
        error
            .what
            .contains("登录 /auth/login 不成：对方的应答不是成功：code 是 \"421\"；对方说：用户名或密码错误"),
        "{}",
        error.what
    );
    assert!(!error.what.contains("leak") && error.seen.is_empty() && !error.what.contains("s3cret"));
    assert_eq!((error.blame, error.retry), (Blame::Config, Retry::After(Duration::from_mins(1))));
    assert!(fetched(&rig).await.is_err());
    rig.clock.advance(TimeDelta::seconds(60));
    fetched(&rig).await.unwrap();
}

#[tokio::test]
async fn a_login_that_fails_otherwise_may_be_tried_again_soon() {
    for (act, what, blame) in [
        (answer(502, "", "bad gateway"), "HTTP 502", Blame::Remote),
        (answer(404, "", ""), "没有这个登录接口", Blame::Remote),
        (ok(r#"{"code":200,"data":{"tocken":"x"}}"#), "data.token 没有令牌", Blame::Remote),
        (ok("<html>"), "网页", Blame::Remote),
        (
            Act::Say(
                b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"code\":200,\"data\":{\"token\":\"leak\""
                    .to_vec(),
            ),
            "中途断开",
            Blame::Remote,
        ),
    ] {
        let rig = Rig::new(LOGIN, vec![act, token("t"), ok(PAGE)]).await;
        let error = fetched(&rig).await.unwrap_err();
        assert!(
            error.what.contains(what) && error.what.starts_with("登录 /auth/login 不成"),
            "{}",
            error.what
        );
        assert!(error.seen.is_empty(), "nothing of a login is kept");
        assert_eq!((error.blame, error.retry), (blame, Retry::Later), "{what}");
        fetched(&rig).await.unwrap();
    }
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends_but_used_once_in_any_case() {
    let told = LOGIN.replace("expired =", "lifetime = { at = \"data.expires_in\" }\nexpired =");
    let rig = Rig::new(&told, vec![token("t-1"), ok(PAGE), ok(PAGE), token("t-2"), ok(PAGE)]).await;
    fetched(&rig).await.unwrap();
    rig.clock.advance(TimeDelta::seconds(560));
    fetched(&rig).await.unwrap();
    rig.clock.advance(TimeDelta::seconds(8));
    fetched(&rig).await.unwrap();
    assert_eq!(lines(&rig)[3], "POST /auth/login", "thirty seconds before its end");

    let nought = LOGIN.replace("expired =", "lifetime_s = 1\nexpired =");
    let rig = Rig::new(&nought, vec![token("t-1"), ok(PAGE), token("t-2"), ok(PAGE)]).await;
    for _ in 0..2 {
        fetched(&rig).await.unwrap();
    }
    assert_eq!(rig.fake.requests().len(), 4);
}

#[tokio::test]
async fn two_who_need_a_token_at_once_share_one_login() {
    let rig = Rig::new(LOGIN, vec![token("t-1"), ok(PAGE), ok(PAGE)]).await;
    let hazard = ask("hazard");
    let (one, other) = tokio::join!(rig.source_fetch(&hazard), rig.source_fetch(&hazard));
    let logins = lines(&rig).iter().filter(|line| line.starts_with("POST")).count();
    assert_eq!(logins, 1, "{one:?} {other:?}");
}

#[tokio::test]
async fn logins_keep_to_the_limit_as_well() {
    let slow = LOGIN.replace("requests_per_s = 1000", "requests_per_s = 0.1");
    let rig = Rig::new(&slow, vec![token("t-1"), ok(PAGE)]).await;
    assert_eq!(rig.fetch(&ask("hazard")).await.unwrap_err().retry, Retry::Paced(Duration::ZERO));
    let Retry::Paced(wait) = rig.fetch(&ask("hazard")).await.unwrap_err().retry else { panic!() };
    assert!(wait > Duration::from_secs(8), "{wait:?}");
    assert_eq!(lines(&rig).len(), 1);
}

#[tokio::test]
async fn a_signature_of_token_and_moment_goes_with_every_request() {
    // the older Zhejiang gateway (transport.md §7, row 7): a secret that ends, sign = MD5(appKey + secret + requestTime)
    let signed = r#"
[connect]
type = "rest"
base_url = "env:URL"
requests_per_s = 1000
[connect.auth]
kind = "login"
path = "/gateway/app/refreshTokenByKey.htm"
form = { appKey = "{app_key}", requestTime = "{now_ms}", sign = "{first}" }
token = "datas.requestSecret"
lifetime = { at = "datas.requestSecretEndTime", unit = "epoch_ms" }
[connect.auth.put.query]
appKey = "{app_key}"
requestTime = "{now_ms}"
sign = "{sign}"
[connect.auth.values]
app_key = "A1"
app_secret = "env:TOKEN"
first = { text = "{app_key}{app_secret}{now_ms}", as = ["md5"] }
sign = { text = "{app_key}{token}{now_ms}", as = ["md5"] }
[[services]]
name = "hazard"
[services.request]
path = "/hazards"
list = "rows"
"#;
    let acts = vec![ok(r#"{"datas":{"requestSecret":"rs","requestSecretEndTime":1718199000000}}"#), ok(PAGE)];
    let rig = Rig::new(signed, acts).await;
    fetched(&rig).await.unwrap();
    let requests = rig.fake.requests();
    let first_ms = start().timestamp_millis() + 1_000;
    assert!(requests[0].contains("content-type: application/x-www-form-urlencoded\r\n"));
    assert!(requests[0].contains(&format!("appKey=A1&requestTime={first_ms}&sign=")), "{}", requests[0]);
    // md5sum of A1rs1718155802000
    let line = lines(&rig)[1].clone();
    assert_eq!(
        line,
        format!(
            "GET /hazards?appKey=A1&requestTime={}&sign={}",
            first_ms + 1_000,
            "b6ab6b606091f68055274d3636941c3d"
        ),
        "{line}"
    );
}

#[tokio::test]
async fn nothing_of_a_login_shows() {
    let rig = Rig::new(LOGIN, vec![token("t-1"), ok(PAGE)]).await;
    fetched(&rig).await.unwrap();
    let shown = format!("{:?}", rig.source);
    assert!(!shown.contains("s3cret") && !shown.contains("t-1"), "{shown}");
    let page = fetched(&Rig::new(LOGIN, vec![token("t-9"), ok(PAGE)]).await).await.unwrap();
    assert_eq!(page.documents[0].asked, "GET /hazards");
    let wrong = LOGIN.replace("env:TOKEN", "env:NOWHERE");
    assert!(source(&wrong, "http://127.0.0.1:1", &rig.clock).unwrap_err().what.contains("NOWHERE"));
}
