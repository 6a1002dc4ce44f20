//! Text that was read with the wrong character set on its way here, told by the traces that leaves. What it once was cannot be
//! known any more; leaves how grave that is to `demand`.

/// Bytes that were no text in GBK, read as GBK: U+FFFD in UTF-8, twice over; and what debuggers fill memory with.
const WORDS: [&str; 4] = ["锟斤拷", "锟斤", "烫烫烫", "屯屯屯"];

/// What Windows-1252 has for the bytes from 0x80 to 0x9F; a hole is itself.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Whether a text bears such traces: replacement characters, 锟斤拷, or UTF-8 that was read as Latin-1 (`éš\u{90}æ\u{82}£`).
pub(crate) fn is_garbled(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    text.contains('\u{fffd}') || WORDS.iter().any(|word| text.contains(word)) || was_latin(text)
}

/// Whether a run of Latin-1 characters is well-formed UTF-8 of a Chinese character at least: three bytes or more.
fn was_latin(text: &str) -> bool {
    let mut run: Vec<u8> = Vec::new();
    for c in text.chars().chain([' ']) {
        match byte(c) {
            Some(byte) if !byte.is_ascii() => run.push(byte),
            _ if run.is_empty() => {}
            _ => {
                if std::str::from_utf8(&run).is_ok_and(|read| read.chars().any(|c| c >= '\u{800}')) {
                    return true;
                }
                run.clear();
            }
        }
    }
    false
}

/// The byte that Latin-1 or Windows-1252 reads as a character.
fn byte(c: char) -> Option<u8> {
    if let Ok(byte) = u8::try_from(u32::from(c)) {
        return Some(byte);
    }
    let at = WINDOWS.iter().position(|known| *known == c)?;
    u8::try_from(0x80 + at).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_traces_of_a_wrong_reading_are_known() {
        for text in
            ["反应釜\u{fffd}\u{fffd}未接地", "锟斤拷", "设备锟斤拷", "烫烫烫烫", "éš\u{90}æ‚£", "编号 3：æ–‡"]
        {
            assert!(is_garbled(text), "{text}");
        }
        for text in
            ["隐患", "", "R&D", "café", "Ø50 管道", "25℃±1℃", "“引号”…—", "×÷°", "€100", "锟", "屯屯", "烫伤"]
        {
            assert!(!is_garbled(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn utf8_read_as_latin_is_told(text in "[\u{4e00}-\u{9fff}]{1,20}") {
            let latin: String = text.bytes().map(char::from).collect();
            prop_assert!(is_garbled(&latin));
            let windows: String = text
                .bytes()
                .map(|byte| WINDOWS.get(usize::from(byte).wrapping_sub(0x80)).copied().unwrap_or(char::from(byte)))
                .collect();
            prop_assert!(is_garbled(&windows));
        }

        #[test]
        fn common_chinese_is_not(text in "[\u{4e00}-\u{9fa5}a-zA-Z0-9，。：（）]{0,40}") {
            prop_assert_eq!(is_garbled(&text), WORDS.iter().any(|word| text.contains(word)));
        }
    }
}
