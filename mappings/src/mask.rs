//! How a value is shown where people look: personal ones masked, long ones shortened.
//! Leaves which field is personal to the kind.

/// Characters shown of a value that is not personal.
const SHOWN_CHARS: usize = 80;

/// Characters of a value whose form is shown.
const FORM_CHARS: usize = 40;

/// The kinds of personal value a field may be marked with.
pub(crate) const PERSONAL: [&str; 6] = ["name", "phone", "id-number", "image", "address", "other"];

/// The value as issues, logs and pages may show it. `personal` is the field's mark:
/// `name` keeps the first character, `phone` the first three and last four, `id-number` the first and last,
/// `image` says only how long it is, any other mark shows nothing. Without a mark the value is only shortened.
#[must_use]
pub fn mask(personal: Option<&str>, value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    match personal {
        None => shortened(value),
        Some("name") => keep(value, 1, 0),
        Some("phone") => keep(value, 3, 4),
        Some("id-number") => keep(value, 1, 1),
        Some("image") => format!("[图片，{} 字符]", value.len()),
        Some(_) => "***".to_owned(),
    }
}

/// The form of a value without its characters: digits as `9`, Latin letters as `a`, all other letters as `字`, at most 40
/// characters. Says what a field nobody knows may hold without repeating it.
pub(crate) fn form(value: &str) -> String {
    let of = |c: char| match c {
        c if c.is_numeric() => '9',
        c if c.is_ascii_alphabetic() => 'a',
        c if c.is_alphabetic() => '字',
        c if c.is_control() => ' ',
        other => other,
    };
    let mut shown: String = value.chars().take(FORM_CHARS).map(of).collect();
    if value.chars().nth(FORM_CHARS).is_some() {
        shown.push('…');
    }
    shown
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARS) {
        None => value.to_owned(),
        Some((end, _)) => value.get(..end).unwrap_or_default().to_owned() + "…",
    }
}

/// Stars between the ends; a value of which less would be hidden than half of what is shown is all stars.
fn keep(value: &str, first: usize, last: usize) -> String {
    let count = value.chars().count();
    if count < first + last + (first + last).div_ceil(2) {
        return "*".repeat(count.clamp(1, 4));
    }
    let hidden = count - first - last;
    let head: String = value.chars().take(first).collect();
    let tail: String = value.chars().skip(count - last).collect();
    head + &"*".repeat(hidden.min(20)) + &tail
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_mark_hides_what_it_should() {
        assert_eq!(mask(Some("name"), "张三丰"), "张**");
        assert_eq!(mask(Some("name"), "张"), "*");
        assert_eq!(mask(Some("phone"), "13812345678"), "138****5678");
        assert_eq!(mask(Some("phone"), "12345"), "****");
        assert_eq!(mask(Some("id-number"), "41010119900101123X"), "4****************X");
        assert_eq!(mask(Some("image"), "data:image/png;base64,AAAA"), "[图片，26 字符]");
        assert_eq!(mask(Some("other"), "secret"), "***");
        assert_eq!(mask(None, "410900017"), "410900017");
        assert_eq!(mask(Some("name"), ""), "");
    }

    #[test]
    fn long_values_are_shortened_at_a_character() {
        assert_eq!(mask(None, &"隐".repeat(81)), "隐".repeat(80) + "…");
        assert_eq!(mask(None, &"隐".repeat(80)), "隐".repeat(80));
    }

    proptest! {
        #[test]
        fn a_personal_value_is_never_shown_whole(value in "[^*\\pC]{1,30}", which in 0usize..6) {
            let shown = mask(PERSONAL.get(which).copied(), &value);
            prop_assert_ne!(shown, value);
        }
    }
}
