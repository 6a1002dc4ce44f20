//! Telephone numbers of the mainland, as receivers check them: a mobile number is `1[3-9]` and nine digits
//! (receiver-tables.md, JT), a fixed line 7 or 8 digits, mostly with its area code.

use super::Amiss;

/// Without the country code, dots and brackets; a mobile number without hyphens, too.
pub(super) fn normal(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !matches!(c, '(' | ')' | '（' | '）' | '.')).collect();
    let dashes: String =
        plain.chars().map(|c| if matches!(c, '－' | '–' | '—' | '_') { '-' } else { c }).collect();
    let bare: String = dashes.chars().filter(|c| *c != '-').collect();
    let bare = ["+86", "0086", "86"].iter().find_map(|code| bare.strip_prefix(code)).unwrap_or(&bare);
    if is_mobile(bare) { bare.to_owned() } else { dashes }
}

pub(super) fn not_mobile(text: &str) -> Option<Amiss> {
    (!is_mobile(text)).then_some(Amiss {
        code: "bad-mobile",
        message: "不是手机号",
        advice: "应当是 11 位，以 13–19 开头",
    })
}

pub(super) fn not_phone(text: &str) -> Option<Amiss> {
    (!is_mobile(text) && !is_fixed(text)).then_some(Amiss {
        code: "bad-phone",
        message: "不是电话号码",
        advice: "应当是 11 位手机号，或带区号的固定电话，如 0371-65919828",
    })
}

fn is_mobile(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() == 11
        && bytes.next() == Some(b'1')
        && bytes.next().is_some_and(|byte| (b'3'..=b'9').contains(&byte))
        && bytes.all(|byte| byte.is_ascii_digit())
}

/// `0371-65919828`, `037165919828`, `65919828`, each with an extension after a hyphen.
fn is_fixed(text: &str) -> bool {
    let digits = |part: &str, lengths: &[usize]| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let area = |part: &str| part.starts_with('0') && digits(part, &[3, 4]);
    let joined = |part: &str| part.starts_with('0') && digits(part, &[10, 11, 12]);
    let extension = |part: &str| digits(part, &[1, 2, 3, 4, 5, 6]);
    match text.split('-').collect::<Vec<_>>().as_slice() {
        [line] => digits(line, &[7, 8]) || joined(line),
        [first, second] => {
            (area(first) && digits(second, &[7, 8]))
                || ((digits(first, &[7, 8]) || joined(first)) && extension(second))
        }
        [first, second, third] => area(first) && digits(second, &[7, 8]) && extension(third),
        _ => false,
    }
}
