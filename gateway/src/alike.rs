//! Whether two texts say the same thing, pure. Width, case, spaces and punctuation tell nothing apart; numbers and letters do:
//! pump T-101 and pump T-102 leak alike and are two hazards.

// not its `fuzz::RatioBatchComparator`, which divides by the longer text and not by both
use rapidfuzz::distance::indel::{Args, BatchComparator};

/// Characters of a text that are compared: what begins alike for so long is alike, and a step's work stays bounded.
const COMPARED: usize = 500;

/// A text in its normal form: full width as half width, Latin letters in lower case, only letters, digits and the point
/// inside a number. Empty when nothing is left to compare.
pub(crate) fn normal(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => u32::from(c).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(c),
        _ => c,
    };
    let mut normal = String::new();
    let mut point = false;
    for c in text.chars().map(narrow).flat_map(char::to_lowercase) {
        let after_digit = normal.ends_with(|c: char| c.is_ascii_digit());
        if c.is_alphanumeric() {
            if point && after_digit && c.is_ascii_digit() {
                normal.push('.');
            }
            normal.push(c);
        }
        point = c == '.';
    }
    match normal.char_indices().nth(COMPARED) {
        Some((end, _)) => normal.get(..end).unwrap_or_default().to_owned(),
        None => normal,
    }
}

/// A normal text, ready to be compared with many.
pub(crate) struct Words {
    characters: Vec<char>,
    /// Its numbers and Latin words, in their order.
    marks: Vec<String>,
}

impl Words {
    pub(crate) fn of(normal: &str) -> Self {
        let is_mark = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let marks = normal.split(|c| !is_mark(c)).filter(|mark| !mark.is_empty());
        Self { characters: normal.chars().collect(), marks: marks.map(str::to_owned).collect() }
    }

    /// Of `others` those that are at least `least` per cent the same, with how much.
    pub(crate) fn near<'o, T>(&self, others: impl Iterator<Item = (T, &'o Self)>, least: u8) -> Vec<(T, u8)> {
        let asked = BatchComparator::new(self.characters.iter().copied());
        let bound = Args::default().score_cutoff(f64::from(least) / 100.0);
        others
            .filter(|(_, other)| other.marks == self.marks)
            .filter_map(|(which, other)| {
                let ratio =
                    asked.normalized_similarity_with_args(other.characters.iter().copied(), &bound)?;
                Some((which, percent(ratio)))
            })
            .collect()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
fn percent(ratio: f64) -> u8 {
    // rounded down: only the same text is a hundred per cent the same; what 0.29 * 100 lacks in binary is given back
    ((ratio * 100.0 + 1e-9).floor()).clamp(0.0, 100.0) as u8
}

#[cfg(test)]
mod tests;
