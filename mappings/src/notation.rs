//! Values whose dirt has rules: written in full-width digits, in lower case, with spaces, with `O` for `0`. Each notation
//! brings a text to its normal form and tells whether it is one. Leaves the level of what is wrong to the checks.

mod id_number;
mod phone;
mod uscc;

/// How a text is written by a standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// 统一社会信用代码, GB 32100-2015: 18 characters, two check digits.
    Uscc,
    /// 居民身份号码, GB 11643-1999: 17 digits and a check digit.
    IdNumber,
    /// A mobile number of the mainland: 11 digits.
    Mobile,
    /// A mobile number, or a fixed line with or without its area code.
    Phone,
}

/// What is wrong with a normal form: a code, and what to say of it in Chinese after the field's label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amiss {
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
    pub(crate) advice: &'static str,
}

impl Notation {
    /// Every notation by the word rule files use.
    pub(crate) const WORDS: [(&'static str, Self); 4] = [
        ("uscc", Self::Uscc),
        ("id-number", Self::IdNumber),
        ("mobile", Self::Mobile),
        ("phone", Self::Phone),
    ];

    /// The word rule files use.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, known)| *known == self).map_or("", |(word, _)| word)
    }

    /// Reads the word rule files use.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, found)| *found)
    }

    /// The normal form; applied again it changes nothing.
    #[must_use]
    pub fn normal(self, text: &str) -> String {
        let narrow = narrow(text);
        match self {
            Self::Uscc => uscc::normal(&narrow),
            Self::IdNumber => narrow.to_ascii_uppercase(),
            Self::Mobile | Self::Phone => phone::normal(&narrow),
        }
    }

    /// What is wrong with the form of a normal text, in Chinese after it; its check digits aside.
    #[must_use]
    pub fn fault(self, text: &str) -> Option<&'static str> {
        self.malformed(text).map(|amiss| amiss.message)
    }

    /// Whether the check digits of a text of the right form are wrong.
    #[must_use]
    pub fn miscount(self, text: &str) -> bool {
        self.miscounted(text).is_some()
    }

    /// What is wrong with the form of a normal text, its check digits aside.
    pub(crate) fn malformed(self, text: &str) -> Option<Amiss> {
        match self {
            Self::Uscc => uscc::malformed(text),
            Self::IdNumber => id_number::malformed(text),
            Self::Mobile => phone::not_mobile(text),
            Self::Phone => phone::not_phone(text),
        }
    }

    /// What is wrong with the check digits of a text of the right form. It warns, and never more: codes of the first
    /// years were issued with wrong ones.
    pub(crate) fn miscounted(self, text: &str) -> Option<Amiss> {
        match self {
            Self::Uscc => uscc::miscounted(text),
            Self::IdNumber => id_number::miscounted(text),
            Self::Mobile | Self::Phone => None,
        }
    }
}

/// Full-width letters, digits and signs as half-width ones, without any white space.
fn narrow(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
            _ => c,
        })
        .collect()
}

#[cfg(test)]
mod tests;
