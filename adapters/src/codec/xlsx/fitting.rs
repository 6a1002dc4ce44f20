//! Texts as a cell can hold them: line ends, characters that XML has no place for, length. Leaves marking to `marked`.

use std::borrow::Cow;

/// Most UTF-16 units of a cell.
const MOST_UNITS: usize = 32_767;
/// Characters kept of a text that is longer: with the words after it still below the limit.
const KEPT_CHARS: usize = 16_000;
/// The first of the pictures that stand for control characters.
const PICTURES: u32 = 0x2400;

/// A text as a cell holds it: line ends are `\n`, control characters are shown by their pictures (NUL as `␀`), one that is
/// too long is shortened and says so.
#[must_use]
pub fn fitting(text: &str) -> Cow<'_, str> {
    let text = if text.contains(|c| shown(c) != c) {
        Cow::Owned(text.replace("\r\n", "\n").chars().map(shown).collect())
    } else {
        Cow::Borrowed(text)
    };
    let units: usize = text.chars().map(char::len_utf16).sum();
    if units <= MOST_UNITS {
        return text;
    }
    let kept: String = text.chars().take(KEPT_CHARS).collect();
    Cow::Owned(format!(
        "{kept}……（共 {} 个字符，单元格放不下，这里只有前 {KEPT_CHARS} 个）",
        text.chars().count()
    ))
}

/// The text that [`fitting`] showed, its control characters back.
#[must_use]
pub fn unpictured(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| ('\u{2400}'..='\u{241f}').contains(&c)) {
        return Cow::Borrowed(text);
    }
    let back = |c: char| match u32::from(c).checked_sub(PICTURES) {
        Some(code @ 0..=0x1f) => char::from_u32(code).unwrap_or(c),
        _ => c,
    };
    Cow::Owned(text.chars().map(back).collect())
}

fn shown(c: char) -> char {
    match c {
        '\t' | '\n' => c,
        '\r' => '\n',
        '\0'..='\u{1f}' => char::from_u32(PICTURES + u32::from(c)).unwrap_or('\u{fffd}'),
        _ if is_nowhere(c) => '\u{fffd}',
        _ => c,
    }
}

/// What XML 1.0 has no place for beside control characters.
const fn is_nowhere(c: char) -> bool {
    matches!(c, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests;
