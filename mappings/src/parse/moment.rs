//! Moments, days and times of day: from a sender's formats and declared zone to canonical texts that carry their
//! offset, and back to a receiver's format. Leaves the spelling itself to `format`.

use chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Timelike,
};
use chrono_tz::Tz;

use super::format::{Broken, Part, Pattern, TimeFormat, push_fraction, push_number, push_offset};
use crate::{
    record::trimmed,
    value::{Canonical, Typed},
};

/// Years a moment may have: before, zones had offsets of odd seconds that no text carries.
const MOMENT_YEARS: std::ops::RangeInclusive<i32> = 1902..=9999;

/// How a field of times is read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Clockwork {
    /// Tried in order.
    pub(crate) formats: Vec<TimeFormat>,
    /// What a bare time means.
    pub(crate) zone: Option<Tz>,
    /// Time of day for formats that name none.
    pub(crate) at: Option<NaiveTime>,
}

impl Clockwork {
    /// A moment, in the declared zone's offset if one is declared, else in its own.
    pub(crate) fn moment(&self, text: &str) -> Option<Canonical> {
        let text = trimmed(text);
        self.formats.iter().find_map(|format| self.moment_in(format, text)).map(moment)
    }

    /// A day: that of the moment in the declared zone where the format names an offset.
    pub(crate) fn date(&self, text: &str) -> Option<Canonical> {
        let text = trimmed(text);
        self.formats.iter().find_map(|format| self.date_in(format, text)).map(date)
    }

    /// A time of day.
    pub(crate) fn time(&self, text: &str) -> Option<Canonical> {
        let text = trimmed(text);
        self.formats
            .iter()
            .find_map(|format| match format {
                TimeFormat::Pattern(pattern) => time_of(&pattern.read(text)?),
                TimeFormat::EpochSeconds | TimeFormat::EpochMillis => {
                    self.moment_in(format, text).map(|moment| moment.time())
                }
            })
            .map(time)
    }

    fn moment_in(&self, format: &TimeFormat, text: &str) -> Option<DateTime<FixedOffset>> {
        let moment = match format {
            TimeFormat::EpochSeconds => self.placed(&epoch(text, 1000)?),
            TimeFormat::EpochMillis => self.placed(&epoch(text, 1)?),
            TimeFormat::Pattern(pattern) => self.pattern_moment(pattern, text)?,
        };
        MOMENT_YEARS.contains(&moment.year()).then_some(moment)
    }

    fn pattern_moment(&self, pattern: &Pattern, text: &str) -> Option<DateTime<FixedOffset>> {
        let broken = pattern.read(text)?;
        let time = if pattern.has(Part::Hour) { time_of(&broken)? } else { self.at? };
        let local = NaiveDateTime::new(date_of(&broken)?, time);
        match broken.offset_s {
            Some(seconds) => {
                Some(self.placed(&FixedOffset::east_opt(seconds)?.from_local_datetime(&local).single()?))
            }
            None => self.zone?.from_local_datetime(&local).earliest().map(|moment| fixed(&moment)),
        }
    }

    fn date_in(&self, format: &TimeFormat, text: &str) -> Option<NaiveDate> {
        match format {
            TimeFormat::Pattern(pattern) if !format.has_offset() => date_of(&pattern.read(text)?),
            _ => self.moment_in(format, text).map(|moment| moment.date_naive()),
        }
    }

    fn placed<Z: TimeZone>(&self, moment: &DateTime<Z>) -> DateTime<FixedOffset> {
        match self.zone {
            Some(zone) => fixed(&moment.with_timezone(&zone)),
            None => fixed(moment),
        }
    }
}

/// Writes a moment in a receiver's format and zone.
pub(crate) fn write_moment(format: &TimeFormat, moment: DateTime<FixedOffset>, zone: Option<Tz>) -> String {
    let moment = zone.map_or(moment, |zone| fixed(&moment.with_timezone(&zone)));
    match format {
        TimeFormat::EpochSeconds => moment.timestamp().to_string(),
        TimeFormat::EpochMillis => moment.timestamp_millis().to_string(),
        TimeFormat::Pattern(pattern) => {
            let mut broken = broken_time(moment.time());
            broken.offset_s = Some(moment.offset().local_minus_utc());
            pattern.write(&with_date(broken, moment.date_naive()))
        }
    }
}

