//! Images as senders write them, Base64 in its spellings, read into bytes; and written again as a receiver wants them.
//! Leaves how large and of which type they may be to `demand`, keeping the bytes to the ledger.

use std::{borrow::Cow, sync::Arc};

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use sha2::{Digest as _, Sha256};

use crate::digest::hex;

/// What the content says in an image's place: this and the digest of its bytes.
const BLOB: &str = "blob:";
/// Longest address that is taken for one.
const LONGEST_LINK: usize = 2_000;
/// Where the head of a data URI must end: what comes later is no head.
const LONGEST_HEAD: usize = 100;

/// Padding may be left out, as many do; bits behind the end may not be set.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An image: its bytes and what they are known by; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    digest: String,
    format: Format,
    bytes: Arc<[u8]>,
}

/// What an image is by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// GIF.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// WebP.
    Webp,
}

/// How a receiver wants images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Spelling {
    /// Plain Base64.
    #[default]
    Base64,
    /// With the head of a data URI.
    DataUri,
}

impl Format {
    /// Every format by the word rule files use.
    pub(crate) const WORDS: [(&'static str, Self); 5] = [
        ("jpeg", Self::Jpeg),
        ("png", Self::Png),
        ("gif", Self::Gif),
        ("bmp", Self::Bmp),
        ("webp", Self::Webp),
    ];

    /// The word rule files use, which is that of its media type.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, known)| *known == self).map_or("", |(word, _)| word)
    }

    /// Reads the word rule files use.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, found)| *found)
    }

    /// What bytes are by their beginning.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Some(Self::Bmp),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => None,
        }
    }
}

impl Spelling {
    /// Every spelling by the word rule files use.
    pub(crate) const WORDS: [(&'static str, Self); 2] =
        [("base64", Self::Base64), ("data-uri", Self::DataUri)];

    /// Reads the word rule files use.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, found)| *found)
    }

    /// Bytes as the receiver wants them.
    pub(crate) fn write(self, bytes: &[u8]) -> String {
        let mut text = match (self, Format::of(bytes)) {
            (Self::DataUri, Some(format)) => format!("data:image/{};base64,", format.word()),
            _ => String::new(),
        };
        STANDARD.encode_string(bytes, &mut text);
        text
    }
}

impl Image {
    /// Reads Base64: with or without the head of a data URI, with or without padding, in either alphabet but not in both,
    /// white space passed over. `None`: it is none, or of no known format.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = BASE64.decode(plain(text)?.as_bytes()).ok()?;
        let format = Format::of(&bytes)?;
        Some(Self { digest: hex(&Sha256::digest(&bytes)), format, bytes: bytes.into() })
    }

    /// The digest that a canonical text names, if it names one.
    #[must_use]
    pub fn named(text: &str) -> Option<&str> {
        let digest = text.strip_prefix(BLOB)?;
        let is_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        (digest.len() == 64 && digest.bytes().all(is_hex)).then_some(digest)
    }

    /// SHA-256 of the bytes, hex.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What it is.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the content says in its place.
    pub(crate) fn canonical(&self) -> String {
        format!("{BLOB}{}", self.digest)
    }

    /// Characters of its Base64, without a head.
    pub(crate) fn chars(&self) -> usize {
        self.bytes.len().div_ceil(3).saturating_mul(4)
    }

    /// In words: `图片 JPEG 38 KB sha256:…`.
    pub(crate) fn shown(&self) -> String {
        let size = self.bytes.len().div_ceil(1024);
        format!("图片 {} {size} KB sha256:{}", self.format.word().to_uppercase(), self.digest)
    }
}

/// Whether a text is the address of an image and not the image: `http://…`, or a path that ends like an image's.
pub(crate) fn is_link(text: &str) -> bool {
    if text.len() > LONGEST_LINK || text.contains(char::is_whitespace) {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let schemes = ["http://", "https://", "ftp://"];
    let endings = [".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".mp4"];
    schemes.iter().any(|scheme| lower.starts_with(scheme))
        || endings.iter().any(|ending| lower.ends_with(ending))
}

/// Base64 without head and white space, in the standard alphabet.
fn plain(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    let bare = match text.find(";base64,") {
        Some(at) if at <= LONGEST_HEAD => text.get(at + ";base64,".len()..)?,
        _ if text.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("data:")) => return None,
        _ => text,
    };
    let is_url_safe = bare.bytes().any(|byte| matches!(byte, b'-' | b'_'));
    if is_url_safe && bare.bytes().any(|byte| matches!(byte, b'+' | b'/')) {
        return None;
    }
    if !is_url_safe && !bare.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return Some(Cow::Borrowed(bare));
    }
    let standard = |c: char| match c {
        '-' => '+',
        '_' => '/',
        other => other,
    };
    Some(Cow::Owned(bare.chars().filter(|c| !c.is_ascii_whitespace()).map(standard).collect()))
}

#[cfg(test)]
mod tests;
