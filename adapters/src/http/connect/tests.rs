//! Settings of a connection that would fail, or tell a secret, only later.

use proptest::prelude::*;

use super::*;

fn plain(text: &str) -> Setting {
    Setting::Plain(text.to_owned())
}

fn problems(
    base_url: &str,
    headers: &[(&str, &str)],
    requests_per_s: f64,
    limits: Limits,
) -> Vec<ConnectProblem> {
    let base_url = Setting::from(base_url.to_owned());
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Setting::from((*value).to_owned())))
        .collect();
    Common { base_url: &base_url, headers: &headers, requests_per_s, records_per_min: None, limits }
        .problems()
}

fn of_rate(rate: f64) -> Vec<ConnectProblem> {
    problems("http://a", &[], rate, Limits::default())
}

fn of_header(name: &str, value: &str) -> Vec<ConnectProblem> {
    problems("http://a", &[(name, value)], 1.0, Limits::default())
}

#[test]
fn only_http_addresses_are_taken_and_none_is_repeated() {
    for text in ["", "park.example", "ftp://a", "file:///etc", "http://", "http//user:s3cret@a"] {
        let error = base_url(text).unwrap_err();
        assert_eq!(error.what, "base_url 不是 http:// 或 https:// 开头的地址");
    }
}

#[test]
fn an_address_that_nothing_can_follow_is_a_problem() {
    for wrong in ["ftp://x", "park.example/api", "htp:x", "", "ENV:URL", "env:"] {
        assert_eq!(
            problems(wrong, &[], 1.0, Limits::default()),
            [ConnectProblem::fatal(&["base_url"], "base_url 不是 http:// 或 https:// 开头的地址")],
            "{wrong}"
        );
    }
    for right in ["http://a", "https://a/b", " http://a ", "env:URL", "file:url", "http://user@a"] {
        assert_eq!(problems(right, &[], 1.0, Limits::default()), [], "{right}");
    }
    let [problem] = &problems("http://user:s3cret@a", &[], 1.0, Limits::default())[..] else { panic!("one") };
    assert!(!problem.is_fatal && problem.message.contains("机密") && !problem.message.contains("s3cret"));
}

#[test]
fn a_rate_that_cannot_be_kept_is_a_problem() {
    for wrong in [-1.0, 0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e7, 1e-320] {
        let [problem] = &of_rate(wrong)[..] else { panic!("{wrong}") };
        assert!(problem.is_fatal);
        assert_eq!(problem.key, ["requests_per_s"]);
        assert!(problem.message.contains("应大于 0"), "{}", problem.message);
    }
    for right in [0.001, 0.5, 1.0, 1e6] {
        assert_eq!(of_rate(right), [], "{right}");
    }
}

#[test]
fn limits_of_nought_are_problems_each_by_its_key() {
    let none = Limits { connect_timeout_ms: 0, read_timeout_ms: 0, timeout_ms: 0, body_cap_mb: 0 };
    let expected = ["connect_timeout_ms", "read_timeout_ms", "timeout_ms", "body_cap_mb"]
        .map(|key| ConnectProblem::fatal(&[key], format!("{key} 必须大于 0")));
    assert_eq!(problems("http://a", &[], 1.0, none), expected);
    let least = Limits { connect_timeout_ms: 1, read_timeout_ms: 1, timeout_ms: 1, body_cap_mb: 1 };
    assert_eq!(problems("http://a", &[], 1.0, least), []);
}

#[test]
fn an_exchange_ends_within_the_hour() {
    let of = |timeout_ms| problems("http://a", &[], 1.0, Limits { timeout_ms, ..Limits::default() });
    assert_eq!(of(3_600_000), []);
    assert_eq!(of(3_600_001), [ConnectProblem::fatal(&["timeout_ms"], "timeout_ms 最多 3600000（一小时）")]);
}

#[test]
fn names_and_values_that_no_header_can_have_are_problems() {
    for (name, value, what) in [
        ("X Token2", "env:A", "不能作为请求头的名字"),
        ("", "a", "不能作为请求头的名字"),
        ("a", "b\nc", "不允许的字符"),
    ] {
        let found = of_header(name, value);
        let fatal = found.iter().find(|problem| problem.is_fatal).unwrap();
        assert_eq!(fatal.key, ["headers", name]);
        assert!(fatal.message.contains(what), "{}", fatal.message);
    }
}

#[test]
fn a_secret_written_plainly_is_warned_of_by_its_headers_name() {
    for name in ["Authorization", "X-Token", "access_token", "X-API-KEY", "Cookie", "client-secret", "appKey"]
    {
        let [problem] = &of_header(name, "Bearer abc")[..] else { panic!("{name}") };
        assert!(!problem.is_fatal && problem.message.contains("env:") && problem.message.contains("file:"));
        assert!(problem.message.contains(name) && !problem.message.contains("abc"), "{}", problem.message);
        assert_eq!(of_header(name, "env:TOKEN"), [], "{name}");
    }
    for name in ["tenant_id", "X-Project", "Accept-Language", "keyed"] {
        assert_eq!(of_header(name, "1"), [], "{name}");
    }
}

#[test]
fn references_come_with_their_keys() {
    let (base_url, plain) = (Setting::from("env:URL".to_owned()), plain("1"));
    let token = Setting::from("file:token".to_owned());
    let headers = BTreeMap::from([("X-Token".to_owned(), token), ("tenant".to_owned(), plain)]);
    let common = Common {
        base_url: &base_url,
        headers: &headers,
        requests_per_s: 1.0,
        records_per_min: None,
        limits: Limits::default(),
    };
    let references = common.references();
    let written: Vec<(&str, String)> =
        references.iter().map(|(key, reference)| (key.as_str(), reference.to_string())).collect();
    assert_eq!(written, [("base_url", "env:URL".to_owned()), ("headers.X-Token", "file:token".to_owned())]);
}

proptest! {
    #[test]
    fn checking_is_total_and_agrees_with_building(address in "(https?://)?[a-z.:/@ 0-9]{0,20}|.{0,20}", name in ".{0,8}", rate in any::<f64>()) {
        let found = problems(&address, &[(&name, "v")], rate, Limits::default());
        let is_fatal = |key: &str| found.iter().any(|problem| problem.is_fatal && problem.key[0] == key);
        if !Setting::from(address.clone()).is_reference() {
            prop_assert_eq!(is_fatal("base_url"), base_url(&address).is_err());
        }
        prop_assert_eq!(is_fatal("headers"), name.parse::<reqwest::header::HeaderName>().is_err());
        prop_assert_eq!(is_fatal("requests_per_s"), pace::check_rate(rate).is_err());
    }
}
