//! 居民身份号码, GB 11643-1999: 17 digits and a check digit by ISO 7064 MOD 11-2.
//! Leaves widths and spaces to the notation.

use super::Amiss;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// By the remainder.
const CHECKS: &[u8; 11] = b"10X98765432";

pub(super) fn malformed(text: &str) -> Option<Amiss> {
    let (body, last) = text.split_at_checked(17).unwrap_or((text, ""));
    let is_one = body.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(last.as_bytes(), [byte] if byte.is_ascii_digit() || *byte == b'X');
    (!is_one).then_some(Amiss {
        code: "bad-id-number",
        message: "不是居民身份号码",
        advice: "应当是 18 位（GB 11643）",
    })
}

pub(super) fn miscounted(text: &str) -> Option<Amiss> {
    let digits: Vec<u32> = text.chars().take(17).map_while(|c| c.to_digit(10)).collect();
    let sum: usize = digits.iter().zip(WEIGHTS).map(|(digit, weight)| (digit * weight) as usize).sum();
    let wanted = CHECKS.get(sum % 11)?;
    let holds = digits.len() < 17 || text.as_bytes().get(17) == Some(wanted);
    (!holds).then_some(Amiss {
        code: "id-number-check-digit",
        message: "的校验码不对",
        advice: "请对照证件核对每一位（GB 11643）",
    })
}
