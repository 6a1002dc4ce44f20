//! Moments as sources write them: one declared format in one declared zone. Writes the bounds of a window and reads
//! the times that order a list; parsing the fields of a record is the mappings' business.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

/// `time_format`: `epoch_ms`, `epoch_s`, `rfc3339`, or a pattern of `strftime` letters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum TimeFormat {
    /// Milliseconds since 1970 UTC.
    EpochMs,
    /// Seconds since 1970 UTC.
    EpochS,
    /// `2024-06-12T09:30:00+08:00`
    Rfc3339,
    /// Letters of chrono's `strftime`, in the declared zone.
    Pattern(String),
}

impl Default for TimeFormat {
    fn default() -> Self {
        Self::Pattern("%Y-%m-%d %H:%M:%S".to_owned())
    }
}

impl TryFrom<String> for TimeFormat {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "epoch_ms" => Ok(Self::EpochMs),
            "epoch_s" => Ok(Self::EpochS),
            "rfc3339" => Ok(Self::Rfc3339),
            pattern if is_pattern(pattern) => Ok(Self::Pattern(text)),
            other => Err(format!(
                "{other:?} 不是时间格式：应为 epoch_ms、epoch_s、rfc3339 或 %Y%m%d%H%M%S 这样的格式"
            )),
        }
    }
}

/// Some letters can be read and not written, such as `%#z`.
fn is_pattern(text: &str) -> bool {
    text.contains('%') && write!(String::new(), "{}", DateTime::UNIX_EPOCH.format(text)).is_ok()
}

impl TimeFormat {
    /// Whether times are written as bare numbers.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::EpochMs | Self::EpochS)
    }

    /// The moment as the source wants it.
    #[must_use]
    pub fn write(&self, moment: DateTime<Utc>, zone: Tz) -> String {
        match self {
            Self::EpochMs => moment.timestamp_millis().to_string(),
            Self::EpochS => moment.timestamp().to_string(),
            Self::Rfc3339 => moment.with_timezone(&zone).to_rfc3339(),
            Self::Pattern(pattern) => moment.with_timezone(&zone).format(pattern).to_string(),
        }
    }

    /// The moment a source wrote, by the declared format, else by the common ones; none when nothing fits.
    #[must_use]
    pub fn read(&self, text: &str, zone: Tz) -> Option<DateTime<Utc>> {
        let text = text.trim();
        self.read_declared(text, zone).or_else(|| read_common(text, zone))
    }

    fn read_declared(&self, text: &str, zone: Tz) -> Option<DateTime<Utc>> {
        match self {
            Self::EpochMs => DateTime::from_timestamp_millis(text.parse().ok()?),
            Self::EpochS => DateTime::from_timestamp(text.parse().ok()?, 0),
            Self::Rfc3339 => DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc()),
            Self::Pattern(pattern) => read_pattern(text, pattern, zone),
        }
    }
}

const COMMON: [&str; 5] =
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y%m%d%H%M%S", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M"];

fn read_common(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    COMMON.iter().find_map(|pattern| read_pattern(text, pattern, zone)).or_else(|| {
        let digits = text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| DateTime::from_timestamp_millis(text.parse().ok()?)).flatten()
    })
}

fn read_pattern(text: &str, pattern: &str, zone: Tz) -> Option<DateTime<Utc>> {
    if let Ok(moment) = DateTime::parse_from_str(text, pattern) {
        return Some(moment.to_utc());
    }
    let local = NaiveDateTime::parse_from_str(text, pattern)
        .ok()
        .or_else(|| NaiveDate::parse_from_str(text, pattern).ok()?.and_hms_opt(0, 0, 0))?;
    zone.from_local_datetime(&local).earliest().map(|moment| moment.to_utc())
}

#[cfg(test)]
mod tests;
