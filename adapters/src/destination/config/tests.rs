//! The tables as people write them.

use super::*;

fn connect(toml: &str) -> Result<DestinationConnect, toml::de::Error> {
    toml::from_str(toml)
}

#[test]
fn defaults_are_those_documented() {
    let DestinationConnect::Rest(rest) =
        connect("type = \"rest\"\nbase_url = \"http://province.example\"").unwrap();
    assert!((rest.requests_per_s - 1.0).abs() < f64::EPSILON);
    assert_eq!((rest.auth.clone(), rest.envelope.clone()), (GroupAuth::None, None));
    assert_eq!(rest.limits(), Limits::default());
}

#[test]
fn a_rule_reads_with_its_defaults() {
    let rule: VerdictConfig = toml::from_str("status = [200]\noutcome = \"refused\"").unwrap();
    assert_eq!((rule.unnamed, rule.class, rule.config_to_blame), (Unnamed::Again, RefusalClass::Busy, false));
    assert_eq!((rule.name, rule.named, rule.message), (None, None, None));
}

#[test]
fn unknown_keys_and_words_are_refused() {
    for toml in [
        "type = \"rest\"\nbase_url = \"x\"\nrequests_per_m = 1",
        "type = \"rest\"\nbase_url = \"x\"\nenvelope = { field = \"d\", cipher = \"sm4\" }",
        "type = \"rest\"\nbase_url = \"x\"\nenvelope = { field = \"d\", key = \"0123456789abcdef\" }",
        "type = \"rest\"\nbase_url = \"x\"\nauth = { kind = \"basic\", user = \"u\", password = \"plain\" }",
    ] {
        assert!(connect(toml).is_err(), "{toml}");
    }
    for toml in [
        "outcome = \"ok\"",
        "status = [200]",
        "outcome = \"taken\"\nbody = [{ at = \"a\", equals = \"b\" }]",
        "outcome = \"refused\"\nunnamed = \"maybe\"",
    ] {
        assert!(toml::from_str::<VerdictConfig>(toml).is_err(), "{toml}");
    }
}

const CONNECT: &str = "type = \"rest\"\nbase_url = \"http://a\"\n";

#[test]
fn a_connection_that_cannot_be_made_is_told_with_all_its_problems() {
    let told = |toml: &str| {
        let problems = connect(toml).unwrap().problems();
        problems.into_iter().map(|problem| problem.key.join(".")).collect::<Vec<_>>()
    };
    let common = "type = \"rest\"\nbase_url = \"a\"\nrequests_per_s = -1\ntimeout_ms = 0\nbody_cap_mb = 0\nheaders = { \"X Y\" = \"1\" }";
    assert_eq!(told(common), ["base_url", "headers.X Y", "requests_per_s", "timeout_ms", "body_cap_mb"]);
    for wrong in [
        "auth = { kind = \"basic\", user = \"u\" }",
        "auth = { kind = \"basic\", user = \"u\", password = \"env:P\", passwords = \"env:P\" }",
        "auth = { kind = \"basic\", user = \"u:{group}\", password = \"env:P\" }",
        "auth = { kind = \"header\", name = \"X Y\", value = \"env:P\" }",
    ] {
        assert_eq!(told(&format!("{CONNECT}{wrong}")), ["auth"], "{wrong}");
    }
    for half in [
        "cipher = \"aes-128-cbc\"",
        "key = \"env:K\", iv = \"env:K\"",
        "cipher = \"aes-128-cbc\", iv = \"env:K\"",
    ] {
        let toml = format!("{CONNECT}envelope = {{ field = \"d\", {half} }}");
        assert_eq!(told(&toml), ["envelope"], "{half}");
    }
    let whole = "envelope = { field = \"d\", cipher = \"aes-128-cbc\", key = \"env:K\", iv = \"env:K\" }";
    assert_eq!(told(&format!("{CONNECT}{whole}")), [""; 0]);
    let basic = "auth = { kind = \"basic\", user = \"{group}\", password = \"env:P\" }";
    assert_eq!(told(&format!("{CONNECT}{basic}")), [""; 0]);
}

#[test]
fn what_a_connection_refers_to_is_listed_by_key() {
    let toml = "type = \"rest\"\nbase_url = \"env:URL\"\nheaders = { a = \"env:A\", b = \"1\" }\n\
        auth = { kind = \"basic\", user = \"env:U\", passwords = \"file:p.csv\" }\n\
        envelope = { field = \"d\", cipher = \"aes-128-cbc\", key = \"env:K\", iv = \"env:I\" }";
    let connect = connect(toml).unwrap();
    let references = connect.references();
    let written: Vec<String> =
        references.iter().map(|(key, reference)| format!("{key} {reference}")).collect();
    let expected = [
        "base_url env:URL",
        "headers.a env:A",
        "auth.user env:U",
        "auth.passwords file:p.csv",
        "envelope.key env:K",
        "envelope.iv env:I",
    ];
    assert_eq!(written, expected);
}
