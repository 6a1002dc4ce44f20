//! `[connect.auth] kind = "login"` as people write it: defaults, refusals, and every problem at its key.

use super::*;
use crate::{http::auth::AuthConfig, reference::Environment};

const MINIMAL: &str = r#"
kind = "login"
path = "/login"
form = { username = "{user}", password = "{password}" }
token = "token"
values = { user = "env:USER", password = "env:SECRET" }
"#;

fn login(toml: &str) -> LoginConfig {
    match toml::from_str::<AuthConfig>(toml) {
        Ok(AuthConfig::Login(login)) => *login,
        other => panic!("{other:?}"),
    }
}

fn told(toml: &str) -> Vec<String> {
    let problems = AuthConfig::Login(Box::new(login(toml))).problems();
    problems.iter().map(|problem| format!("{}: {}", problem.key.join("."), problem.message)).collect()
}

fn with(lines: &str) -> String {
    format!("{MINIMAL}{lines}")
}

#[test]
fn defaults_are_those_documented() {
    let login = login(MINIMAL);
    assert_eq!((login.method, &login.put, &login.expired), (Method::Post, &Put::default(), &None));
    assert_eq!(login.put.headers["Authorization"], "Bearer {token}");
    assert_eq!((login.lifetime_s, login.lifetime.is_none(), login.success.is_none()), (None, true, true));
    assert_eq!(login.problems(), []);
    let lifetime: Lifetime = toml::from_str("at = \"expires_in\"").unwrap();
    assert_eq!(lifetime.unit, LifetimeUnit::S);
}

#[test]
fn what_it_refers_to_is_listed_by_key() {
    let sealed = MINIMAL.replace(
        "password = \"env:SECRET\"",
        "secret = \"env:SECRET\", password = { text = \"{secret}\", as = [\"aes-128-cbc\"], key = \"env:K\", iv = \"file:iv\" }",
    );
    let login = login(&sealed);
    let listed: Vec<String> =
        login.references().iter().map(|(key, reference)| format!("{key} {reference}")).collect();
    assert_eq!(
        listed,
        [
            "auth.values.password.key env:K",
            "auth.values.password.iv file:iv",
            "auth.values.secret env:SECRET",
            "auth.values.user env:USER"
        ]
    );
    assert_eq!(login.problems(), []);
}

#[test]
fn every_problem_is_named_at_its_key() {
    for (lines, said) in [
        ("body = { a = 1 }", "auth.form: body 与 form 只能写一个"),
        ("method = \"GET\"", "auth.method: GET 请求没有请求体"),
        ("lifetime_s = 0", "auth.lifetime_s: lifetime_s 必须大于 0"),
        ("lifetime_s = 5\nlifetime = { at = \"e\" }", "auth.lifetime_s: lifetime_s 与 lifetime 只能写一个"),
        ("query = { a = \"{usr}\" }", "auth.query: 没有名为 {usr} 的值；可用的有 {password} {user} {now_ms}"),
        ("query = { a = \"{token}\" }", "auth.query: {token} 要用到令牌，登录时还没有令牌"),
        ("put = { headers = { a = \"b\" } }", "auth.put: put 里没有 {token}"),
        ("put = { headers = { \"a b\" = \"{token}\" } }", "auth.put: \"a b\" 不能作为请求头的名字"),
        ("put = { query = { a = \"{token}{tok}\" } }", "auth.put: 没有名为 {tok} 的值"),
    ] {
        let found = told(&with(lines));
        assert!(found.iter().any(|found| found.starts_with(said)), "{said}\n{found:?}");
    }
    assert!(told(&MINIMAL.replace("\"/login\"", "\"/login?a=1\""))[0].starts_with("auth.path"));
    assert!(told(&MINIMAL.replace("token = \"token\"", "token = \"\""))[0].starts_with("auth.token"));
}

#[test]
fn values_are_checked_one_by_one() {
    for (value, said) in [
        ("now_ms = \"1\"", "auth.values.now_ms: now_ms 是现成的名字"),
        ("token = \"env:T\"", "auth.values.token: token 是现成的名字"),
        ("App2 = \"1\"", "auth.values.App2: 值的名字只能用小写"),
        ("app_secret = \"明写\"", "auth.values.app_secret: app_secret 像是机密"),
        (
            "sign = { text = \"{sum}\", as = [\"md5\"] }",
            "auth.values.sign: sign 里的 {sum} 应是直接写出的值或引用",
        ),
        ("a = { text = \"{b}\" }, b = { text = \"x\" }", "auth.values.a: a 里的 {b} 应是直接写出的值或引用"),
        ("a = { text = \"x\", as = [\"aes-128-cbc\"] }", "auth.values.a: aes-128-cbc 需要 key 与 iv"),
        ("a = { text = \"x\", key = \"env:K\" }", "auth.values.a: key 与 iv 只用于 aes-128-cbc"),
    ] {
        let found = told(&MINIMAL.replace("user = \"env:USER\"", &format!("user = \"env:USER\", {value}")));
        assert!(found.iter().any(|found| found.starts_with(said)), "{said}\n{found:?}");
    }
    let found = told(
        &MINIMAL
            .replace("user = \"env:USER\"", "user = \"a\", sign = { text = \"{token}\" }")
            .replace("{user}", "{sign}"),
    );
    assert!(found.iter().any(|found| found.starts_with("auth.form: {sign} 要用到令牌")), "{found:?}");
}

#[test]
fn shapes_nobody_wrote_are_refused() {
    for lines in [
        "user = \"u\"",
        "lifetime = { at = \"e\", unit = \"h\" }",
        "expired = { at = \"code\" }",
        "put = { header = \"a\" }",
    ] {
        assert!(toml::from_str::<AuthConfig>(&with(lines)).is_err(), "{lines}");
    }
    let number = MINIMAL.replace("user = \"env:USER\"", "user = 7");
    let error = toml::from_str::<AuthConfig>(&number).unwrap_err();
    assert!(error.message().contains("env:变量名"), "{error}");
    let transform = MINIMAL.replace("user = \"env:USER\"", "user = { text = \"x\", as = [\"md6\"] }");
    assert!(toml::from_str::<AuthConfig>(&transform).unwrap_err().message().contains("md6"));
}

#[test]
fn a_wrong_one_is_never_built() {
    let environment = Environment::default().with("USER", "u").with("SECRET", "s");
    assert!(Session::build(&login(MINIMAL), None, &environment).is_ok());
    assert!(Session::build(&login(&with("lifetime_s = 0")), None, &environment).is_err());
    assert!(Session::build(&login(MINIMAL), None, &Environment::default()).is_err());
}
