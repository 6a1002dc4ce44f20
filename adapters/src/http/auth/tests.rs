//! Headers of each kind of credential, and that no secret shows.

use super::*;

fn environment() -> Environment {
    Environment::default().with("USER", "park").with("SECRET", "s3cret").with("BROKEN", "a\nb")
}

fn auth(toml: &str) -> Result<HeaderMap, AdapterError> {
    #[derive(Deserialize)]
    struct File {
        auth: AuthConfig,
    }
    toml::from_str::<File>(toml).unwrap().auth.headers(&environment())
}

#[test]
fn each_kind_has_its_header() {
    assert!(auth(r#"auth = { kind = "none" }"#).unwrap().is_empty());
    for (toml, name, value) in [
        // RFC 7617 §2: base64("Aladdin:open sesame") has this shape
        (
            r#"auth = { kind = "basic", user = "env:USER", password = "env:SECRET" }"#,
            "authorization",
            "Basic cGFyazpzM2NyZXQ=",
        ),
        (r#"auth = { kind = "bearer", token = "env:SECRET" }"#, "authorization", "Bearer s3cret"),
        (
            r#"auth = { kind = "header", name = "Access-Token", value = "env:SECRET" }"#,
            "access-token",
            "s3cret",
        ),
    ] {
        let headers = auth(toml).unwrap();
        assert_eq!(headers.len(), 1);
        let found = headers.get(name).unwrap();
        assert_eq!(found.as_bytes(), value.as_bytes());
        assert!(found.is_sensitive());
        assert_eq!(format!("{found:?}"), "Sensitive");
    }
}

#[test]
fn what_cannot_be_a_header_is_said_without_the_value() {
    for (toml, what) in [
        (r#"auth = { kind = "bearer", token = "env:NOWHERE" }"#, "NOWHERE"),
        (r#"auth = { kind = "bearer", token = "env:BROKEN" }"#, "请求头的值"),
        (r#"auth = { kind = "header", name = "a b", value = "env:SECRET" }"#, "请求头的名字"),
        (r#"auth = { kind = "basic", user = "a:b", password = "env:SECRET" }"#, "冒号"),
    ] {
        let error = auth(toml).unwrap_err();
        assert!(error.what.contains(what), "{}", error.what);
        assert!(!error.what.contains("s3cret") && !error.what.contains("a\nb"));
        assert_eq!(error.blame, crate::Blame::Config);
    }
}

#[test]
fn a_secret_cannot_be_written_plainly() {
    let error = toml::from_str::<AuthConfig>("kind = \"bearer\"\ntoken = \"s3cret\"").unwrap_err();
    assert!(error.message().contains("机密只能引用"), "{error}");
}

#[test]
fn plain_headers_are_plain_and_referenced_ones_hidden() {
    let settings = [
        ("tenant_id".to_owned(), Setting::from("t1".to_owned())),
        ("project".to_owned(), Setting::from("env:SECRET".to_owned())),
    ];
    let headers = plain_headers(settings.iter().map(|(name, value)| (name, value)), &environment()).unwrap();
    assert_eq!(headers["tenant_id"], "t1");
    assert!(!headers["tenant_id"].is_sensitive());
    assert_eq!(headers["project"], "s3cret");
    assert!(headers["project"].is_sensitive());
}
