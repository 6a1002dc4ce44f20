//! Texts as the database stores them: PostgreSQL stores no NUL. Values of records were refused for it long before; what
//! is left are words of other systems, which must not stop anything: the character is replaced by the one that stands for
//! the unreadable.

/// A text that is bound as it is.
pub(crate) fn plain(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The same for all texts of a JSON document.
pub(super) fn without_nul(json: String) -> String {
    if !json.contains("\\u0000") {
        return json;
    }
    let mut clean = String::with_capacity(json.len());
    let mut characters = json.chars();
    while let Some(c) = characters.next() {
        clean.push(c);
        if c == '\\' {
            let escaped: String = characters.by_ref().take(1).collect();
            if escaped == "u" {
                let code: String = characters.by_ref().take(4).collect();
                clean.push('u');
                clean.push_str(if code == "0000" { "fffd" } else { &code });
            } else {
                clean.push_str(&escaped);
            }
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn only_nul_is_replaced(text in "[\\\\u0a\\x00\\n\"]{0,24}") {
            let json = without_nul(serde_json::to_string(&[&text]).unwrap());
            let back: Vec<String> = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(&back[0], &plain(&text));
        }
    }
}