/// Writes a day in a receiver's format.
pub(crate) fn write_date(format: &TimeFormat, day: NaiveDate) -> Option<String> {
    let TimeFormat::Pattern(pattern) = format else { return None };
    Some(pattern.write(&with_date(Broken::default(), day)))
}

/// Writes a time of day in a receiver's format.
pub(crate) fn write_time(format: &TimeFormat, time: NaiveTime) -> Option<String> {
    let TimeFormat::Pattern(pattern) = format else { return None };
    Some(pattern.write(&broken_time(time)))
}

/// Reads the canonical text of a moment.
pub(crate) fn stored_moment(text: &str) -> Option<Canonical> {
    let read = DateTime::parse_from_rfc3339(text).ok()?;
    let value = moment(read);
    (value.text == text).then_some(value)
}

/// Reads the canonical text of a day.
pub(crate) fn stored_date(text: &str) -> Option<Canonical> {
    let value = date(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?);
    (value.text == text).then_some(value)
}

/// Reads the canonical text of a time of day.
pub(crate) fn stored_time(text: &str) -> Option<Canonical> {
    let value = time(NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok()?);
    (value.text == text).then_some(value)
}

fn moment(moment: DateTime<FixedOffset>) -> Canonical {
    let mut text = String::with_capacity(25);
    push_date(&mut text, moment.date_naive());
    text.push('T');
    push_time(&mut text, moment.time());
    push_offset(&mut text, moment.offset().local_minus_utc());
    Canonical { text, typed: Typed::Moment(moment) }
}

fn date(day: NaiveDate) -> Canonical {
    let mut text = String::with_capacity(10);
    push_date(&mut text, day);
    Canonical { text, typed: Typed::Date(day) }
}

fn time(time: NaiveTime) -> Canonical {
    let mut text = String::with_capacity(8);
    push_time(&mut text, time);
    Canonical { text, typed: Typed::Time(time) }
}

fn push_date(text: &mut String, day: NaiveDate) {
    push_number(text, day.year().unsigned_abs(), 4);
    text.push('-');
    push_number(text, day.month(), 2);
    text.push('-');
    push_number(text, day.day(), 2);
}

fn push_time(text: &mut String, time: NaiveTime) {
    push_number(text, time.hour(), 2);
    text.push(':');
    push_number(text, time.minute(), 2);
    text.push(':');
    push_number(text, time.second(), 2);
    push_fraction(text, time.nanosecond() % 1_000_000_000);
}

fn date_of(broken: &Broken) -> Option<NaiveDate> {
    let year = i32::try_from(broken.year).ok().filter(|year| (1000..=9999).contains(year))?;
    NaiveDate::from_ymd_opt(year, broken.month, broken.day)
}

fn time_of(broken: &Broken) -> Option<NaiveTime> {
    NaiveTime::from_hms_nano_opt(broken.hour, broken.minute, broken.second, broken.nanos)
}

fn broken_time(time: NaiveTime) -> Broken {
    let nanos = time.nanosecond() % 1_000_000_000;
    Broken { hour: time.hour(), minute: time.minute(), second: time.second(), nanos, ..Broken::default() }
}

fn with_date(broken: Broken, day: NaiveDate) -> Broken {
    Broken { year: day.year().unsigned_abs(), month: day.month(), day: day.day(), ..broken }
}

fn epoch(text: &str, millis: i64) -> Option<DateTime<chrono::Utc>> {
    let count: i64 = text.parse().ok()?;
    DateTime::from_timestamp_millis(count.checked_mul(millis)?)
}

fn fixed<Z: TimeZone>(moment: &DateTime<Z>) -> DateTime<FixedOffset> {
    moment.with_timezone(&moment.offset().fix())
}

#[cfg(test)]
mod tests;
