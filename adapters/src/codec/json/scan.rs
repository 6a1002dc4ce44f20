//! The structure of JSON and nothing else: where a value begins and ends, brackets matched, strings closed. One pass,
//! no allocation. What is inside strings and bare words is judged by who reads the record, so that one bad escape
//! does not cost the whole answer.

/// Deeper than this is refused.
pub(super) const MOST_DEPTH: u32 = 128;

/// Where the structure breaks, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken {
    /// The byte.
    pub at: usize,
    /// What is wrong, in Chinese.
    pub what: &'static str,
}

/// White space of JSON (RFC 8259 §2).
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The first place from `at` whose byte is not `wanted`.
pub(super) fn skip(bytes: &[u8], at: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len())
}

/// The place after the value that begins at `from`.
///
/// # Errors
/// When there is no value, a bracket or quote has no counterpart, or it is nested deeper than [`MOST_DEPTH`].
pub(super) fn value(bytes: &[u8], from: usize) -> Result<usize, Broken> {
    match bytes.get(from) {
        Some(b'"') => string(bytes, from),
        Some(b'{' | b'[') => nested(bytes, from),
        Some(byte) if is_word(*byte) => Ok(skip(bytes, from, is_word)),
        Some(_) => Err(Broken { at: from, what: "这里应该是一个值" }),
        None => Err(Broken { at: from, what: "内容在这里断了" }),
    }
}

/// The place after the string that begins at `from` with its quote.
pub(super) fn string(bytes: &[u8], from: usize) -> Result<usize, Broken> {
    let mut at = from + 1;
    loop {
        at = skip(bytes, at, |byte| byte != b'"' && byte != b'\\');
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(_) => at += 2,
            None => return Err(Broken { at: from, what: "这个引号没有另一半" }),
        }
    }
}

/// Brackets are matched on a stack of bits: one for each level, set for `{`.
fn nested(bytes: &[u8], from: usize) -> Result<usize, Broken> {
    let mut at = from;
    let mut depth = 0_u32;
    let mut braces = 0_u128;
    loop {
        at = skip(bytes, at, |byte| !matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'));
        let Some(&byte) = bytes.get(at) else {
            return Err(Broken { at: bytes.len(), what: "内容在这里断了，括号没有合上" });
        };
        match byte {
            b'"' => {
                at = string(bytes, at)?;
                continue;
            }
            b'{' | b'[' => {
                if depth == MOST_DEPTH {
                    return Err(Broken { at, what: "嵌套超过 128 层" });
                }
                depth += 1;
                braces = braces << 1 | u128::from(byte == b'{');
            }
            _ => {
                if (braces & 1 == 1) != (byte == b'}') {
                    return Err(Broken { at, what: "括号不配对" });
                }
                depth -= 1;
                braces >>= 1;
            }
        }
        at += 1;
        if depth == 0 {
            return Ok(at);
        }
    }
}

/// A byte of a number, `true`, `false`, `null` or of what somebody took for one.
fn is_word(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'"' | b'{' | b'[' | b'}' | b']' | b',' | b':')
}

#[cfg(test)]
mod tests;
