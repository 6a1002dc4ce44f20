//! Which texts mean success, and what is said when they do not stand there.

use proptest::prelude::*;

use super::*;

fn rule(toml: &str) -> SuccessRule {
    toml::from_str(toml).unwrap()
}

#[test]
fn texts_are_compared_as_written() {
    for (toml, good, bad) in [
        ("at = \"resCode\"\nis = \"0\"", "0", "00"),
        ("at = \"code\"\nis = 200", "200", "2e2"),
        ("at = \"success\"\nis = true", "true", "True"),
        ("at = \"code\"\nis = [\"0\", 200]", "200", "500"),
    ] {
        assert_eq!(rule(toml).failure(Some(good), None), None, "{toml}");
        assert!(rule(toml).failure(Some(bad), None).is_some(), "{toml}");
        assert!(rule(toml).failure(None, None).is_some(), "{toml}");
    }
}

#[test]
fn a_failure_quotes_the_source() {
    let rule = rule("at = \"resCode\"\nis = \"0\"\nmessage = \"resMsg\"");
    assert_eq!(
        rule.failure(Some("1"), Some("token 失效")).unwrap(),
        "对方的应答不是成功：resCode 是 \"1\"；对方说：token 失效"
    );
    assert_eq!(rule.failure(None, None).unwrap(), "对方的应答不是成功：resCode 没有这个字段");
}

#[test]
fn an_unknown_key_is_refused() {
    assert!(toml::from_str::<SuccessRule>("at = \"a\"\nis = \"0\"\nequals = \"1\"").is_err());
}

proptest! {
    #[test]
    fn cutting_keeps_characters_whole(text: String, limit in 0usize..20) {
        let short = cut(&text, limit);
        if text.chars().count() <= limit {
            prop_assert_eq!(short, text);
        } else {
            prop_assert_eq!(short.chars().count(), limit + 1);
            prop_assert!(text.starts_with(short.trim_end_matches('…')) || text.contains('…'));
        }
    }
}
