//! Texts made of values, and the named transforms against vectors computed elsewhere.

use chrono::TimeZone;
use proptest::prelude::*;

use super::*;

fn values(toml: &str) -> BTreeMap<String, ValueConfig> {
    toml::from_str(toml).unwrap()
}

fn environment() -> Environment {
    Environment::default().with("PW", "secret").with("KEY", "0123456789abcdef").with("SHORT", "0123")
}

fn filled(toml: &str, text: &str) -> Option<String> {
    let resolved = Values::resolve(&values(toml), &environment()).unwrap();
    let now = Utc.timestamp_millis_opt(1_718_155_800_123).unwrap();
    resolved.at(now, Some(&SecretString::from("tok"))).fill(text)
}

/// Computed with md5sum, sha256sum, base64 and `openssl enc -aes-128-cbc`.
#[test]
fn transforms_are_what_other_tools_compute() {
    for (transforms, written) in [
        ("[]", "secret"),
        ("[\"md5\"]", "5ebe2294ecd0e0f08eab7690d2a6ee69"),
        ("[\"md5\", \"upper\"]", "5EBE2294ECD0E0F08EAB7690D2A6EE69"),
        ("[\"sha256\"]", "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"),
        ("[\"base64\"]", "c2VjcmV0"),
        ("[\"md5\", \"md5\"]", "7022cd14c42ff272619d6beacdc9ffde"),
    ] {
        let toml = format!("pw = \"env:PW\"\nsum = {{ text = \"{{pw}}\", as = {transforms} }}");
        assert_eq!(filled(&toml, "{sum}").unwrap(), written, "{transforms}");
    }
}

/// transport.md §7: the interop vector of pattern 1, key = IV.
#[test]
fn the_national_cipher_is_a_transform() {
    let toml = "sum = { text = '[{\"id\":\"1\",\"dangerName\":\"隐患\"}]', as = [\"aes-128-cbc\"], key = \"env:KEY\", iv = \"env:KEY\" }";
    assert_eq!(
        filled(toml, "{sum}").unwrap(),
        "Ga3jiNOxxP0pfmGnTTuJUL/PRrElvGtRaq1Q37m+CDEcT5KKosVkwiXR0963LyxF"
    );
    let short = values(&toml.replace("env:KEY\", iv", "env:SHORT\", iv"));
    let error = Values::resolve(&short, &environment()).unwrap_err();
    assert!(error.what.contains("auth.values.sum") && error.what.contains("16 个字节"), "{}", error.what);
}

#[test]
fn the_moment_and_the_nonce_are_the_same_within_a_request() {
    let toml = "app = \"A\"\nsum = { text = \"{app}{now_ms}{nonce}{token}\" }";
    let text = filled(toml, "{now_ms} {now_s} {token} {nonce} {sum}").unwrap();
    let parts: Vec<&str> = text.split(' ').collect();
    assert_eq!(parts[..3], ["1718155800123", "1718155800", "tok"]);
    assert_eq!(parts[4], format!("A1718155800123{}tok", parts[3]));
    assert_eq!(parts[3].len(), 32);
    assert_eq!(filled(toml, "{nobody}"), None);
}

#[test]
fn a_json_body_is_filled_at_any_depth_and_keeps_its_other_types() {
    let body = serde_json::json!({"a": ["{x}", 1, null], "b": {"c": "<{x}>", "d": "{none}"}, "e": true});
    let fill = |text: &str| super::filled(text, &|name| (name == "x").then(|| "v".to_owned()));
    let filled = fill_json(&body, &fill).unwrap();
    assert_eq!(filled, serde_json::json!({"a": ["v", 1, null], "b": {"c": "<v>"}, "e": true}));
}

#[test]
fn resolved_values_show_their_names_only() {
    let shown = format!("{:?}", Values::resolve(&values("pw = \"env:PW\""), &environment()).unwrap());
    assert_eq!(shown, "{\"pw\"}");
}

proptest! {
    #[test]
    fn any_text_is_filled_or_not_and_never_panics(text: String) {
        let _ = filled("pw = \"env:PW\"", &text);
    }

    #[test]
    fn a_text_without_braces_is_itself(text in "[^{]*") {
        prop_assert_eq!(filled("", &text), Some(text));
    }
}
