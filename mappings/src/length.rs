//! How a receiver counts the length of a text: two readings of the same limit are about (variants.md 4.1).
//! Leaves the limits themselves to the outlets.

/// A way of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Counting {
    /// Characters, as people count them.
    #[default]
    Chars,
    /// UTF-16 units, as Java's `String.length` does.
    Utf16,
    /// A Chinese character as two, as in GBK: “1个汉字记两个字符”.
    Double,
    /// Bytes of UTF-8.
    Bytes,
}

impl Counting {
    /// Every way by the word rule files use.
    pub(crate) const WORDS: [(&'static str, Self); 4] =
        [("chars", Self::Chars), ("utf16", Self::Utf16), ("double", Self::Double), ("bytes", Self::Bytes)];

    /// Reads the word rule files use.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, found)| *found)
    }

    /// How long a text is.
    pub(crate) fn of(self, text: &str) -> usize {
        match self {
            Self::Chars => text.chars().count(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Double => text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum(),
            Self::Bytes => text.len(),
        }
    }

    /// What it counts, in Chinese, after a number.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Chars => "个字符",
            Self::Utf16 => "个 UTF-16 单位",
            Self::Double => "个字符（汉字算两个）",
            Self::Bytes => "字节（UTF-8）",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_text_is_as_long_as_its_receiver_counts() {
        let text = "隐患A𠮷";
        assert_eq!(Counting::WORDS.map(|(_, counting)| counting.of(text)), [4, 5, 7, 11]);
        for (word, counting) in Counting::WORDS {
            assert_eq!(Counting::parse(word), Some(counting));
        }
        assert_eq!(Counting::parse("letters"), None);
    }

    proptest! {
        #[test]
        fn no_way_counts_less_than_characters(text in "\\PC{0,40}") {
            let chars = Counting::Chars.of(&text);
            for (_, counting) in Counting::WORDS {
                prop_assert!((chars..=text.len()).contains(&counting.of(&text)));
            }
        }
    }
}
