//! Time formats: a small closed set of `strftime` words, read strictly and written exactly.
//! Leaves calendars and zones to `moment`.
//!
//! `%Y` four digits; `%m %d %H %M %S` two, or one where the neighbours are no digits; `%-m …` written without a
//! leading zero; `%.f` an optional fraction of a second; `%z` an offset (`+08:00`, `+0800`, `Z`); `%F` = `%Y-%m-%d`;
//! `%T` = `%H:%M:%S`; `%%`. `epoch_s` and `epoch_ms` count from 1970-01-01T00:00:00Z. Anything else stands for itself.

/// A number inside a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// `exact`: full width when read. `short`: no leading zero when written.
    Number {
        part: Part,
        exact: bool,
        short: bool,
    },
    Fraction,
    Offset,
    Literal(char),
}

/// How a time is spelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TimeFormat {
    EpochSeconds,
    EpochMillis,
    Pattern(Pattern),
}

/// A compiled format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    written: String,
    pieces: Vec<Piece>,
}

/// The numbers found in a text or to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Broken {
    pub(crate) year: u32,
    pub(crate) month: u32,
    pub(crate) day: u32,
    pub(crate) hour: u32,
    pub(crate) minute: u32,
    pub(crate) second: u32,
    pub(crate) nanos: u32,
    /// Seconds east of UTC.
    pub(crate) offset_s: Option<i32>,
}

impl TimeFormat {
    /// Compiles a format; `Err` names the word it does not know.
    pub(crate) fn compile(written: &str) -> Result<Self, String> {
        match written {
            "epoch_s" => Ok(Self::EpochSeconds),
            "epoch_ms" => Ok(Self::EpochMillis),
            _ => Pattern::compile(written).map(Self::Pattern),
        }
    }

    /// The format as written in the rule file.
    pub(crate) fn written(&self) -> &str {
        match self {
            Self::EpochSeconds => "epoch_s",
            Self::EpochMillis => "epoch_ms",
            Self::Pattern(pattern) => &pattern.written,
        }
    }

    /// Whether a text in this format says which moment it is without a declared zone.
    pub(crate) fn has_offset(&self) -> bool {
        match self {
            Self::EpochSeconds | Self::EpochMillis => true,
            Self::Pattern(pattern) => pattern.pieces.contains(&Piece::Offset),
        }
    }

    /// Whether it names a whole day.
    pub(crate) fn has_date(&self) -> bool {
        match self {
            Self::EpochSeconds | Self::EpochMillis => true,
            Self::Pattern(pattern) => {
                [Part::Year, Part::Month, Part::Day].iter().all(|part| pattern.has(*part))
            }
        }
    }

    /// Whether it names a time of day, to the hour at least.
    pub(crate) fn has_time(&self) -> bool {
        match self {
            Self::EpochSeconds | Self::EpochMillis => true,
            Self::Pattern(pattern) => pattern.has(Part::Hour),
        }
    }
}

impl Pattern {
    fn compile(written: &str) -> Result<Self, String> {
        let expanded = written.replace("%F", "%Y-%m-%d").replace("%T", "%H:%M:%S");
        let mut pieces = Vec::new();
        let mut rest = expanded.chars();
        while let Some(next) = rest.next() {
            let piece = if next == '%' { word(&mut rest)? } else { Piece::Literal(next) };
            pieces.push(piece);
        }
        widen(&mut pieces);
        Ok(Self { written: written.to_owned(), pieces })
    }

    /// Whether it holds a number.
    pub(crate) fn has(&self, wanted: Part) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Number { part, .. } if *part == wanted))
    }

    /// Reads a whole text in this format.
    pub(crate) fn read(&self, text: &str) -> Option<Broken> {
        let mut broken = Broken::default();
        let mut rest = text;
        for piece in &self.pieces {
            rest = match piece {
                Piece::Literal(c) => rest.strip_prefix(*c)?,
                Piece::Number { part, exact, .. } => broken.take_number(*part, *exact, rest)?,
                Piece::Fraction => broken.take_fraction(rest)?,
                Piece::Offset => broken.take_offset(rest)?,
            };
        }
        rest.is_empty().then_some(broken)
    }

    /// Writes numbers in this format.
    pub(crate) fn write(&self, broken: &Broken) -> String {
        let mut text = String::with_capacity(24);
        for piece in &self.pieces {
            match piece {
                Piece::Literal(c) => text.push(*c),
                Piece::Number { part, short, .. } => {
                    let width = if *short { 1 } else { part.width() };
                    push_number(&mut text, broken.number(*part), width);
                }
                Piece::Fraction => push_fraction(&mut text, broken.nanos),
                Piece::Offset => push_offset(&mut text, broken.offset_s.unwrap_or(0)),
            }
        }
        text
    }
}

