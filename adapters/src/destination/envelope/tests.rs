//! The form, byte for byte, and the wrapping, opened again as a receiver would.

use proptest::prelude::*;

use super::*;

const KEY: &str = "0123456789abcdef";

fn environment() -> Environment {
    Environment::default().with("KEY", KEY).with("IV", "0000000000000000").with("SHORT", "abc")
}

fn wrapping(toml: &str) -> Result<Wrapping, AdapterError> {
    Wrapping::build(Some(&toml::from_str(toml).unwrap()), &environment())
}

fn record(body: &str) -> WireRecord {
    WireRecord { id: "a".to_owned(), body: body.to_owned() }
}

#[test]
fn bodies_stand_in_an_array_as_they_are() {
    let records = [record("{\"id\":\"1\",\"n\":1.10}"), record(" {\"id\" : \"隐患\"} ")];
    assert_eq!(
        String::from_utf8(Encoder.encode(&records).unwrap().bytes).unwrap(),
        "[{\"id\":\"1\",\"n\":1.10},{\"id\" : \"隐患\"}]"
    );
    assert_eq!(Encoder.encode(&[]).unwrap().bytes, b"[]");
}

#[test]
fn a_body_that_is_no_object_is_refused() {
    for body in ["", "[]", "1", "{\"a\":1},{\"b\":2}", "{\"a\":1"] {
        let error = Encoder.encode(&[record("{}"), record(body)]).unwrap_err();
        assert!(error.0.starts_with("记录 a 不是"), "{body}: {error}");
    }
}

#[test]
fn the_national_envelope_is_the_vector_of_the_standard_pattern() {
    let wrapping =
        wrapping("field = \"datas\"\ncipher = \"aes-128-cbc\"\nkey = \"env:KEY\"\niv = \"env:KEY\"").unwrap();
    let (body, sent) = wrapping.wrap(r#"[{"id":"1","dangerName":"隐患"}]"#.as_bytes());
    assert_eq!(
        String::from_utf8(body).unwrap(),
        r#"{"datas":"Ga3jiNOxxP0pfmGnTTuJUL/PRrElvGtRaq1Q37m+CDEcT5KKosVkwiXR0963LyxF"}"#
    );
    assert_eq!(sent.with, "aes-128-cbc key=env:KEY iv=env:KEY");
    assert!(!format!("{wrapping:?}").contains(KEY));
}

#[test]
fn the_digest_is_of_what_went_out() {
    // SHA-256 of `[]`
    let bare = Wrapping::build(None, &environment()).unwrap();
    let (body, sent) = bare.wrap(b"[]");
    assert_eq!(body, b"[]");
    assert_eq!(sent.digest, "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945");
    assert_eq!(sent.with, "plain");
    let (body, sent) = wrapping("field = \"datas\"").unwrap().wrap(b"[]");
    assert_eq!(body, b"{\"datas\":[]}");
    assert_eq!(sent.digest, hex(&Sha256::digest(b"{\"datas\":[]}")));
}

#[test]
fn half_a_cipher_is_a_configuration_error() {
    for (toml, what) in [
        ("field = \"d\"\ncipher = \"aes-128-cbc\"\nkey = \"env:KEY\"", "要么都写"),
        ("field = \"d\"\nkey = \"env:KEY\"\niv = \"env:IV\"", "要么都写"),
        ("field = \"d\"\ncipher = \"aes-128-cbc\"\nkey = \"env:SHORT\"\niv = \"env:IV\"", "16 个字节"),
        ("field = \"d\"\ncipher = \"aes-128-cbc\"\nkey = \"env:NOWHERE\"\niv = \"env:IV\"", "NOWHERE"),
    ] {
        let error = wrapping(toml).unwrap_err();
        assert!(error.what.contains(what), "{}", error.what);
    }
}

proptest! {
    #[test]
    fn the_receiver_opens_what_was_sealed(payload: Vec<u8>) {
        let toml = "field = \"datas\"\ncipher = \"aes-128-cbc\"\nkey = \"env:KEY\"\niv = \"env:IV\"";
        let (body, _) = wrapping(toml).unwrap().wrap(&payload);
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let cipher = Cipher::from_texts(KEY, "0000000000000000").unwrap();
        prop_assert_eq!(cipher.open(body["datas"].as_str().unwrap()).unwrap(), payload);
    }
}
