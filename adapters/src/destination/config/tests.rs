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