impl Part {
    fn width(self) -> usize {
        if self == Self::Year { 4 } else { 2 }
    }
}

impl Broken {
    fn number(&self, part: Part) -> u32 {
        match part {
            Part::Year => self.year,
            Part::Month => self.month,
            Part::Day => self.day,
            Part::Hour => self.hour,
            Part::Minute => self.minute,
            Part::Second => self.second,
        }
    }

    fn take_number<'t>(&mut self, part: Part, exact: bool, text: &'t str) -> Option<&'t str> {
        let width = part.width();
        let found = text.bytes().take(width).take_while(u8::is_ascii_digit).count();
        if found == 0 || (found < width && (exact || part == Part::Year)) {
            return None;
        }
        let (digits, rest) = text.split_at_checked(found)?;
        let number = digits.parse().ok()?;
        *match part {
            Part::Year => &mut self.year,
            Part::Month => &mut self.month,
            Part::Day => &mut self.day,
            Part::Hour => &mut self.hour,
            Part::Minute => &mut self.minute,
            Part::Second => &mut self.second,
        } = number;
        Some(rest)
    }

    /// A point and one to nine digits, or nothing.
    fn take_fraction<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let Some(rest) = text.strip_prefix('.') else { return Some(text) };
        let found = rest.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=9).contains(&found) {
            return None;
        }
        let (digits, rest) = rest.split_at_checked(found)?;
        self.nanos = format!("{digits:0<9}").parse().ok()?;
        Some(rest)
    }

    fn take_offset<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        if let Some(rest) = text.strip_prefix(['Z', 'z']) {
            self.offset_s = Some(0);
            return Some(rest);
        }
        let sign = if text.starts_with('-') { -1 } else { 1 };
        let mut numbers = Self::default();
        let rest = numbers.take_number(Part::Hour, true, text.strip_prefix(['+', '-'])?)?;
        let rest = numbers.take_number(Part::Minute, true, rest.strip_prefix(':').unwrap_or(rest))?;
        let seconds = i32::try_from(numbers.hour * 3600 + numbers.minute * 60).ok()?;
        (numbers.hour <= 14 && numbers.minute < 60).then_some(())?;
        self.offset_s = Some(sign * seconds);
        Some(rest)
    }
}

/// The piece after a `%`.
fn word(rest: &mut std::str::Chars<'_>) -> Result<Piece, String> {
    let first = rest.next();
    let short = first == Some('-');
    let letter = if short { rest.next() } else { first };
    let part = match letter {
        Some('Y') => Part::Year,
        Some('m') => Part::Month,
        Some('d') => Part::Day,
        Some('H') => Part::Hour,
        Some('M') => Part::Minute,
        Some('S') => Part::Second,
        Some('z') if !short => return Ok(Piece::Offset),
        Some('%') if !short => return Ok(Piece::Literal('%')),
        Some('.') if !short && rest.next() == Some('f') => return Ok(Piece::Fraction),
        other => {
            let dash = if short { "-" } else { "" };
            return Err(format!("%{dash}{}", other.map(String::from).unwrap_or_default()));
        }
    };
    Ok(Piece::Number { part, exact: false, short })
}

/// A number beside another number must have its full width: `2024061212300` has lost a digit, and nobody knows which.
fn widen(pieces: &mut [Piece]) {
    let numeric: Vec<bool> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Number { .. } => true,
            Piece::Literal(c) => c.is_ascii_digit(),
            Piece::Fraction | Piece::Offset => false,
        })
        .collect();
    let is_numeric = |at: Option<usize>| at.and_then(|at| numeric.get(at)).copied().unwrap_or(false);
    for (at, piece) in pieces.iter_mut().enumerate() {
        if let Piece::Number { exact, .. } = piece {
            *exact = is_numeric(at.checked_sub(1)) || is_numeric(Some(at + 1));
        }
    }
}

pub(crate) fn push_number(text: &mut String, number: u32, width: usize) {
    let digits = number.to_string();
    text.extend(std::iter::repeat_n('0', width.saturating_sub(digits.len())));
    text.push_str(&digits);
}

/// `.5`, `.123`: no trailing zeros, nothing for a whole second.
pub(crate) fn push_fraction(text: &mut String, nanos: u32) {
    if nanos > 0 {
        text.push('.');
        text.push_str(format!("{nanos:09}").trim_end_matches('0'));
    }
}

/// `+08:00`.
pub(crate) fn push_offset(text: &mut String, offset_s: i32) {
    text.push(if offset_s < 0 { '-' } else { '+' });
    let minutes = offset_s.unsigned_abs() / 60;
    push_number(text, minutes / 60, 2);
    text.push(':');
    push_number(text, minutes % 60, 2);
}

#[cfg(test)]
mod tests;
