//! The tables as people write them: defaults, refusals, and the problems that a check names.

use super::*;

fn connect(toml: &str) -> Result<ConnectConfig, toml::de::Error> {
    toml::from_str(toml)
}

fn request(toml: &str) -> RequestConfig {
    toml::from_str(toml).unwrap()
}

#[test]
fn defaults_are_those_documented() {
    let ConnectConfig::Rest(rest) = connect("type = \"rest\"\nbase_url = \"http://park.example\"").unwrap();
    assert_eq!(rest.base_url, Setting::Plain("http://park.example".to_owned()));
    assert_eq!(rest.auth, AuthConfig::None);
    assert!((rest.requests_per_s - 5.0).abs() < f64::EPSILON);
    assert_eq!(rest.limits(), Limits::default());
    assert_eq!(
        rest.limits(),
        Limits { connect_timeout_ms: 5_000, read_timeout_ms: 30_000, timeout_ms: 120_000, body_cap_mb: 64 }
    );
    assert_eq!((rest.success, rest.time_format), (None, TimeFormat::default()));
    let list = request("path = \"/a\"\nlist = \"data\"");
    assert_eq!((list.method, list.paging, list.null_list), (Method::Get, PagingConfig::None, false));
}

#[test]
fn a_whole_number_will_do_for_a_rate() {
    let ConnectConfig::Rest(rest) =
        connect("type = \"rest\"\nbase_url = \"env:URL\"\nrequests_per_s = 2").unwrap();
    assert!((rest.requests_per_s - 2.0).abs() < f64::EPSILON);
    assert!(rest.base_url.is_reference());
}

#[test]
fn unknown_keys_and_types_are_refused() {
    for toml in [
        "type = \"rest\"\nbase_url = \"x\"\nbase_ulr = \"y\"",
        "type = \"soap\"\nbase_url = \"x\"",
        "type = \"rest\"",
        "type = \"rest\"\nbase_url = \"x\"\nauth = { kind = \"digest\" }",
        "type = \"rest\"\nbase_url = \"x\"\nauth = { kind = \"bearer\", token = \"env:T\", user = \"u\" }",
    ] {
        assert!(connect(toml).is_err(), "{toml}");
    }
    assert!(toml::from_str::<RequestConfig>("path = \"/a\"\nlist = \"d\"\nmethod = \"PUT\"").is_err());
    assert!(toml::from_str::<RequestConfig>("path = \"/a\"\nlist = \"d\"\npages = 3").is_err());
}

#[test]
fn problems_are_all_named() {
    let good = request(
        "path = \"/a\"\nlist = \"d\"\nquery = { p = \"{page}\" }\npaging = { kind = \"page\", size = 5 }",
    );
    assert_eq!(good.problems(), Vec::<String>::new());
    for (toml, problems) in [
        ("body = { a = \"{size}\" }", vec!["GET 请求没有请求体"]),
        ("method = \"POST\"\nbody = { a = 1 }\nform = { a = 1 }", vec!["只能写一个"]),
        ("query = { p = \"{pge}\" }", vec!["{pge}"]),
        (
            "query = { p = \"{pge}\" }\nmethod = \"POST\"\nbody = { q = { r = [\"{sze}\"] } }",
            vec!["{pge}", "{sze}"],
        ),
        ("paging = { kind = \"page\", size = 0 }", vec!["size 必须大于 0", "{page}"]),
        (
            "query = { p = \"{page}\" }\npaging = { kind = \"keyset\", size = 5, time = \"t\", id = \"i\" }",
            vec!["{after_time}", "{after_id}"],
        ),
    ] {
        let found = request(&format!("path = \"/a\"\nlist = \"d\"\n{toml}")).problems();
        assert_eq!(found.len(), problems.len(), "{found:?}");
        for (found, problem) in found.iter().zip(problems) {
            assert!(found.contains(problem), "{found} / {problem}");
        }
    }
    assert!(request("path = \"/a?b=1\"\nlist = \"d\"").problems()[0].contains("path 里不能有"));
}

#[test]
fn a_connection_that_cannot_be_made_is_told_with_all_its_problems() {
    let wrong = connect(
        "type = \"rest\"\nbase_url = \"htp:x\"\nrequests_per_s = nan\nread_timeout_ms = 0\n\
         auth = { kind = \"header\", name = \"X Token\", value = \"env:T\" }",
    );
    let keys: Vec<Vec<String>> = wrong.unwrap().problems().into_iter().map(|problem| problem.key).collect();
    assert_eq!(keys, [["base_url"], ["requests_per_s"], ["read_timeout_ms"], ["auth"]]);
    let basic = connect(
        "type = \"rest\"\nbase_url = \"http://a\"\nauth = { kind = \"basic\", user = \"a:b\", password = \"env:P\" }",
    );
    assert_eq!(basic.unwrap().problems()[0].message, "HTTP Basic 的用户名不能含冒号");
    let good =
        connect("type = \"rest\"\nbase_url = \"http://a\"\nauth = { kind = \"bearer\", token = \"env:T\" }");
    assert_eq!(good.unwrap().problems(), []);
}

#[test]
fn what_a_connection_refers_to_is_listed_by_key() {
    let listed = |auth: &str| {
        let connect = connect(&format!("type = \"rest\"\nbase_url = \"env:URL\"\nauth = {auth}")).unwrap();
        let references = connect.references();
        references.iter().map(|(key, reference)| format!("{key} {reference}")).collect::<Vec<_>>()
    };
    assert_eq!(listed("{ kind = \"none\" }"), ["base_url env:URL"]);
    assert_eq!(
        listed("{ kind = \"basic\", user = \"env:U\", password = \"file:p\" }"),
        ["base_url env:URL", "auth.user env:U", "auth.password file:p"]
    );
    assert_eq!(listed("{ kind = \"bearer\", token = \"env:T\" }"), ["base_url env:URL", "auth.token env:T"]);
    assert_eq!(
        listed("{ kind = \"header\", name = \"a\", value = \"env:V\" }"),
        ["base_url env:URL", "auth.value env:V"]
    );
}
