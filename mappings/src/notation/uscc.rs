//! 统一社会信用代码, GB 32100-2015: authority, sort, region (6), organisation (9, with a check digit of its own by
//! GB 11714), check digit. Leaves widths and spaces to the notation.

use super::Amiss;

/// Without I, O, S, V, Z, which look like digits.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// 3^i mod 31.
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Of the organisation code, GB 11714-1997.
const INNER_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Upper case; `O` and `I` become the digits they were mistaken for, which no code has letters like.
pub(super) fn normal(text: &str) -> String {
    let upper = text.to_ascii_uppercase();
    if upper.chars().count() == 18 { upper.replace('O', "0").replace('I', "1") } else { upper }
}

pub(super) fn malformed(text: &str) -> Option<Amiss> {
    if text.len() == 18 && text.bytes().all(|byte| place(byte).is_some()) {
        return None;
    }
    let is_old = text.len() == 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    Some(Amiss {
        code: "bad-uscc",
        message: if is_old {
            "是 15 位的旧工商注册号，不是统一社会信用代码"
        } else {
            "不是统一社会信用代码"
        },
        advice: "应当是 18 位数字和大写字母（没有 I、O、S、V、Z），以营业执照为准（GB 32100-2015）",
    })
}

pub(super) fn miscounted(text: &str) -> Option<Amiss> {
    if malformed(text).is_some()
        || (check_digit(text)? == text.as_bytes().get(17).copied()? && inner_holds(text)?)
    {
        return None;
    }
    Some(Amiss {
        code: "uscc-check-digit",
        message: "的校验码不对",
        advice: "请对照营业执照核对每一位（GB 32100-2015）；早年试点发的代码可能本来就如此",
    })
}

fn place(byte: u8) -> Option<usize> {
    ALPHABET.iter().position(|known| *known == byte)
}

fn check_digit(text: &str) -> Option<u8> {
    let places: Option<Vec<usize>> = text.bytes().take(17).map(place).collect();
    let sum: usize = places?.iter().zip(WEIGHTS).map(|(place, weight)| place * weight).sum();
    ALPHABET.get((31 - sum % 31) % 31).copied()
}

/// Whether the organisation code inside has its own check digit right.
fn inner_holds(text: &str) -> Option<bool> {
    let values: Option<Vec<u32>> = text.chars().skip(8).take(8).map(|c| c.to_digit(36)).collect();
    let sum: u32 = values?.iter().zip(INNER_WEIGHTS).map(|(value, weight)| value * weight).sum();
    let wanted = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10)?,
    };
    Some(text.chars().nth(16) == Some(wanted))
}
